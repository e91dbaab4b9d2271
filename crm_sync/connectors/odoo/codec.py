"""Odoo's JSON-RPC: envelopes out, and what its answers mean.

Every error arrives as HTTP 200 with an `error` object, unless the server holds several databases
and cannot choose one: then it is HTTP 500 with a web page. `error.data.debug` holds tracebacks
with customers' data; nothing of it is kept. Read from Odoo 14: `odoo/http.py` (JsonRequest),
`odoo/models.py` (`load`).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from crm_sync.connectors.answers import check_status
from gateway.core.errors import AmbiguousError, AuthError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer

# An exception rolls the transaction back, so none of these is ambiguous.
_DATABASE: Final = ("psycopg2.",)
_ACCESS: Final = "odoo.exceptions.AccessError"
# a user number that this database does not have (restored, another one) is a MissingError
_SIGN_IN: Final = frozenset(
    {
        "odoo.exceptions.AccessDenied",
        "odoo.exceptions.MissingError",
        "odoo.http.SessionExpiredException",
    }
)
_IMPORT_CLASS: Final = re.compile(r"<class '([\w.]{1,80})'>")
_REJECTED_CLASSES: Final = ("odoo.exceptions.", "ValueError", "TypeError", "KeyError")


class SessionError(AuthError):
    """The signed-in user is refused; a fresh sign-in may help once."""


def encode(service: str, method: str, arguments: Sequence[object]) -> bytes:
    """Return the body of one call."""
    params = {"service": service, "method": method, "args": list(arguments)}
    return orjson.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": None})


def decode(answer: HttpAnswer, *, adapter: str, now: datetime) -> Any:  # noqa: ANN401 - JSON
    """Return the `result` of an answer, or raise the AdapterError that it stands for."""
    if answer.status == 404:  # noqa: PLR2004 - RFC 9110 15.5.5; never about one call
        raise TransientError(
            "There is no Odoo interface at this address.",
            adapter=adapter,
            remedy="Set url to scheme and host of Odoo alone; the path /jsonrpc must be reachable.",
            detail="HTTP 404",
        )
    if answer.status == 500:  # noqa: PLR2004 - RFC 9110 15.6.1
        raise AmbiguousError(
            "Odoo failed without saying why.",
            adapter=adapter,
            remedy=(
                "If its server holds several databases, set dbfilter there so that one is left: "
                "else every error looks like this. Otherwise look at Odoo's log."
            ),
            detail="HTTP 500",
        )
    check_status(answer, adapter=adapter, now=now)
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or not ("result" in body or "error" in body):
        raise AmbiguousError(
            "What answered is not Odoo: a login page or a proxy, perhaps.",
            adapter=adapter,
            remedy="Check url, and what stands between here and Odoo.",
            detail=f"HTTP {answer.status}",
        )
    if "error" in body:
        raise _error(body["error"], adapter)
    return body["result"]


def _error(
    error: object, adapter: str
) -> AuthError | TransientError | RejectedError | AmbiguousError:
    data = error.get("data") if isinstance(error, Mapping) else None
    name = data.get("name") if isinstance(data, Mapping) else None
    kind = name if isinstance(name, str) else "unknown"
    if kind in _SIGN_IN:
        return SessionError(
            "Odoo refuses the sign-in.",
            adapter=adapter,
            remedy="Check username, secret and database in its [[crm]] table.",
            detail=kind,
        )
    if kind == _ACCESS:
        return _no_rights(adapter)
    if kind.startswith(_DATABASE):
        return TransientError(
            "Odoo cannot work with its database.",
            adapter=adapter,
            remedy="Check that the database named in the [[crm]] table exists and that it runs.",
            detail=kind,
        )
    return RejectedError(
        "Odoo refused this call; sending it again as it is would not help.",
        adapter=adapter,
        remedy="Look at Odoo's log at this time, then retry it from the list of dead letters.",
        detail=kind,
    )


def loaded_id(result: object, *, adapter: str) -> int:
    """Return the record's id from what `load` answered, or raise what its messages mean.

    `load` never fails as a call: `ids` is false and `messages` tell. A message with a field is
    about that value and stays; a lost race with another writer names no field and passes.
    """
    answer = result if isinstance(result, Mapping) else {}
    ids = answer.get("ids")
    if isinstance(ids, list) and len(ids) == 1 and isinstance(ids[0], int):
        return ids[0]
    if ids is not False:
        raise AmbiguousError(
            "Odoo answered something else than the record's number.",
            adapter=adapter,
            remedy="Check that this version of Odoo is supported.",
        )
    messages = answer.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, Mapping) and message.get("type") == "error":
            _raise_message(message, adapter)
    raise TransientError(
        "Odoo was changing the same call; this change did not get through.",
        adapter=adapter,
        remedy="It is tried again by itself.",
    )


def _raise_message(message: Mapping[str, object], adapter: str) -> None:
    field = message.get("field")
    found = _IMPORT_CLASS.search(str(message.get("message", "")))
    kind = found.group(1) if found else ""
    if kind == _ACCESS:
        raise _no_rights(adapter)
    if isinstance(field, str) or kind.startswith(_REJECTED_CLASSES):
        raise RejectedError(
            "Odoo refused a value of this call.",
            adapter=adapter,
            remedy="Look at required fields and rules that were added to phone calls in Odoo.",
            detail=str(field or kind),
        )


def _no_rights(adapter: str) -> AuthError:
    return AuthError(
        "The account may not write phone calls in Odoo.",
        adapter=adapter,
        remedy='Give it the groups "Sales: User: All Documents" and "Contact Creation".',
        detail=_ACCESS,
    )
