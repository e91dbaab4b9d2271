"""What an answer means: status first, then what the configuration says of its body."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

import orjson

from crm_sync.connectors.answers import check_status, retry_after_s
from crm_sync.connectors.rest.complaint import without_people
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
_SIGN_IN: Final = "Check sign_in and the secret in its [[crm]] table."
_NO_CONTENT: Final = 204
_NOT_THERE: Final = 404
_GONE: Final = 410
_TOO_LARGE: Final = 413
_ASK_WHY: Final = (
    "Set errors.text and errors.code to where the CRM's answers say why: its own words then stand"
    " here. Mend what they name, then retry it from the list of dead letters."
)
_READ_WHY: Final = (
    "Mend what the CRM's words name, or look at its log; then retry it from the list of dead"
    " letters."
)


class Asking(StrEnum):
    """What a request is for: it decides what a person can do about its answer."""

    WRITE = "write"
    LIST = "list"
    STEP = "step"


class Reader:
    """Reads the answers of one CRM."""

    def __init__(self, errors: ErrorTable, *, adapter: str) -> None:
        self._errors = errors
        self._adapter = adapter

    def read(
        self,
        answer: HttpAnswer,
        *,
        now: datetime,
        empty: Collection[int] = (),
        as_text: bool = False,
        place: str = "",
        asking: Asking = Asking.WRITE,
    ) -> object:
        """Return the JSON (or text) of a good answer, None for an empty one; else raise.

        `place` is the table that asked, as people know it.
        """
        if answer.status in empty:
            return None
        body, is_readable = _parsed(answer.body, as_text=as_text)
        code = self._raw_code(answer, body)
        if code is not None and code in self._errors.empty:
            return None
        detail = self._detail(answer, body, code)
        if place:
            detail = f"{place}: {detail}"
        self._check_described(answer, code, detail, now)
        try:
            check_status(answer, adapter=self._adapter, now=now)
        except AdapterError as error:
            error.detail = detail
            if isinstance(error, RejectedError):
                error.remedy = self._remedy(answer.status, error.remedy, place, asking)
            raise
        if not is_readable:
            raise self._error(
                AmbiguousError,
                "The CRM answered with something else than JSON: a login page, perhaps.",
                "Check url, and what stands between here and the CRM.",
                detail,
            )
        if self._errors.ok is not None and body is not None and not found(self._errors.ok, body):
            message = "The CRM refused it, although the HTTP status says otherwise."
            raise self._error(RejectedError, message, self._why, detail)
        return body

    def _check_described(
        self, answer: HttpAnswer, code: str | None, detail: str, now: datetime
    ) -> None:
        """Raise what the description says that a status or code means."""
        errors, status = self._errors, answer.status
        if self.is_refused(answer):
            raise self._error(AuthError, "The CRM refuses our sign-in.", _SIGN_IN, detail)
        is_later = code is not None and code in errors.retry
        if status in errors.refused_statuses and not is_later:
            message = "The CRM refused it: errors.refused_statuses says so of this status."
            raise self._error(RejectedError, message, self._why, detail)
        if is_later or status in errors.retry_statuses:
            raise TransientError(
                "The CRM cannot do it now.",
                adapter=self._adapter,
                remedy="It is tried again by itself.",
                retry_after_s=retry_after_s(answer.headers, now),
                detail=detail,
            )

    def is_refused(self, answer: HttpAnswer) -> bool:
        """Return whether an answer means that we have to sign in again."""
        if answer.status in self._errors.auth_statuses:
            return True
        if not self._errors.auth:
            return False
        return self._raw_code(answer, _parsed(answer.body)[0]) in self._errors.auth

    def is_empty(self, answer: HttpAnswer, empty: Collection[int]) -> bool:
        """Return whether an answer that was read says itself that there is nothing."""
        if answer.status in empty or answer.status == _NO_CONTENT:
            return True
        return bool(self._errors.empty) and self.code_of(answer) in self._errors.empty

    def code_of(self, answer: HttpAnswer) -> str | None:
        """Return the error code of an answer that was not read yet."""
        return self._raw_code(answer, _parsed(answer.body)[0])

    def body_of(self, answer: HttpAnswer) -> object:
        """Return the JSON of an answer whatever its status, None if it is none."""
        return _parsed(answer.body)[0]

    def _raw_code(self, answer: HttpAnswer, body: object) -> str | None:
        """Return the CRM's own error code as it is; it may be a sentence with a name in it."""
        if self._errors.code_header:
            told = answer.headers.get(self._errors.code_header.lower(), "").strip()
            if told:
                return told
        if self._errors.code is None or not isinstance(body, dict | list):
            return None
        text = found_text(self._errors.code, body)
        return None if text == "null" else text

    def _detail(self, answer: HttpAnswer, body: object, code: str | None) -> str:
        """Return what a person reads of a failure: status, code, and words without people."""
        parts = [f"HTTP {answer.status}"]
        if code is not None and is_plain(code) and code != str(answer.status):
            parts.append(code)
        if self._errors.text_header:
            parts.append(without_people(answer.headers.get(self._errors.text_header.lower(), "")))
        if self._errors.text is not None and isinstance(body, dict | list):
            parts.append(without_people(found_text(self._errors.text, body) or ""))
        return ", ".join(part for part in parts if part)

    @property
    def _why(self) -> str:
        """Return what to do about a refusal: first of all, to have the CRM's words shown."""
        errors = self._errors
        tells = errors.text or errors.text_header or errors.code or errors.code_header
        return _READ_WHY if tells else _ASK_WHY

    def _remedy(self, status: int, usual: str, place: str, asking: Asking) -> str:
        """Return what to do about a status that refuses."""
        if status in {_NOT_THERE, _GONE} and asking is Asking.LIST:
            return (
                f"If that is its answer when nobody is found, set empty_statuses = [{status}] in"
                f" {place}; else check url and the path there."
            )
        if status == _NOT_THERE:
            after = ", then retry the dead letters" if asking is Asking.WRITE else ""
            return f"Check url and the path of {place or 'the request'}{after}."
        return usual if status in {_GONE, _TOO_LARGE} else self._why

    def _error(
        self, kind: type[AdapterError], message: str, remedy: str, detail: str
    ) -> AdapterError:
        return kind(message, adapter=self._adapter, remedy=remedy, detail=detail)


def is_plain(code: str) -> bool:
    """Return whether it looks like a code; a sentence could hold a customer's name."""
    return len(code) <= _CODE_LENGTH and all(
        one.isascii() and (one.isalnum() or one in _CODE_MARKS) for one in code
    )


def _parsed(body: bytes, *, as_text: bool = False) -> tuple[object, bool]:
    if not body.strip():
        return None, True
    if as_text:
        text = body.decode("utf-8", "replace").strip()
        return text, not text.startswith("<")  # a login page is no answer
    try:
        return orjson.loads(body), True
    except orjson.JSONDecodeError:
        return None, False
