"""`filodiretto crm dry-run` and `crm log`: what a CRM would get of earlier calls; writing them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typer

from gateway.core.errors import UsageError
from gateway.runtime import loading
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import FAILURE, OK, prepare_data_dir, say, show
from gateway.runtime.crms import open_http
from gateway.runtime.loading import Loaded
from gateway.runtime.logbooks import Logbooks
from gateway.store.database import Database

COLUMNS: Final = {
    "at": "began",
    "title": "title",
    "match": "match",
    "person": "person",
    "assignee": "whose",
    "task": "task",
    "creates": "creates",
    "state": "outbox",
}
RATES: Final = {
    "direction": "direction",
    "exact": "exact",
    "company": "company",
    "several": "several",
    "none": "nobody",
}
LOOK_AGAIN_S: Final = 2.0
Work = Callable[[Logbooks], Awaitable[Mapping[str, Any]]]


def dry_run(
    path: Path | None,
    *,
    name: str,
    first: str | None,
    last: str | None,
    limit: int,
    json_output: bool,
) -> int:
    """Show what the calls of some days would become in a CRM; 1 if the CRM did not answer."""
    loaded, days = loading.load(path), (_day(first), _day(last))

    async def work(books: Logbooks) -> Mapping[str, Any]:
        return await books.dry_run(name, *days, limit=limit, masked=False)

    found = _run(loaded, work)
    if json_output:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found, _zone(loaded))
    return FAILURE if found["cause"] else OK


def log(
    path: Path | None,
    *,
    name: str,
    first: str,
    last: str,
    per_s: float,
    yes: bool,
    follow: bool,
    json_output: bool,
) -> int:
    """Put the calls of some days into a CRM's outbox, from where the daemon writes them once."""
    loaded, days = loading.load(path), (_day(first), _day(last))

    question = f"Write the calls from {first} to {last} into {name}? What is there stays as it is."
    if not yes and not typer.confirm(question):
        return OK

    async def work(books: Logbooks) -> Mapping[str, Any]:
        done = await books.log(name, *days, per_s=per_s)
        return {**done, "progress": await books.progress(name, *days)}

    done = _run(loaded, work)
    if json_output:
        typer.echo(json.dumps(done, ensure_ascii=False))
    else:
        say(
            f"{done['put']} put into the outbox, {done['there']} there already,"
            f" {done['unwanted']} not wanted by the policy"
        )
        _say_progress(done["progress"], _zone(loaded))
    if follow and done["put"]:
        zone = None if json_output else _zone(loaded)
        _run(loaded, lambda books: _followed(books, name, days, zone))
    return OK


async def _followed(
    books: Logbooks, name: str, days: tuple[date | None, date | None], zone: ZoneInfo | None
) -> Mapping[str, Any]:
    """Say how far it is until nothing waits any more, or Ctrl-C; nothing without a zone."""
    said: Mapping[str, Any] = {}
    while True:
        found: Mapping[str, Any] = await books.progress(name, *days)
        if found != said and zone is not None:
            _say_progress(found, zone)
        said = found
        if not {"pending", "leased"} & found["states"].keys():
            return found
        await asyncio.sleep(LOOK_AGAIN_S)


def _run(loaded: Loaded, work: Work) -> Mapping[str, Any]:
    async def opened() -> Mapping[str, Any]:
        prepare_data_dir(loaded)
        clock = SystemClock()
        async with AsyncExitStack() as stack:
            database = await Database.open(loaded.settings.database_url)
            stack.push_async_callback(database.close)
            https = {crm.name: open_http(crm, clock, stack) for crm in loaded.crms}
            return await work(Logbooks(loaded, database, clock, https))

    return asyncio.run(opened())


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("This is no day.", remedy="Write it like 2026-10-03.") from error


def _zone(loaded: Loaded) -> ZoneInfo:
    return ZoneInfo(loaded.settings.gateway.timezone)


def _local(time: str | None, zone: ZoneInfo) -> str | None:
    """Return a time of the API as people there read it."""
    if time is None:
        return None
    return f"{datetime.fromisoformat(time).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _print(found: Mapping[str, Any], zone: ZoneInfo) -> None:
    first, end = (datetime.fromisoformat(found[key]).astimezone(zone) for key in ("from", "to"))
    last = end - timedelta(microseconds=1)
    days = f"{first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() > first.date() else "")
    say(f"{found['name']}: calls of {days}; all times are of {zone.key}")
    for sentence in found["policy"]:
        say(f"  {sentence}")
    if not found["calls"] and not found["unwanted"]:
        say("Filodiretto has seen no call of these days: --from and --to name others.")
        return
    calls = [{**call, "at": _local(call["at"], zone)} for call in found["calls"]]
    show(calls, COLUMNS, json_output=False)
    if found["more"]:
        say("… and more calls: choose fewer days, or a higher --limit")
    there = sum(one["state"] is not None for one in found["calls"])
    say(
        f"{len(found['calls']) - there} would be written, {there} are there already,"
        f" {found['unwanted']} are not wanted"
    )
    show(found["rates"], RATES, json_output=False)
    if found["unmatched"]:
        say("numbers that belong to nobody:")
        rows = [{**one, "number": one["number"] or "(withheld)"} for one in found["unmatched"]]
        show(rows, {"number": "number", "calls": "calls"}, json_output=False)
    if not found["asked_crm"]:
        say("The people are those of the directory; the CRM itself was not asked.")
    if found["cause"]:
        say(f"{found['cause']} {found['remedy'] or ''}")
    say("Nothing was written.")


def _say_progress(found: Mapping[str, Any], zone: ZoneInfo) -> None:
    states = ", ".join(f"{count} {state}" for state, count in sorted(found["states"].items()))
    due_at = _local(found["last_due_at"], zone)
    until = f"; the last is due at {due_at}" if due_at else ""
    say(f"{states or 'nothing'}{until}")
