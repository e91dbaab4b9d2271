"""What an HTTP status means for a write, the same for every connector (RFC 9110 section 15)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from gateway.core.errors import AmbiguousError, AuthError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer

_LATER: Final = frozenset({408, 425, 429, 503})
_NO_ENTRY: Final = frozenset({401, 403, 407})
_TOO_MANY: Final = 429
_REFUSALS: Final = MappingProxyType(
    {
        404: ("There is nothing at this address.", "Check url, then retry the dead letters."),
        410: ("The receiver wants no more calls at this address.", "Remove its table or its url."),
        413: ("The call is larger than the CRM accepts.", "Raise its limit for requests."),
    }
)
_REFUSED: Final = (
    "The CRM refused this call; sending it again as it is would not help.",
    "Look at the CRM's log, then retry it from the list of dead letters.",
)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds of a `Retry-After` header in either form, None without a usable one."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def check_status(answer: HttpAnswer, *, adapter: str, now: datetime) -> None:
    """Return for a 2xx status; else raise what the status says about the write.

    408, 425, 429 and 503 are certainly not done; other 5xx may have been done before the failure;
    401, 403 and 407 are about us; any other status is a refusal.
    """
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110 15.3
        return
    detail = f"HTTP {status}"
    wish = retry_after_s(answer.headers, now)
    if status in _LATER:
        too_many = status == _TOO_MANY
        raise TransientError(
            "The CRM allows no more requests for now." if too_many else "The CRM is not ready.",
            adapter=adapter,
            remedy="It is tried again by itself.",
            retry_after_s=wish,
            detail=detail,
        )
    if status in _NO_ENTRY:
        raise AuthError(
            "The CRM refuses our credentials or rights.",
            adapter=adapter,
            remedy="Check the secret in its [[crm]] table, and the rights of that account.",
            detail=detail,
        )
    if status >= 500:  # noqa: PLR2004 - RFC 9110 15.6
        raise AmbiguousError(
            "The CRM failed while it handled the call.",
            adapter=adapter,
            remedy="It is tried again by itself; if it stays so, look at the CRM's log.",
            retry_after_s=wish,
            detail=detail,
        )
    cause, remedy = _REFUSALS.get(status, _REFUSED)
    raise RejectedError(cause, adapter=adapter, remedy=remedy, detail=detail)
