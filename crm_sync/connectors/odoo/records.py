"""Records of ours in Odoo by external id: found again, and made by `load`, an atomic upsert."""

from collections.abc import Mapping

from crm_sync.connectors.odoo.codec import loaded_id
from crm_sync.connectors.odoo.session import CONTEXT, OdooSession
from crm_sync.connectors.odoo.translate import MODULE


class Records:
    """Knows records of any model by the name we gave them."""

    def __init__(self, adapter: str, session: OdooSession) -> None:
        self._adapter = adapter
        self._session = session

    async def find(self, model: str, name: str) -> int | None:
        """Return the number of a record we made, None if it is not there (any more)."""
        domain = [["module", "=", MODULE], ["name", "=", name], ["model", "=", model]]
        pointers = await self._session.ask("ir.model.data", "search_read", domain, ["res_id"])
        return int(pointers[0]["res_id"]) if pointers else None

    async def put(self, model: str, name: str, values: Mapping[str, str]) -> int:
        """Make a record, or change these values of it; returns its number."""
        fields = ["id", *values]
        row = [f"{MODULE}.{name}", *values.values()]
        result = await self._session.ask(model, "load", fields, [row], context=CONTEXT)
        return loaded_id(result, adapter=self._adapter)

    async def once(self, model: str, name: str, values: Mapping[str, str]) -> int:
        """Make a record unless it is there; what people changed in it stays."""
        found = await self.find(model, name)
        return found if found is not None else await self.put(model, name, values)
