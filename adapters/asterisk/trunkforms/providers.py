"""Templates of providers, from the data files beside (`providers/*.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from gateway.core.errors import UsageError
from gateway.core.trunkforms import Admission, FieldValue, Filled, Provider, Words

FOLDER: Final = files("adapters.asterisk.trunkforms") / "providers"
GENERIC: Final = "generic-registration"


@cache
def providers() -> Mapping[str, Provider]:
    """Return all templates by id, the generic ones first."""
    found = {}
    for file in FOLDER.iterdir():
        if file.name.endswith(".toml"):
            name = file.name.removesuffix(".toml")
            found[name] = _read(name, tomllib.loads(file.read_text(encoding="utf-8")))
    ordered = sorted(found.values(), key=lambda one: (bool(one.country), one.country, one.id))
    return {one.id: one for one in ordered}


def _read(name: str, table: dict[str, object]) -> Provider:
    values = table.get("values", {})
    if not isinstance(values, dict):
        raise TypeError("values is a table")
    filled: dict[str, FieldValue] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    notes = table.get("notes", [])
    return Provider(
        id=name,
        label=str(table["label"]),
        country=str(table["country"]),
        admission=Admission(str(filled["admission"])),
        values=filled,
        asks=_texts(table["asks"]),
        notes=tuple(Words(**note) for note in notes) if isinstance(notes, list) else (),
        sources=_texts(table["sources"]),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def provider_of(name: str) -> Provider:
    """Return one template; UsageError lists those there are."""
    known = providers()
    if name not in known:
        raise UsageError(
            "There is no template of this name.", remedy=f"Use one of: {', '.join(known)}."
        )
    return known[name]


def filled(provider: Provider, values: Filled) -> Filled:
    """Return the template's values with those of the form over them."""
    return {**provider.values, **values}
