"""Reads a CEL table: the calls that ended since a moment, and all rows of those."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, select

from adapters.asterisk.backfill.rows import CelRow, event_name, extra_of, text_of
from adapters.asterisk.backfill.source import Described, rows_where
from adapters.asterisk.backfill.times import Form, Zone, correction, form_of
from adapters.asterisk.words import epoch_of

SAMPLE: Final = 1_000
MAX_CALLS: Final = 100_000
_ROUNDS: Final = 6
CONFERENCE: Final = "ConfBridge"
LONG_MEETING: Final = timedelta(hours=2)
_SPOKEN: Final = frozenset({"BackGround", "Background", "Playback", "VoiceMail", "ParkedCall"})
_ENDS: Final = frozenset({"HANGUP", "CHAN_END"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the newest rows show of how this PBX writes CEL.

    `off` is by how much the configured time zone is wrong; `hold_told` whether music is logged;
    `apps` and `bridges` whether those events are.
    """

    form: Form
    off: timedelta
    newest: datetime
    hold_told: bool
    apps: bool
    bridges: bool


class CelTable:
    """One open CEL table."""

    def __init__(self, conn: Connection, described: Described, zone: str) -> None:
        self._conn = conn
        self._described = described
        self._zone = Zone(zone)
        self.habits = self._look()
        if self.habits is not None:
            self._zone = Zone(zone, correction=self.habits.off)

    def calls_since(self, mark: datetime) -> list[str]:
        """Return the linkedids of calls with rows after `mark`, the oldest first."""
        if self.habits is None or mark > self.habits.newest:
            return []
        columns = self._described.columns
        bound = self._zone.written(mark, self.habits.form)
        query = (
            select(columns["linkedid"])
            .where(columns["time"] >= bound)
            .distinct()
            .order_by(columns["linkedid"])
            .limit(MAX_CALLS)
        )
        return [text for (value,) in self._conn.execute(query) if (text := text_of(value))]

    def related(self, linkedids: Collection[str]) -> tuple[tuple[CelRow, ...], ...]:
        """Return the rows of these calls, and of those they were joined with, call by call.

        A consultation that a phone places begins under its own linkedid and ends under another's;
        so do pick-ups and retrievals (AMI.md, pitfall 1).
        """
        rows: dict[tuple[str, int], RowMapping] = {}
        fetched: set[str] = set()
        todo = set(linkedids)
        for _ in range(_ROUNDS):
            if not todo:
                break
            self._fetch(rows, "linkedid", sorted(todo))
            fetched |= todo
            self._fetch(rows, "uniqueid", _torn(rows.values()))
            todo = {text_of(row["linkedid"]) for row in rows.values()} - fetched - {""}
            todo |= self._in_room(rows.values()) - fetched
        return _components(self._read(list(rows.values())))

    def _in_room(self, rows: Collection[RowMapping]) -> set[str]:
        """Return the calls in conferences at the time of these: each is a call of its own."""
        rooms = [row for row in rows if text_of(row.get("app")) == CONFERENCE]
        moments = [at for row in rooms if (at := self._zone.read(row["time"])) is not None]
        if not moments or self.habits is None:
            return set()
        columns, form = self._described.columns, self.habits.form
        query = (
            select(columns["linkedid"])
            .where(columns["app"] == CONFERENCE)
            .where(columns["time"] >= self._zone.written(min(moments) - LONG_MEETING, form))
            .where(columns["time"] <= self._zone.written(max(moments) + LONG_MEETING, form))
            .distinct()
            .limit(MAX_CALLS)
        )
        return {text for (value,) in self._conn.execute(query) if (text := text_of(value))}

    def _fetch(
        self, rows: dict[tuple[str, int], RowMapping], column: str, values: Sequence[str]
    ) -> None:
        """Add rows; one that comes by either column is kept once."""
        counts: dict[tuple[object, ...], int] = {}
        for row in rows_where(self._conn, self._described, column, values):
            same = tuple(str(value) for value in row.values())
            counts[same] = counts.get(same, 0) + 1
            rows[repr(same), counts[same]] = row

    def _read(self, found: list[RowMapping]) -> list[CelRow]:
        """Make rows of ours, in the order Asterisk wrote them."""
        numbered = self._described.has("no")
        if numbered:
            found.sort(key=lambda row: int(row["no"]))
        else:
            found.sort(key=lambda row: str(row["time"]))
        rows: list[CelRow] = []
        last: dict[str, datetime] = {}
        for no, row in enumerate(found):
            linkedid, uniqueid = text_of(row["linkedid"]), text_of(row["uniqueid"])
            event = event_name(row["event"])
            near = epoch_of(uniqueid) if event == "CHAN_START" else None
            at = self._zone.read(row["time"], near=near, after=last.get(linkedid))
            if at is None or not uniqueid:
                continue
            # Asterisk writes from one thread: a moment before the last one is a rounded one.
            at = last[linkedid] = max(at, last.get(linkedid, at)) if numbered else at
            rows.append(_row(row, at=at, no=no, event=event))
        return rows

    def _look(self) -> Habits | None:
        """Look at the newest rows; None if there is none."""
        columns = self._described.columns
        order = columns["no"] if self._described.has("no") else columns["time"]
        wanted = [columns[name] for name in ("time", "event", "uniqueid")]
        app = columns.get("app", columns["event"])
        query = select(*wanted, app.label("app_")).order_by(order.desc()).limit(SAMPLE)
        sample = self._conn.execute(query).all()
        form = next((form for row in sample if (form := form_of(row[0])) is not None), None)
        if form is None:
            return None
        events = {event_name(row[1]) for row in sample}
        begun = [
            (at, text_of(row[2]))
            for row in sample
            if event_name(row[1]) == "CHAN_START"
            and (at := self._zone.read(row[0], near=epoch_of(text_of(row[2])))) is not None
        ]
        local = form in {Form.LOCAL, Form.LOCAL_TEXT}
        off = correction(begun) if local else timedelta(0)
        newest = max(at for row in sample if (at := self._zone.read(row[0])) is not None) - off
        spoken = any(text_of(row[3]) in _SPOKEN for row in sample)
        return Habits(
            form=form,
            off=off,
            newest=newest.astimezone(UTC),
            hold_told="STREAM_BEGIN" in events or not spoken,
            apps="APP_START" in events,
            bridges="BRIDGE_ENTER" in events,
        )


def _row(row: RowMapping, *, at: datetime, no: int, event: str) -> CelRow:
    def text(name: str) -> str:
        return text_of(row.get(name))

    return CelRow(
        at=at,
        no=no,
        event=event,
        channel=text("channel"),
        uniqueid=text("uniqueid"),
        linkedid=text("linkedid"),
        number=text("number"),
        caller_name=text("caller_name"),
        exten=text("exten"),
        context=text("context"),
        app=text("app"),
        data=text("data"),
        extra=extra_of(row.get("extra")),
    )


def _torn(rows: Collection[RowMapping]) -> list[str]:
    """Return the channels of which the beginning or the end is not among the rows."""
    begun: set[str] = set()
    ended: set[str] = set()
    every: set[str] = set()
    for row in rows:
        uid, event = text_of(row["uniqueid"]), event_name(row["event"])
        every.add(uid)
        if event == "CHAN_START":
            begun.add(uid)
        elif event in _ENDS:
            ended.add(uid)
    return sorted(every - (begun & ended) - {""})


def _components(rows: Sequence[CelRow]) -> tuple[tuple[CelRow, ...], ...]:
    """Group rows that share a linkedid or a channel; the order inside stays."""
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for row in rows:
        for other in _also(row):
            leader[find("u" + row.uniqueid)] = find(other)
    groups: dict[str, list[CelRow]] = {}
    for row in rows:
        groups.setdefault(find("u" + row.uniqueid), []).append(row)
    return tuple(tuple(replace(row, no=no) for no, row in enumerate(g, 1)) for g in groups.values())


def _also(row: CelRow) -> Iterator[str]:
    yield "l" + (row.linkedid or row.uniqueid)
    if row.app == CONFERENCE and row.extra.get("bridge_id"):
        yield "b" + row.extra["bridge_id"]
    for key in ("channel2_uniqueid", "pickup_channel_uniqueid"):
        if row.extra.get(key):
            yield "u" + row.extra[key]
