"""`filodiretto trunks render` and `providers`: a trunk's configuration as text, and checked."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from gateway.core.errors import ConfigError, UsageError
from gateway.core.findings import Verdict
from gateway.core.trunkforms import (
    Comparison,
    FieldKind,
    FieldValue,
    FormField,
    RenderedFile,
    RenderedTrunk,
    TrunkLook,
)
from gateway.runtime import loading, plugins
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import FAILURE, OK, say, show
from gateway.runtime.configured_forms import secret_of
from gateway.runtime.trunkforms import (
    Chosen,
    TrunkFormSide,
    comparison_json,
    provider_json,
    rendered_json,
)

COLUMNS: Final = {"verdict": "", "subject": "part", "cause": "found", "remedy": "remedy"}
TEMPLATES: Final = {"id": "template", "label": "provider", "admission": "by", "asks": "to fill in"}
OWNER_ONLY: Final = 0o600
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted: of which trunk, by which template, with which fields, and what to do.

    `against` is a file to compare with; `output` where the text goes instead of the terminal.
    """

    name: str
    pbx: str | None = None
    provider: str | None = None
    fields: Sequence[str] = ()
    output: Path | None = None
    diff: bool = False
    against: Path | None = None
    check: bool = False
    with_secret: bool = False
    json_output: bool = False


def providers(*, json_output: bool) -> int:
    """List the templates of every kind of PBX that has some; needs no configuration."""
    rows = [provider_json(one) for kit in plugins.all_trunk_forms() for one in kit.providers()]
    show(rows, TEMPLATES, json_output=json_output)
    return OK


def render(path: Path | None, wish: Wish) -> int:
    """Render a trunk, compare and check it as wished; 1 if something differs or failed."""
    loaded = loading.load(path)
    side = TrunkFormSide(loaded, SystemClock())
    chosen = _chosen(side, wish)
    secret = secret_of(side.configured(wish.name, wish.pbx)) if wish.with_secret else None
    text = chosen.rendered(secret=secret)
    seen = asyncio.run(chosen.look(SystemClock())) if wish.diff or wish.check else None
    comparison = seen.comparison if seen is not None else None
    if wish.against is not None:
        comparison = _against(chosen, wish.against)
    if wish.json_output:
        shown = rendered_json(text, chosen.pbx.name, seen)
        if comparison is not None:
            shown["comparison"] = comparison_json(comparison)
        typer.echo(json.dumps(shown, ensure_ascii=False))
    else:
        _show(wish, text, seen, comparison)
    differs = comparison is not None and bool(comparison.changes) and not wish.check
    return FAILURE if differs or (seen is not None and _any_failed(seen)) else OK


def _chosen(side: TrunkFormSide, wish: Wish) -> Chosen:
    """Return the configured form of this name, or a new one if a template is named."""
    try:
        side.configured(wish.name, wish.pbx)
    except UsageError:
        if wish.provider is None or wish.with_secret:
            raise
        trunk, values = None, {"name": wish.name}
    else:
        trunk, values = wish.name, {}
    chosen = side.choose(pbx=wish.pbx, trunk=trunk, provider=wish.provider, values=values)
    given = _given(wish.fields, {field.name: field for field in chosen.kit.fields()})
    return side.choose(
        pbx=wish.pbx, trunk=trunk, provider=wish.provider, values={**values, **given}
    )


def _given(texts: Sequence[str], fields: Mapping[str, FormField]) -> dict[str, FieldValue]:
    """Return what `--set FIELD=VALUE` says; a list's items are separated by commas."""
    found: dict[str, FieldValue] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in fields:
            raise UsageError(
                "A field is set that the form does not have.",
                remedy=f"--set FIELD=VALUE with one of: {', '.join(fields)}.",
            )
        found[name] = _typed(fields[name].kind, value)
    return found


def _typed(kind: FieldKind, text: str) -> FieldValue:
    if kind is FieldKind.LIST:
        return tuple(item.strip() for item in text.split(",") if item.strip())
    if kind is FieldKind.FLAG:
        return _FLAGS.get(text.lower(), text)
    if kind is FieldKind.NUMBER and text.isascii() and text.isdigit():
        return int(text[:9])
    return text


def _against(chosen: Chosen, file: Path) -> Comparison:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            "The file to compare with cannot be read.", remedy="Check its name and its rights."
        ) from error
    return chosen.kit.compare(chosen.values, text=text, source=file.name, provider=chosen.provider)


def _show(
    wish: Wish, text: RenderedTrunk, seen: TrunkLook | None, comparison: Comparison | None
) -> None:
    if comparison is not None and not wish.check:
        typer.echo(comparison.diff or "No difference.")
        for change in comparison.changes:
            say(f"- {change.words.en}")
    if seen is not None and (wish.check or comparison is None):
        rows = [
            {
                "verdict": one.verdict.value,
                "subject": one.subject,
                "cause": one.cause.en,
                "remedy": one.remedy.en or None,
            }
            for one in seen.findings
        ]
        show(rows, COLUMNS, json_output=False)
    if wish.output is not None:
        _save(wish.output, text.files)
    elif seen is None and comparison is None:
        for file in text.files:
            typer.echo(f"; ---- for {file.name} (FreePBX: {file.instead})\n{file.text}")
    if seen is None and comparison is None:
        for step in text.steps:
            typer.echo(f"* {step.en}", err=True)
        for note in text.advice:
            typer.echo(f"! {note.words.en}", err=True)


def _save(output: Path, files: Sequence[RenderedFile]) -> None:
    """Write each part into a file of its own that was not there before, for its owner alone."""
    for index, file in enumerate(files):
        place = output if not index else output.with_suffix(f".{file.name}")
        try:
            place.touch(mode=OWNER_ONLY, exist_ok=False)
            place.write_text(file.text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                "The text cannot be written: a file of this name is there, or cannot be made.",
                where=str(place),
                remedy="Choose another name with -o; files of a PBX are never overwritten.",
            ) from error
        say(f"{place}: for {file.name} (FreePBX: {file.instead})")


def _any_failed(seen: TrunkLook) -> bool:
    return any(one.verdict is Verdict.FAILED for one in seen.findings)
