"""`filodiretto replay`: recorded AMI streams in, call records out; no database, no network."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import typer
from rich.console import Console

from adapters.asterisk.replay import read_recording, replay
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord, to_json
from gateway.runtime import loading
from gateway.runtime.commands.common import FAILURE, OK, show
from gateway.runtime.loading import Loaded
from gateway.runtime.plans import plan_of
from gateway.runtime.settings import PbxSettings

DEFAULT_COUNTRY: Final = "IT"
COLUMNS: Final = {
    "started_at": "start",
    "direction": "direction",
    "caller": "caller",
    "called": "called",
    "queue": "queue",
    "rung": "rung",
    "answered_by": "answered by",
    "outcome": "outcome",
    "ended_by": "ended by",
    "talk": "talk s",
}
_LINE_END: Final = b"\r\n"
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


def run(
    files: list[Path],
    *,
    json_output: bool,
    country: str | None,
    pbx: str | None,
    config: Path | None,
) -> int:
    """Print the records of all calls, by start and id; 1 if a file was no recording."""
    chosen, plan = _chosen(config, country, pbx)
    records: list[CallRecord] = []
    code = OK
    for file in files:
        ami, idx = read_recording(file)
        if _LINE_END not in ami and b"\n" in ami:
            _warn(f"{file}: its line ends were changed to LF; read as CRLF, which AMI has")
            ami = ami.replace(b"\n", _LINE_END)
        if b"Event: " not in ami:
            _warn(f"{file}: holds no AMI event: is it what `filodiretto record` wrote?")
            code = FAILURE
            continue
        replayed = replay(ami, idx, chosen, plan)
        if not replayed.timed:
            _warn(
                f"{file}: neither Timestamp headers nor {file.with_suffix('.idx').name}: "
                "all seconds are unknown"
            )
        records += replayed.records
    records.sort(key=lambda record: (record.started_at or _EARLIEST, str(record.id)))
    if json_output:
        for record in records:
            typer.echo(json.dumps(to_json(record), ensure_ascii=False))
    else:
        show([_row(record) for record in records], COLUMNS, json_output=False)
    return code


def _warn(text: str) -> None:
    Console(stderr=True, soft_wrap=True).print(text, markup=False)


def _chosen(
    config: Path | None, country: str | None, pbx: str | None
) -> tuple[AsteriskSettings, NumberPlan]:
    """Return how to read the stream: one PBX of a configuration, or the defaults."""
    if config is None:
        name = pbx or "pbx"
        plain = AsteriskSettings.model_validate(
            {"name": name, "host": "127.0.0.1", "username": "replay", "secret": "unused"}
        )
        return plain, NumberPlan((country or DEFAULT_COUNTRY).upper(), extensions=plain.extensions)
    loaded = loading.load(config)
    found = cast("AsteriskSettings", _pbx(loaded, pbx))
    if country is not None:
        found = found.model_copy(update={"country": country.upper()})
    return found, plan_of(found, loaded)


def _pbx(loaded: Loaded, name: str | None) -> PbxSettings:
    named = [one for one in loaded.pbxs if name in {None, one.name}]
    if len(named) != 1:
        known = ", ".join(one.name for one in loaded.pbxs) or "none is configured"
        raise UsageError(
            "Which PBX recorded this is not clear.", remedy=f"--pbx NAME; known: {known}."
        )
    return named[0]


def _row(record: CallRecord) -> dict[str, object]:
    talk = record.seconds.talk
    return {
        "started_at": record.started_at.strftime("%d %b %H:%M:%S") if record.started_at else None,
        "direction": record.direction.value,
        "caller": record.caller.number,
        "called": record.called.number,
        "queue": record.queue,
        "rung": " > ".join("+".join(stage) for stage in record.rung),
        "answered_by": record.answered_by,
        "outcome": record.outcome.value if record.outcome else record.state.value,
        "ended_by": record.ended_by.value if record.ended_by else None,
        "talk": None if talk is None else f"{talk:.1f}",
    }
