"""Cursors as clients see them: each belongs to its list and filter, and is refused at any other.

Read with another filter a cursor would skip items without a word: worse than an error.
"""

import hashlib
from typing import Final

from aiohttp import web

from gateway.web.problems import BAD_CURSOR, Problem

CURSOR: Final = "cursor"
# The one list whose cursors are change numbers, good for any filter, asks with this.
SYNCED: Final = "updated_after"
_TAG: Final = 8
_FREE: Final = frozenset({CURSOR, "limit"})
OTHER_LIST: Final = (
    "The cursor belongs to another list or to another filter. Ask with the parameters of the page "
    "that it came with, or start again without a cursor."
)


def bound(request: web.Request, cursor: str) -> str:
    """Return a cursor for the client, bound to the address and filter that it asked with."""
    return f"{_tag(request)}.{cursor}"


def unbound(request: web.Request, cursor: str) -> str:
    """Return a cursor as the list wrote it; raises Problem 422 for one of elsewhere."""
    tag, dot, inner = cursor.partition(".")
    if not dot or not inner or len(tag) != _TAG:
        raise Problem(BAD_CURSOR)
    if tag != _tag(request):
        raise Problem(BAD_CURSOR, OTHER_LIST)
    return inner


def _tag(request: web.Request) -> str:
    """Tell a list and its filter from others: no secret, only against mistakes."""
    filters = sorted((name, value) for name, value in request.query.items() if name not in _FREE)
    return hashlib.sha256(repr((request.path, filters)).encode()).hexdigest()[:_TAG]
