"""Salesforce's people for the mirror: accounts, contacts and open leads.

Changes are asked for by `SystemModstamp` with `queryAll`, which also tells what lies in the
recycle bin: deleted records, the losers of a merge. Pages go by id, so that records which change
meanwhile move no page's border.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from crm_sync.connectors.cursors import read_cursor, write_cursor
from crm_sync.connectors.people import Entity
from crm_sync.connectors.salesforce.codec import literal, select
from crm_sync.connectors.salesforce.fields import Describing
from crm_sync.connectors.salesforce.search import ENTITIES, PHONES, PhoneSearch
from crm_sync.connectors.salesforce.session import SalesforceSession
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.contact import ContactKind
from gateway.core.crm import DirectoryCapabilities, DirectoryEntry, DirectoryPage, EntryNumber
from gateway.core.ports import Clock, HttpClient

PAGE: Final = 200
# A transaction's stamp is older than its commit, and clocks differ.
OVERLAP: Final = timedelta(minutes=10)
_ORDER: Final = ("Account", "Contact", "Lead")


class SalesforceDirectory:
    """Implements `gateway.core.crm.CrmDirectory`."""

    capabilities = DirectoryCapabilities()

    def __init__(self, settings: SalesforceSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session = SalesforceSession(settings, http, clock)
        self._fields = Describing(settings, self._session)
        self._search = PhoneSearch(settings, self._session, self._fields)

    async def mark(self) -> str:
        """Return a cursor a little before now."""
        return write_cursor({"since": self._stamp()})

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return the next records changed since the cursor; deleted and converted ones as gone."""
        place = read_cursor(cursor, adapter=self._settings.name)
        until = place.get("until") or self._stamp()
        name = place.get("kind", _ORDER[0])
        where = f"SystemModstamp >= {place.get('since', until)}"
        rows = await self._rows(name, where, place.get("after", ""), deleted=True)
        gone = [row for row in rows if row.get("IsDeleted") or row.get("IsConverted")]
        live = [row for row in rows if row not in gone]
        onward = self._onward(name, rows)
        page_cursor = {"since": until}
        if onward is not None:
            page_cursor = {"since": place["since"], "until": until, **onward}
        return DirectoryPage(
            entries=tuple(self._entry(name, row) for row in live),
            gone=tuple(_ref(name, str(row["Id"])) for row in gone),
            cursor=write_cursor(page_cursor),
            more=onward is not None,
        )

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next accounts, then contacts, then open leads."""
        place = read_cursor(cursor, adapter=self._settings.name) if cursor else {}
        name = place.get("kind", _ORDER[0])
        where = "IsConverted = false" if name == "Lead" else ""
        rows = await self._rows(name, where, place.get("after", ""), deleted=False)
        onward = self._onward(name, rows)
        return DirectoryPage(
            entries=tuple(self._entry(name, row) for row in rows),
            cursor=write_cursor(onward) if onward is not None else "",
            more=onward is not None,
        )

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return who may have the number."""
        people = await self._search.by_number(e164)
        found = []
        for person in people:
            name = next(one for one, entity in ENTITIES.items() if entity is person.entity)
            where = f"Id = {literal(person.id)}"
            rows = await self._search.query(select(await self._columns(name), name, where, most=1))
            found += [self._entry(name, row) for row in rows]
        return tuple(found)

    async def _rows(
        self, name: str, where: str, after: str, *, deleted: bool
    ) -> list[dict[str, Any]]:
        conditions = [one for one in (where, f"Id > {literal(after)}" if after else "") if one]
        columns = await self._columns(name)
        if deleted:
            columns += ", IsDeleted" + (", IsConverted" if name == "Lead" else "")
        where = " AND ".join(conditions)
        query = select(columns, name, where, most=PAGE, order="Id")
        return await self._search.query(query, deleted=deleted)

    async def _columns(self, name: str) -> str:
        known = await self._fields.readable(name)
        wanted = ("Id", "Name", *PHONES[name], "Email", "AccountId", "Company")
        parents = ("Owner.Name", *(("Account.Name",) if name == "Contact" else ()))
        return ", ".join((*(one for one in wanted if one in known), *parents))

    def _onward(self, name: str, rows: list[dict[str, Any]]) -> dict[str, str] | None:
        if len(rows) == PAGE:
            return {"kind": name, "after": str(rows[-1]["Id"])}
        kinds: list[str] = [one for one in _ORDER if one in self._search.objects]
        later = kinds[kinds.index(name) + 1 :]
        return {"kind": later[0]} if later else None

    def _entry(self, name: str, row: Mapping[str, Any]) -> DirectoryEntry:
        number, company = str(row["Id"]), row.get("AccountId")
        base = self._settings.url.rstrip("/")
        return DirectoryEntry(
            ref=_ref(name, number),
            kind=ContactKind.COMPANY if name == "Account" else ContactKind.PERSON,
            name=row.get("Name") or None,
            company=_parent(row, "Account") or row.get("Company") or None,
            company_ref=_ref("Account", company) if isinstance(company, str) else None,
            numbers=tuple(
                EntryNumber(raw=row[one], label=one)
                for one in PHONES[name]
                if isinstance(row.get(one), str)
            ),
            email=row.get("Email") or None,
            owner=_parent(row, "Owner"),
            url=f"{base}/lightning/r/{name}/{number}/view",
        )

    def _stamp(self) -> str:
        at: datetime = self._clock.now() - OVERLAP
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ref(name: str, number: str) -> str:
    entity: Entity = ENTITIES[name]
    return f"{entity.value}:{number}"


def _parent(row: Mapping[str, Any], name: str) -> str | None:
    parent = row.get(name)
    told = parent.get("Name") if isinstance(parent, Mapping) else None
    return told if isinstance(told, str) else None
