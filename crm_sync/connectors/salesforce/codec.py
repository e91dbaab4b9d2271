"""Salesforce's REST answers: errors are a list of `{errorCode, message, fields}`.

Read in the REST API developer guide, "Status codes and error responses". `message` repeats values
of the record, so nothing of it is kept; `fields` names only columns.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import orjson

from crm_sync.connectors.answers import check_status, retry_after_s
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import HttpAnswer

# The daily allowance is counted over the last 24 hours, so a little of it is soon there again.
LIMIT_PAUSE_S: Final = 900.0
_SESSION: Final = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER"})
_LIMIT: Final = frozenset({"REQUEST_LIMIT_EXCEEDED", "TXN_SECURITY_METERING_ERROR"})
# another transaction was faster, or the server was; nothing was written
_RACE: Final = frozenset(
    {"DUPLICATE_VALUE", "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"}
)
# a person deleted or merged between our search and our write
_GONE: Final = frozenset(
    {
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    }
)
_RIGHTS: Final = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INVALID_TYPE",
    }
)
# NOT_FOUND: the field in the address of an upsert is not there (any more)
_FIELD: Final = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "NOT_FOUND"})
# what a record itself is refused with (RFC 9110 15.5)
_REFUSALS: Final = frozenset({400, 404, 405, 409, 415, 422})
_RESERVED: Final = frozenset("?&|!{}[]()^~*:\\\"'+-")


class SessionError(AuthError):
    """The access token is refused; a fresh one may help once."""


class FieldError(TransientError):
    """The org has other fields than when we asked; asking again and writing again may help."""


def read(answer: HttpAnswer, *, adapter: str, now: datetime) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON of an answer (None for 204), or raise the AdapterError it stands for."""
    if answer.status == 204:  # noqa: PLR2004 - RFC 9110 15.3.5
        return None
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    code, field = _problem(body)
    if code is not None:
        _raise_problem(code, field, answer, adapter=adapter, now=now)
    if answer.status == 300:  # noqa: PLR2004 - RFC 9110 15.4.1; several records have this id
        raise RejectedError(
            "Several tasks in Salesforce have the id of this call.",
            adapter=adapter,
            remedy="Make the external id field unique and delete all but one of them.",
        )
    check_status(answer, adapter=adapter, now=now)
    if not isinstance(body, dict | list):
        raise AmbiguousError(
            "What answered is not Salesforce: a login page or a proxy, perhaps.",
            adapter=adapter,
            remedy='Set url to "https://COMPANY.my.salesforce.com", as Setup > My Domain shows it.',
            detail=f"HTTP {answer.status}",
        )
    return body


def _problem(body: object) -> tuple[str | None, str]:
    first = body[0] if isinstance(body, list) and body else None
    if not isinstance(first, Mapping) or "errorCode" not in first:
        return None, ""
    fields = first.get("fields")
    field = str(fields[0])[:80] if isinstance(fields, list) and fields else ""
    return str(first["errorCode"])[:80], field


def _raise_problem(
    code: str, field: str, answer: HttpAnswer, *, adapter: str, now: datetime
) -> None:
    detail = f"{code} {field}".strip()
    wish = retry_after_s(answer.headers, now)
    if code in _SESSION:
        raise SessionError(
            "Salesforce refuses the session.",
            adapter=adapter,
            remedy="A new one is asked for; if it stays so, check the user's login in Setup.",
            detail=detail,
        )
    if code in _LIMIT:
        raise TransientError(
            "Salesforce's allowance of API requests for 24 hours is used up.",
            adapter=adapter,
            remedy="Calls wait and are written by themselves; see Setup > Company Information.",
            retry_after_s=wish if wish is not None else LIMIT_PAUSE_S,
            detail=detail,
        )
    for codes, kind, message, remedy in _MEANINGS:
        if code in codes:
            raise kind(message, adapter=adapter, remedy=remedy, detail=detail, retry_after_s=wish)
    if answer.status not in _REFUSALS:
        check_status(answer, adapter=adapter, now=now)
    raise RejectedError(
        "Salesforce refused this call; sending it again as it is would not help.",
        adapter=adapter,
        remedy="Look at validation rules and triggers on Task, then retry the dead letter.",
        detail=detail,
    )


_MEANINGS: Final[tuple[tuple[frozenset[str], type[AdapterError], str, str], ...]] = (
    (
        _RACE,
        TransientError,
        "Salesforce was writing the same record; this write did not get through.",
        "It is tried again by itself.",
    ),
    (
        _GONE,
        TransientError,
        "A person, company or user of this call is gone from Salesforce.",
        "It is looked up again; if it stays so, check users in the [[crm]] table.",
    ),
    (
        _FIELD,
        FieldError,
        "Salesforce does not know a field, or does not let us write it.",
        "Give the integration user edit access to the fields of Task (field-level security).",
    ),
    (
        _RIGHTS,
        AuthError,
        "The integration user may not do this in Salesforce.",
        "Give it API Enabled, Edit Tasks, and Read on Contacts, Leads and Accounts.",
    ),
)


def quoted(text: str) -> str:
    """Return a SOSL phrase; reserved characters carry a backslash."""
    inner = "".join(f"\\{one}" if one in _RESERVED else one for one in text)
    return f'"{inner}"'


def literal(text: str) -> str:
    """Return a SOQL string; quotes and backslashes carry a backslash."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def select(columns: str, source: str, where: str, *, most: int, order: str = "") -> str:
    """Return a SOQL query; every value in `where` has to come from `literal`."""
    only = f" WHERE {where}" if where else ""
    sorting = f" ORDER BY {order}" if order else ""
    return f"SELECT {columns} FROM {source}{only}{sorting} LIMIT {most}"  # noqa: S608 - as said


def path_of(*parts: str) -> str:
    """Return path segments, each percent-encoded."""
    return "/".join(quote(part, safe="") for part in parts)
