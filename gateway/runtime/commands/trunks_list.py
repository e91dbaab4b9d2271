"""`filodiretto trunks list`: how the trunks are, from the store that the daemon keeps."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.core.record import time_json
from gateway.core.trunks import TrunkRef
from gateway.desk.trunks import alarm_json
from gateway.runtime import loading
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import OK, prepare_data_dir, show
from gateway.runtime.trunk_memory import PAUSE
from gateway.store.database import Connection, Database
from gateway.store.trunk_points import last_seen
from gateway.store.trunks import alarms_on, last_state, stored_trunks

COLUMNS: Final = {
    "pbx": "pbx",
    "name": "trunk",
    "state": "state",
    "since": "since",
    "alarm": "alarms",
    "cause": "cause",
    "remedy": "remedy",
}
Row = dict[str, object]


def run(path: Path | None, *, json_output: bool) -> int:
    """List the trunks with their states; `stale`: no daemon has looked for ten minutes."""
    loaded = loading.load(path)
    prepare_data_dir(loaded)
    followed = frozenset(pbx.name for pbx in loaded.pbxs)
    rows = asyncio.run(_rows(loaded.settings.database_url, followed))
    if not json_output:
        rows = [{**row, "alarm": _kinds(row), "state": _state(row)} for row in rows]
    show(rows, COLUMNS, json_output=json_output)
    return OK


async def _rows(url: str, followed: frozenset[str]) -> list[Row]:
    now = SystemClock().now()
    db = await Database.open(url)
    try:
        return await db.read(
            lambda conn: [
                row
                for ref in stored_trunks(conn)
                if ref.pbx in followed and (row := _row(conn, ref, now)) is not None
            ]
        )
    finally:
        await db.close()


def _row(conn: Connection, ref: TrunkRef, now: datetime) -> Row | None:
    last = last_state(conn, ref)
    if last is None:
        return None
    seen = max(last.at, last_seen(conn, ref) or last.at)
    return {
        "name": ref.name,
        "pbx": ref.pbx,
        "state": last.state.value,
        "since": time_json(last.at),
        "stale": now - seen > PAUSE,
        "cause": last.words.cause or None,
        "remedy": last.words.remedy or None,
        "alarms": [alarm_json(alarm) for alarm in alarms_on(conn, ref)],
    }


def _kinds(row: Row) -> str:
    alarms = row["alarms"]
    listed: Sequence[object] = alarms if isinstance(alarms, list) else ()
    return ", ".join(str(one["kind"]) for one in listed if isinstance(one, dict))


def _state(row: Row) -> str:
    return f"{row['state']} (not looked at now)" if row["stale"] else str(row["state"])
