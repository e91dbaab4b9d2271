"""One record of a CRM: found before it is made, made under its key, brought up to date."""

import re
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from crm_sync.connectors import notes
from crm_sync.connectors.rest.compiled import Written
from crm_sync.connectors.rest.pages import paged
from crm_sync.connectors.rest.paths import WHOLE, found, found_id, found_text, typed
from crm_sync.connectors.rest.prepared import Prepared
from crm_sync.connectors.rest.record_tables import MakingTable
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AmbiguousError, RejectedError
from gateway.core.ports import Clock, HttpAnswer, Receipt
from gateway.core.writing import WritePlan

Facts = Mapping[str, object]
_LAST_PART: Final = re.compile(r"([^/()?#]+)\)?/?(?:[?#].*)?$")
_SHORTEST_START: Final = 20
_GONE: Final = (404, 410)


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """A record found again, perhaps edited by people; `whole` as the CRM gave it."""

    id: str | int
    note: str | None
    title: str | None
    whole: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an answer to a creation says; `id` is None if it does not say one."""

    id: str | int | None
    answer: object
    is_duplicate: bool = False


class Records:
    """Makes and corrects the records of one kind."""

    def __init__(
        self, settings: RestSettings, written: Written, session: RestSession, clock: Clock
    ) -> None:
        self._settings = settings
        self._written = written
        self._table = written.table
        self._session = session
        self._clock = clock

    async def put(self, facts: Facts, plan: WritePlan) -> Receipt:
        """Do what one effect asks; what the description leaves out by `only_if` has no receipt."""
        if not self._written.only_if(facts):
            return Receipt()
        if not plan.creates_record:
            return await self._correct(facts, plan)
        if plan.follows and self._written.update is not None and self._can_look(plan):
            there = await self._existing(facts, plan)
            if there is not None:
                return await self._update(facts, there, then=True)
        elif self._table.idempotency == "marker":
            there = await self._find(facts)
            if there is not None:
                await self._then(facts, there.id, there.whole)
                return await self._receipt(facts, there.id)
        return await self._create(facts)

    async def creation(self, facts: Facts) -> Prepared:
        """Return the request that would make the record."""
        prepared = await self._session.prepare(self._written.create, facts)
        if self._table.idempotency != "header":
            return prepared
        return prepared.with_header(self._table.key_header, str(facts["key"]))

    async def look(self, facts: Facts) -> bool:
        """Ask for the record as before a creation; return whether it is there."""
        if not self._written.only_if(facts):
            return False
        return await self._find(facts) is not None

    async def planned(self, facts: Facts) -> list[tuple[str, Prepared]]:
        """Return each request that would make the record, with what it is; nothing is sent."""
        if not self._written.only_if(facts):
            return []
        steps = [("would be sent", await self.creation(facts))]
        more = {**facts, "id": "ID", "answer": {}}
        steps += [
            ("then", await self._session.prepare(one.request, more))
            for one in self._written.then
            if one.only_if(more)
        ]
        return steps

    def _can_look(self, plan: WritePlan) -> bool:
        known = self._table.idempotency == "own_id" or plan.record_id is not None
        return self._written.find is not None or (known and self._written.read is not None)

    async def _correct(self, facts: Facts, plan: WritePlan) -> Receipt:
        if self._written.update is None:
            upsert = self._table.idempotency == "own_id" and self._table.create.method == "PUT"
            return await self._create(facts) if upsert else Receipt()
        if not self._can_look(plan):
            if self._table.idempotency != "own_id":
                return Receipt()
            # what people wrote is not known, so it is not touched
            blind = {**facts, "id": facts["key"], "note": None, "title": None}
            await self._session.write(await self._session.prepare(self._written.update, blind))
            return await self._receipt(facts, str(facts["key"]))
        there = await self._existing(facts, plan)
        if there is None and self._table.only_if and plan.record_id is None:
            return await self._create(facts)  # was left out; now it has what it needs
        if there is None:
            # written before and moved or deleted by a person since: a new one would be a double
            return Receipt()
        return await self._update(facts, there, then=False)

    async def _existing(self, facts: Facts, plan: WritePlan) -> Existing | None:
        """Return the record as it stands now, None if it is not there."""
        there: Existing | None = None
        if self._written.find is not None:
            there = await self._find(facts)
            if there is None:
                return None
        table, request = self._table.read, self._written.read
        if table is None or request is None:
            return there
        number = there.id if there is not None else self._known_id(facts, plan)
        prepared = await self._session.prepare(request, {**facts, "id": number})
        item = found(table.item, await self._session.read(prepared, empty=_GONE))
        if item is None:
            return None
        return Existing(
            id=number,
            note=_whole_text(table.note, item) if table.note else None,
            title=found_text(table.title, item) if table.title else None,
            whole=item,
        )

    def _known_id(self, facts: Facts, plan: WritePlan) -> str | int:
        """Return the id of the receipt, of the type in which the creation gave it; else our key."""
        known = plan.record_id or str(facts["key"])
        return typed(known) if self._table.create.id == WHOLE else known

    async def _find(self, facts: Facts) -> Existing | None:
        table, request = self._table.find, self._written.find
        if table is None or request is None:
            return None
        prepared = await self._session.prepare(request, facts)
        mark = self._written.mark(facts)
        pages = paged(self._session, table, prepared, place=self._written.find_place)
        async with aclosing(pages):  # those behind the record are not asked for
            async for page in pages:
                for item in page:
                    number = found_id(table.id, item)
                    # a filter the CRM does not know often gives everything
                    if number is not None and mark and mark in _whole_text(table.marker, item):
                        return Existing(
                            id=number,
                            note=_whole_text(table.note, item) if table.note else None,
                            title=found_text(table.title, item) if table.title else None,
                            whole=item,
                        )
        return None

    async def _create(self, facts: Facts) -> Receipt:
        prepared = await self.creation(facts)
        answer = await self._session.send(prepared)
        made = self.made_of(self._table.create, prepared, answer)
        number = made.id
        if number is None and self._table.idempotency == "own_id":
            number = str(facts["key"])
        if number is None and (made.is_duplicate or self._needs_id):
            there = await self._find(facts)
            number = there.id if there is not None else None
            if number is None and self._table.then:
                raise self._unreadable()
        await self._then(facts, number, made.answer)
        return await self._receipt(facts, number)

    @property
    def _needs_id(self) -> bool:
        return bool(self._written.find and (self._table.record_url or self._table.then))

    def made_of(self, table: MakingTable, prepared: Prepared, answer: HttpAnswer) -> Made:
        """Return what an answer to a creation says; raises what it means if it is none."""
        reader = self._session.reader
        code = reader.code_of(answer) if table.duplicate_codes else None
        if answer.status in table.duplicate_statuses or code in table.duplicate_codes:
            body = reader.body_of(answer)
            number = found_id(table.duplicate_id, body) if table.duplicate_id else None
            return Made(id=number, answer=body, is_duplicate=True)
        body = reader.read(answer, now=self._clock.now(), as_text=prepared.is_text)
        number = None
        if table.id_header:
            last = _LAST_PART.search(answer.headers.get(table.id_header.lower(), ""))
            number = last.group(1).strip("'\"") if last else None
        elif table.id is not None:
            number = found_id(table.id, body)
        if number is None and (table.id is not None or table.id_header):
            raise self._unreadable()
        return Made(id=number, answer=body)

    async def _then(self, facts: Facts, number: str | int | None, answer: object) -> None:
        """Send what follows a creation; each again after a lost answer."""
        known: dict[str, object] = {**facts, "id": number, "answer": answer}
        for one in self._written.then:
            if one.only_if(known):
                prepared = await self._session.prepare(one.request, known)
                told = await self._session.send(prepared)
                self.made_of(one.table, prepared, told)

    async def _update(self, facts: Facts, there: Existing, *, then: bool) -> Receipt:
        request = self._written.update
        if request is not None:
            prepared = await self._session.prepare(request, self._kept(facts, there))
            whole = self._table.update.whole if self._table.update is not None else False
            if whole:
                prepared = prepared.over(there.whole, whole if isinstance(whole, str) else "")
            await self._session.write(prepared)
        if then:
            await self._then(facts, there.id, there.whole)
        return await self._receipt(facts, there.id)

    def _kept(self, facts: Facts, there: Existing) -> dict[str, object]:
        """Return the facts of an update: a title or text that people changed stays theirs."""
        form, block = self._settings.note_format, str(facts["_block"])
        note = notes.merged(there.note, block, form) if there.note is not None else None
        heading = notes.heading(there.note, form) if there.note is not None else None
        ours = heading is not None and _is_start(there.title, heading)
        title = facts["title"] if ours else there.title
        return {**facts, "id": there.id, "answer": there.whole, "note": note, "title": title}

    async def _receipt(self, facts: Facts, number: str | int | None) -> Receipt:
        if number is None:
            return Receipt()
        known = await self._session.known()
        url = self._written.record_url({**facts, **known, "id": number})
        if url.startswith("/"):
            url = self._session.base + url
        return Receipt(external_id=str(number), url=url or None)

    def _unreadable(self) -> AmbiguousError:
        return AmbiguousError(
            "The CRM answered without the id of what it made.",
            adapter=self._settings.name,
            remedy="Check create.id (or id_header) against the CRM's documentation; without it the"
            " record is looked for with find.",
        )


def no_table(adapter: str, name: str) -> RejectedError:
    """Return what happens to an effect that the description does not say how to write."""
    return RejectedError(
        "The description of this CRM does not say how that is written.",
        adapter=adapter,
        remedy="Add the table, or change the policy so that it is not asked for.",
        detail=name,
    )


def _is_start(title: str | None, heading: str) -> bool:
    """Return whether a title is ours; some CRMs have room for the beginning only."""
    if title is None or title == heading:
        return title == heading
    return len(title) >= _SHORTEST_START and heading.startswith(title.rstrip("… "))


def _whole_text(path: str, item: object) -> str:
    """Return a text of any length, "" if there is none."""
    value = found(path, item)
    return value if isinstance(value, str) else ""
