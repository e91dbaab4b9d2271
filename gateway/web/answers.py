"""JSON out: one way to answer an object, one way to answer a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import orjson
from aiohttp import web

from gateway.store.cursors import read_cursor, write_cursor
from gateway.web.paging import bound
from gateway.web.shapes.base import PageParams

Item = TypeVar("Item")


def answer(data: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return a JSON object."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def answer_list(
    request: web.Request, items: Sequence[object], following: str | None = None
) -> web.Response:
    """Return a list as every route writes it: `{"items": […], "next": cursor|null}`."""
    return answer_page(request, {"items": items, "next": following})


def answer_page(request: web.Request, page: Mapping[str, object]) -> web.Response:
    """Return a list that says more than its items; `next` is the cursor as the list wrote it."""
    following = page["next"]
    return answer({**page, "next": None if following is None else bound(request, str(following))})


def page_of(
    items: Iterable[Item], wanted: PageParams, key: Callable[[Item], str]
) -> tuple[list[Item], str | None]:
    """Return a page of a list that is in memory anyway, by `key`, and the next page's cursor.

    `key` tells an item from all others. Raises CursorError.
    """
    after = None if wanted.cursor is None else str(read_cursor(wanted.cursor, str)[0])
    keyed = sorted(((key(item), item) for item in items), key=lambda pair: pair[0])
    rest = [pair for pair in keyed if after is None or pair[0] > after]
    page = rest[: wanted.limit]
    following = write_cursor(page[-1][0]) if len(rest) > wanted.limit else None
    return [item for _, item in page], following


def page_in_order(items: Iterable[Item], wanted: PageParams) -> tuple[list[Item], str | None]:
    """Return a page of a short list in the order that it has; raises CursorError."""
    page, following = page_of(enumerate(items), wanted, lambda pair: f"{pair[0]:06}")
    return [item for _, item in page], following
