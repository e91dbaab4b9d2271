"""Who has a number in the CRM: asked in several forms, every hit read again and verified here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_sync.connectors.people import Entity
from crm_sync.connectors.rest.compiled import Compiled, Search
from crm_sync.connectors.rest.facts import number_forms
from crm_sync.connectors.rest.lists import no_entry
from crm_sync.connectors.rest.pages import listed
from crm_sync.connectors.rest.paths import found, found_id, found_text, found_texts
from crm_sync.connectors.rest.record_tables import SearchTable
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.numbers import NumberPlan

NOBODYS_NUMBER: Final = "+390000000000"
_GONE: Final = (404, 410)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A hit: a person, company or lead of the CRM; ids as the CRM types them."""

    entity: str
    id: str | int
    name: str = ""
    company: str | int | None = None
    owner: str | int | None = None
    phones: tuple[str, ...] = ()
    url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def choose(people: list[Person]) -> Person | None:
    """Return the one a call is written to: people before leads before companies; a tie: nobody.

    Several people of one company that has the number too give way to it.
    """
    companies = [one for one in people if one.entity == Entity.COMPANY]
    for entity in (Entity.PERSON, Entity.LEAD, Entity.COMPANY):
        found_here = [one for one in people if one.entity == entity]
        if len(found_here) == 1:
            return found_here[0]
        if found_here:
            homes = {one.company for one in found_here}
            shared = [one for one in companies if {one.id} == homes]
            return shared[0] if len(shared) == 1 else None
    return None


class PhoneSearch:
    """Asks the CRM for a number."""

    def __init__(self, settings: RestSettings, compiled: Compiled, session: RestSession) -> None:
        self._searches = compiled.searches
        self._session = session
        self._base = settings.url.rstrip("/")
        self._plan = NumberPlan(settings.country)
        self.oddities: dict[str, str] = {}
        """By table what its last hits lacked, for who tries a description out."""

    async def by_number(self, e164: str) -> list[Person]:
        """Return those who really have this number, each once."""
        hits: dict[tuple[str, str | int], Person] = {}
        for search in self._searches:
            for person in await self._one_search(search, e164):
                hits.setdefault((person.entity, person.id), person)
        return list(hits.values())

    async def _one_search(self, search: Search, e164: str) -> list[Person]:
        forms = number_forms(e164)
        self.oddities.pop(search.place, None)
        for form in dict.fromkeys(forms[name] for name in search.table.numbers):
            facts: dict[str, object] = {"number": form, "numbers": forms}
            prepared = await self._session.prepare(search.request, facts)
            items = await listed(self._session, search.table, prepared, place=search.place)
            if search.detail is not None:
                items = await self._in_full(search, items, facts)
            people = [
                person
                for item in items
                if (person := self._verified(search, item, e164, forms)) is not None
            ]
            self._look(search, items, is_wanted=not people and e164 != NOBODYS_NUMBER)
            if people:
                return people
        return []

    def _look(self, search: Search, items: list[object], *, is_wanted: bool) -> None:
        """Keep what the hits lack; RejectedError if none of them has an id."""
        if not items:
            return
        table, said = search.table, []
        if all(found_id(table.id, item) is None for item in items):
            raise no_entry(self._session.name, search.place, "id")
        if not any(found_texts(table.phones, item) for item in items):
            said.append(f"none has a number at phones = {table.phones}")
        elif is_wanted:
            said.append(f"none has this number at phones = {table.phones}")
        if not any(found_text(table.display, item) for item in items):
            said.append(f"none has a name at display = {table.display}")
        self.oddities.pop(search.place, None)
        if said:
            what = f"the answer had {len(items)} records; {', '.join(said)}"
            self.oddities[search.place] = f"{search.place}: {what}"

    async def _in_full(
        self, search: Search, items: list[object], facts: Mapping[str, object]
    ) -> list[object]:
        """Return the first hits as their own addresses give them; what is gone is left out."""
        request, table = search.detail, search.table.detail
        if request is None or table is None:
            return items
        full: list[object] = []
        for item in items[: search.table.most_details]:
            number = found_id(search.table.id, item)
            number = item if number is None and isinstance(item, str | int) else number
            more = {**facts, "id": number, "item": item}
            prepared = await self._session.prepare(request, more)
            body = await self._session.read(prepared, empty=_GONE)
            whole = found(table.item, body)
            if isinstance(whole, dict):
                full.append({"id": number, **(item if isinstance(item, dict) else {}), **whole})
            elif body is not None:
                raise no_entry(self._session.name, search.place, "detail.item")
        return full

    def _verified(
        self, search: Search, item: object, e164: str, forms: Mapping[str, str]
    ) -> Person | None:
        table = search.table
        number, entity = found_id(table.id, item), entity_of(table, item)
        if number is None or entity is None:
            return None
        phones = found_texts(table.phones, item)
        if not any(self._plan.parse(phone).e164 == e164 for phone in phones):
            return None
        url = search.record_url({"id": number, "number": forms, "item": item})
        fields = {name: found_text(path, item) for name, path in table.fields.items()}
        return Person(
            entity=entity,
            id=number,
            name=found_text(table.display, item) or "",
            company=found_id(table.company, item) if table.company else None,
            owner=found_id(table.owner, item) if table.owner else None,
            phones=phones,
            url=(self._base + url if url.startswith("/") else url) or None,
            fields={name: text for name, text in fields.items() if text is not None},
        )


def entity_of(table: SearchTable, item: object) -> str | None:
    """Return what an item is: what its table says, or what the item itself says."""
    if table.kind is None:
        return table.entity
    said = found(table.kind, item)
    if not table.kinds:
        return str(said) if said in set(Entity) else table.entity
    word = str(said).lower() if isinstance(said, bool) else str(said)
    return table.kinds.get(word)
