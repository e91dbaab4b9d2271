"""What of the requests goes into the audit log: everything that shows or changes people's data.

Read off the routes themselves, so that none can be forgotten: a GET of a chapter about calls and
customers shows something, any other method of any chapter does something.
"""

from collections.abc import Mapping
from typing import Final

import orjson
from aiohttp import web

from gateway.web.access import Principal
from gateway.web.routes import API, Route, Tag
from gateway.web.trail import TRAIL

SHOWN: Final = frozenset({Tag.CALLS, Tag.CONTROL, Tag.DIRECTORY, Tag.HISTORY, Tag.CRM})
# These write their own entries: in the transaction of the change, or with what only they know.
OWN_ENTRIES: Final = frozenset({Tag.SESSION, Tag.PEOPLE, Tag.SYSTEM})
NAMES: Final[Mapping[tuple[str, str], str]] = {
    ("POST", f"{API}/calls"): "calls.dialled",
    ("GET", f"{API}/match"): "contacts.matched",
    ("POST", f"{API}/contacts/import"): "contacts.imported",
}
VERBS: Final[Mapping[str, str]] = {"POST": "added", "PATCH": "changed", "PUT": "changed"}
FIRST_ERROR: Final = 400


def record(
    request: web.Request, route: Route, principal: Principal, response: web.StreamResponse
) -> None:
    """Write down what somebody was shown or did, if the request succeeded."""
    if response.status >= FIRST_ERROR or route.tag in OWN_ENTRIES:
        return
    action, subject = action_of(route), request.match_info.get("id", "")
    if request.method in {"GET", "HEAD"}:
        if route.tag in SHOWN:
            request.app[TRAIL].saw(principal.login, action, subject)
        return
    request.app[TRAIL].note(principal.login, action, subject or subject_of(response))


def action_of(route: Route) -> str:
    """Return the dotted word for a route: `contacts.seen`, `calls.transfer`, `promises.added`."""
    named = NAMES.get((route.method, route.path))
    if named is not None:
        return named
    parts = [part for part in route.path.removeprefix(API).split("/") if part]
    words = [part for part in parts if not part.startswith("{")]
    if route.method == "GET":
        return ".".join((*words, "seen" if "{" in route.path else "listed"))
    if route.method == "DELETE":
        return ".".join((*words, "removed"))
    if len(words) > 1:  # /calls/{id}/transfer: the address ends with the verb
        return ".".join(words)
    return ".".join((*words, VERBS[route.method]))


def subject_of(response: web.StreamResponse) -> str:
    """Return the id of what a request made, "" if the answer has none."""
    body = response.body if isinstance(response, web.Response) else None
    if not isinstance(body, bytes):
        return ""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if isinstance(found, str) else ""
