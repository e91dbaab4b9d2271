"""Whom a number belongs to in Salesforce: SOSL first, then the digits however they are grouped.

Every hit is read again by libphonenumber: SOSL matches tokens, and an unselective term crowds out
what was asked for. SOSL splits numbers at spaces and punctuation (SOQL and SOSL reference, "FIND").
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from crm_sync.connectors.parties import national, number_forms
from crm_sync.connectors.people import Entity, Person
from crm_sync.connectors.salesforce.codec import literal, path_of, quoted, select
from crm_sync.connectors.salesforce.fields import Describing
from crm_sync.connectors.salesforce.session import SalesforceSession
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.numbers import NumberPlan

MOST_HITS: Final = 50
PHONES: Final = MappingProxyType(
    {
        "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone"),
        "Lead": ("Phone", "MobilePhone"),
        "Account": ("Phone",),
    }
)
ENTITIES: Final = MappingProxyType(
    {"Contact": Entity.PERSON, "Lead": Entity.LEAD, "Account": Entity.COMPANY}
)
OBJECTS: Final = MappingProxyType({entity: name for name, entity in ENTITIES.items()})
_ALSO: Final = MappingProxyType(
    {"Contact": ("AccountId", "OwnerId"), "Lead": ("OwnerId",), "Account": ("OwnerId",)}
)
_ONLY: Final = MappingProxyType({"Lead": "IsConverted = false"})


def pattern(e164: str) -> str:
    """Return a LIKE pattern that finds the number however its national digits are grouped."""
    return "%" + "%".join(national(e164)) + "%"


class PhoneSearch:
    """Asks Salesforce for people; `by_number` gives only those who have the number."""

    def __init__(
        self, settings: SalesforceSettings, session: SalesforceSession, fields: Describing
    ) -> None:
        self._settings = settings
        self._session = session
        self._fields = fields
        self._plan = NumberPlan(settings.country)
        self._users: dict[str, str] = {}
        self.objects = tuple(name for name in PHONES if settings.leads or name != "Lead")

    async def by_number(self, e164: str) -> list[Person]:
        """Return the contacts, open leads and accounts that really have this number."""
        hits = {person.id: person for person in self._verified(await self._sosl(e164), e164)}
        if not hits and self._settings.deep_search:
            return await self.newest(e164)
        return list(hits.values())

    async def newest(self, e164: str) -> list[Person]:
        """Return the same by SOQL: it also finds what is not indexed yet."""
        rows = [row for name in self.objects for row in await self._like(name, e164)]
        return list({person.id: person for person in self._verified(rows, e164)}.values())

    async def by_id(self, entity: Entity, number: str) -> Person | None:
        """Return an entry by its id, None if it is gone, merged away or not for our eyes."""
        name = OBJECTS[entity]
        only = f" AND {_ONLY[name]}" if name in _ONLY else ""
        where = f"Id = {literal(number)}{only}"
        rows = await self.query(select(await self._columns(name), name, where, most=1))
        return person_of(rows[0]) if rows else None

    async def user(self, named: str) -> str | None:
        """Return the id of a user given by username or id, None if there is no such active one."""
        if named not in self._users:
            column = "Username" if "@" in named else "Id"
            where = f"{column} = {literal(named)} AND IsActive = true"
            rows = await self.query(select("Id", "User", where, most=1))
            if not rows:
                return None
            self._users[named] = str(rows[0]["Id"])
        return self._users[named]

    async def query(self, soql: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        """Return the rows of one page of a query, with `deleted` also those in the bin."""
        found = await self._session.ask("/queryAll/" if deleted else "/query/", {"q": soql})
        rows: list[dict[str, Any]] = found.get("records", []) if isinstance(found, dict) else []
        return rows

    async def _sosl(self, e164: str) -> list[dict[str, Any]]:
        terms = " OR ".join(quoted(form) for form in number_forms(e164))
        returning = ", ".join([await self._returned(name) for name in self.objects])
        sosl = f"FIND {{{terms}}} IN PHONE FIELDS RETURNING {returning} LIMIT {MOST_HITS}"
        found = await self._session.ask("/search/", {"q": sosl})
        rows: list[dict[str, Any]] = found.get("searchRecords", [])
        return rows

    async def _returned(self, name: str) -> str:
        only = f" WHERE {_ONLY[name]}" if name in _ONLY else ""
        return f"{name}({await self._columns(name)}{only})"

    async def _columns(self, name: str) -> str:
        """Return what we read of an object, as far as the user may see it."""
        known = await self._fields.readable(name)
        wanted = ("Id", "Name", *PHONES[name], *_ALSO[name])
        return ", ".join(one for one in wanted if one in known)

    async def _like(self, name: str, e164: str) -> list[dict[str, Any]]:
        wanted = literal(pattern(e164))
        known = await self._fields.readable(name)
        numbers = " OR ".join(f"{one} LIKE {wanted}" for one in PHONES[name] if one in known)
        if not numbers:
            return []
        only = f" AND {_ONLY[name]}" if name in _ONLY else ""
        where = f"({numbers}){only}"
        return await self.query(select(await self._columns(name), name, where, most=MOST_HITS))

    def _verified(self, rows: Iterable[Mapping[str, Any]], e164: str) -> list[Person]:
        return [
            person
            for row in rows
            if any(self._plan.parse(phone).e164 == e164 for phone in phones_of(row))
            and (person := person_of(row)) is not None
        ]


def phones_of(row: Mapping[str, Any]) -> list[str]:
    """Return the numbers of a record, as written."""
    return [row[name] for name in PHONES.get(_kind(row), ()) if isinstance(row.get(name), str)]


def person_of(row: Mapping[str, Any]) -> Person | None:
    """Return a record as a person, None for an object we did not ask for."""
    name = _kind(row)
    if name not in ENTITIES:
        return None
    return Person(
        entity=ENTITIES[name],
        id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        company=row.get("AccountId"),
        owner=row.get("OwnerId"),
    )


def record_path(name: str, *parts: str) -> str:
    """Return the path of an object or of a record of it."""
    return f"/sobjects/{path_of(name, *parts)}"


def _kind(row: Mapping[str, Any]) -> str:
    attributes = row.get("attributes")
    return str(attributes.get("type", "")) if isinstance(attributes, Mapping) else ""
