"""Reads a CDR table: the calls that ended since a moment, and the rows of given calls."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from adapters.asterisk.backfill.cel_table import MAX_CALLS, Habits
from adapters.asterisk.backfill.rows import CdrRow, text_of
from adapters.asterisk.backfill.source import Described, rows_where
from adapters.asterisk.backfill.times import Form, Zone, correction, form_of
from adapters.asterisk.words import epoch_of

_SAMPLE: Final = 200
# Rows are found by their start; a call that lasts longer than this is not looked for.
LONGEST: Final = timedelta(hours=12)


class CdrTable:
    """One open CDR table."""

    def __init__(self, conn: Connection, described: Described, zone: str) -> None:
        self._conn = conn
        self._described = described
        self._zone = Zone(zone)
        self.habits = self._look()
        if self.habits is not None:
            self._zone = Zone(zone, correction=self.habits.off)

    def calls_since(self, mark: datetime) -> list[str]:
        """Return the linkedids of calls with a row that ended after `mark`, the oldest first."""
        if self.habits is None or mark > self.habits.newest + LONGEST:
            return []
        columns = self._described.columns
        bound = self._zone.written(mark - LONGEST, self.habits.form)
        query = (
            select(columns["linkedid"], columns["start"], columns["duration"], columns["uniqueid"])
            .where(columns["start"] >= bound)
            .limit(MAX_CALLS * 5)
        )
        found: dict[str, None] = {}
        for linkedid, start, duration, uniqueid in self._conn.execute(query):
            began = self._zone.read(start, near=epoch_of(text_of(uniqueid)))
            if began is not None and began + _seconds(duration) >= mark:
                found[text_of(linkedid)] = None
        found.pop("", None)
        return sorted(found)[:MAX_CALLS]

    def rows_of(self, linkedids: Collection[str]) -> dict[str, list[CdrRow]]:
        """Return the rows of these calls by linkedid."""
        found: dict[str, list[CdrRow]] = {}
        wanted = sorted(linkedids)
        rows = rows_where(
            self._conn, self._described, "linkedid", wanted, *self._not_before(wanted)
        )
        for no, row in enumerate(rows):
            read = read_row(named(row), self._zone, no)
            if read is not None:
                found.setdefault(read.linkedid, []).append(read)
        return found

    def _not_before(self, linkedids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        """Let the database use FreePBX's index on calldate, for it has none on linkedid."""
        epochs = [epoch_of(linkedid) for linkedid in linkedids]
        known = [epoch for epoch in epochs if epoch is not None]
        if self.habits is None or len(known) < len(epochs) or not known:
            return ()
        bound = self._zone.written(min(known) - timedelta(days=1), self.habits.form)
        return (self._described.columns["start"] >= bound,)

    def _look(self) -> Habits | None:
        columns = self._described.columns
        query = (
            select(columns["start"], columns["uniqueid"], columns["linkedid"])
            .order_by(columns["start"].desc())
            .limit(_SAMPLE)
        )
        sample = self._conn.execute(query).all()
        form = next((form for row in sample if (form := form_of(row[0])) is not None), None)
        return None if form is None else habits(form, sample, self._zone)


def habits(form: Form, sample: Sequence[Sequence[object]], zone: Zone) -> Habits:
    """Return what rows of (start, uniqueid, linkedid) show of how this PBX writes CDR."""
    read = [
        (at, text_of(row[1]), text_of(row[2]))
        for row in sample
        if (at := zone.read(row[0], near=epoch_of(text_of(row[1])))) is not None
    ]
    local = form in {Form.LOCAL, Form.LOCAL_TEXT}
    # Only a call's first row begins with its channel; later ones begin with a later leg.
    first: dict[str, datetime] = {}
    for at, uniqueid, _linkedid in read:
        first[uniqueid] = min(at, first.get(uniqueid, at))
    off = correction((at, uid) for uid, at in first.items()) if local else timedelta(0)
    newest = max(at for at, _uid, _linkedid in read) - off
    return Habits(
        form=form,
        off=off,
        newest=newest.astimezone(UTC),
        hold_told=False,
        apps=False,
        bridges=False,
    )


def named(row: RowMapping) -> Mapping[str, object]:
    """Return a row's values by the logical names of their columns."""
    return {str(name): value for name, value in row.items()}


def read_row(row: Mapping[str, object], zone: Zone, no: int) -> CdrRow | None:
    """Make a row of ours; None if it lacks start or identity."""

    def text(name: str) -> str:
        return text_of(row.get(name))

    uniqueid, linkedid = text("uniqueid"), text("linkedid")
    start = zone.read(row["start"], near=epoch_of(uniqueid))
    if start is None or not uniqueid or not linkedid:
        return None
    duration, billed = _seconds(row.get("duration")), row.get("billsec")
    # Durations are cut to whole seconds; the end, where it is kept, is not.
    end = zone.read(row.get("end"), after=start) or start + duration
    answer = zone.read(row.get("answer"), after=start)
    if answer is None and billed is not None and text("disposition") == "ANSWERED":
        answer = end - _seconds(billed)
    number = text("no")
    return CdrRow(
        start=start,
        answer=answer,
        end=end,
        no=int(number) if number.isascii() and number.isdigit() else no,
        caller_id=text("clid"),
        src=text("src"),
        dst=text("dst"),
        did=text("did"),
        channel=text("channel"),
        dest_channel=text("dest_channel"),
        app=text("app"),
        data=text("data"),
        disposition=text("disposition").upper(),
        uniqueid=uniqueid,
        linkedid=linkedid,
        recording=text("recording"),
    )


def _seconds(value: object) -> timedelta:
    try:
        return timedelta(seconds=float(str(value)))
    except (ValueError, OverflowError):
        return timedelta(0)
