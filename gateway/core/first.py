"""The one thing to do or say first.

The order is that of what costs a customer most: an apology due, a colleague's note, somebody at
risk, a promise due, who is speaking, a VIP, nothing.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from gateway.core.record import MatchKind
from gateway.core.sentences import sentence, title
from gateway.core.situation import Situation
from gateway.core.values import value


class FirstKind(StrEnum):
    """What kind of thing it is."""

    APOLOGISE = "apologise"
    HANDOFF = "handoff"
    LISTEN = "listen"
    PROMISE = "promise"
    WHO = "who"
    VIP = "vip"
    NOTHING = "nothing"


@value
class First:
    """The band of a card. `title` is in the house's language, `sentence` in the customer's.

    `cause` is the code of why, "" where the kind says it all: of a note's band "note", or what the
    sentence apologises for. `language` is that of the sentence.
    """

    kind: FirstKind
    title: str
    cause: str = ""
    sentence: str | None = None
    language: str | None = None


def first(seen: Situation, *, greeting: str = "") -> First:
    """Return the first thing; `greeting` is how the line that was called is answered."""
    for rule in _RULES:
        found = rule(seen)
        if found is not None:
            return found
    kind = FirstKind.VIP if seen.vip else FirstKind.NOTHING
    return First(
        kind=kind,
        title=title(kind.value, seen.language),
        sentence=greeting or None,
        language=(seen.line_language or seen.language)[:2] if greeting else None,
    )


def _made(seen: Situation, kind: FirstKind, said: str, cause: str = "") -> First:
    words, language = sentence(said, seen.speaks, informal=seen.informal)
    heading = title(kind.value, seen.language, at_risk=seen.at_risk and kind in _HEAVY)
    return First(kind=kind, title=heading, cause=cause, sentence=words, language=language)


def _handoff(seen: Situation) -> First | None:
    """Take the note's own words for a title; an apology that is due too is what to say."""
    if seen.handover is None:
        return None
    faults, note = seen.faults(), seen.handover.latest
    said, cause = (faults[0].value,) * 2 if faults else ("handoff", "note")
    made = _made(seen, FirstKind.HANDOFF, said, cause)
    if not note.reason:
        return made
    return First(
        kind=made.kind,
        title=note.reason,
        cause=made.cause,
        sentence=made.sentence,
        language=made.language,
    )


def _apologise(seen: Situation) -> First | None:
    faults = seen.faults()
    if not faults:
        return None
    return _made(seen, FirstKind.APOLOGISE, faults[0].value, faults[0].value)


def _listen(seen: Situation) -> First | None:
    return _made(seen, FirstKind.LISTEN, "listen", "at_risk") if seen.at_risk else None


def _promise(seen: Situation) -> First | None:
    if seen.due is None:
        return None
    return _made(seen, FirstKind.PROMISE, "promise_due", "promise_due")


def _who(seen: Situation) -> First | None:
    if seen.match not in {MatchKind.SEVERAL, MatchKind.COMPANY}:
        return None
    return _made(seen, FirstKind.WHO, "who", seen.match.value)


_HEAVY: Final = frozenset({FirstKind.APOLOGISE, FirstKind.LISTEN})
_RULES: Final[tuple[Callable[[Situation], First | None], ...]] = (
    _handoff,
    _apologise,
    _listen,
    _promise,
    _who,
)
