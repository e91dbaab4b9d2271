"""What an answer means: status first, then what the configuration says of its body."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import orjson

from crm_sync.connectors.answers import check_status, retry_after_s
from crm_sync.connectors.rest.paths import found, found_text
from crm_sync.connectors.rest.tables import ErrorTable
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import HttpAnswer

_CODE_LENGTH: Final = 60
_CODE_MARKS: Final = frozenset("._:-")


class Reader:
    """Reads the answers of one CRM."""

    def __init__(self, errors: ErrorTable, *, adapter: str) -> None:
        self._errors = errors
        self._adapter = adapter

    def read(self, answer: HttpAnswer, *, now: datetime, empty: Collection[int] = ()) -> object:
        """Return the JSON of a good answer, None for an empty one; else raise what it means."""
        if answer.status in empty:
            return None
        body, is_json = _parsed(answer.body)
        code = self.code(body)
        if code is not None and code in self._errors.auth:
            raise self._error(AuthError, "The CRM refuses our sign-in.", _SIGN_IN, code)
        if answer.status in self._errors.retry_statuses or code in self._errors.retry:
            raise TransientError(
                "The CRM cannot do it now.",
                adapter=self._adapter,
                remedy="It is tried again by itself.",
                retry_after_s=retry_after_s(answer.headers, now),
                detail=code or f"HTTP {answer.status}",
            )
        try:
            check_status(answer, adapter=self._adapter, now=now)
        except AdapterError as error:
            error.detail = f"{error.detail}, {code}" if code else error.detail
            raise
        if not is_json:
            raise self._error(
                AmbiguousError,
                "The CRM answered with something else than JSON: a login page, perhaps.",
                "Check url, and what stands between here and the CRM.",
                f"HTTP {answer.status}",
            )
        if self._errors.ok is not None and body is not None and not found(self._errors.ok, body):
            raise self._error(
                RejectedError,
                "The CRM refused it, although the HTTP status says otherwise.",
                "Try it with `filodiretto check --crm NAME --try NUMBER` and read the answer.",
                code or f"HTTP {answer.status}",
            )
        return body

    def code(self, body: object) -> str | None:
        """Return the CRM's own error code, None if there is none that looks like a code."""
        if self._errors.code is None or not isinstance(body, dict | list):
            return None
        text = found_text(self._errors.code, body)
        if text is None or len(text) > _CODE_LENGTH:
            return None
        # a sentence could hold a customer's name
        plain = all(one.isascii() and (one.isalnum() or one in _CODE_MARKS) for one in text)
        return text if plain else None

    def code_of(self, answer: HttpAnswer) -> str | None:
        """Return the error code of an answer that was not read yet."""
        return self.code(_parsed(answer.body)[0])

    def _error(
        self, kind: type[AdapterError], message: str, remedy: str, detail: str
    ) -> AdapterError:
        return kind(message, adapter=self._adapter, remedy=remedy, detail=detail)


_SIGN_IN: Final = "Check sign_in and the secret in its [[crm]] table."


def _parsed(body: bytes) -> tuple[object, bool]:
    if not body.strip():
        return None, True
    try:
        return orjson.loads(body), True
    except orjson.JSONDecodeError:
        return None, False
