"""Writes each call as the configuration says: who it belongs to, and what templates may name."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_sync.connectors import notes, texts
from crm_sync.connectors.creating import Makings
from crm_sync.connectors.parties import contact_from, heading, known_number, said_last
from crm_sync.connectors.people import Entity
from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.facts import call_facts, number_facts, task_facts
from crm_sync.connectors.rest.pages import listed
from crm_sync.connectors.rest.paths import found_id, typed
from crm_sync.connectors.rest.people import NOBODYS_NUMBER, Person, PhoneSearch, choose
from crm_sync.connectors.rest.records import Records, no_table
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.strangers import Strangers
from gateway.core.errors import RejectedError
from gateway.core.ids import EffectKey, effect_key
from gateway.core.ports import Clock, HttpClient, Receipt
from gateway.core.record import CallRecord, MatchKind
from gateway.core.writing import EffectKind, Link, Preview, WritePlan, plain_plan

_ENDED: Final = "call.ended"


class RestWriter:
    """Implements `gateway.core.ports.CrmWriter` for a CRM that is described by configuration."""

    def __init__(self, settings: RestSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._compiled = Compiled(settings)
        self._zone = ZoneInfo(settings.timezone)
        self.session = RestSession(settings, self._compiled, http, clock)
        self.search = PhoneSearch(settings, self._compiled, self.session)
        self.calls = Records(settings, self._compiled.call, self.session, clock)
        task = self._compiled.task
        self.tasks = Records(settings, task, self.session, clock) if task is not None else None
        self.strangers = Strangers(settings, self._compiled, self.session, self.calls)
        self._creating = Makings[Person]()

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,
    ) -> Receipt:
        """Create the call or bring it up to date; a task is a record of its own."""
        plan = plan or plain_plan(record, kind)
        facts = await self.facts(record, occurred_at, plan, task_key=idempotency_key)
        try:
            return await self._put(facts, plan)
        except RejectedError:
            if not facts["_unseen"]:
                raise
        # whom the directory names may be deleted or merged in the CRM since
        facts = await self.facts(record, occurred_at, plan, task_key=idempotency_key, believe=False)
        return await self._put(facts, plan)

    async def _put(self, facts: Mapping[str, object], plan: WritePlan) -> Receipt:
        if plan.kind is not EffectKind.TASK:
            return await self.calls.put(facts, plan)
        if self.tasks is None:
            raise no_table(self._settings.name, "task")
        return await self.tasks.put(facts, plan)

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: `write` itself searches before it creates; it knows whom to look at."""
        return None

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Search as `write` does and write nothing."""
        person, match, _ = await self._person(record)
        words = texts.LANGUAGES[self._settings.language]
        title = heading(record, plan, person.name if person else None, words)
        user = self._user(record, plan, person)
        return Preview(
            title=title,
            match=match,
            person=person.name or f"{person.entity}:{person.id}" if person is not None else None,
            assignee=str(user) if user is not None else None,
        )

    async def probe(self) -> str:
        """Sign in and ask something harmless."""
        name = self._settings.profile or "REST"
        said: list[str] = []
        if self._compiled.probe is not None:
            await self.session.read(await self.session.prepare(self._compiled.probe, {}))
            said.append("it answers")
        if self._settings.search:
            await self.search.by_number(NOBODYS_NUMBER)
            said.append("; ".join(["may search", *self.search.oddities.values()]))
        if said:
            return f"{name}: signed in, {', '.join(said)}"
        await self.session.sign_in()
        return f"{name}: credentials are there; nothing was asked (set probe or search)"

    def key_of(self, record: CallRecord) -> UUID:
        """Return the call's marker in this CRM: the key of its first effect, whoever writes it."""
        return effect_key(record.id, self._settings.name, _ENDED, 0)

    async def facts(
        self,
        record: CallRecord,
        at: datetime,
        plan: WritePlan,
        *,
        task_key: EffectKey | None = None,
        believe: bool = True,
    ) -> dict[str, object]:
        """Return what the templates may name for one effect; looks the person up, or makes one.

        `believe`: the record of the CRM that the call's contact names, also if no search finds it.
        """
        person, match, unseen = await self._person(record, believe=believe)
        key = self.key_of(record)
        if plan.kind is EffectKind.TASK and task_key is not None:
            key = task_key
        several = match is MatchKind.SEVERAL
        if person is None and plan.creates is not None and not several:
            person = await self._stranger(record, at, plan, key)
        facts = self._call(record, at, plan, person, key, several=several)
        facts |= await self.session.known()
        return {**facts, **await self._links(facts, person, plan), "_unseen": unseen}

    def retold(
        self, facts: Mapping[str, object], record: CallRecord, at: datetime, plan: WritePlan
    ) -> dict[str, object]:
        """Return `facts` for another effect on the same person; asks nobody."""
        contact = facts["contact"]
        person = Person(**contact) if isinstance(contact, dict) and contact else None
        key = self.key_of(record)
        if plan.kind is EffectKind.TASK:
            key = effect_key(record.id, self._settings.name, plan.kind, 0)
        return {**facts, **self._call(record, at, plan, person, key), "contact": contact}

    def _call(
        self,
        record: CallRecord,
        at: datetime,
        plan: WritePlan,
        person: Person | None,
        key: UUID,
        *,
        several: bool = False,
    ) -> dict[str, object]:
        settings, task = self._settings, plan.task
        words = texts.LANGUAGES[settings.language]
        title = heading(record, plan, person.name if person is not None else None, words)
        block = texts.block(
            record,
            task.title if task is not None else title,
            words,
            several=several,
            reference=str(key),
            body=task.note if task is not None else plan.note,
            recording=plan.recording_url,
        )
        return {
            "call": call_facts(record, self._zone, at, plan),
            "number": number_facts(record),
            "contact": asdict(person) if person is not None else {},
            "task": task_facts(task, self._zone),
            "user": self._user(record, plan, person),
            "disposition": plan.disposition or settings.dispositions.get(said_last(record) or ""),
            "title": task.title if task is not None else title,
            "note": notes.written(block, settings.note_format),
            "_block": block,
            "key": str(key),
            "adopts": plan.kind is EffectKind.CONTACT,
        }

    def _user(self, record: CallRecord, plan: WritePlan, person: Person | None) -> str | int | None:
        users, extension = self._settings.users, plan.assignee.extension
        owner = person.owner if person is not None else None
        user = users.get(f"{record.pbx}:{extension}", users.get(extension or ""))
        if extension is None:
            return owner
        return owner or user if plan.assignee.owner_first else user

    async def _links(
        self, facts: Mapping[str, object], person: Person | None, plan: WritePlan
    ) -> dict[str, object]:
        """Return the ids a record is linked to, as far as the policy wants them."""
        if person is None:
            return {}
        links: dict[str, object] = {}
        if person.entity == Entity.COMPANY:
            links["company"] = person.id if Link.COMPANY in plan.links else None
        else:
            links[person.entity] = person.id if Link.CONTACT in plan.links else None
            links["company"] = person.company if Link.COMPANY in plan.links else None
        wanted = Link.COMPANY if person.entity == Entity.COMPANY else Link.CONTACT
        if wanted not in plan.links:
            links["contact"] = {}
        if Link.DEAL in plan.links:
            links["deal"] = await self._deal({**facts, **links})
        return links

    async def _deal(self, facts: Mapping[str, object]) -> str | int | None:
        """Return the open deal, None if there is none or more than one."""
        table, request = self._settings.deal, self._compiled.deal
        if table is None or request is None:
            return None
        prepared = await self.session.prepare(request, facts)
        deals = await listed(self.session, table, prepared, place="[crm.deal]")
        ids = {found_id(table.id, item) for item in deals}
        ids.discard(None)
        return ids.pop() if len(ids) == 1 else None

    async def _person(
        self, record: CallRecord, *, believe: bool = True
    ) -> tuple[Person | None, MatchKind, bool]:
        """Return whom the call belongs to, how sure that is, and whether no search found them.

        The contact's reference decides; a search by the number adds owner and company.
        """
        contact = contact_from(record, self._settings.name)
        named = contact if contact is not None and contact.ref else None
        e164, people = known_number(record), list[Person]()
        if e164 is not None and self._settings.search:
            people = await self.search.by_number(e164)
        if named is None or not believe:
            return *_chosen(people), False
        entity, _, number = (named.ref or "").rpartition(":")
        person = Person(entity=entity or Entity.PERSON, id=typed(number), name=named.name or "")
        for one in people:
            if (one.entity, str(one.id)) == (person.entity, str(person.id)):
                return one, named.match, False
        return person, named.match, bool(self._settings.search)

    async def _stranger(
        self, record: CallRecord, at: datetime, plan: WritePlan, key: UUID
    ) -> Person | None:
        """Return the contact (or lead) made of a caller whom the CRM does not know."""
        e164 = known_number(record)
        if e164 is None or plan.creates is None:
            return None
        facts = self._call(record, at, plan, None, key)

        async def search() -> Person | None:
            return choose(await self.search.by_number(e164))

        return await self._creating.once(
            e164, search, lambda: self.strangers.made(plan, facts, search)
        )


def _chosen(people: list[Person]) -> tuple[Person | None, MatchKind]:
    person = choose(people)
    if person is None:
        return None, MatchKind.SEVERAL if people else MatchKind.NONE
    sure = person.entity != Entity.COMPANY
    return person, MatchKind.EXACT if sure else MatchKind.COMPANY
