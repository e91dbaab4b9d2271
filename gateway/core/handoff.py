"""What goes with a conversation to whoever takes it over, so that nobody has to say it twice."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.core.text import clean_text

MAX_LINE: Final = 160
MAX_SENTENCE: Final = 500
MAX_NOTE: Final = 4_000
MAX_SAID: Final = 12
MAX_SAID_TEXT: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """What one person, or the dialplan, leaves with a call; a later one of the same author wins.

    `reason` is the one line a colleague must read, `done` and `wants` what was tried and what the
    customer is after, `said` what must not be asked again, `verified` that the caller's identity
    was checked. `by` is a login, "" for the dialplan; `extension` the phone it was written at.
    """

    at: datetime
    by: str = ""
    extension: str = ""
    reason: str = ""
    done: str = ""
    wants: str = ""
    note: str = ""
    said: tuple[str, ...] = ()
    verified: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all: left so, it takes an earlier one back."""
        words = (self.reason, self.done, self.wants, self.note)
        return not (any(words) or self.said or self.verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """All that was left with a call, read as the next person needs it.

    `latest` has the newest words of a person, else of the dialplan: its times are those of the
    PBX's clock, which may be ahead of the one by which people write. A tick of an earlier author
    without words still counts in `verified`, and what was said stays said.
    """

    latest: Handoff
    said: tuple[str, ...]
    verified: Handoff | None
    authors: int


def cleaned(handoff: Handoff) -> Handoff:
    """Return it fit to be shown: hostile characters out, each text cut to its limit."""
    said = (clean_text(one, limit=MAX_SAID_TEXT) for one in handoff.said)
    return replace(
        handoff,
        reason=clean_text(handoff.reason, limit=MAX_LINE) or "",
        done=clean_text(handoff.done, limit=MAX_SENTENCE) or "",
        wants=clean_text(handoff.wants, limit=MAX_SENTENCE) or "",
        note=clean_note(handoff.note),
        said=tuple(dict.fromkeys(one for one in said if one))[:MAX_SAID],
    )


def clean_note(text: str) -> str:
    """Return a note of several lines fit to be shown, its lines kept, cut to `MAX_NOTE`."""
    lines = (clean_text(line, limit=MAX_NOTE) or "" for line in text[: 2 * MAX_NOTE].splitlines())
    return "\n".join(lines).strip()[:MAX_NOTE]


def with_note(known: Iterable[Handoff], added: Handoff) -> tuple[Handoff, ...]:
    """Return what is left with a call after `added`, oldest first; an empty one takes back."""
    known = tuple(known)
    for one in known:
        added = after(one, added)
    kept = [one for one in known if one.by != added.by or one.at > added.at]
    if not added.is_empty and all(one.by != added.by for one in kept):
        kept.append(added)
    return tuple(sorted(kept, key=lambda one: one.at))


def after(known: Handoff, added: Handoff) -> Handoff:
    """Return a note as it stands after an earlier one of its author.

    A person sees what they wrote and replaces it; a dialplan that tells a code in one place and
    the PIN in another adds to it.
    """
    if added.by or known.by or added.is_empty or known.at > added.at:
        return added
    return replace(
        added,
        reason=added.reason or known.reason,
        done=added.done or known.done,
        wants=added.wants or known.wants,
        note=added.note or known.note,
        said=tuple(dict.fromkeys((*known.said, *added.said)))[:MAX_SAID],
        verified=added.verified or known.verified,
    )


def together(handoffs: Iterable[Handoff]) -> Handover | None:
    """Return what the next person must know; None if nothing was left."""
    ordered = sorted(handoffs, key=lambda one: one.at)
    if not ordered:
        return None
    worded = [one for one in ordered if one.reason or one.done or one.wants or one.note]
    worded.sort(key=lambda one: one.by != "")
    verified = [one for one in ordered if one.verified]
    return Handover(
        latest=(worded or ordered)[-1],
        said=tuple(dict.fromkeys(said for one in ordered for said in one.said))[:MAX_SAID],
        verified=verified[-1] if verified else None,
        authors=len(ordered),
    )
