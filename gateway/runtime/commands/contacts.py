"""`filodiretto contacts import|find|ignore`."""

import asyncio
import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from gateway.core.errors import UsageError
from gateway.core.forms import is_too_wide
from gateway.core.marks import Mark, MarkKind
from gateway.core.match_steps import say as in_words
from gateway.core.matching import MatchResult
from gateway.core.record import MatchKind
from gateway.core.text import spreadsheet_cell
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import FAILURE, OK, plan_of, say, show, with_store
from gateway.runtime.loading import Loaded
from gateway.runtime.plans import ours_of
from gateway.store import look_up
from gateway.store.database import Database
from gateway.store.importing import ImportReport, Note, Progress, Wishes, import_file
from gateway.store.kept_away import away
from gateway.store.marks import covered, revoke_mark, set_mark
from gateway.store.sealing import Sealer

SHOWN_NOTES = 20
SHOWN_DIFFERENCES = 20
LINE_EVERY = 50_000


def import_contacts(
    path: Path | None,
    file: Path,
    *,
    preview: bool = False,
    refused: Path | None = None,
    json_output: bool,
) -> int:
    """Import a file of contacts; 1 if a row was refused (the others are imported).

    With `preview` nothing is written. All refused rows go to the file `refused`, as CSV.
    """
    if file.is_dir():
        raise UsageError(
            "This is a folder, not a file.", remedy=f"Name a CSV or vCard file in it: {file}"
        )
    if not file.is_file():
        raise UsageError("There is no such file.", remedy=f"Check the path: {file}")
    size = file.stat().st_size

    async def work(loaded: Loaded, database: Database) -> ImportReport:
        sealer = await asyncio.to_thread(Sealer.load, loaded.settings.gateway.data_dir)
        kept = await away(database, sealer)
        with _progress(size) as advance, _refusals(refused) as refuse:
            wishes = Wishes(preview=preview, progress=advance, refused=refuse, away=kept)
            plan = plan_of(loaded)
            return await import_file(database, file, plan=plan, wishes=wishes)

    report = with_store(path, work)
    _show(report, json_output=json_output)
    if refused is not None and report.refused and not json_output:
        say(f"the refused rows are in {refused}")
    return FAILURE if report.refused else OK


@contextmanager
def _progress(size: int) -> Iterator[Callable[[Progress], None]]:
    """Show a bar on a terminal, else a line every 50 000 rows, on standard error."""
    if not sys.stderr.isatty():
        yield _Lines().told
        return
    bar = Bar(
        TextColumn("importing"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        MofNCompleteColumn(),
        TextColumn("bytes, {task.fields[rows]} rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("import", total=size, rows=0)

        def advance(step: Progress) -> None:
            bar.update(task, completed=step.bytes_done, total=step.bytes_total, rows=step.rows)

        yield advance


class _Lines:
    """Progress for a log: one line every so many rows."""

    def __init__(self) -> None:
        self._next = LINE_EVERY

    def told(self, step: Progress) -> None:
        """Write a line if it is time for one."""
        if step.rows >= self._next:
            self._next = step.rows - step.rows % LINE_EVERY + LINE_EVERY
            percent = 100 * step.bytes_done // max(step.bytes_total, 1)
            print(f"importing: {percent} %, {step.rows} rows", file=sys.stderr)  # noqa: T201


@contextmanager
def _refusals(path: Path | None) -> Iterator[Callable[[Note], None]]:
    """Write refused rows to a CSV file that no spreadsheet computes."""
    if path is None:
        yield lambda _note: None
        return
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(("line", "reason", "remedy", "row"))

            def refuse(note: Note) -> None:
                cells = map(spreadsheet_cell, note.cells)
                writer.writerow((note.line, note.reason, note.remedy, *cells))

            yield refuse
    except OSError as error:
        raise UsageError(
            "The file of refused rows cannot be written.",
            remedy="Name one in a folder that you may write to.",
        ) from error


def ignore(
    path: Path | None, number: str, *, reason: str, remove: bool = False, force: bool = False
) -> int:
    """Put a number or range on the ignore list, or take it off; 1 if it was not there.

    Raises UsageError for a range that covers a whole country, or nearly so, without `force`.
    """

    async def work(loaded: Loaded, database: Database) -> bool:
        plan = plan_of(loaded)
        e164 = plan.parse(number).e164 or plan.prefix(number)
        if e164 is None:
            raise UsageError(
                "This is no telephone number.",
                remedy="Write a whole number, or the beginning of one with * behind it: 02 1234*",
            )
        at = SystemClock().now()
        if remove:
            return await database.write(
                partial(revoke_mark, e164=e164, kind=MarkKind.IGNORED, at=at)
            )
        if is_too_wide(e164) and not force:
            entries, calls = await database.read(partial(covered, key=e164))
            raise UsageError(
                "This would ignore a whole country, or nearly so: "
                f"{entries} contacts and {calls} of the calls that are kept.",
                remedy="Write three digits more before the *, or add --force if you mean it.",
            )
        mark = Mark(kind=MarkKind.IGNORED, e164=e164, by="command line", at=at, reason=reason)
        await database.write(partial(set_mark, mark=mark))
        return True

    return OK if with_store(path, work) else FAILURE


def find(path: Path | None, number: str, *, json_output: bool) -> int:
    """Say who calls from a number and why; 1 if nobody."""

    async def work(loaded: Loaded, database: Database) -> tuple[MatchResult, str]:
        own = ours_of(loaded).name_of
        explain = partial(look_up.explain, written=number, plan=plan_of(loaded), own=own)
        return await database.read(explain), loaded.settings.gateway.language

    result, language = with_store(path, work)
    people = (*((result.contact,) if result.contact else ()), *result.candidates)
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
        document = {
            "match": result.kind.value,
            "contacts": rows,
            "steps": list(result.steps),
            "passi": [in_words(step, "it") for step in result.steps],
            "reasons": [reason.value for reason in result.reasons],
            "ignored": result.ignored.reason if result.ignored is not None else None,
        }
        show([document], {}, json_output=True)
    else:
        for step in result.steps:
            say(f"- {in_words(step, language)}")
        say(f"match: {result.kind.value}")
        if rows:
            columns = {"name": "name", "company": "company", "numbers": "numbers", "ref": "ref"}
            show(rows, columns, json_output=False)
    return FAILURE if result.kind is MatchKind.NONE else OK


def _show(report: ImportReport, *, json_output: bool) -> None:
    notes = [
        {"line": note.line, "kind": kind, "reason": note.reason, "remedy": note.remedy}
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
    differences = [
        {
            "name": one.name,
            "": "new" if one.new else "changed",
            "what": "; ".join(
                f"{what}: {new}" if one.new else f"{what}: {old!r} → {new!r}"
                for what, old, new in one.values
            ),
        }
        for one in report.differences
    ]
    if json_output:
        facts["preview"] = report.preview
        show([{**facts, "notes": notes, "differences": differences}], {}, json_output=True)
        return
    if differences:
        titles = {"name": "name", "": "", "what": "what"}
        show(differences[:SHOWN_DIFFERENCES], titles, json_output=False)
    if report.preview:
        say("a preview: nothing was written")
    say(
        f"{report.rows} rows ({_form(report)}): "
        f"{report.imported} new, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.refused} refused, {report.warned} with a warning, {report.seconds:.1f} s"
    )
    columns = {"line": "line", "kind": "", "reason": "reason", "remedy": "remedy"}
    if notes:
        show(notes[:SHOWN_NOTES], columns, json_output=False)
    if len(notes) > SHOWN_NOTES:
        say(f"… and {len(notes) - SHOWN_NOTES} more; --json lists them")


def _form(report: ImportReport) -> str:
    if not report.delimiter:
        return f"vCard, {report.encoding}"
    return f"{report.encoding}, delimiter {report.delimiter!r}"
