"""The templates of a description, compiled once; mistakes name the key they stand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import orjson

from crm_sync.connectors.rest.facts import CALL_KEYS, CONTACT_KEYS, NUMBER_KEYS
from crm_sync.connectors.rest.templates import Facts, TemplateMistakeError, Templates

if TYPE_CHECKING:
    from crm_sync.connectors.rest.settings import RestSettings
    from crm_sync.connectors.rest.tables import RequestTable, WrittenTable

Node = Callable[[Facts], object]
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

NUMBER_NAMES: Final[Mapping[str, frozenset[str] | None]] = {"number": None, "numbers": NUMBER_KEYS}
CALL_NAMES: Final[Mapping[str, frozenset[str] | None]] = {
    "call": CALL_KEYS,
    "contact": CONTACT_KEYS,
    "number": NUMBER_KEYS,
    "person": None,
    "company": None,
    "lead": None,
    "user": None,
    "disposition": None,
    "title": None,
    "note": None,
    "key": None,
    "id": None,
}
LOGIN_NAMES: Final[Mapping[str, frozenset[str] | None]] = {
    "secret": None,
    "username": None,
    "login": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request as it goes out, without credentials; `query` is in the order it was written."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def target(self, base: str, more: tuple[tuple[str, str], ...] = ()) -> str:
        """Return the whole address."""
        query = urlencode([*self.query, *more])
        joint = "&" if "?" in self.path else "?"
        return base.rstrip("/") + self.path + (joint + query if query else "")

    def with_header(self, name: str, value: str) -> Prepared:
        """Return the same request with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))


class Request:
    """One request table, compiled."""

    def __init__(self, table: RequestTable, templates: Templates, where: str) -> None:
        self._method = table.method
        self._path = _at(f"{where}.path", lambda: templates.text(table.path, path=True))
        self._query = _compile(table.query, templates, f"{where}.query")
        self._headers = _compile(table.headers, templates, f"{where}.headers")
        self._form = table.form is not None
        content = table.form if self._form else table.body
        self._content = _compile(content, templates, f"{where}.{'form' if self._form else 'body'}")

    def prepare(self, facts: Facts) -> Prepared:
        """Fill in the facts; what is absent or empty is left out."""
        content = self._content(facts)
        headers = _pairs(self._headers(facts))
        if content is None:
            body = b""
        elif self._form:
            body = urlencode(_pairs(content)).encode()
            headers.append(("Content-Type", FORM))
        else:
            body = orjson.dumps(content)
            headers.append(("Content-Type", JSON))
        return Prepared(
            method=self._method,
            path=self._path(facts),
            query=tuple(_pairs(self._query(facts))),
            headers=tuple(headers),
            body=body,
        )


class Written:
    """The requests of a record that is made of a call."""

    def __init__(self, table: WrittenTable, templates: Templates, where: str) -> None:
        self.table = table
        self.create = Request(table.create, templates, f"{where}.create")
        self.find = Request(table.find, templates, f"{where}.find") if table.find else None
        self.update = Request(table.update, templates, f"{where}.update") if table.update else None
        self.record_url = _at(
            f"{where}.record_url", lambda: templates.text(table.record_url, path=True)
        )


class Compiled:
    """All requests of one description; TemplateMistakeError says which key is wrong."""

    def __init__(self, settings: RestSettings) -> None:
        about_calls = Templates(CALL_NAMES, settings.maps)
        about_numbers = Templates(NUMBER_NAMES, settings.maps)
        about_login = Templates(LOGIN_NAMES, settings.maps)
        self.searches = tuple(
            (table, Request(table, about_numbers, f"search[{index}]"))
            for index, table in enumerate(settings.search)
        )
        self.call = Written(settings.call, about_calls, "call")
        self.task = Written(settings.task, about_calls, "task") if settings.task else None
        self.contact = (
            Request(settings.contact.create, about_calls, "contact.create")
            if settings.contact
            else None
        )
        self.probe = Request(settings.probe, about_numbers, "probe") if settings.probe else None
        self.steps = tuple(
            (step, Request(step, about_login, f"sign_in.steps[{index}]"))
            for index, step in enumerate(settings.sign_in.steps)
        )
        self.login_headers = _compile(settings.sign_in.headers, about_login, "sign_in.headers")
        self.login_query = _compile(settings.sign_in.query, about_login, "sign_in.query")


def pairs_of(node: Node, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return a compiled table of names and texts as pairs."""
    return tuple(_pairs(node(facts)))


def _at(where: str, compile_one: Callable[[], Callable[[Facts], str]]) -> Callable[[Facts], str]:
    try:
        return compile_one()
    except TemplateMistakeError as error:
        raise TemplateMistakeError(f"{where}: {error}") from error


def _compile(value: object, templates: Templates, where: str) -> Node:
    """Compile the texts in a tree; absent and empty values are left out of tables and lists."""
    if isinstance(value, str):
        try:
            return templates.value(value)
        except TemplateMistakeError as error:
            raise TemplateMistakeError(f"{where}: {error}") from error
    if isinstance(value, Mapping):
        parts = {key: _compile(one, templates, f"{where}.{key}") for key, one in value.items()}
        return lambda facts: _full_table({key: node(facts) for key, node in parts.items()})
    if isinstance(value, list | tuple):
        nodes = [_compile(one, templates, f"{where}[{at}]") for at, one in enumerate(value)]
        return lambda facts: [one for one in (node(facts) for node in nodes) if not _absent(one)]
    return lambda _facts: value


def _full_table(table: dict[str, object]) -> dict[str, object]:
    return {key: one for key, one in table.items() if not _absent(one)}


def _absent(value: object) -> bool:
    return value is None or value == ""


def _pairs(table: object) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in table.items() if isinstance(table, Mapping) else ():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, _plain(one)) for one in values]
    return pairs


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
