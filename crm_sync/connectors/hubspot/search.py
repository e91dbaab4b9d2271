"""Whom a number belongs to in HubSpot; every hit is read again by libphonenumber.

`hs_searchable_calculated_*` hold area code and local number only, without country code ("CRM
search", note on phone numbers); the other forms are for accounts and companies without them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from crm_sync.connectors.hubspot.account import Account
from crm_sync.connectors.hubspot.session import HubSpotSession, equal, object_path, one_of
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from crm_sync.connectors.parties import national, number_forms
from crm_sync.connectors.people import Entity, Person
from gateway.core.numbers import NumberPlan

ENTITIES: Final = MappingProxyType({"contacts": Entity.PERSON, "companies": Entity.COMPANY})
OBJECTS: Final = MappingProxyType(
    {Entity.PERSON: "contacts", Entity.LEAD: "contacts", Entity.COMPANY: "companies"}
)
PHONES: Final = MappingProxyType({"contacts": ("phone", "mobilephone"), "companies": ("phone",)})
_CALCULATED: Final = (
    "hs_searchable_calculated_phone_number",
    "hs_searchable_calculated_mobile_number",
)
_ALSO: Final = MappingProxyType(
    {
        "contacts": ("firstname", "lastname", "associatedcompanyid", "hubspot_owner_id"),
        "companies": ("name", "hubspot_owner_id"),
    }
)


def columns(name: str) -> tuple[str, ...]:
    """Return what we read of a kind of record."""
    return (*PHONES[name], *_ALSO[name])


class PhoneSearch:
    """Asks HubSpot for people."""

    def __init__(
        self, settings: HubSpotSettings, session: HubSpotSession, account: Account
    ) -> None:
        self._session = session
        self._account = account
        self._plan = NumberPlan(settings.country)

    async def by_number(self, e164: str) -> list[Person]:
        """Return the contacts and companies that really have this number."""
        found: list[Person] = []
        for name in ENTITIES:
            found += [
                person_of(name, row)
                for row in await self.rows(name, e164)
                if any(self._plan.parse(phone).e164 == e164 for phone in phones_of(name, row))
            ]
        return found

    async def newest(self, e164: str) -> list[Person]:
        """Return the same: HubSpot has no other search."""
        return await self.by_number(e164)

    async def rows(self, name: str, e164: str) -> list[dict[str, Any]]:
        """Return who may have the number."""
        known = await self._account.properties(name)
        local = national(e164)
        groups = [[one_of(one, (local, local.lstrip("0")))] for one in _CALCULATED if one in known]
        forms = number_forms(e164)
        groups += [[one_of(one, forms)] for one in PHONES[name] if one in known]
        if not groups:  # an empty condition would find everybody
            return []
        page = await self._session.search(name, groups, columns(name))
        rows: list[dict[str, Any]] = page.get("results", [])
        return rows

    async def by_id(self, entity: Entity, number: str) -> Person | None:
        """Return an entry by its id (of a merged one, the one it became), None if it is gone."""
        name = OBJECTS[entity]
        row = await self._session.ask(
            object_path(name, number), {"properties": ",".join(columns(name))}
        )
        return person_of(name, row) if row is not None else None

    async def open_deal(self, person: Person) -> str | None:
        """Return the one open deal, None if there is none or more than one."""
        end = "company" if person.entity is Entity.COMPANY else "contact"
        filters = [equal(f"associations.{end}", person.id), equal("hs_is_closed", "false")]
        page = await self._session.search("deals", [filters], ["hs_is_closed"], most=2)
        found = page.get("results", [])
        return str(found[0]["id"]) if len(found) == 1 else None


def phones_of(name: str, row: Mapping[str, Any]) -> list[str]:
    """Return the numbers of a record, as written."""
    told = row.get("properties") or {}
    return [told[one] for one in PHONES[name] if isinstance(told.get(one), str)]


def person_of(name: str, row: Mapping[str, Any]) -> Person:
    """Return a record as a person or company."""
    told = row.get("properties") or {}
    parts = (told.get(one) or "" for one in ("firstname", "lastname", "name"))
    return Person(
        entity=ENTITIES[name],
        id=str(row["id"]),
        name=" ".join(part for part in parts if part),
        company=told.get("associatedcompanyid") or None,
        owner=told.get("hubspot_owner_id") or None,
    )
