"""Writes each call as one HubSpot call, and the follow-up of a missed one as a task."""

from datetime import datetime

from crm_sync.connectors.hubspot.account import Account
from crm_sync.connectors.hubspot.records import Records
from crm_sync.connectors.hubspot.search import PhoneSearch
from crm_sync.connectors.hubspot.session import HubSpotSession, object_path
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from crm_sync.connectors.hubspot.translate import (
    Links,
    changed_call,
    due_at,
    ends,
    existing_of,
    new_call,
    new_person,
    new_task,
)
from crm_sync.connectors.parties import said_last
from crm_sync.connectors.people import Entity, Person
from crm_sync.connectors.whom import Whom
from gateway.core.errors import AmbiguousError, AuthError, RejectedError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord, time_json
from gateway.core.writing import Creation, Link, Preview, TaskPlan, WritePlan, plain_plan


class HubSpotWriter:
    """Implements `gateway.core.ports.CrmWriter` for HubSpot (tier B, A with a unique property)."""

    def __init__(self, settings: HubSpotSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._session = HubSpotSession(settings, http, clock)
        self._account = Account(settings, self._session)
        self._search = PhoneSearch(settings, self._session, self._account)
        self._records = Records(settings, self._session, self._account)
        self._whom = Whom(settings, self._search, make=self._new_person, user=self._account.owner)

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Make the call or bring it up to date; a missed call's task likewise."""
        plan = plan or plain_plan(record, kind)
        try:
            return await self._written(record, plan, str(idempotency_key), occurred_at)
        except RejectedError:
            if not await self._account.changed():
                raise
        # somebody changed the account's properties since we asked
        return await self._written(record, plan, str(idempotency_key), occurred_at)

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: `write` itself searches before it makes; it knows what to look for."""
        return None

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Return what would be written; nothing is."""
        return await self._whom.preview(record, plan)

    async def probe(self) -> str:
        """Ask what writing needs: properties, outcomes, owners; writes nothing."""
        await self._account.check_unique()
        for name in ("contacts", "companies", "calls", "tasks"):
            await self._account.properties(name)
        if missing := await self._whom.strangers():
            raise AuthError(
                "HubSpot has no such owner.",
                adapter=self._settings.name,
                remedy="Write the e-mail addresses of HubSpot users in users.",
                detail=f"Extension: {', '.join(missing)}",
            )
        labels = {*self._settings.outcomes.values()}
        unknown = sorted([one for one in labels if await self._account.result(one) is None])
        told = f"; call outcomes it does not have: {', '.join(unknown)}" if unknown else ""
        unique = self._settings.unique_property
        promise = f"exactly once by {unique}" if unique else "searches before it writes"
        return f"HubSpot: signed in, may write calls ({promise}){told}"

    async def _written(
        self, record: CallRecord, plan: WritePlan, key: str, at: datetime
    ) -> Receipt:
        if plan.task is not None:
            return await self._follow_up(record, plan, plan.task, key, at)
        return await self._call(record, plan, at)

    async def _call(self, record: CallRecord, plan: WritePlan, at: datetime) -> Receipt:
        key = str(record.id)
        row = await self._records.call(key)
        if row is None and not plan.creates_record:
            return Receipt()  # whoever deleted it meant it
        links = await self._links(record, plan)
        language = self._settings.language
        if row is None:
            fields = new_call(record, links, plan, language, at)
            number = await self._made("calls", key, fields, links, plan)
            return await self._receipt("calls", number)
        existing = existing_of(row)
        ours = await self._own_results()
        fields = changed_call(record, links, existing, plan, language=language, at=at, ours=ours)
        await self._records.change(existing.id, await self._account.usable("calls", fields))
        if not existing.linked:
            await self._records.link("calls", existing.id, ends(links, plan))
        return await self._receipt("calls", existing.id)

    async def _follow_up(
        self, record: CallRecord, plan: WritePlan, task: TaskPlan, key: str, at: datetime
    ) -> Receipt:
        due = due_at(record, task, at)
        number = await self._records.task(key, str(time_json(due)))
        links = await self._links(record, plan)
        if number is not None:  # it is somebody's work by now; a link may be missing, no more
            if self._settings.unique_property:
                await self._records.link("tasks", number, ends(links, plan))
        else:
            fields = new_task(task, links, due=due, key=key)
            number = await self._made("tasks", key, fields, links, plan)
        return await self._receipt("tasks", number)

    async def _made(
        self, name: str, key: str, fields: dict[str, str], links: Links, plan: WritePlan
    ) -> str:
        """Make a record; if its person is gone since the search, make it without."""
        fields = await self._account.usable(name, fields)
        try:
            return await self._records.make(name, key, fields, ends(links, plan))
        except RejectedError:
            person = links.person
            if person is None or await self._search.by_id(person.entity, person.id) is not None:
                raise
        return await self._records.make(name, key, fields, {})

    async def _links(self, record: CallRecord, plan: WritePlan) -> Links:
        person, several = await self._whom.person(record, plan)
        deal = None
        if person is not None and Link.DEAL in plan.links:
            deal = await self._deal(person)
        return Links(
            person=person,
            several=several,
            deal=deal,
            owner=await self._whom.user(record, plan, person),
            result=await self._result(record, plan),
        )

    async def _new_person(self, record: CallRecord, e164: str, creation: Creation) -> Person:
        fields = new_person(record, e164, lead=creation is Creation.LEAD)
        body = {"properties": fields, "associations": []}
        told = await self._session.tell("POST", object_path("contacts"), body)
        number = told.get("id") if isinstance(told, dict) else None
        if not isinstance(number, str):
            raise AmbiguousError(
                "HubSpot answered without the id of the contact it made.",
                adapter=self._settings.name,
                remedy="It is searched for again by itself.",
            )
        return Person(entity=Entity.PERSON, id=number, name=fields["lastname"])

    async def _deal(self, person: Person) -> str | None:
        try:
            return await self._search.open_deal(person)
        except (AuthError, RejectedError):  # an account or an app without deals
            return None

    async def _result(self, record: CallRecord, plan: WritePlan) -> str | None:
        """Return the id of the outcome: by the agent's word, else by what the network did."""
        said = plan.disposition or said_last(record)
        found = await self._account.result(said) if said is not None else None
        label = self._settings.outcomes.get(record.outcome) if record.outcome else None
        if found is None and label is not None:
            found = await self._account.result(label)
        return found

    async def _own_results(self) -> frozenset[str]:
        found = [await self._account.result(one) for one in self._settings.outcomes.values()]
        return frozenset(one for one in found if one is not None)

    async def _receipt(self, name: str, number: str) -> Receipt:
        return Receipt(external_id=number, url=await self._account.address(name, number))
