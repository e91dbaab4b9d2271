"""Writes each call as the configuration says: found before it is made, or made under its key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from crm_sync.connectors import notes, texts
from crm_sync.connectors.rest.compiled import Compiled, Prepared, Written
from crm_sync.connectors.rest.facts import (
    agent_of,
    call_facts,
    disposition_of,
    is_missed,
    known_number,
    number_facts,
    shown_number,
)
from crm_sync.connectors.rest.pages import listed
from crm_sync.connectors.rest.paths import found, found_id, found_text
from crm_sync.connectors.rest.people import Person, PhoneSearch, choose
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AmbiguousError
from gateway.core.ids import EffectKey, effect_key
from gateway.core.ports import Clock, HttpAnswer, HttpClient, Receipt
from gateway.core.record import CallRecord, Direction, MatchKind
from gateway.core.writing import WritePlan

NOBODYS_NUMBER: Final = "+390000000000"
TITLE_LIMIT: Final = 200
_ENDED: Final = "call.ended"
_SURE: Final = frozenset({MatchKind.EXACT, MatchKind.COMPANY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A record found again, perhaps edited by people."""

    id: str | int
    note: str | None
    title: str | None


class RestWriter:
    """Implements `gateway.core.ports.CrmWriter` for a CRM that is described by configuration."""

    def __init__(self, settings: RestSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._compiled = Compiled(settings)
        self._clock = clock
        self._zone = ZoneInfo(settings.timezone)
        self.session = RestSession(settings, self._compiled, http, clock)
        self._search = PhoneSearch(settings, self._compiled, self.session)

    async def write(
        self,
        record: CallRecord,
        *,
        idempotency_key: EffectKey,  # noqa: ARG002 - the key of the call itself, see `key_of`
        kind: str,
        occurred_at: datetime,
        plan: WritePlan | None = None,  # noqa: ARG002
    ) -> Receipt:
        """Create the call or bring it up to date, and the task for one that nobody took."""
        facts = await self.facts(record, occurred_at, may_create=kind == _ENDED)
        receipt = await self._put(self._compiled.call, facts, updating=kind != _ENDED)
        if self._compiled.task is not None and kind == _ENDED and is_missed(record):
            task = {**facts, "key": str(uuid5(self.key_of(record), "task"))}
            await self._put(self._compiled.task, task, updating=False)
        return receipt

    async def find_written(self, *, idempotency_key: EffectKey) -> Receipt | None:  # noqa: ARG002
        """Return None: `write` itself searches before it creates; it knows whom to look at."""
        return None

    async def probe(self) -> str:
        """Sign in and ask something harmless."""
        name = self._settings.profile or "REST"
        if self._compiled.probe is not None:
            await self.session.read(self._compiled.probe.prepare({}))
            return f"{name}: signed in, it answers"
        if self._settings.search:
            await self._search.by_number(NOBODYS_NUMBER)
            return f"{name}: signed in, may search"
        await self.session.sign_in()
        return f"{name}: credentials are there; nothing was asked (set probe or search)"

    def key_of(self, record: CallRecord) -> UUID:
        """Return the call's marker in this CRM: the key of its first effect, whoever writes it."""
        return effect_key(record.id, self._settings.name, _ENDED, 0)

    async def facts(
        self, record: CallRecord, at: datetime, *, may_create: bool
    ) -> dict[str, object]:
        """Return what the templates may name for one call; looks the person up."""
        person, several = await self._person(record)
        if person is None and not several and may_create:
            person = await self._new_contact(record, at)
        facts = self._call(record, at, person, several=several)
        for entity in ("person", "company", "lead"):
            if person is not None and person.entity == entity:
                facts[entity] = person.id
        if person is not None and person.entity == "person":
            facts["company"] = person.company
        return facts

    def creation(self, facts: Mapping[str, object]) -> Prepared:
        """Return the request that would create the call."""
        return self._keyed(self._compiled.call, facts)

    def _call(
        self, record: CallRecord, at: datetime, person: Person | None, *, several: bool
    ) -> dict[str, object]:
        settings, key = self._settings, self.key_of(record)
        words = texts.LANGUAGES[settings.language]
        title = texts.title(record, _who(record, person, words), words)[:TITLE_LIMIT]
        block = texts.block(record, title, words, several=several, reference=str(key))
        agent = agent_of(record)
        user = settings.users.get(f"{record.pbx}:{agent}", settings.users.get(agent or ""))
        if user is None and agent is None and person is not None:
            user = person.owner
        return {
            "call": call_facts(record, self._zone, at),
            "number": number_facts(record),
            "contact": asdict(person) if person is not None else {},
            "user": user,
            "disposition": disposition_of(record, settings.dispositions),
            "title": title,
            "note": notes.written(block, settings.note_format),
            "_block": block,
            "key": str(key),
        }

    async def _person(self, record: CallRecord) -> tuple[Person | None, bool]:
        """Return whom the call belongs to, and whether several have the number."""
        contact = record.contact
        if contact is not None and contact.crm == self._settings.name and contact.ref:
            entity, _, number = contact.ref.rpartition(":")
            if contact.match in _SURE:
                name = contact.name or ""
                return Person(entity=entity or "person", id=_typed(number), name=name), False
        e164 = known_number(record)
        if e164 is None or not self._settings.search:
            return None, False
        people = await self._search.by_number(e164)
        return choose(people), choose(people) is None and bool(people)

    async def _new_contact(self, record: CallRecord, at: datetime) -> Person | None:
        table, request = self._settings.contact, self._compiled.contact
        if table is None or request is None or known_number(record) is None:
            return None
        if table.when == "never" or (table.when == "missed" and not is_missed(record)):
            return None
        facts = self._call(record, at, None, several=False)
        body = await self.session.write(request.prepare(facts))
        number = found_id(table.create.id or "id", body)
        if number is None:
            raise self._unreadable()
        return Person(entity="person", id=number)

    async def _put(
        self, written: Written, facts: Mapping[str, object], *, updating: bool
    ) -> Receipt:
        mode = written.table.idempotency
        if not updating:
            there = await self._find(written, facts) if mode == "marker" else None
            if there is not None:
                return self._receipt(written, facts, there.id)
            return await self._create(written, facts)
        if written.update is None:
            upsert = mode == "own_id" and written.table.create.method == "PUT"
            return await self._create(written, facts) if upsert else Receipt()
        if written.find is None:  # own_id: what people wrote is not known, so it is not touched
            blind = {**facts, "id": facts["key"], "note": None, "title": None}
            await self.session.write(written.update.prepare(blind))
            return self._receipt(written, facts, str(facts["key"]))
        there = await self._find(written, facts)
        if there is None:
            # written before and moved or deleted by a person since: a new one would be a double
            return Receipt()
        await self.session.write(written.update.prepare(self._kept(facts, there)))
        return self._receipt(written, facts, there.id)

    async def _find(self, written: Written, facts: Mapping[str, object]) -> Existing | None:
        table, request = written.table.find, written.find
        if table is None or request is None:
            return None
        for item in await listed(self.session, table, request.prepare(facts)):
            number = found_id(table.id, item)
            # a filter the CRM does not know often gives everything
            if number is not None and str(facts["key"]) in (found_text_whole(table.marker, item)):
                return Existing(
                    id=number,
                    note=found_text_whole(table.note, item) if table.note else None,
                    title=found_text(table.title, item) if table.title else None,
                )
        return None

    async def _create(self, written: Written, facts: Mapping[str, object]) -> Receipt:
        table = written.table.create
        answer = await self.session.send(self._keyed(written, facts))
        if self._is_duplicate(written, answer):
            return self._receipt(written, facts, str(facts["key"]))
        body = self.session.reader.read(answer, now=self._clock.now())
        if table.id is None:
            return self._receipt(written, facts, None)
        number = found_id(table.id, body)
        if number is None:
            raise self._unreadable()
        return self._receipt(written, facts, number)

    def _is_duplicate(self, written: Written, answer: HttpAnswer) -> bool:
        table = written.table.create
        code = self.session.reader.code_of(answer) if table.duplicate_codes else None
        return answer.status in table.duplicate_statuses or (
            code is not None and code in table.duplicate_codes
        )

    def _keyed(self, written: Written, facts: Mapping[str, object]) -> Prepared:
        prepared = written.create.prepare(facts)
        if written.table.idempotency != "header":
            return prepared
        return prepared.with_header(written.table.key_header, str(facts["key"]))

    def _kept(self, facts: Mapping[str, object], there: Existing) -> dict[str, object]:
        """Return the facts of an update: a title or text that people changed stays theirs."""
        form, block = self._settings.note_format, str(facts["_block"])
        note = notes.merged(there.note, block, form) if there.note is not None else None
        ours = there.note is not None and there.title == notes.heading(there.note, form)
        title = facts["title"] if ours else there.title
        return {**facts, "id": there.id, "note": note, "title": title}

    def _receipt(
        self, written: Written, facts: Mapping[str, object], number: str | int | None
    ) -> Receipt:
        if number is None:
            return Receipt()
        url = written.record_url({**facts, "id": number})
        if url.startswith("/"):
            url = self._settings.url.rstrip("/") + url
        return Receipt(external_id=str(number), url=url or None)

    def _unreadable(self) -> AmbiguousError:
        return AmbiguousError(
            "The CRM answered without the id of what it made.",
            adapter=self._settings.name,
            remedy="Check create.id with `filodiretto check --crm NAME --try NUMBER`.",
        )


def found_text_whole(path: str, item: object) -> str:
    """Return a text of any length, "" if there is none."""
    value = found(path, item)
    return value if isinstance(value, str) else ""


def _typed(number: str) -> str | int:
    return int(number) if number.isascii() and number.isdigit() else number


def _who(record: CallRecord, person: Person | None, words: texts.Words) -> str:
    name = person.name if person is not None else None
    contact = record.contact
    if not name and contact is not None and contact.match in _SURE:
        name = contact.name
    if not name and record.direction is Direction.INBOUND:
        name = record.caller.name
    number = shown_number(record)
    hidden = words.withheld if record.direction is Direction.INBOUND else words.unknown
    shown = texts.harmless(number, limit=40) if number is not None else hidden
    clean = texts.harmless(name)
    return f"{clean} ({shown})" if clean and clean != shown else shown
