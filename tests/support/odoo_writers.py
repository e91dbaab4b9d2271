"""Writers of the real Odoo, with settings of one's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from support.odoo_lab import OdooLab

from crm_sync.connectors.odoo.plugin import plugin
from crm_sync.http import GuardedHttp
from gateway.core.ports import CrmWriter
from gateway.runtime.clock import SystemClock

Open = Callable[..., CrmWriter]


@asynccontextmanager
async def odoo_writers(odoo: OdooLab) -> AsyncIterator[Open]:
    """Give a function that opens a writer; what it is told replaces keys of the right table."""
    async with GuardedHttp(adapter="odoo", allow_private=True) as http:

        def open_one(**changes: object) -> CrmWriter:
            table = {
                "name": "odoo",
                "kind": "odoo",
                "url": odoo.url,
                "database": odoo.database,
                "username": odoo.username,
                "secret": odoo.password,
                "allow_private": True,
                **changes,
            }
            return plugin.open(plugin.settings_model.model_validate(table), http, SystemClock())

        yield open_one
