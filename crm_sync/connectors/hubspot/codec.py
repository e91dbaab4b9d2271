"""HubSpot's answers: an error is `{status, category, message, correlationId, errors, context}`.

Read in "Error handling" of its API documentation and in its published OpenAPI documents (schema
`Error`). `message` repeats values, so it is never kept; the correlation id is what its support
asks for.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

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

INTERVAL: Final = "x-hubspot-ratelimit-interval-milliseconds"
REMAINING: Final = "x-hubspot-ratelimit-remaining"
DAY_PAUSE_S: Final = 3600.0
SECOND_PAUSE_S: Final = 1.0
_NOT_FOUND: Final = 404
_TOO_MANY: Final = 429
_SOME_FAILED: Final = 207


def read(answer: HttpAnswer, *, adapter: str, now: datetime) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON of an answer, or raise the AdapterError it stands for."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    told = body if isinstance(body, Mapping) else {}
    detail = _detail(told, answer.status)
    if answer.status == _TOO_MANY:
        raise TransientError(
            "HubSpot allows no more requests for now.",
            adapter=adapter,
            remedy="It is tried again by itself; if it is the daily limit, other apps share it.",
            retry_after_s=_pause_s(answer, told, now),
            detail=detail,
        )
    meaning = _MEANINGS.get(str(told.get("category", "")))
    if meaning is not None and answer.status >= 400:  # noqa: PLR2004 - RFC 9110 15.5
        kind, message, remedy = meaning
        raise kind(message, adapter=adapter, remedy=remedy, detail=detail)
    check_status(answer, adapter=adapter, now=now)
    if answer.status == _SOME_FAILED and not told.get("results"):
        _raise_part(told, adapter=adapter)
    if not isinstance(body, dict | list):
        raise AmbiguousError(
            "What answered is not HubSpot: a login page or a proxy, perhaps.",
            adapter=adapter,
            remedy='Set url to "https://api.hubapi.com".',
            detail=f"HTTP {answer.status}",
        )
    return body


def spent_s(answer: HttpAnswer) -> float:
    """Return how long to send nothing: > 0 once an answer says that no request is left."""
    left = answer.headers.get(REMAINING, "")
    interval = answer.headers.get(INTERVAL, "")
    if left.strip() != "0" or not (interval.isascii() and interval.isdigit()):
        return 0.0
    return int(interval[:9]) / 1000


def is_not_found(answer: HttpAnswer) -> bool:
    """Return whether HubSpot itself says that there is no such record."""
    return answer.status == _NOT_FOUND and b"category" in answer.body


def _pause_s(answer: HttpAnswer, told: Mapping[str, object], now: datetime) -> float:
    wish = retry_after_s(answer.headers, now)
    if wish is not None:
        return wish
    if told.get("policyName") == "DAILY":
        return DAY_PAUSE_S
    return spent_s(answer) or SECOND_PAUSE_S


def _detail(told: Mapping[str, object], status: int) -> str:
    category = str(told.get("category", ""))[:60]
    correlation = str(told.get("correlationId", ""))[:40]
    return " ".join(
        part for part in (f"HTTP {status}", category, *_names(told), correlation) if part
    )


def _names(told: Mapping[str, object]) -> tuple[str, ...]:
    """Return the properties an error is about; names, never values."""
    errors = told.get("errors")
    found = [told.get("context")]
    if isinstance(errors, list):
        found += [one.get("context") for one in errors[:3] if isinstance(one, Mapping)]
    names: list[str] = []
    for context in found:
        for key in ("propertyName", "requiredGranularScopes", "missingScopes"):
            value = context.get(key) if isinstance(context, Mapping) else None
            names += [str(one)[:60] for one in value[:3]] if isinstance(value, list) else []
    return tuple(names)


def _raise_part(told: Mapping[str, object], *, adapter: str) -> None:
    """Raise what the only part of a batch failed with."""
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    problem = first if isinstance(first, Mapping) else {}
    kind, message, remedy = _MEANINGS.get(str(problem.get("category", "")), _REFUSED)
    raise kind(message, adapter=adapter, remedy=remedy, detail=_detail(problem, _SOME_FAILED))


_Meaning = tuple[type[AdapterError], str, str]
_TOKEN: Final[_Meaning] = (
    AuthError,
    "HubSpot refuses the access token.",
    "Copy it anew from Settings > Integrations > Private Apps > (the app) > Auth.",
)
_REFUSED: Final[_Meaning] = (
    RejectedError,
    "HubSpot refused this call; sending it again as it is would not help.",
    "Look at the properties named here in Settings > Properties, then retry the dead letter.",
)
_MEANINGS: Final[Mapping[str, _Meaning]] = MappingProxyType(
    {
        "INVALID_AUTHENTICATION": _TOKEN,
        "EXPIRED_AUTHENTICATION": _TOKEN,
        "MISSING_SCOPES": (
            AuthError,
            "The private app lacks a scope.",
            "Tick the scopes named here (Private Apps > the app > Scopes); see docs/crm.md.",
        ),
        "CONFLICT": (
            TransientError,
            "HubSpot was writing the same record; this write did not get through.",
            "It is tried again by itself.",
        ),
        "VALIDATION_ERROR": _REFUSED,
        "OBJECT_NOT_FOUND": _REFUSED,
    }
)
