"""HubSpot's people for the mirror: companies and contacts.

Changes are searched for by date of modification and paged by id, because a search shows no more
than 10 000 results. Archived, merged and deleted records are in no search: the nightly sweep finds
them.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from crm_sync.connectors.cursors import read_cursor, write_cursor
from crm_sync.connectors.hubspot.account import Account
from crm_sync.connectors.hubspot.search import PHONES, PhoneSearch, columns, person_of
from crm_sync.connectors.hubspot.session import HubSpotSession, object_path
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from gateway.core.contact import ContactKind
from gateway.core.crm import DirectoryCapabilities, DirectoryEntry, DirectoryPage, EntryNumber
from gateway.core.ports import Clock, HttpClient

PAGE: Final = 100
# The search index lags behind by a minute or so, and clocks differ.
OVERLAP: Final = timedelta(minutes=10)
_ORDER: Final = ("companies", "contacts")
_CHANGED: Final = MappingProxyType(
    {"companies": "hs_lastmodifieddate", "contacts": "lastmodifieddate"}
)
_ALSO: Final = MappingProxyType({"companies": (), "contacts": ("email", "hs_language")})


class HubSpotDirectory:
    """Implements `gateway.core.crm.CrmDirectory`."""

    capabilities = DirectoryCapabilities()

    def __init__(self, settings: HubSpotSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session = HubSpotSession(settings, http, clock)
        self._account = Account(settings, self._session)
        self._search = PhoneSearch(settings, self._session, self._account)

    async def mark(self) -> str:
        """Return a cursor a little before now."""
        return write_cursor({"since": self._stamp()})

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return the next records changed since the cursor; none is ever told as gone."""
        place = read_cursor(cursor, adapter=self._settings.name)
        until = place.get("until") or self._stamp()
        name = place.get("kind", _ORDER[0])
        since = place.get("since", until)
        filters: list[dict[str, object]] = [
            {"propertyName": _CHANGED[name], "operator": "GTE", "value": since}
        ]
        if "after" in place:
            beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": place["after"]}
            filters.append(dict[str, object](beyond))
        page = await self._session.search(
            name, [filters], self._columns(name), most=PAGE, sorts=["hs_object_id"]
        )
        rows: list[dict[str, Any]] = page.get("results", [])
        onward = _onward(name, str(rows[-1]["id"]) if len(rows) == PAGE else None)
        here = {"since": until}
        if onward is not None:
            here = {"since": since, "until": until, **onward}
        return DirectoryPage(
            entries=await self._entries(name, rows),
            cursor=write_cursor(here),
            more=onward is not None,
        )

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next companies, then contacts."""
        place = read_cursor(cursor, adapter=self._settings.name) if cursor else {}
        name = place.get("kind", _ORDER[0])
        query = {"limit": str(PAGE), "properties": ",".join(self._columns(name))}
        if "after" in place:
            query["after"] = place["after"]
        page = await self._session.ask(object_path(name), query) or {}
        following = page.get("paging", {}).get("next", {}).get("after")
        onward = _onward(name, following)
        return DirectoryPage(
            entries=await self._entries(name, page.get("results", [])),
            cursor=write_cursor(onward) if onward is not None else "",
            more=onward is not None,
        )

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return who may have the number."""
        found: tuple[DirectoryEntry, ...] = ()
        for name in _ORDER:
            found += await self._entries(name, await self._search.rows(name, e164))
        return found

    def _columns(self, name: str) -> tuple[str, ...]:
        return (*columns(name), *_ALSO[name])

    async def _entries(self, name: str, rows: list[dict[str, Any]]) -> tuple[DirectoryEntry, ...]:
        return tuple([await self._entry(name, row) for row in rows])

    async def _entry(self, name: str, row: Mapping[str, Any]) -> DirectoryEntry:
        person, told = person_of(name, row), row.get("properties") or {}
        return DirectoryEntry(
            ref=f"{person.entity.value}:{person.id}",
            kind=ContactKind.COMPANY if name == "companies" else ContactKind.PERSON,
            name=person.name or None,
            company_ref=f"company:{person.company}" if person.company else None,
            numbers=tuple(
                EntryNumber(raw=told[one], label=one)
                for one in PHONES[name]
                if isinstance(told.get(one), str) and told[one]
            ),
            email=told.get("email") or None,
            language=(told.get("hs_language") or "")[:2] or None,
            owner=person.owner,
            url=await self._account.address(name, person.id),
        )

    def _stamp(self) -> str:
        return str(round((self._clock.now() - OVERLAP).timestamp() * 1000))


def _onward(name: str, after: str | None) -> dict[str, str] | None:
    if after is not None:
        return {"kind": name, "after": after}
    later = _ORDER[_ORDER.index(name) + 1 :]
    return {"kind": later[0]} if later else None
