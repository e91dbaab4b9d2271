"""`filodiretto trunks test`: has the running daemon make a mystery call, and prints it as it goes.

The wish goes through the store, as all commands do: no token is needed, and no second link to the
PBX that could not follow the call anyway.
"""

import asyncio
import getpass
import json
import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import typer

from gateway.core.errors import UsageError
from gateway.core.mystery import MysteryRun, MysteryStep, RunState
from gateway.desk.mystery import run_json
from gateway.runtime.commands.common import FAILURE, OK, say, with_store
from gateway.runtime.loading import Loaded
from gateway.runtime.mystery_begin import busy, no_such_test
from gateway.runtime.mystery_plans import trunk_named
from gateway.store import mystery
from gateway.store.database import Connection, Database
from gateway.store.mystery import StoredRun

LOOK_S: Final = 0.3
# The daemon looks every second what is asked for; a busy one may take longer.
TAKEN_S: Final = 15.0
_SIGNS: Final = {True: "ok", False: "!!", None: "  "}


def test(path: Path | None, name: str, *, script: str | None, json_output: bool) -> int:
    """Have a trunk tested; 0 if all went as the script wants and as it used to, else 1."""

    async def work(loaded: Loaded, database: Database) -> MysteryRun:
        asked = _asked(loaded, name, script)
        await database.write(partial(_ask, stored=asked))
        try:
            return await _follow(loaded, database, asked.run.id, quiet=json_output)
        finally:
            await database.write(partial(mystery.drop_asked, run=asked.run.id))

    run = with_store(path, work)
    if json_output:
        typer.echo(json.dumps(run_json(run), ensure_ascii=False))
    return OK if run.state is RunState.PASSED else FAILURE


def _asked(loaded: Loaded, name: str, script: str | None) -> StoredRun:
    ref = trunk_named(loaded, name)
    scripts = [one.name for one in loaded.trunk_keys(ref).test]
    if not scripts:
        raise UsageError(
            "No test is configured for this trunk.",
            remedy="Write [trunk.test] below its [[trunk]] (docs/mystery-calls.md).",
        )
    if script is not None and script not in scripts:
        raise no_such_test()
    run = MysteryRun(
        id=uuid4(),
        trunk=ref,
        test=script or scripts[0],
        number="",
        by=_who(),
        started_at=datetime.now(UTC),
    )
    return StoredRun(run=run, script="", caller="", channel="", node="")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _ask(conn: Connection, stored: StoredRun) -> None:
    if mystery.begin_run(conn, stored) is not None:
        raise busy()


async def _follow(loaded: Loaded, database: Database, run: UUID, *, quiet: bool) -> MysteryRun:
    """Print each step as it comes and return the run once it is over."""
    italian = loaded.settings.gateway.language == "it"
    shown, end = 0, time.monotonic() + TAKEN_S
    while True:
        stored = await database.read(partial(mystery.get_run, run=run))
        if stored is None:
            raise UsageError("The test was taken back.", remedy="Start it again.")
        if not stored.node and time.monotonic() > end:
            raise UsageError(
                "Nobody takes the test on: the daemon does not run, or is busy.",
                remedy="Start it with `filodiretto run` or its service, then try again.",
            )
        if not quiet:
            for step in stored.run.steps[shown:]:
                say(_line(stored.run, step, italian=italian))
            shown = len(stored.run.steps)
        if stored.node and stored.run.state is not RunState.RUNNING:
            if not quiet:
                _conclude(stored.run, "it" if italian else "en")
            return stored.run
        await asyncio.sleep(LOOK_S)


def _line(run: MysteryRun, step: MysteryStep, *, italian: bool) -> str:
    since = (step.at - run.started_at).total_seconds()
    return f"{since:7.1f} s  {_SIGNS[step.ok]}  {step.italian if italian else step.text}"


def _conclude(run: MysteryRun, language: str) -> None:
    data = run_json(run, language)
    say(f"{run.trunk} {run.test}: {run.state}")
    for text in (data["cause"], data["remedy"]):
        if text:
            say(str(text))
    for change in run.changes:
        say(f"{change.what}: {change.before} -> {change.now}")
