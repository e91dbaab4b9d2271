"""Whom a call belongs to and whose it becomes, where connectors search the CRM for a number."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from crm_sync.connectors import texts
from crm_sync.connectors.creating import Creating
from crm_sync.connectors.parties import contact_from, heading, known_number, user_of
from crm_sync.connectors.people import Entity, Person, choose, match_of, named
from crm_sync.connectors.settings import UsersSettings
from gateway.core.record import CallRecord, CallState
from gateway.core.writing import Creation, Preview, WritePlan


class People(Protocol):
    """What a connector asks its CRM about people."""

    async def by_id(self, entity: Entity, number: str) -> Person | None:
        """Return an entry, None if it is gone."""

    async def by_number(self, e164: str) -> Sequence[Person]:
        """Return who really has this number."""

    async def newest(self, e164: str) -> Sequence[Person]:
        """Return the same, also who was made a moment ago, as far as it can be asked."""


class Whom:
    """Asks one CRM; what it made lately is remembered, so that one caller is one contact.

    `make` makes a caller a contact or lead, `user` is the id of a user by what `users` has.
    """

    def __init__(
        self,
        settings: UsersSettings,
        people: People,
        *,
        make: Callable[[CallRecord, str, Creation], Awaitable[Person]],
        user: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self._settings = settings
        self._people = people
        self._make = make
        self._user = user
        self._creating = Creating()

    async def person(self, record: CallRecord, plan: WritePlan) -> tuple[Person | None, bool]:
        """Return whom the call belongs to, and whether several have the number."""
        contact = contact_from(record, self._settings.name)
        reference = named(contact.ref or "") if contact is not None else None
        if reference is not None:
            person = await self._people.by_id(*reference)
            if person is not None:
                return person, False
        e164 = known_number(record)
        if e164 is None:
            return None, False
        people = await self._people.by_number(e164)
        if people or plan.creates is None:
            return choose(people), choose(people) is None and bool(people)
        return await self._created(record, e164, plan.creates), False

    async def user(self, record: CallRecord, plan: WritePlan, person: Person | None) -> str | None:
        """Return the id of the user whose record it becomes, None for the CRM's choice."""
        assignee = plan.assignee
        if record.state is CallState.LIVE and assignee.extension is None:
            return None  # nobody has answered yet
        owner = person.owner if person is not None else None
        if owner is not None and (assignee.owner_first or assignee.extension is None):
            return owner
        name = user_of(self._settings.users, record.pbx, assignee.extension)
        return await self._user(name) if name is not None else None

    async def preview(self, record: CallRecord, plan: WritePlan) -> Preview:
        """Return what would be written; nothing is."""
        person, several = await self.person(record, replace(plan, creates=None))
        name = person.name if person is not None else None
        return Preview(
            title=heading(record, plan, name, texts.LANGUAGES[self._settings.language]),
            match=match_of(person, several=several),
            person=name,
            assignee=await self.user(record, plan, person),
        )

    async def strangers(self) -> list[str]:
        """Return the extensions of those in `users` whom the CRM does not know."""
        users = self._settings.users.items()
        return sorted([extension for extension, one in users if await self._user(one) is None])

    async def _created(self, record: CallRecord, e164: str, creation: Creation) -> Person:
        async def search() -> Person | None:
            return choose(await self._people.newest(e164))

        async def make() -> Person:
            return await self._make(record, e164, creation)

        person = await self._creating.once(e164, search, make)
        if await self._people.by_id(person.entity, person.id) is None:  # deleted meanwhile
            self._creating.forget(e164)
            person = await self._creating.once(e164, search, make)
        return person
