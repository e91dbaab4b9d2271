"""What an account has of its own: properties, call outcomes, owners, where it is shown."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crm_sync.connectors.hubspot.session import (
    ACCOUNT,
    DISPOSITIONS,
    OWNERS,
    PROPERTIES,
    HubSpotSession,
)
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from gateway.core.errors import AuthError

MARKER: Final = "hs_call_external_id"
WRITTEN: Final = ("calls", "tasks")
# HubSpot's object type ids
KINDS: Final = MappingProxyType(
    {"contacts": "0-1", "companies": "0-2", "calls": "0-48", "tasks": "0-27"}
)


class Account:
    """Asked when first needed and then kept; a restart asks again."""

    def __init__(self, settings: HubSpotSettings, session: HubSpotSession) -> None:
        self._settings = settings
        self._session = session
        self._properties: dict[str, dict[str, bool]] = {}
        self._results: dict[str, str] | None = None
        self._owners: dict[str, str] = {}
        self._shown_at: str | None = None

    async def properties(self, name: str) -> dict[str, bool]:
        """Return the properties of a kind of record, and whether each has unique values."""
        if name not in self._properties:
            told = await self._session.ask(f"{PROPERTIES}/{name}")
            rows = told.get("results", ()) if isinstance(told, dict) else ()
            self._properties[name] = {
                str(one["name"]): bool(one.get("hasUniqueValue")) for one in rows
            }
        return self._properties[name]

    async def usable(self, name: str, fields: Mapping[str, str]) -> dict[str, str]:
        """Return those of `fields` that this account has."""
        known = await self.properties(name)
        return {field: value for field, value in fields.items() if field in known}

    async def changed(self) -> bool:
        """Ask again, after HubSpot refused something; return whether the properties changed."""
        before, self._results = dict(self._properties), None
        self._properties.clear()
        return any([await self.properties(name) != told for name, told in before.items()])

    async def check_unique(self) -> None:
        """Return if `unique_property` is what tier A needs; AuthError says how to make it."""
        wanted = self._settings.unique_property
        if not wanted and MARKER not in await self.properties("calls"):
            raise AuthError(
                "This account's calls have no property for our id.",
                adapter=self._settings.name,
                remedy="Make a property of unique values and set unique_property (docs/crm.md).",
                detail=MARKER,
            )
        for name in WRITTEN if wanted else ():
            if not (await self.properties(name)).get(wanted, False):
                raise AuthError(
                    "The property for our id is missing, or its values need not be unique.",
                    adapter=self._settings.name,
                    remedy=(
                        "Settings > Properties > Call properties, and again Task properties:"
                        ' create a single-line text, and under Rules tick "Require unique values".'
                    ),
                    detail=f"{wanted} of {name}",
                )

    async def result(self, label: str) -> str | None:
        """Return the id of a call outcome by its label, None if the account has none such."""
        if self._results is None:
            rows = await self._session.ask(DISPOSITIONS)
            self._results = {
                str(one["label"]).casefold(): str(one["id"])
                for one in (rows if isinstance(rows, list) else ())
                if not one.get("deleted")
            }
        return self._results.get(label.casefold())

    async def owner(self, named: str) -> str | None:
        """Return the owner id of a person given by e-mail address or by that id."""
        if "@" not in named:
            return named
        if named not in self._owners:
            told = await self._session.ask(OWNERS, {"email": named, "limit": "1"})
            rows = told.get("results", []) if isinstance(told, dict) else []
            if not rows or str(rows[0].get("email", "")).casefold() != named.casefold():
                return None
            self._owners[named] = str(rows[0]["id"])
        return self._owners[named]

    async def address(self, name: str, number: str) -> str | None:
        """Return where people see a record."""
        if self._shown_at is None:
            told = await self._session.ask(ACCOUNT)
            known = isinstance(told, dict) and told.get("portalId")
            domain = told.get("uiDomain") or "app.hubspot.com" if known else ""
            self._shown_at = f"https://{domain}/contacts/{told['portalId']}/record" if known else ""
        return f"{self._shown_at}/{KINDS[name]}/{number}" if self._shown_at else None
