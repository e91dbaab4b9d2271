"""The machine's clock, for what runs without the daemon: `check` and `record`."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Wall clock in aware UTC, and seconds that never go backwards."""

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()
