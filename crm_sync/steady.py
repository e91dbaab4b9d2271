"""The time by which effects become due: it follows the wall clock, but never backwards."""

from datetime import datetime, timedelta

from gateway.core.ports import Clock


class SteadyTime:
    """A clock set back by an hour or a month must not make everything wait that long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at = clock.now()
        self._since = clock.monotonic()

    def now(self) -> datetime:
        """Return the later of the wall clock and the last answer plus the time that went by."""
        passed = self._clock.monotonic()
        steady = self._at + timedelta(seconds=passed - self._since)
        self._at = max(steady, self._clock.now())
        self._since = passed
        return self._at
