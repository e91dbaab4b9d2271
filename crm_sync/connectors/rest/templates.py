"""Templates of requests: Jinja2 in its sandbox, checked when the configuration is read.

A string that is one `{{ expression }}` keeps the type of its value (a number stays a number);
anything around it makes text. A customer's data is only ever a value, never a template.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, tzinfo
from difflib import get_close_matches
from typing import Final, TypeVar
from urllib.parse import quote

from jinja2 import ChainableUndefined, TemplateError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crm_sync.connectors.rest.facts import TIME_KEYS
from crm_sync.connectors.rest.filters import FILTERS, TIME_FILTERS, NoTimeError, time_filters
from gateway.core.errors import RejectedError

Facts = Mapping[str, object]
_T = TypeVar("_T")
_PLAIN: Final = ImmutableSandboxedEnvironment(autoescape=False)
_ALONE: Final = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)


class TemplateMistakeError(ValueError):
    """The administrator's template cannot be read or names something that is not there."""


def _in_path(value: object) -> str:
    """Keep a value inside its segment of the path."""
    return quote(str(value), safe="")


class Templates:
    """Compiles templates; `maps` are the configuration's tables of words for `| mapped("name")`.

    `names` are the names a template may use; those with a set of keys have no others. What is
    rendered raises RejectedError of `adapter` where a filter for times is given no time; days
    begin in `zone`.
    """

    def __init__(
        self,
        names: Mapping[str, frozenset[str] | None],
        maps: Mapping[str, Mapping[str, str | int | bool]] | None = None,
        *,
        zone: tzinfo = UTC,
        adapter: str = "",
    ) -> None:
        self._names = names
        self._zone = zone
        self._adapter = adapter
        self._maps = maps or {}
        self._plain = self._environment(finalize=_absent_is_empty)
        self._path = self._environment(finalize=_in_path)

    def naming(self, more: Mapping[str, frozenset[str] | None]) -> "Templates":
        """Return the same with more names."""
        names = {**self._names, **more}
        return Templates(names, self._maps, zone=self._zone, adapter=self._adapter)

    def text(self, source: str, *, path: bool = False) -> Callable[[Facts], str]:
        """Return what renders `source` to text; inside a path every value is quoted."""
        environment = self._path if path else self._plain
        self._examine(source)
        return self._guarded(environment.from_string(source).render, source)

    def value(self, source: str) -> Callable[[Facts], object]:
        """Return what gives the value of `source`; None if it is absent."""
        alone = _ALONE.fullmatch(source)
        if alone is None:
            return self.text(source)
        self._examine(source)
        expression = self._plain.compile_expression(alone.group(1), undefined_to_none=True)
        return self._guarded(expression, source)

    def _guarded(self, give: Callable[[Facts], _T], source: str) -> Callable[[Facts], _T]:
        """Return `give`, which says of a time that is none in which template it stands."""

        def given(facts: Facts) -> _T:
            try:
                return give(facts)
            except NoTimeError as error:
                raise RejectedError(
                    "A template gives something that is no time to a filter for times.",
                    adapter=self._adapter,
                    remedy=(
                        "Correct the template in its [[crm]] table: when, utc, iso, unix and plus"
                        " take times, and days like 2026-10-03."
                    ),
                    detail=source,
                ) from error

        return given

    def _mapped(self, value: object, name: str) -> object:
        table = self._maps.get(name, {})
        if value is None or isinstance(value, Undefined):  # not known (yet): nothing is said
            return table.get("none")
        word = str(value).lower() if isinstance(value, bool) else str(value)
        return table.get(word, table.get("*"))

    def _environment(self, finalize: Callable[[object], object]) -> ImmutableSandboxedEnvironment:
        environment = ImmutableSandboxedEnvironment(
            undefined=ChainableUndefined, finalize=finalize, autoescape=False
        )
        environment.globals.clear()
        times = time_filters(self._zone)
        environment.filters.update({**FILTERS, **times, "mapped": self._mapped})
        return environment

    def _examine(self, source: str) -> None:
        """Raise TemplateMistakeError for what would fail or stay silent at the first call."""
        try:
            tree = self._plain.parse(source)
            self._plain.compile(tree)
        except TemplateError as error:
            raise TemplateMistakeError(f'"{source}" is not a template: {error}') from error
        for name in sorted(meta.find_undeclared_variables(self._plain.parse(source))):
            if name not in self._names:
                raise TemplateMistakeError(_unknown(source, name, self._names))
        for node in tree.find_all(nodes.Getattr):
            owner = node.node.name if isinstance(node.node, nodes.Name) else ""
            keys = self._names.get(owner)
            if keys is not None and node.attr not in keys:
                raise TemplateMistakeError(_unknown(source, node.attr, keys, f"{owner}."))
        for call in tree.find_all(nodes.Filter):
            if call.name in TIME_FILTERS and (wrong := self._no_time(call.node)) is not None:
                raise TemplateMistakeError(
                    f'"{source}": {call.name} is for times, and {wrong} is none; times are'
                    " call.started_at, call.answered_at, call.ended_at, task.due_on, task.due_at"
                )
            named = call.args[0] if call.name == "mapped" and call.args else None
            if isinstance(named, nodes.Const) and named.value not in self._maps:
                raise TemplateMistakeError(_unknown(source, str(named.value), self._maps, "maps."))

    def _no_time(self, node: nodes.Node | None) -> str | None:
        """Return a name that can never be a time, None if it is one or cannot be told."""
        if isinstance(node, nodes.Name):
            return node.name if self._names.get(node.name) is not None else None
        if not (isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name)):
            return None
        known = self._names.get(node.node.name)
        if known is None or node.attr in TIME_KEYS:
            return None
        return f"{node.node.name}.{node.attr}"


def named(tree: object) -> frozenset[str]:
    """Return every name in the templates of a tree; those that cannot be read have none."""
    names = (name for one in parsed(tree) for name in one.find_all(nodes.Name))
    return frozenset(name.name for name in names if name.ctx == "load")


def parsed(tree: object) -> Iterator[nodes.Template]:
    """Yield every template of a tree that can be read."""
    if isinstance(tree, str) and "{" in tree:
        with suppress(TemplateError):
            yield _PLAIN.parse(tree)
    if isinstance(tree, Mapping):
        tree = list(tree.values())
    for one in tree if isinstance(tree, list | tuple) else ():
        yield from parsed(one)


def _absent_is_empty(value: object) -> object:
    return "" if value is None or isinstance(value, Undefined) else value


def _unknown(
    source: str, name: str, known: Mapping[str, object] | frozenset[str], prefix: str = ""
) -> str:
    near = get_close_matches(name, list(known), n=1)
    if not known:
        return f'"{source}": there is no {prefix}{name}: none is configured'
    hint = f"did you mean {prefix}{near[0]}?" if near else f"known are: {', '.join(sorted(known))}"
    return f'"{source}": there is no {prefix}{name}: {hint}'
