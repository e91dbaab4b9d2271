"""When a mirror looks again: pure, times in UTC."""

from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE_S: Final = 15.0
LONGEST_PAUSE_S: Final = 900.0
# Asked again with a refused sign-in, many CRMs lock the account.
REFUSED_PAUSE_S: Final = 600.0


def last_due(now: datetime, sweep_at: str) -> datetime:
    """Return the last moment at which a nightly sweep should have begun (`03:00`)."""
    hour, minute = sweep_at.split(":")
    today = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def next_due(now: datetime, sweep_at: str) -> datetime:
    """Return when the next nightly sweep begins."""
    return last_due(now, sweep_at) + timedelta(days=1)


def pause_s(failures: int, wish_s: float | None, *, refused: bool) -> float:
    """Return how long to wait after so many failures in a row; the CRM's own wish goes first."""
    if wish_s is not None:
        return min(max(wish_s, 1.0), 24 * 3600.0)
    if refused:
        return REFUSED_PAUSE_S
    return float(min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE_S))
