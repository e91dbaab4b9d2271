"""Lists that a CRM gives page by page."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from crm_sync.connectors.rest.compiled import Prepared
from crm_sync.connectors.rest.paths import found, found_text
from crm_sync.connectors.rest.session import RestSession
from crm_sync.connectors.rest.tables import PagedTable


async def listed(session: RestSession, table: PagedTable, request: Prepared) -> list[object]:
    """Return the items of all pages up to the table's limit; one object counts as a list of one."""
    items: list[object] = []
    page: Prepared | None = request
    for _ in range(table.most_pages):
        if page is None:
            break
        body = await session.read(page, empty=table.empty_statuses)
        here = found(table.items, body)
        items += here if isinstance(here, list) else [here] if here is not None else []
        page = _next(session.base, table, request, body)
    return items


def _next(base: str, table: PagedTable, request: Prepared, body: object) -> Prepared | None:
    if table.next_cursor is not None and (cursor := found_text(table.next_cursor, body)):
        kept = tuple(pair for pair in request.query if pair[0] != table.cursor_parameter)
        return replace(request, query=(*kept, (table.cursor_parameter, cursor)))
    address = found_text(table.next_url, body) if table.next_url is not None else None
    if address is None:
        return None
    url = urljoin(base + request.path, address)
    # our credentials go nowhere but to the CRM itself
    if not url.startswith(base + "/") or urlsplit(url).hostname != urlsplit(base).hostname:
        return None
    return replace(request, path=url[len(base) :], query=())
