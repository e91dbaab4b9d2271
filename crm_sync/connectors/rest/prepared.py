"""A request as it goes out, without credentials until the last moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

import orjson

Pairs = tuple[tuple[str, str], ...]
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request with its facts filled in; `query` is in the order it was written.

    `content` is what JSON is made of, None without; `form` the fields of a form, None without.
    With both, `content` goes as JSON text into the field `body_field`.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    content: object = None
    form: Pairs | None = None
    body_field: str = ""
    is_text: bool = False
    onward: Callable[[Mapping[str, object]], Prepared] | None = field(
        default=None, compare=False, repr=False
    )
    """Gives the request for another page, where its templates say which one they ask for."""

    @property
    def has_body(self) -> bool:
        """Whether something is sent beside the address and the headers."""
        return self.content is not None or self.form is not None

    @property
    def content_type(self) -> str | None:
        """The type of what is sent, None if nothing is."""
        if not self.has_body:
            return None
        return JSON if self.form is None else FORM

    def body(self, more: Pairs = ()) -> bytes:
        """Return what is sent; `more` are fields of the sign-in."""
        if self.form is not None:
            fields = [*self.form, *more]
            if self.body_field and self.content is not None:
                fields.append((self.body_field, as_json(self.content).decode()))
            return urlencode(fields).encode()
        if self.content is None:
            return b""
        content = self.content
        return as_json({**dict(more), **content} if isinstance(content, Mapping) else content)

    def target(self, base: str, more: Pairs = ()) -> str:
        """Return the whole address."""
        query = urlencode([*self.query, *more])
        joint = "&" if "?" in self.path else "?"
        return base.rstrip("/") + self.path + (joint + query if query else "")

    def with_header(self, name: str, value: str) -> Prepared:
        """Return the same request with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))

    def with_query(self, name: str, value: str) -> Prepared:
        """Return the same request with one parameter set."""
        kept = tuple(pair for pair in self.query if pair[0] != name)
        return replace(self, query=(*kept, (name, value)))

    def with_content(self, name: str, value: object) -> Prepared:
        """Return the same request with one key of its body (or form) set; dots lead inside."""
        if self.form is not None and self.content is None:
            kept = tuple(pair for pair in self.form if pair[0] != name)
            return replace(self, form=(*kept, (name, str(value))))
        base = self.content if isinstance(self.content, Mapping) else {}
        return replace(self, content=_with(base, name.split("."), value))

    def over(self, whole: object, place: str = "") -> Prepared:
        """Return the same request with its body put over a whole record at `place` inside it."""
        ours = self.content if isinstance(self.content, Mapping) else {}
        whole = _with({}, place.split("."), whole) if place else whole
        return replace(self, content=_merged(whole, ours)) if isinstance(whole, Mapping) else self


class Null:
    """What `{{ null }}` gives: an explicit null, where an absent value would be left out."""

    def __str__(self) -> str:
        return ""

    def __bool__(self) -> bool:
        return False


NULL: Final = Null()


def as_json(value: object) -> bytes:
    """Return JSON without spaces; nulls that were asked for are null."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: object) -> object:
    if isinstance(value, Null):
        return None
    return str(value)


def _with(table: Mapping[str, object], path: list[str], value: object) -> dict[str, object]:
    name, *rest = path
    if not rest:
        return {**table, name: value}
    under = table.get(name)
    return {**table, name: _with(under if isinstance(under, Mapping) else {}, rest, value)}


def _merged(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    whole = dict(below)
    for key, value in above.items():
        under = whole.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        whole[key] = _merged(under, value) if both else value  # type: ignore[arg-type]  # just looked
    return whole
