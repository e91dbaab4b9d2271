"""Callers whom the CRM does not know, made into its contacts or leads."""

from collections.abc import Awaitable, Callable, Mapping

from crm_sync.connectors.people import Entity
from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.people import Person
from crm_sync.connectors.rest.prepared import Prepared
from crm_sync.connectors.rest.records import Records, no_table
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AmbiguousError
from gateway.core.writing import Creation, WritePlan

Facts = Mapping[str, object]


class Strangers:
    """Makes the contacts and leads of one CRM."""

    def __init__(
        self,
        settings: RestSettings,
        compiled: Compiled,
        session: RestSession,
        records: Records,
    ) -> None:
        self._settings = settings
        self._compiled = compiled
        self._session = session
        self._records = records

    async def creation(self, creates: Creation, facts: Facts) -> Prepared | None:
        """Return the request that would make one, None without a table for it."""
        lead = creates is Creation.LEAD
        request = self._compiled.lead if lead else self._compiled.contact
        return await self._session.prepare(request, facts) if request is not None else None

    async def made(
        self, plan: WritePlan, facts: Facts, search: Callable[[], Awaitable[Person | None]]
    ) -> Person:
        """Make one; what the CRM says is there already counts, and its id is found if need be."""
        lead = plan.creates is Creation.LEAD
        table = self._settings.lead if lead else self._settings.contact
        prepared = await self.creation(plan.creates or Creation.CONTACT, facts)
        if table is None or prepared is None:
            raise no_table(self._settings.name, "lead" if lead else "contact")
        made = self._records.made_of(table.create, prepared, await self._session.send(prepared))
        if made.id is not None:
            return Person(entity=Entity.LEAD if lead else Entity.PERSON, id=made.id)
        found = await search()
        if found is None:
            raise AmbiguousError(
                "The CRM made a contact, but its search does not find it yet.",
                adapter=self._settings.name,
                remedy="It is tried again by itself; if it stays so, set create.id.",
            )
        return found
