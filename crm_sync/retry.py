"""What becomes of an effect after an attempt: decisions as values, no clock, no dice of its own.

Which promise a connector can keep after an ambiguous answer depends on its tier (A, A*: send
again; B: search first; C: ask a person), see `gateway.core.ports.Tier`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.core.errors import AdapterError, AmbiguousError, AuthError, RejectedError
from gateway.core.ports import CrmCapabilities, Receipt, Tier

LONGEST_WISH_S = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long and how often one effect is tried. Pauses double up to `backoff_most_s`.

    `max_age_s` counts only after `least_attempts`: a back-filled call of last week is not given up
    at its first failure.
    """

    backoff_first_s: float = 2.0
    backoff_most_s: float = 900.0
    max_age_s: float = 7 * 24 * 3600.0
    least_attempts: int = 20
    max_attempts: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: `number` counts from 1, `waiting_since` is when its cause occurred."""

    number: int
    at: datetime
    waiting_since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The CRM confirmed it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Send the same again at `at`; `ambiguous` says that the CRM may have it already."""

    at: datetime
    cause: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFirst:
    """Look at `at` whether the CRM has it, and create it only if not (tier B)."""

    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Park:
    """Nobody knows whether it was done and the CRM cannot tell: a person decides (tier C)."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """It will never work as it is: a dead letter with its cause and a retry button."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing is wrong with the effect; the whole connector has to wait (sign-in refused)."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """There is no reason for it any more; nothing was sent."""

    cause: str


Decision = Delivered | Retry | SearchFirst | Park | Dead | Hold | Drop


def decide(
    error: AdapterError,
    *,
    attempt: Attempt,
    capabilities: CrmCapabilities,
    policy: RetryPolicy,
    dice: Callable[[], float],
) -> Decision:
    """Return what to do after `error`; `dice` gives numbers in [0, 1) for the jitter."""
    cause = describe(error)
    if isinstance(error, AuthError):
        return Hold(cause=cause)
    if isinstance(error, RejectedError):
        return Dead(cause=cause)
    ambiguous = isinstance(error, AmbiguousError)
    if ambiguous and must_ask_a_person(capabilities):
        return Park(cause=cause)
    given_up = _given_up(attempt, policy)
    if given_up:
        gone = f"given up after {given_up}: {cause}"
        return Park(cause=gone) if ambiguous and capabilities.tier is Tier.B else Dead(cause=gone)
    at = attempt.at + timedelta(seconds=pause_s(error, attempt.number, policy, dice))
    if ambiguous and capabilities.tier is Tier.B:
        lag = timedelta(seconds=capabilities.search_lag_s or 0.0)
        return SearchFirst(at=max(at, attempt.at + lag), cause=cause)
    return Retry(at=at, cause=cause, ambiguous=ambiguous)


def must_ask_a_person(capabilities: CrmCapabilities) -> bool:
    """Return whether an ambiguous write can only be settled by a person: C, or B of unknown lag."""
    return capabilities.tier is Tier.C or (
        capabilities.tier is Tier.B and capabilities.search_lag_s is None
    )


def pause_s(
    error: AdapterError, attempts: int, policy: RetryPolicy, dice: Callable[[], float]
) -> float:
    """Return the pause before the next try: the peer's own wish if it has one, else back-off.

    The back-off doubles from `backoff_first_s` and is spread over its upper half, so that what
    failed together does not come back together.
    """
    exponent = min(attempts - 1, 30)
    ceiling = min(policy.backoff_first_s * 2.0**exponent, policy.backoff_most_s)
    spread = ceiling * (0.5 + 0.5 * dice())
    if error.retry_after_s is None:
        return spread
    return min(error.retry_after_s, LONGEST_WISH_S) + policy.backoff_first_s * dice()


def describe(error: AdapterError) -> str:
    """Return cause and remedy in one line, as the list of waiting effects shows it."""
    text = error.message if not error.detail else f"{error.message} ({error.detail})"
    return f"{text} {error.remedy}".strip()


def _given_up(attempt: Attempt, policy: RetryPolicy) -> str:
    if attempt.number >= policy.max_attempts:
        return f"{attempt.number} attempts"
    age_s = (attempt.at - attempt.waiting_since).total_seconds()
    old = age_s >= policy.max_age_s and attempt.number >= policy.least_attempts
    return f"{age_s / 3600:.0f} hours" if old else ""
