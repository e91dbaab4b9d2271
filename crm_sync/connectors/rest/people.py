"""Who has a number in the CRM: asked in several forms, every hit read again and verified here."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_sync.connectors.rest.compiled import Compiled, Request
from crm_sync.connectors.rest.facts import number_forms
from crm_sync.connectors.rest.pages import listed
from crm_sync.connectors.rest.paths import found_id, found_text, found_texts
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.tables import SearchTable
from gateway.core.numbers import NumberPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A hit: a person, company or lead of the CRM."""

    entity: str
    id: str | int
    name: str = ""
    company: str | int | None = None
    owner: str | int | None = None


def choose(people: Sequence[Person]) -> Person | None:
    """Return the one a call is written to: people before leads before companies; a tie: nobody.

    Several people of one company that has the number too give way to it.
    """
    companies = [one for one in people if one.entity == "company"]
    for entity in ("person", "lead", "company"):
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
        self._settings = settings
        self._searches = compiled.searches
        self._session = session
        self._plan = NumberPlan(settings.country)

    async def by_number(self, e164: str) -> list[Person]:
        """Return those who really have this number, each once."""
        hits: dict[tuple[str, str | int], Person] = {}
        for table, request in self._searches:
            for person in await self._one_search(table, request, e164):
                hits.setdefault((person.entity, person.id), person)
        return list(hits.values())

    async def _one_search(self, table: SearchTable, request: Request, e164: str) -> list[Person]:
        forms = number_forms(e164)
        for form in dict.fromkeys(forms[name] for name in table.numbers):
            prepared = request.prepare({"number": form, "numbers": forms})
            people = [
                person
                for item in await listed(self._session, table, prepared)
                if (person := self._verified(table, item, e164)) is not None
            ]
            if people:
                return people
        return []

    def _verified(self, table: SearchTable, item: object, e164: str) -> Person | None:
        number = found_id(table.id, item)
        if number is None:
            return None
        phones = found_texts(table.phones, item)
        if not any(self._plan.parse(phone).e164 == e164 for phone in phones):
            return None
        return Person(
            entity=table.entity,
            id=number,
            name=found_text(table.display, item) or "",
            company=found_id(table.company, item) if table.company else None,
            owner=found_id(table.owner, item) if table.owner else None,
        )
