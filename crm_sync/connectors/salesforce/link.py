"""Writes each call as one Task, by PATCH on an external id: an atomic upsert."""

from datetime import datetime
from typing import Any

from crm_sync.connectors import texts
from crm_sync.connectors.people import Entity, Person
from crm_sync.connectors.salesforce.codec import FieldError, literal, select
from crm_sync.connectors.salesforce.fields import Describing
from crm_sync.connectors.salesforce.search import OBJECTS, PhoneSearch, record_path
from crm_sync.connectors.salesforce.session import SalesforceSession
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from crm_sync.connectors.salesforce.translate import (
    Existing,
    Links,
    changed_call,
    new_call,
    new_person,
    new_task,
)
from crm_sync.connectors.whom import Whom
from gateway.core.errors import AmbiguousError, AuthError
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord
from gateway.core.writing import Creation, Link, Preview, WritePlan, plain_plan

_READ = ("Id", "Subject", "Description", "Status", "WhoId", "WhatId", "OwnerId", "CallDisposition")


class SalesforceWriter:
    """Implements `gateway.core.ports.CrmWriter` for Salesforce (tier A)."""

    def __init__(self, settings: SalesforceSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._session = SalesforceSession(settings, http, clock)
        self._fields = Describing(settings, self._session)
        self._search = PhoneSearch(settings, self._session, self._fields)
        self._whom = Whom(settings, self._search, make=self._new_person, user=self._search.user)

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Create the call's task or bring it up to date; a missed call's follow-up likewise."""
        plan = plan or plain_plan(record, kind)
        try:
            if plan.task is not None:
                return await self._follow_up(record, plan, str(idempotency_key))
            return await self._call(record, plan, occurred_at)
        except FieldError:
            self._fields.forget()
            raise

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: a repeated upsert is harmless, so nothing has to be searched first."""
        return None

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Return what would be written; nothing is."""
        return await self._whom.preview(record, plan)

    async def probe(self) -> str:
        """Sign in, and check the field for our id, the statuses and the users."""
        fields = await self._fields.task()
        settings = self._settings
        wrong = {settings.status_done, settings.status_open} - fields.statuses
        if wrong:
            raise AuthError(
                "Task has no such status in this org.",
                adapter=settings.name,
                remedy="Set status_done and status_open to values of Task's field Status.",
                detail=", ".join(sorted(wrong)),
            )
        if unknown := await self._whom.strangers():
            raise AuthError(
                "Salesforce has no such active user.",
                adapter=settings.name,
                remedy="Write usernames (they look like e-mail addresses) in users.",
                detail=f"Extension: {', '.join(unknown)}",
            )
        used = self._session.usage.removeprefix("api-usage=")
        told = f"; {used} API requests used in 24 h" if used else ""
        return f"Salesforce: signed in, may write tasks by {settings.external_id_field}{told}"

    async def _call(self, record: CallRecord, plan: WritePlan, at: datetime) -> Receipt:
        known = await self._fields.task()
        existing = await self._existing(str(record.id))
        if existing is None and not plan.creates_record:
            return Receipt()  # whoever deleted it meant it
        links = await self._links(record, plan)
        if existing is None:
            fields = new_call(record, links, plan, self._settings, at)
            usable = known.create
        else:
            login = await self._session.sign_in()
            fields = changed_call(
                record,
                links,
                existing,
                plan,
                settings=self._settings,
                at=at,
                ours=login.user,
            )
            usable = known.update
        sent = {name: value for name, value in fields.items() if name in usable}
        return await self._upsert(str(record.id), sent, existing)

    async def _follow_up(self, record: CallRecord, plan: WritePlan, key: str) -> Receipt:
        known = await self._fields.task()
        existing = await self._existing(key)
        if existing is not None or plan.task is None:  # it is somebody's work by now
            return self._receipt(existing.id if existing is not None else None)
        links = await self._links(record, plan)
        fields = new_task(record, links, plan, plan.task, self._settings)
        sent = {name: value for name, value in fields.items() if name in known.create}
        return await self._upsert(key, sent, None)

    async def _existing(self, key: str) -> Existing | None:
        path = record_path("Task", self._settings.external_id_field, key)
        row = await self._session.ask(path, {"fields": ",".join(_READ)}, empty=(404,))
        if row is None:
            return None
        return Existing(
            id=str(row["Id"]),
            subject=row.get("Subject") or "",
            description=row.get("Description") or "",
            status=row.get("Status") or "",
            who=row.get("WhoId"),
            what=row.get("WhatId"),
            owner=row.get("OwnerId"),
            result=row.get("CallDisposition") or "",
        )

    async def _upsert(
        self, key: str, fields: dict[str, object], existing: Existing | None
    ) -> Receipt:
        path = record_path("Task", self._settings.external_id_field, key)
        told = await self._session.tell("PATCH", path, fields)
        if told is None and existing is not None:  # before version 46 an update answers nothing
            return self._receipt(existing.id)
        return self._receipt(self._id_in(told))

    def _id_in(self, told: Any) -> str:  # noqa: ANN401 - JSON
        number = told.get("id") if isinstance(told, dict) else None
        if not isinstance(number, str):
            raise AmbiguousError(
                "Salesforce answered without the id of the record.",
                adapter=self._settings.name,
                remedy="Check api_version in its [[crm]] table.",
            )
        return number

    async def _links(self, record: CallRecord, plan: WritePlan) -> Links:
        person, several = await self._whom.person(record, plan)
        deal = None
        if person is not None and Link.DEAL in plan.links:
            deal = await self._deal(person)
        user = await self._whom.user(record, plan, person)
        return Links(person=person, several=several, deal=deal, user=user)

    async def _new_person(self, record: CallRecord, e164: str, creation: Creation) -> Person:
        entity = Entity.LEAD if creation is Creation.LEAD else Entity.PERSON
        fields = new_person(record, e164, texts.LANGUAGES[self._settings.language])
        if entity is Entity.LEAD:
            fields["Company"] = fields["LastName"]  # required of every lead
        told = await self._session.tell("POST", record_path(OBJECTS[entity]), fields)
        return Person(entity=entity, id=self._id_in(told), name=str(fields["LastName"]))

    async def _deal(self, person: Person) -> str | None:
        """Return the one open opportunity or case, None if there is none or more than one."""
        company = person.id if person.entity is Entity.COMPANY else person.company
        asked = []
        if company is not None:
            asked.append(("Opportunity", f"AccountId = {literal(company)} AND IsClosed = false"))
        if person.entity is Entity.PERSON:
            asked.append(("Case", f"ContactId = {literal(person.id)} AND IsClosed = false"))
        found = []
        for source, where in asked:
            try:
                rows = await self._search.query(select("Id", source, where, most=2))
            except AuthError:  # an org or a user without cases or opportunities
                continue
            found += [str(row["Id"]) for row in rows]
        return found[0] if len(found) == 1 else None

    def _receipt(self, number: str | None) -> Receipt:
        if number is None:
            return Receipt()
        base = self._settings.url.rstrip("/")
        return Receipt(external_id=number, url=f"{base}/lightning/r/Task/{number}/view")
