"""The people of a CRM that is described by configuration, for the mirror."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from crm_sync.connectors.people import Entity
from crm_sync.connectors.rest.compiled import Compiled, Search
from crm_sync.connectors.rest.mirror_tables import ListTable
from crm_sync.connectors.rest.pages import Place, begun, following
from crm_sync.connectors.rest.paths import found, found_id, found_text, found_texts
from crm_sync.connectors.rest.people import Person, PhoneSearch, entity_of
from crm_sync.connectors.rest.prepared import Prepared, as_json
from crm_sync.connectors.rest.request import holds
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.contact import ContactKind
from gateway.core.crm import (
    DirectoryCapabilities,
    DirectoryEntry,
    DirectoryPage,
    EntryNumber,
)
from gateway.core.errors import RejectedError
from gateway.core.ports import Clock, HttpClient

_PAGE_KEYS: Final = ("path", "query", "content", "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where a walk is: which list, which page of it, and since when changes are asked for."""

    since: datetime | None = None
    until: datetime | None = None
    at: int = 0
    number: int = 0
    seen: int = 0
    first: str | int | None = None
    page: dict[str, Any] | None = None


class RestDirectory:
    """Implements `gateway.core.crm.CrmDirectory`; a cursor holds the next request whole."""

    def __init__(self, settings: RestSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._zone = ZoneInfo(settings.timezone)
        self._compiled = Compiled(settings)
        self._session = RestSession(settings, self._compiled, http, clock)
        self._search = PhoneSearch(settings, self._compiled, self._session)
        self._overlap = timedelta(seconds=settings.mirror.overlap_s)
        self._changing = tuple(
            (search, table)
            for search, table in zip(self._compiled.lists, settings.mirror.list, strict=True)
            if table.tells_changes
        )
        self._all = tuple(zip(self._compiled.lists, settings.mirror.list, strict=True))

    @property
    def capabilities(self) -> DirectoryCapabilities:
        """What the description says how to ask for."""
        return DirectoryCapabilities(
            lists=bool(self._all),
            changes=bool(self._changing),
            finds=bool(self._settings.search),
            cut=any(table.is_cut for _, table in self._all),
        )

    async def mark(self) -> str:
        """Return a cursor of now by our clock, less the overlap."""
        return _written(Turn(since=self._clock.now() - self._overlap))

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return the next page of the lists that can be asked for changes."""
        turn = self._read(cursor)
        if turn.until is None:
            turn = replace(turn, until=self._clock.now() - self._overlap)
        page, onward = await self._page(self._changing, turn)
        if onward is None:
            return replace(page, cursor=_written(Turn(since=turn.until)))
        return replace(page, cursor=_written(onward), more=True)

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next page of all lists."""
        page, onward = await self._page(self._all, self._read(cursor) if cursor else Turn())
        if onward is None:
            return page
        return replace(page, cursor=_written(onward), more=True)

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return who has the number, asked as the writer asks."""
        return tuple(_hit(person) for person in await self._search.by_number(e164))

    async def _page(
        self, lists: tuple[tuple[Search, ListTable], ...], turn: Turn
    ) -> tuple[DirectoryPage, Turn | None]:
        """Return a page and where to go on, None after the last one of the last list."""
        if turn.at >= len(lists):
            return DirectoryPage(), None
        search, table = lists[turn.at]
        request = await self._request(search, table, turn)
        empty = table.empty_statuses
        body, answer = await self._session.read_whole(request, empty=empty, place=search.place)
        items = self._items(search, body, is_empty=answer.status in empty)
        first = found_id(table.id, items[0]) if items else None
        if turn.number and first is not None and first == turn.first:
            raise self._odd("The CRM gives the same page of its list again.", search, "its paging")
        entries, gone = self._entries(search, table, items)
        place = Place(number=turn.number, seen=turn.seen + len(items), here=len(items))
        more = following(self._session.base, table, request, body, answer, at=place)
        page = DirectoryPage(entries=entries, gone=gone)
        if more is not None:
            kept = {name: getattr(more, name) for name in _PAGE_KEYS}
            return page, replace(
                turn, number=turn.number + 1, seen=place.seen, first=first, page=kept
            )
        if turn.at + 1 < len(lists):
            return page, Turn(since=turn.since, until=turn.until, at=turn.at + 1)
        return page, None

    async def _request(self, search: Search, table: ListTable, turn: Turn) -> Prepared:
        since = turn.since.astimezone(self._zone) if turn.since is not None else None
        request = await self._session.prepare(search.request, {"since": since})
        if turn.page is None:
            return begun(table, request)
        form = turn.page["form"]
        return replace(
            request,
            path=turn.page["path"],
            query=_pairs(turn.page["query"]),
            content=turn.page["content"],
            form=None if form is None else _pairs(form),
        )

    def _items(self, search: Search, body: object, *, is_empty: bool) -> list[object]:
        """Return the items; an answer without the list is no empty list: all would be deleted."""
        here = found(search.table.items, body)
        if isinstance(here, list):
            return here
        if is_empty:
            return []
        raise self._odd("The CRM's answer has no list where one should be.", search, "items")

    def _entries(
        self, search: Search, table: ListTable, items: list[object]
    ) -> tuple[tuple[DirectoryEntry, ...], tuple[str, ...]]:
        entries: list[DirectoryEntry] = []
        gone: list[str] = []
        for item in items:
            entity, number = entity_of(table, item), found_id(table.id, item)
            if entity is None:
                continue
            if number is None:
                raise self._odd("An entry of the CRM's list has no id.", search, "id")
            if table.gone is not None and holds(found(table.gone, item)):
                gone.append(f"{entity}:{number}")
            else:
                entries.append(self._entry(search, table, item, f"{entity}:{number}"))
        return tuple(entries), tuple(gone)

    def _entry(self, search: Search, table: ListTable, item: object, ref: str) -> DirectoryEntry:
        number, entity = found_id(table.id, item), ref.partition(":")[0]
        url = search.record_url({"id": number, "item": item})
        company = found_id(table.company, item) if table.company else None
        owner = found_text(table.owner, item) if table.owner else None
        return DirectoryEntry(
            ref=ref,
            kind=ContactKind.COMPANY if entity == Entity.COMPANY else ContactKind.PERSON,
            name=found_text(table.display, item),
            company=found_text(table.company_name, item) if table.company_name else None,
            company_ref=None if company is None else f"{Entity.COMPANY.value}:{company}",
            numbers=_numbers(found_texts(table.phones, item)),
            email=found_text(table.email, item) if table.email else None,
            owner=owner,
            url=(self._session.base + url if url.startswith("/") else url) or None,
        )

    def _read(self, cursor: str) -> Turn:
        try:
            told = orjson.loads(cursor)
            since, until = told.pop("since", None), told.pop("until", None)
            return Turn(
                since=datetime.fromisoformat(since) if since else None,
                until=datetime.fromisoformat(until) if until else None,
                **told,
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise RejectedError(
                "What the mirror kept of this CRM is not readable.",
                adapter=self._settings.name,
                remedy="Its people are read anew with the next night's sweep: see docs/mirror.md.",
            ) from error

    def _odd(self, message: str, search: Search, key: str) -> RejectedError:
        return RejectedError(
            message,
            adapter=self._settings.name,
            remedy=f"Check {key} of {search.place}: see docs/mirror.md.",
            detail=f"{search.place}, {key}",
        )


def _hit(person: Person) -> DirectoryEntry:
    company = person.company
    is_company = person.entity == Entity.COMPANY
    return DirectoryEntry(
        ref=f"{person.entity}:{person.id}",
        kind=ContactKind.COMPANY if is_company else ContactKind.PERSON,
        name=person.name or None,
        company_ref=None if company is None else f"{Entity.COMPANY.value}:{company}",
        numbers=_numbers(person.phones),
        owner=None if person.owner is None else str(person.owner),
        url=person.url,
    )


def _numbers(written: tuple[str, ...]) -> tuple[EntryNumber, ...]:
    return tuple(EntryNumber(raw=one) for one in written)


def _pairs(told: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in told)


def _written(turn: Turn) -> str:
    return as_json(turn).decode()
