"""Whom a call belongs to in Odoo: the person behind a number, and the user behind an extension."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers

from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from gateway.core.errors import ConfigError
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord

PHONE_FIELDS: Final = ("phone", "mobile")
MOST_HITS: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One `res.partner`: a person or a company, who looks after it, and where it belongs."""

    id: int
    name: str
    is_company: bool
    company: int | None
    owner: int | None
    country: int | None
    numbers: tuple[str, ...]


def pattern(e164: str) -> str:
    """Return a pattern that finds the number however its national digits are grouped."""
    parsed = phonenumbers.parse(e164, None)
    return "%" + "%".join(phonenumbers.national_significant_number(parsed)) + "%"


def choose(partners: Sequence[Partner]) -> tuple[Partner | None, bool]:
    """Return the one a call is written to, and whether several were left to choose from.

    A person goes before a company; people of one company give way to it; a tie is nobody's.
    """
    people = [partner for partner in partners if not partner.is_company]
    if len(people) == 1:
        return people[0], False
    companies = {partner.id: partner for partner in partners if partner.is_company}
    homes = {partner.company for partner in people}
    if len(companies) == 1 and homes <= set(companies):
        return next(iter(companies.values())), False
    return None, bool(partners)


class AddressBook:
    """Asks Odoo for people by number and for users by login; every hit is verified here."""

    def __init__(self, settings: OdooSettings, session: OdooSession) -> None:
        self._settings = settings
        self._session = session
        self._phone_fields: tuple[str, ...] | None = None
        self._plan = NumberPlan(settings.country)
        self._plans_abroad: dict[int, NumberPlan] = {}
        self._users: dict[str, int] = {}

    async def by_id(self, partner: int) -> Partner | None:
        """Return a partner by its number, None if it is gone or merged away."""
        found = await self._read([["id", "=", partner]])
        return found[0] if found else None

    async def by_number(self, e164: str) -> list[Partner]:
        """Return the active partners who really have this number."""
        fields = await self._fields()
        if not fields:  # an empty condition would find everybody
            return []
        conditions: list[object] = [[field, "=ilike", pattern(e164)] for field in fields]
        found = await self._read(["|"] * (len(fields) - 1) + conditions)
        return [partner for partner in found if await self._has(partner, e164)]

    async def user_for(self, record: CallRecord, extension: str | None) -> int | None:
        """Return the user whom the configuration gives this extension, None if it gives none."""
        users = self._settings.users
        login = users.get(f"{record.pbx}:{extension}") or users.get(extension or "")
        if login is None:
            return None
        if login not in self._users:
            found = await self._session.ask(
                "res.users", "search_read", [["login", "=", login]], ["id"]
            )
            if not found:
                return None
            self._users[login] = int(found[0]["id"])
        return self._users[login]

    async def unknown_users(self) -> list[str]:
        """Return the extensions in `users` whose login no active user of Odoo has."""
        users = self._settings.users
        if not users:
            return []
        among = [["login", "in", sorted(set(users.values()))]]
        rows = await self._session.ask("res.users", "search_read", among, ["login"])
        known = {row["login"] for row in rows}
        return sorted(extension for extension, login in users.items() if login not in known)

    async def _fields(self) -> tuple[str, ...]:
        if self._phone_fields is None:
            known = await self._session.ask(
                "res.partner", "fields_get", list(PHONE_FIELDS), ["type"]
            )
            self._phone_fields = tuple(field for field in PHONE_FIELDS if field in known)
        return self._phone_fields

    async def _read(self, domain: list[object]) -> list[Partner]:
        phones = await self._fields()
        fields = ["name", "is_company", "parent_id", "user_id", "country_id", *phones]
        rows = await self._session.ask(
            "res.partner", "search_read", domain, fields, limit=MOST_HITS, order="id"
        )
        return [
            Partner(
                id=row["id"],
                name=row["name"] or "",
                is_company=bool(row["is_company"]),
                company=_linked(row["parent_id"]),
                owner=_linked(row["user_id"]),
                country=_linked(row["country_id"]),
                numbers=tuple(row[field] for field in phones if row[field]),
            )
            for row in rows
        ]

    async def _has(self, partner: Partner, e164: str) -> bool:
        if any(self._plan.parse(number).e164 == e164 for number in partner.numbers):
            return True
        if partner.country is None:
            return False
        # written nationally, in a country that is not ours
        abroad = await self._plan_of(partner.country)
        return any(abroad.parse(number).e164 == e164 for number in partner.numbers)

    async def _plan_of(self, country: int) -> NumberPlan:
        if country not in self._plans_abroad:
            rows = await self._session.ask("res.country", "read", [country], ["code"])
            try:
                plan = NumberPlan(rows[0]["code"] or self._settings.country)
            except ConfigError:  # a country without telephone numbers of its own
                plan = self._plan
            self._plans_abroad[country] = plan
        return self._plans_abroad[country]


def _linked(value: object) -> int | None:
    """Read a many2one: `[id, name]`, or false."""
    return value[0] if isinstance(value, list) and isinstance(value[0], int) else None
