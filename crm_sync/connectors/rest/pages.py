"""Lists that a CRM gives page by page."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from crm_sync.connectors.rest.lists import items_of, no_list
from crm_sync.connectors.rest.paths import found, found_id, found_text
from crm_sync.connectors.rest.prepared import Prepared
from crm_sync.connectors.rest.record_tables import PagedTable
from crm_sync.connectors.rest.session import RestSession
from gateway.core.ports import HttpAnswer

_NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')


async def listed(
    session: RestSession, table: PagedTable, request: Prepared, *, place: str
) -> list[object]:
    """Return the items of all pages up to the table's limit; one object counts as a list of one.

    RejectedError names the table `place` if its answer has no list and does not say why.
    """
    return [item async for page in paged(session, table, request, place=place) for item in page]


async def paged(
    session: RestSession,
    table: PagedTable,
    request: Prepared,
    *,
    place: str,
    most: int | None = None,
) -> AsyncGenerator[list[object], None]:
    """Yield the items page by page, up to `most` pages (default: the table's limit)."""
    page: Prepared | None = begun(table, request)
    seen = 0
    for number in range(most or table.most_pages):
        if page is None:
            return
        empty = table.empty_statuses
        body, answer = await session.read_whole(page, empty=empty, place=place)
        items = items_of(table.items, table.id, body)
        if items is None and not (number or session.reader.is_empty(answer, empty)):
            raise no_list(session.name, place)
        items = items or []
        yield items
        seen += len(items)
        at = Place(number=number, seen=seen, here=len(items))
        page = following(session.base, table, page, body, answer, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a list a page is: its number from 0, entries so far with it, entries on it."""

    number: int
    seen: int
    here: int


def following(
    base: str,
    table: PagedTable,
    request: Prepared,
    body: object,
    answer: HttpAnswer,
    *,
    at: Place,
) -> Prepared | None:
    """Return the request for the page after this one, None after the last."""
    page = _next(base, table, request, body, answer, number=at.number, seen=at.seen)
    if not at.here or (table.page_size is not None and at.here < table.page_size):
        return page if _tells(table) else None
    return page


def begun(table: PagedTable, request: Prepared) -> Prepared:
    """Return the request for the first page."""
    if table.page_parameter:
        return _set(table, request, table.page_parameter, table.first_page)
    return request


def _tells(table: PagedTable) -> bool:
    """Return whether the CRM itself says that there is more."""
    return bool(table.next_url or table.next_link or table.next_cursor)


def _next(
    base: str,
    table: PagedTable,
    request: Prepared,
    body: object,
    answer: HttpAnswer,
    *,
    number: int,
    seen: int,
) -> Prepared | None:
    if request.onward is not None:
        return request.onward(table.turn(number + 1, seen, _last_id(table, body)))
    if table.page_parameter:
        return _set(table, request, table.page_parameter, table.first_page + number + 1)
    if table.offset_parameter:
        return _set(table, request, table.offset_parameter, seen)
    if table.next_cursor is not None:
        cursor = found_text(table.next_cursor, body)
        return _set(table, request, table.cursor_parameter, cursor) if cursor else None
    address = found_text(table.next_url, body) if table.next_url is not None else None
    if table.next_link and (link := _NEXT.search(answer.headers.get("link", ""))):
        address = link.group(1)
    return _at(base, request, address) if address else None


def _last_id(table: PagedTable, body: object) -> str | int | None:
    here = found(table.items, body)
    return found_id(table.id, here[-1]) if isinstance(here, list) and here else None


def _set(table: PagedTable, request: Prepared, name: str, value: str | int) -> Prepared:
    if table.paging_in == "body":
        return request.with_content(name, value)
    return request.with_query(name, str(value))


def _at(base: str, request: Prepared, address: str) -> Prepared | None:
    """Return the request for another address; our credentials go nowhere but to the CRM."""
    url = urljoin(base + request.path, address)
    if not url.startswith(base + "/") or urlsplit(url).hostname != urlsplit(base).hostname:
        return None
    return replace(request, path=url[len(base) :], query=())
