"""One breaker per connector: when the CRM as a whole does not work, its effects wait unharmed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crm_sync.retry import LONGEST_WISH_S, describe
from gateway.core.errors import AdapterError, AuthError, RejectedError


class BreakerPhase(StrEnum):
    """Whether effects may be sent."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """When to pause a connector and for how long (doubling)."""

    failures: int = 5
    pause_first_s: float = 5.0
    pause_most_s: float = 300.0
    auth_pause_first_s: float = 60.0
    auth_pause_most_s: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """What health and `check` show about one connector; `cause` includes the remedy.

    `since` and `until`: from when on it was paused, and when the next try is.
    """

    phase: BreakerPhase
    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Breaker:
    """Counts failures in a row. After too many it opens, then lets single effects try.

    A refused sign-in opens it at once, so does a peer that asks for a pause (`Retry-After`).
    Rejections in a row open it too: a wrong address must not turn a whole queue into dead letters.
    """

    def __init__(self, policy: BreakerPolicy, dice: Callable[[], float]) -> None:
        self._policy = policy
        self._dice = dice
        self._failures = 0
        self._openings = 0
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._trying = False
        self._cause = ""

    def state(self, now: datetime) -> ConnectorState:
        """Return the phase at `now`."""
        if self._until is None:
            return ConnectorState(phase=BreakerPhase.CLOSED)
        open_still = now < self._until and not self._trying
        phase = BreakerPhase.OPEN if open_still else BreakerPhase.TRYING
        return ConnectorState(phase=phase, cause=self._cause, since=self._since, until=self._until)

    def allowance(self, now: datetime, most: int) -> int:
        """Return how many effects may start now: `most`, one for a try, or none."""
        if self._until is None:
            return most
        return 0 if self._trying or now < self._until else 1

    def opens_at(self) -> datetime | None:
        """Return when a try is allowed, None if the breaker is closed."""
        return self._until

    def started(self) -> None:
        """Note that an effect goes out; while open, it is the one try."""
        self._trying = self._until is not None

    def succeeded(self) -> bool:
        """Close; returns whether it had been open (worth one line in the log)."""
        was_open = self._until is not None
        self._failures = self._openings = 0
        self._since = self._until = None
        self._trying = False
        self._cause = ""
        return was_open

    def abandoned(self) -> None:
        """Note that an attempt ended without an answer that says anything about the CRM."""
        self._trying = False

    def failed(self, error: AdapterError, now: datetime) -> bool:
        """Count a failure; returns whether the breaker opened because of it."""
        self._trying = False
        self._failures += 1
        pause_s = self._pause_s(error)
        if pause_s <= 0:
            return False
        was_closed = self._until is None
        self._since = self._since or now
        self._openings += 1
        self._until = max(now + timedelta(seconds=pause_s), self._until or now)
        self._cause = describe(error)
        return was_closed

    def _pause_s(self, error: AdapterError) -> float:
        policy = self._policy
        doubled = 2.0 ** min(self._openings, 30)
        if isinstance(error, AuthError):
            return min(policy.auth_pause_first_s * doubled, policy.auth_pause_most_s)
        if error.retry_after_s is not None and not isinstance(error, RejectedError):
            return min(error.retry_after_s, LONGEST_WISH_S)
        if self._failures < policy.failures and self._until is None:
            return 0.0
        return min(policy.pause_first_s * doubled, policy.pause_most_s) * (0.5 + 0.5 * self._dice())
