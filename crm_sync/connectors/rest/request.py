"""Compiled requests: their templates once read, filled in with the facts of one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from crm_sync.connectors.rest.prepared import NULL, Null, Pairs, Prepared
from crm_sync.connectors.rest.record_tables import PagedTable
from crm_sync.connectors.rest.templates import Facts, TemplateMistakeError, Templates

if TYPE_CHECKING:
    from crm_sync.connectors.rest.tables import RequestTable

Node = Callable[[Facts], object]
CONDITION: Final = "$if"
"""A key of a table: the table is left out unless its template gives something."""


class Request:
    """One request table, compiled."""

    def __init__(self, table: RequestTable, templates: Templates, where: str) -> None:
        self._method = table.method
        self._path = text_at(f"{where}.path", table.path, templates, path=True)
        self._query = compiled(table.query, templates, f"{where}.query")
        self._headers = compiled(table.headers, templates, f"{where}.headers")
        self._table = table
        self._form = compiled(table.form or {}, templates, f"{where}.form")
        self._body = compiled(table.body, templates, f"{where}.body")
        paged = table if isinstance(table, PagedTable) else None
        self._first: Facts = paged.turn() if paged is not None else {}
        self._turns = paged is not None and paged.turns

    def prepare(self, facts: Facts, turn: Facts | None = None) -> Prepared:
        """Fill in the facts; what is absent or empty is left out. `turn`: not the first page."""
        given = facts
        facts = {**facts, **(self._first if turn is None else turn), "null": NULL}
        content = self._body(facts)
        if content is None and isinstance(self._table.body, dict):
            content = {}
        return Prepared(
            method=self._method,
            path=self._path(facts),
            query=pairs_of(self._query, facts),
            headers=pairs_of(self._headers, facts),
            content=content,
            form=pairs_of(self._form, facts) if self._table.form is not None else None,
            body_field=self._table.body_field,
            is_text=self._table.answer == "text",
            onward=partial(self.prepare, given) if self._turns else None,
        )


def text_at(
    where: str, source: str, templates: Templates, *, path: bool = False
) -> Callable[[Facts], str]:
    """Compile one text; TemplateMistakeError names the key it stands in."""
    try:
        return templates.text(source, path=path)
    except TemplateMistakeError as error:
        raise TemplateMistakeError(f"{where}: {error}") from error


def condition_at(where: str, source: str, templates: Templates) -> Callable[[Facts], bool]:
    """Compile a condition: true if its template gives something, and always if it is empty."""
    if not source:
        return lambda _facts: True
    value = compiled(source, templates, where)
    return lambda facts: holds(value(facts))


def compiled(value: object, templates: Templates, where: str) -> Node:
    """Compile the texts in a tree; absent and empty values are left out of tables and lists."""
    if isinstance(value, str):
        return _compiled_text(value, templates, where)
    if isinstance(value, Mapping):
        return _compiled_table(value, templates, where)
    if isinstance(value, list | tuple):
        nodes = [compiled(one, templates, f"{where}[{at}]") for at, one in enumerate(value)]
        return lambda facts: _full_list([node(facts) for node in nodes])
    return lambda _facts: value


def pairs_of(node: Node, facts: Facts) -> Pairs:
    """Return a compiled table of names and texts as pairs."""
    table = node(facts)
    pairs: list[tuple[str, str]] = []
    for name, value in table.items() if isinstance(table, Mapping) else ():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, _plain(one)) for one in values]
    return tuple(pairs)


def holds(value: object) -> bool:
    """Return whether a condition is met: "", "false", "none" and "0" are not."""
    if isinstance(value, str):
        return value.strip().lower() not in {"", "false", "none", "0"}
    return bool(value)


def _compiled_text(value: str, templates: Templates, where: str) -> Node:
    if "{" not in value:  # written out, so it is meant, also if it is empty
        return lambda _facts: value or _EMPTY
    try:
        return templates.value(value)
    except TemplateMistakeError as error:
        raise TemplateMistakeError(f"{where}: {error}") from error


def _compiled_table(value: Mapping[str, object], templates: Templates, where: str) -> Node:
    parts = {
        key: compiled(one, templates, f"{where}.{key}")
        for key, one in value.items()
        if key != CONDITION
    }
    condition = condition_at(f"{where}.{CONDITION}", str(value.get(CONDITION, "")), templates)

    def table(facts: Facts) -> object:
        if not condition(facts):
            return None
        full = {key: node(facts) for key, node in parts.items()}
        kept = {key: _meant(one) for key, one in full.items() if not _absent(one)}
        return kept if kept or not parts else None

    return table


def _full_list(values: list[object]) -> list[object] | None:
    kept = [_meant(one) for one in values if not _absent(one)]
    return kept if kept or not values else None


class _Empty:
    """An empty text that somebody wrote on purpose."""


_EMPTY: Final = _Empty()


def _meant(value: object) -> object:
    if isinstance(value, _Empty):
        return ""
    return None if isinstance(value, Null) else value


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
