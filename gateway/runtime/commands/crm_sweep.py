"""`filodiretto crm sweep`: has the daemon read everybody in a CRM again, within seconds."""

import asyncio
from functools import partial
from pathlib import Path

from gateway.core.errors import UsageError
from gateway.runtime import loading, plugins
from gateway.runtime.commands.common import OK, prepare_data_dir, say
from gateway.store.database import Database
from gateway.store.mirrored_states import Order, order


def run(path: Path | None, *, name: str, confirm: bool) -> int:
    """Note the order; UsageError if there is no such CRM, or none with people."""
    loaded = loading.load(path)
    found = next((one for one in loaded.crms if one.name == name), None)
    has_people = found is not None and isinstance(
        plugins.connector(found.kind), plugins.WithDirectory
    )
    if not has_people:
        raise UsageError(
            "There is no mirror of such a CRM.",
            remedy="Name a [[crm]] table of a kind that has people: see docs/mirror.md.",
        )
    prepare_data_dir(loaded)
    wanted = Order.CONFIRMED if confirm else Order.SWEEP
    asyncio.run(_order(loaded.settings.database_url, name, wanted))
    say("Ordered: the daemon begins within seconds; GET /api/v1/crms shows how far it is.")
    return OK


async def _order(url: str, name: str, wanted: Order) -> None:
    database = await Database.open(url)
    try:
        await database.write(partial(order, crm=name, wanted=wanted))
    finally:
        await database.close()
