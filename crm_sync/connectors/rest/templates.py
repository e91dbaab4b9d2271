"""Templates of requests: Jinja2 in its sandbox, checked when the configuration is read.

A string that is one `{{ expression }}` keeps the type of its value (a number stays a number);
anything around it makes text. A customer's data is only ever a value, never a template.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final
from urllib.parse import quote

from jinja2 import ChainableUndefined, TemplateError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from crm_sync.connectors.rest.filters import FILTERS

Facts = Mapping[str, object]
_ALONE: Final = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)


class TemplateMistakeError(ValueError):
    """The administrator's template cannot be read or names something that is not there."""


def _in_path(value: object) -> str:
    """Keep a value inside its segment of the path."""
    return quote(str(value), safe="")


class Templates:
    """Compiles templates; `maps` are the configuration's tables of words for `| mapped("name")`.

    `names` are the names a template may use; those with a set of keys have no others.
    """

    def __init__(
        self,
        names: Mapping[str, frozenset[str] | None],
        maps: Mapping[str, Mapping[str, str | int | bool]] | None = None,
    ) -> None:
        self._names = names
        self._maps = maps or {}
        self._plain = self._environment(finalize=_absent_is_empty)
        self._path = self._environment(finalize=_in_path)

    def text(self, source: str, *, path: bool = False) -> Callable[[Facts], str]:
        """Return what renders `source` to text; inside a path every value is quoted."""
        environment = self._path if path else self._plain
        self._examine(source)
        template = environment.from_string(source)
        return template.render

    def value(self, source: str) -> Callable[[Facts], object]:
        """Return what gives the value of `source`; None if it is absent."""
        alone = _ALONE.fullmatch(source)
        if alone is None:
            return self.text(source)
        self._examine(source)
        return self._plain.compile_expression(alone.group(1), undefined_to_none=True)

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
        environment.filters.update({**FILTERS, "mapped": self._mapped})
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
            named = call.args[0] if call.name == "mapped" and call.args else None
            if isinstance(named, nodes.Const) and named.value not in self._maps:
                raise TemplateMistakeError(_unknown(source, str(named.value), self._maps, "maps."))


def _absent_is_empty(value: object) -> object:
    return "" if value is None or isinstance(value, Undefined) else value


def _unknown(
    source: str, name: str, known: Mapping[str, object] | frozenset[str], prefix: str = ""
) -> str:
    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {prefix}{near[0]}?" if near else f"known are: {', '.join(sorted(known))}"
    return f'"{source}": there is no {prefix}{name}: {hint}'
