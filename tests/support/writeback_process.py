"""The daemon's CRM side as a process, to be killed: `python writeback_process.py CONFIG.json`.

It is told of the same calls at every start, like a daemon whose back-fill finds them again, and
stores each with its effects in one transaction, as the daemon does. The configuration has
`database` (URL), `table` (one `[[crm]]` table), `calls`, `callers` (how many different ones there
are) and `began_at` (RFC 3339).
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

from support.crm_records import answered, missed

from crm_sync import intake
from crm_sync.connectors.settings import ConnectorSettings
from gateway.core.events import CallEnded
from gateway.core.record import CallRecord, Party
from gateway.runtime import plugins
from gateway.runtime.clock import SystemClock
from gateway.runtime.crms import CrmSide, Site
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database

EVERY_MISSED = 5
TOLD_EVERY_S = 0.02


def caller_of(number: int) -> str:
    """Return the telephone number of a caller."""
    return f"+39065{number:06}"


def call(number: int, began_at: datetime, callers: int) -> CallRecord:
    """Return the `number`-th call; every fifth was missed."""
    caller = caller_of(number % callers)
    started = began_at + timedelta(milliseconds=number)
    make = missed if number % EVERY_MISSED == 0 else answered
    plain = make(f"kill.{number}", caller=Party(number=caller, e164=caller, name=f"Kill {number}"))
    length = (plain.ended_at or started) - (plain.started_at or started)
    return make(
        f"kill.{number}",
        caller=plain.caller,
        started_at=started,
        answered_at=None if plain.answered_at is None else started + timedelta(seconds=4),
        ended_at=started + length,
    )


def keep(conn: Connection, *, record: CallRecord, side: CrmSide) -> None:
    """Store a call and what it causes."""
    save_call(conn, record, state=None)
    told = CallEnded(at=record.ended_at or datetime.now(UTC), record=record)
    for effect in side.effects(told):
        intake.put(conn, effect)


async def work(config: dict[str, Any]) -> None:
    """Store and deliver until killed."""
    clock = SystemClock()
    table = config["table"]
    model = plugins.connector(table["kind"]).settings_model
    settings = cast("ConnectorSettings", model.model_validate(table))
    db = await Database.open(config["database"])
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        side = await CrmSide.open(
            [settings],
            db,
            clock,
            stack,
            node="a",
            on_receipt=lambda _effect, _receipt: None,
            site=Site(),
        )
        group.create_task(side.worker.run())
        began_at = datetime.fromisoformat(config["began_at"])
        for number in range(config["calls"]):
            record = call(number, began_at, config["callers"])
            await db.write(partial(keep, record=record, side=side))
            side.worker.wake()
            await asyncio.sleep(TOLD_EVERY_S / 10)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    asyncio.run(work(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
