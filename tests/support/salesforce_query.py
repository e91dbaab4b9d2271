"""As much of SOQL and SOSL as a fake Salesforce needs, after the SOQL and SOSL reference."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SOQL: Final = re.compile(
    r"SELECT (?P<columns>[\w., ]+) FROM (?P<source>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>[\w, ]+))?(?: LIMIT (?P<most>\d+))?$"
)
_SOSL: Final = re.compile(r"FIND \{(?P<terms>.+)\} IN PHONE FIELDS RETURNING (?P<parts>.+) LIMIT")
_RETURNED: Final = re.compile(r"(\w+)\(([\w, ]+?)(?: WHERE ([^)]+))?\)")
_TOKEN: Final = re.compile(r"\s*(\(|\)|AND\b|OR\b|[\w.:-]+|>=|>|=|LIKE\b|'(?:[^'\\]|\\.)*')")


class QueryError(Exception):
    """The query is not in the language."""


@dataclass(slots=True)
class Condition:
    """A WHERE clause, read from left to right."""

    tokens: list[str]
    row: Mapping[str, Any]

    def holds(self) -> bool:
        """Return whether the row fits."""
        return self._or()

    def _or(self) -> bool:
        value = self._and()
        while self.tokens and self.tokens[0] == "OR":
            self.tokens.pop(0)
            other = self._and()
            value = value or other
        return value

    def _and(self) -> bool:
        value = self._one()
        while self.tokens and self.tokens[0] == "AND":
            self.tokens.pop(0)
            other = self._one()
            value = value and other
        return value

    def _one(self) -> bool:
        if self.tokens[0] == "(":
            self.tokens.pop(0)
            value = self._or()
            self.tokens.pop(0)
            return value
        name, operator, raw = (self.tokens.pop(0) for _ in range(3))
        held = self.row.get(name)
        if operator == "LIKE":
            pattern = re.escape(unquoted(raw)).replace("%", ".*").replace("_", ".")
            return held is not None and re.fullmatch(pattern, str(held)) is not None
        wanted: object = unquoted(raw) if raw.startswith("'") else raw
        if raw in {"true", "false"}:
            return bool(held) is (raw == "true")
        if operator == ">":
            return str(held) > str(wanted)
        if operator == ">=":
            return str(held) >= str(wanted)
        return held == wanted


def unquoted(text: str) -> str:
    """Return a string literal's text."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def fits(where: str | None, row: Mapping[str, Any]) -> bool:
    """Return whether a row fits a WHERE clause."""
    if not where:
        return True
    tokens, at = [], 0
    while at < len(where):
        found = _TOKEN.match(where, at)
        if found is None:
            raise QueryError(where[at:])
        tokens.append(found.group(1))
        at = found.end()
    return Condition(tokens=tokens, row=row).holds()


def run_soql(text: str, rows: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what a query finds."""
    found = _SOQL.fullmatch(text)
    if found is None:
        raise QueryError(text)
    source = found.group("source")
    fitting = [row for row in rows.get(source, []) if fits(found.group("where"), row)]
    for name in reversed((found.group("order") or "").split(", ")):
        if name:
            fitting.sort(key=lambda row: str(row.get(name)))
    most = int(found.group("most") or 2000)
    return [shown(source, row, found.group("columns")) for row in fitting[:most]]


def run_sosl(text: str, rows: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return what a search finds: a phrase fits where its tokens stand one after the other."""
    found = _SOSL.match(text)
    if found is None:
        raise QueryError(text)
    phrases = [tokens_of(unquoted(one)) for one in re.findall(r'"(?:[^"\\]|\\.)*"', found["terms"])]
    if not phrases:
        raise QueryError(text)
    hits = []
    for source, columns, where in _RETURNED.findall(found["parts"]):
        for row in rows.get(source, []):
            phones = [tokens_of(str(v)) for k, v in row.items() if k.endswith("Phone") and v]
            here = any(follows(phrase, phone) for phrase in phrases for phone in phones)
            if here and fits(where, row):
                hits.append(shown(source, row, columns))
    return hits


def tokens_of(text: str) -> list[str]:
    """Return what the search index keeps: the parts between spaces and punctuation."""
    return re.findall(r"[0-9A-Za-z]+", text)


def follows(phrase: list[str], held: list[str]) -> bool:
    """Return whether the phrase stands in what is held, token by token."""
    length = len(phrase)
    return any(held[at : at + length] == phrase for at in range(len(held) - length + 1))


def shown(source: str, row: Mapping[str, Any], columns: str) -> dict[str, Any]:
    """Return a record as it is answered."""
    names = [one.strip() for one in columns.split(",")]
    told: dict[str, Any] = {"attributes": {"type": source}}
    for name in names:
        parent, _, child = name.partition(".")
        held = row.get(parent)
        told[parent] = {child: held} if child and held is not None else held
    return told
