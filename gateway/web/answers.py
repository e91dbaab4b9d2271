"""JSON out: one way to answer an object, one way to answer a list."""

from collections.abc import Mapping, Sequence

import orjson
from aiohttp import web


def answer(data: Mapping[str, object], *, status: int = 200) -> web.Response:
    """Return a JSON object."""
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def answer_list(items: Sequence[object], following: str | None = None) -> web.Response:
    """Return a list as every route writes it: `{"items": […], "next": cursor|null}`."""
    return answer({"items": items, "next": following})
