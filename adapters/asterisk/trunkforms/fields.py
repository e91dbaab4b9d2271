"""The fields of the form, with their explanations, from the data files beside (`fields/*.toml`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from gateway.core.trunkforms import FieldGroup, FieldKind, FormField, Words

FOLDER: Final = files("adapters.asterisk.trunkforms") / "fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A field and the name of the rule that its text, or each item of its list, must keep."""

    field: FormField
    rule: str


@cache
def described() -> Mapping[str, Described]:
    """Return all fields by name, in the order of the form."""
    found: dict[str, Described] = {}
    for file in sorted(FOLDER.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            for table in tomllib.loads(file.read_text(encoding="utf-8"))["field"]:
                found[table["name"]] = _read(table)
    return found


def _read(table: dict[str, Any]) -> Described:
    words = {key: Words(**table[key]) for key in ("label", "what", "when", "otherwise")}
    default = table["default"]
    field = FormField(
        name=table["name"],
        kind=FieldKind(table["kind"]),
        group=FieldGroup(table["group"]),
        label=words["label"],
        what=words["what"],
        when=words["when"],
        otherwise=words["otherwise"],
        option=table["option"],
        default=tuple(default) if isinstance(default, list) else default,
        required=table.get("required", False),
        choices=tuple(table.get("choices", ())),
        least=table.get("least"),
        most=table.get("most"),
        example=table.get("example", ""),
    )
    return Described(field=field, rule=table.get("rule", ""))
