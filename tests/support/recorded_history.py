"""Recorded CDR and CEL rows, put into tables as different systems keep them."""

import asyncio
import csv
import json
import re
import sqlite3
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from support.asterisk_lab.truth import Truth, read_truth
from support.recorded import PLAN, recording, settings

from adapters.asterisk.backfill.history import AsteriskHistory
from adapters.asterisk.backfill.messages import Page
from adapters.asterisk.backfill.reading import read
from adapters.asterisk.backfill.rows import CelRow, event_name, extra_of, text_of
from adapters.asterisk.codec import Framer
from adapters.asterisk.replay import first_epoch, read_index
from gateway.core.ports import Recalled
from gateway.core.record import CallRecord

FOLDER = Path(__file__).parents[1] / "scenarios" / "history"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
_UNIQUEID = re.compile(r"\b(17\d{8})(?=\.\d+)")
Row = dict[str, str]


def truths(release: str) -> tuple[Truth, ...]:
    """Return what really happened while the rows of a release were written."""
    calls = json.loads((FOLDER / f"{release}.json").read_text(encoding="utf-8"))
    return tuple(
        read_truth({key: value for key, value in call.items() if key != "scenario"})
        for call in calls
    )


def names(release: str) -> list[str]:
    """Return the scenarios of a release in their order."""
    calls = json.loads((FOLDER / f"{release}.json").read_text(encoding="utf-8"))
    return [call["scenario"] for call in calls]


PLAYED: dict[str, Any] = json.loads((FOLDER / "plays.json").read_text(encoding="utf-8"))
PLAY_COLUMNS = (
    "AcctId", "eventtype", "eventtime", "cid_num", "cid_name", "exten", "context", "channame",
    "appname", "appdata", "uniqueid", "linkedid", "extra",
)  # fmt: skip


def played(name: str) -> tuple[list[Row], tuple[Truth, ...]]:
    """Return the CEL rows of one play, and what really happened in it."""
    found = PLAYED[name]
    return (
        [dict(zip(PLAY_COLUMNS, row, strict=True)) for row in found["rows"]],
        tuple(read_truth(call) for call in found["calls"]),
    )


def rows(release: str, kind: str) -> list[Row]:
    """Return the recorded rows (`kind`: cel or cdr)."""
    with (FOLDER / f"{release}.{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shifted(found: list[Row], by: timedelta) -> list[Row]:
    """Return rows of calls made at another time; the epochs in their Uniqueids move along."""
    seconds = round(by.total_seconds())

    def later(match: re.Match[str]) -> str:
        return str(int(match[1]) + seconds)

    def moved(key: str, value: str) -> str:
        if key in {"calldate", "answer", "end"} and value:
            return str(datetime.fromisoformat(value) + by)
        return _UNIQUEID.sub(later, value)

    return [{key: moved(key, value) for key, value in row.items()} for row in found]


def freepbx(zone: str) -> Callable[[str, Row], Row]:
    """Return how FreePBX writes a row: whole seconds of local time, its own column names."""
    place = ZoneInfo(zone)

    def local(at: datetime) -> str:
        return at.astimezone(place).strftime("%Y-%m-%d %H:%M:%S")

    def written(kind: str, row: Row) -> Row:
        if kind == "cel":
            at = datetime.fromtimestamp(int(row["eventtime"].partition(".")[0]), UTC)
            return {**row, "eventtime": local(at), "id": row["AcctId"]}
        start = datetime.fromisoformat(row["calldate"]).replace(tzinfo=UTC)
        kept = {key: value for key, value in row.items() if key not in {"answer", "end"}}
        return {**kept, "calldate": local(start), "did": "", "recordingfile": "", "cnum": ""}

    return written


def table(
    path: Path,
    kind: str,
    found: list[Row],
    written: Callable[[str, Row], Row] = lambda _kind, row: row,
) -> str:
    """Write rows into a SQLite table and return its URL."""
    made = [written(kind, row) for row in found]
    columns = [name for name in made[0] if name != "AcctId" or "id" not in made[0]]
    with sqlite3.connect(path) as conn:
        types = ", ".join(
            f'"{name}" {"INTEGER" if name in {"AcctId", "id", "sequence"} else "TEXT"}'
            for name in columns
        )
        conn.execute(f"CREATE TABLE {kind} ({types})")
        marks = ", ".join("?" * len(columns))
        conn.executemany(
            f"INSERT INTO {kind} VALUES ({marks})",  # noqa: S608 - names of ours
            [[row[name] for name in columns] for row in made],
        )
    conn.close()
    return f"sqlite:///{path}"


def history(**changes: Any) -> AsteriskHistory:  # noqa: ANN401 - whatever TOML may hold
    """Return the history of a PBX whose trunk is called carrier."""
    tables = {
        key: {"url": value} if key in {"cel", "cdr"} and isinstance(value, str) else value
        for key, value in changes.items()
    }
    return AsteriskHistory(settings(trunks=("carrier",), **tables), PLAN)


async def recalled(
    source: AsteriskHistory, mark: datetime = LONG_AGO, *, open_calls: Collection[str] = ()
) -> list[Recalled]:
    """Return all pages as one list, read in this process."""

    def pages() -> list[Recalled]:
        told = read(source.wanted(mark, open_calls))
        return [one for page in told if isinstance(page, Page) for one in page.calls]

    return await asyncio.to_thread(pages)


async def records(source: AsteriskHistory, mark: datetime = LONG_AGO) -> list[CallRecord]:
    """Return the calls that count, in the order in which they began."""
    found = [one.record for one in await recalled(source, mark) if not one.record.merged_into]
    return sorted(found, key=lambda one: (one.started_at, one.linkedid))


def cel_of_capture(name: str, *, whole_seconds: bool = False) -> list[CelRow]:
    """Return the CEL events in a recorded AMI stream as rows, timed by their arrival."""
    ami, idx = recording(name)
    zero, framer = first_epoch(ami), Framer({b"CEL": ()})
    found: list[CelRow] = []
    for segment in read_index(idx, ami):
        at = zero + timedelta(seconds=segment.at_s)
        at = at.replace(microsecond=0) if whole_seconds else at
        for frame in framer.feed(segment.data):
            found.append(_row(frame.get, at, len(found)))
    return found


def _row(get: Callable[[str], str], at: datetime, no: int) -> CelRow:
    extra: Mapping[str, str] = extra_of(get("Extra"))
    return CelRow(
        at=at,
        no=no,
        event=event_name(get("EventName")),
        channel=get("Channel"),
        uniqueid=get("UniqueID"),
        linkedid=get("LinkedID"),
        number=text_of(get("CallerIDnum")),
        caller_name=text_of(get("CallerIDname")),
        exten=get("Exten"),
        context=get("Context"),
        app=get("Application"),
        data=get("AppData"),
        extra=extra,
    )
