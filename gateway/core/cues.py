"""The signs an agent should see before saying anything, each with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final

from gateway.core.provenance import Attestation
from gateway.core.record import time_json
from gateway.core.situation import BOUNCED, LONG_WAIT, SEVERAL, SEVERAL_WITHIN, Situation
from gateway.core.values import value


class Severity(StrEnum):
    """How much a cue weighs: a customer is being lost, will be soon, or simply a fact."""

    RISK = "risk"
    WARN = "warn"
    PLAIN = "plain"


@value
class Cue:
    """One sign. `kind` and `reason` are codes that the page puts into words with `args`."""

    kind: str
    severity: Severity
    reason: str
    args: Mapping[str, str | float | None] = field(default_factory=dict)


def cues(seen: Situation) -> tuple[Cue, ...]:
    """Return the cues of a call, the most severe first."""
    found = [cue for rule in _RULES if (cue := rule(seen)) is not None]
    if len(found) > 1:
        order = tuple(Severity)
        found.sort(key=lambda cue: order.index(cue.severity))
    return tuple(found)


def _at_risk(seen: Situation) -> Cue | None:
    if not seen.at_risk:
        return None
    return Cue(kind="at_risk", severity=Severity.RISK, reason="marked_in_directory")


def _spoofed(seen: Situation) -> Cue | None:
    if seen.attestation is not Attestation.FAILED:
        return None
    return Cue(kind="spoofed", severity=Severity.WARN, reason="verification_failed")


def _several_calls(seen: Situation) -> Cue | None:
    calls = seen.recent_calls
    if calls < SEVERAL:
        return None
    args = {"calls": calls, "days": SEVERAL_WITHIN.days}
    return Cue(kind="several_calls", severity=Severity.RISK, reason="called_within", args=args)


def _promise(seen: Situation) -> Cue | None:
    promise = seen.broken or seen.due
    if promise is None:
        return None
    broken = promise is seen.broken
    return Cue(
        kind="promise_broken" if broken else "promise_due",
        severity=Severity.RISK if broken else Severity.WARN,
        reason="promised_for",
        args={
            "due_at": time_json(promise.due_at),
            "by": promise.assignee or promise.made_by,
            "text": promise.text,
        },
    )


def _not_answered(seen: Situation) -> Cue | None:
    missed = seen.background.missed
    if missed is None:
        return None
    if missed.only_closed:
        return Cue(
            kind="called_closed",
            severity=Severity.PLAIN,
            reason="called_while_closed",
            args={"at": time_json(missed.last_at), "attempts": missed.attempts},
        )
    gave_up = seen.gave_up_at is not None
    return Cue(
        kind="gave_up" if gave_up else "not_answered",
        severity=Severity.WARN,
        reason="waited_and_hung_up" if gave_up else "nobody_answered",
        args={
            "at": time_json(missed.last_at),
            "waited_s": missed.longest_wait_s,
            "attempts": missed.attempts,
        },
    )


def _bounced(seen: Situation) -> Cue | None:
    if seen.moved < BOUNCED:
        return None
    args = {"times": seen.moved}
    return Cue(kind="bounced", severity=Severity.WARN, reason="handed_over_in_call", args=args)


def _waited(seen: Situation) -> Cue | None:
    if seen.waited < LONG_WAIT:
        return None
    args = {"waited_s": round(seen.waited.total_seconds(), 1)}
    return Cue(kind="long_wait", severity=Severity.WARN, reason="waited_in_queue", args=args)


def _ignored(seen: Situation) -> Cue | None:
    if seen.ignored is None:
        return None
    args = {"text": seen.ignored}
    return Cue(kind="ignored", severity=Severity.PLAIN, reason="on_the_list", args=args)


def _vip(seen: Situation) -> Cue | None:
    if not seen.vip:
        return None
    return Cue(kind="vip", severity=Severity.PLAIN, reason="marked_in_directory")


def _language(seen: Situation) -> Cue | None:
    if seen.contact is None or seen.speaks == seen.language[:2]:
        return None
    args = {"language": seen.speaks}
    reason = "marked_in_directory" if seen.contact.language else "line_called"
    return Cue(kind="language", severity=Severity.PLAIN, reason=reason, args=args)


def _form_of_address(seen: Situation) -> Cue | None:
    if seen.contact is None or not seen.contact.formality:
        return None
    args = {"form": "informal" if seen.informal else "formal"}
    return Cue(
        kind="form_of_address", severity=Severity.PLAIN, reason="marked_in_directory", args=args
    )


_RULES: Final[tuple[Callable[[Situation], Cue | None], ...]] = (
    _spoofed,
    _at_risk,
    _several_calls,
    _promise,
    _not_answered,
    _bounced,
    _waited,
    _ignored,
    _vip,
    _language,
    _form_of_address,
)
