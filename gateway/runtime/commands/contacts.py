"""`filodiretto contacts import|find`."""

import sys
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.core.errors import UsageError
from gateway.core.matching import MatchResult
from gateway.core.record import MatchKind
from gateway.runtime.commands.common import FAILURE, OK, plan_of, say, show, with_store
from gateway.runtime.settings import Loaded
from gateway.store import look_up
from gateway.store.database import Database
from gateway.store.importing import ImportReport, import_csv
from gateway.store.importing import Progress as Step

SHOWN_NOTES = 20


def import_file(path: Path | None, file: Path, *, json_output: bool) -> int:
    """Import a CSV file; 1 if a row was refused (the others are imported)."""
    if not file.is_file():
        raise UsageError("There is no such file.", remedy=f"Check the path: {file}")

    size = file.stat().st_size

    async def work(loaded: Loaded, database: Database) -> ImportReport:
        bar = Progress(
            TextColumn("importing"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            MofNCompleteColumn(),
            TextColumn("bytes, {task.fields[rows]} rows"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        with bar:
            task = bar.add_task("import", total=size, rows=0)

            def advance(step: Step) -> None:
                bar.update(task, completed=step.bytes_done, total=step.bytes_total, rows=step.rows)

            return await import_csv(database, file, plan=plan_of(loaded), progress=advance)

    report = with_store(path, work)
    _show(report, json_output=json_output)
    return FAILURE if report.refused else OK


def find(path: Path | None, number: str, *, json_output: bool) -> int:
    """Say who calls from a number and why; 1 if nobody."""

    async def work(loaded: Loaded, database: Database) -> MatchResult:
        explain = partial(look_up.explain, written=number, plan=plan_of(loaded))
        return await database.read(explain)

    result = with_store(path, work)
    people = result.candidates or ((result.contact,) if result.contact else ())
    rows = [
        {
            "id": person.id,
            "ref": person.ref,
            "name": person.name,
            "company": person.company,
            "numbers": [known.e164 or known.raw for known in person.numbers],
            "url": person.url,
        }
        for person in people
    ]
    if json_output:
        document = {"match": result.kind.value, "contacts": rows, "steps": list(result.steps)}
        show([document], {}, json_output=True)
    else:
        for step in result.steps:
            say(f"- {step}")
        say(f"match: {result.kind.value}")
        if rows:
            columns = {"name": "name", "company": "company", "numbers": "numbers", "ref": "ref"}
            show(rows, columns, json_output=False)
    return FAILURE if result.kind is MatchKind.NONE else OK


def _show(report: ImportReport, *, json_output: bool) -> None:
    notes = [
        {"line": note.line, "kind": kind, "reason": note.reason}
        for kind, some in (("refused", report.refusals), ("warning", report.warnings))
        for note in some
    ]
    facts = {
        "rows": report.rows,
        "imported": report.imported,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "warnings": report.warned,
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "seconds": round(report.seconds, 2),
    }
    if json_output:
        show([{**facts, "notes": notes}], {}, json_output=True)
        return
    say(
        f"{report.rows} rows ({report.encoding}, delimiter {report.delimiter!r}): "
        f"{report.imported} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.refused} refused, {report.warned} with a warning, {report.seconds:.1f} s"
    )
    columns = {"line": "line", "kind": "", "reason": "reason"}
    if notes:
        show(notes[:SHOWN_NOTES], columns, json_output=False)
    if len(notes) > SHOWN_NOTES:
        say(f"… and {len(notes) - SHOWN_NOTES} more; --json lists them")
