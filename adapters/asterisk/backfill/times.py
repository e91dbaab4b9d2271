"""Moments as tables hold them: epoch numbers, or local time without a zone, to be made UTC.

The epoch inside a Uniqueid says when its channel began; compared with the row of that beginning it
tells whether the configured time zone is the one that Asterisk writes in.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from adapters.asterisk.words import epoch_of

QUARTER: Final = timedelta(minutes=15)
# A row is written within seconds of its channel's beginning; a zone is off by whole quarter hours.
CLOSE: Final = timedelta(seconds=90)
FARTHEST: Final = timedelta(hours=26)
_BACKWARDS: Final = timedelta(seconds=2)


class Form(StrEnum):
    """How a column writes a moment."""

    EPOCH_TEXT = "epoch_text"
    EPOCH = "epoch"
    LOCAL_TEXT = "local_text"
    LOCAL = "local"
    AWARE = "aware"


def form_of(value: object) -> Form | None:
    """Return how a value read from a column writes a moment, None if it does not."""
    if isinstance(value, datetime):
        return Form.LOCAL if value.tzinfo is None else Form.AWARE
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Form.EPOCH
    text = str(value).strip()
    if _is_number(text):
        return Form.EPOCH_TEXT
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return Form.LOCAL_TEXT


class Zone:
    """Makes moments UTC; `correction` is what the configured zone was found to be off by."""

    def __init__(self, name: str, *, correction: timedelta = timedelta(0)) -> None:
        self.zone = ZoneInfo(name)
        self.correction = correction

    def read(
        self, value: object, *, near: datetime | None = None, after: datetime | None = None
    ) -> datetime | None:
        """Return a column's moment, None for NULL, "" and what is no moment.

        An hour that happens twice (the clock goes back) is told by `near`, the epoch of a
        Uniqueid, or by `after`, the row before.
        """
        form = form_of(value)
        if form is None:
            return None
        if form in {Form.EPOCH, Form.EPOCH_TEXT}:
            return _from_epoch(float(str(value)))
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        return self._choose(at, near, after)

    def _choose(self, local: datetime, near: datetime | None, after: datetime | None) -> datetime:
        early, late = (
            local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) - self.correction
            for fold in (0, 1)
        )
        if early == late:
            return early
        if near is not None:
            return min((early, late), key=lambda one: abs(one - near))
        return late if after is not None and early < after - _BACKWARDS else early

    def written(self, at: datetime, form: Form) -> object:
        """Return a moment as the column would hold it, for a WHERE clause `>=`.

        Where clocks go back within the hour, later rows hold smaller local times: none is missed.
        """
        if form is Form.EPOCH:
            return at.timestamp()
        if form is Form.EPOCH_TEXT:
            return f"{at.timestamp():.6f}"
        if form is Form.AWARE:
            return at
        here, soon = (
            (one + self.correction).astimezone(self.zone) for one in (at, at + timedelta(hours=1))
        )
        back = (here.utcoffset() or timedelta(0)) - (soon.utcoffset() or timedelta(0))
        local = here.replace(tzinfo=None, fold=0) - max(back, timedelta(0))
        return local if form is Form.LOCAL else local.isoformat(sep=" ", timespec="seconds")


def correction(found: Iterable[tuple[datetime, str]]) -> timedelta:
    """Return by how much moments are ahead of the epochs in their Uniqueids, in whole quarters.

    `found`: a channel's first row as read, and its Uniqueid. What most of them say counts; a
    difference that is no whole number of quarter hours is no matter of zones.
    """
    votes: Counter[timedelta] = Counter()
    for at, uniqueid in found:
        epoch = epoch_of(uniqueid)
        if epoch is None:
            continue
        off = at - epoch
        quarters = round(off / QUARTER) * QUARTER
        if abs(off - quarters) <= CLOSE and abs(quarters) <= FARTHEST:
            votes[quarters] += 1
    return votes.most_common(1)[0][0] if votes else timedelta(0)


def _from_epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit()


def offset_text(off: timedelta) -> str:
    """Return an offset as people write it: +01:00."""
    minutes = abs(off) // timedelta(minutes=1)
    return f"{'-' if off < timedelta(0) else '+'}{minutes // 60:02}:{minutes % 60:02}"
