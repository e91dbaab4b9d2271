"""How calls and tasks are found and made so that each is there once.

With a unique property (tier A) HubSpot itself keeps a call from being made twice. Without one it
is searched for before it is made (tier B); the search index lags, so the worker waits for it after
an ambiguous answer.
"""

from collections.abc import Mapping
from typing import Any

from crm_sync.connectors.hubspot.account import MARKER, Account
from crm_sync.connectors.hubspot.session import HubSpotSession, equal, object_path
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from crm_sync.connectors.hubspot.translate import READ, associations
from gateway.core.errors import AmbiguousError, RejectedError

_ENDS = "contacts,companies"


class Records:
    """Calls and tasks of one account."""

    def __init__(
        self, settings: HubSpotSettings, session: HubSpotSession, account: Account
    ) -> None:
        self._settings = settings
        self._session = session
        self._account = account

    async def call(self, key: str) -> dict[str, Any] | None:
        """Return the call written under `key` as it is now, None if there is none."""
        if self._settings.unique_property:
            return await self._read("calls", key, by_key=True)
        page = await self._session.search("calls", [[equal(MARKER, key)]], [MARKER])
        for row in page.get("results", []):
            # read again: the index may be older than what somebody has just edited
            if (row.get("properties") or {}).get(MARKER) == key:
                return await self._read("calls", str(row["id"]))
        return None

    async def task(self, key: str, due: str) -> str | None:
        """Return the id of the task written under `key`, None if there is none."""
        if self._settings.unique_property:
            row = await self._read("tasks", key, by_key=True)
            return str(row["id"]) if row is not None else None
        filters = [equal("hs_timestamp", due), equal("hs_task_type", "CALL")]
        page = await self._session.search("tasks", [filters], ["hs_task_body"])
        for row in page.get("results", []):
            if key in str((row.get("properties") or {}).get("hs_task_body")):
                return str(row["id"])
        return None

    async def make(
        self, name: str, key: str, properties: Mapping[str, str], ends: Mapping[str, str]
    ) -> str:
        """Make a record with its links and return its id."""
        if self._settings.unique_property:
            number = await self._upserted(name, key, properties)
            await self.link(name, number, ends)
            return number
        body = {"properties": properties, "associations": associations(name, ends)}
        return self._id_in(await self._session.tell("POST", object_path(name), body))

    async def change(self, number: str, properties: Mapping[str, str]) -> None:
        """Bring a call up to date."""
        await self._session.tell("PATCH", object_path("calls", number), {"properties": properties})

    async def link(self, name: str, number: str, ends: Mapping[str, str]) -> None:
        """Link a record; what is gone meanwhile is left out. A repeat does no harm."""
        for kind, target in ends.items():
            path = object_path(name, number, "associations", "default", kind, target)
            try:
                await self._session.tell("PUT", path)
            except RejectedError:
                if await self._session.ask(object_path(kind, target)) is not None:
                    raise

    async def _read(self, name: str, key: str, *, by_key: bool = False) -> dict[str, Any] | None:
        query = {"properties": ",".join(READ), "associations": _ENDS}
        if name == "tasks":
            query = {"properties": "hs_task_subject"}
        if by_key:
            query["idProperty"] = self._settings.unique_property
        found: dict[str, Any] | None = await self._session.ask(object_path(name, key), query)
        return found

    async def _upserted(self, name: str, key: str, properties: Mapping[str, str]) -> str:
        unique = self._settings.unique_property
        one = {"id": key, "idProperty": unique, "properties": {**properties, unique: key}}
        told = await self._session.tell(
            "POST", object_path(name, "batch", "upsert"), {"inputs": [one]}
        )
        rows = told.get("results") if isinstance(told, dict) else None
        return self._id_in(rows[0] if isinstance(rows, list) and rows else None)

    def _id_in(self, row: object) -> str:
        number = row.get("id") if isinstance(row, Mapping) else None
        if not isinstance(number, str):
            raise AmbiguousError(
                "HubSpot answered without the id of what it made.",
                adapter=self._settings.name,
                remedy="Look at the version of its interface in the changelog of HubSpot.",
            )
        return number
