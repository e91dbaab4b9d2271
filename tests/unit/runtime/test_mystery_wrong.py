"""The alarm of tests that went wrong: which test it names, and what a restart makes of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from support.desk import START, TurnedClock
from support.empty_store import open_store

from gateway.core.mystery import MysteryRun, RunState
from gateway.core.mystery_words import CHANGED, RESTARTED, TOO_LONG, named
from gateway.core.numbers import NumberPlan
from gateway.core.trunks import TrunkRef, Words
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.runtime.loading import Loaded, parse
from gateway.runtime.mystery import MysterySide
from gateway.runtime.mystery_wrong import WrongTests
from gateway.runtime.pipeline import Pipeline
from gateway.runtime.trunks import TrunkSide
from gateway.store import mystery
from gateway.store.database import Database
from gateway.store.mystery import StoredRun

REF = TrunkRef(pbx="hq", name="carrier")
NUMBER = "+390299993000"
NUMBERS = {"number": NUMBER, "caller_id": "+390299990000", "steps": ["expect answer"]}


def file_of(*tests: str) -> Loaded:
    """Return a file with these tests of one trunk."""
    scripts: list[dict[str, Any]] = [{**NUMBERS, "name": one} for one in tests]
    return parse(
        {
            "pbx": [{"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s"}],
            "trunk": [{"name": "carrier", "pbx": "hq", "test": scripts}],
            "directory": {"own_numbers": ["+39029999*"]},
        }
    )


# made here, off the event loop: they read files
FILE, OTHER = file_of("day", "night"), file_of("day", "evening")
PLAN = NumberPlan("IT")
ROME = ZoneInfo(FILE.settings.gateway.timezone)


def run_of(test: str, state: RunState, minute: int = 0) -> MysteryRun:
    """Return a run that began so many minutes after the start."""
    at = START + timedelta(minutes=minute)
    words = {RunState.FAILED: TOO_LONG, RunState.CHANGED: CHANGED}.get(state, Words())
    return MysteryRun(
        id=UUID(int=minute + 1), trunk=REF, test=test, number=NUMBER, by="",
        started_at=at, ended_at=at, state=state, words=words,
    )  # fmt: skip


def kept(*, several: bool = True) -> tuple[WrongTests, list[Words | None]]:
    """Return what keeps tests that went wrong, and what the alarm is told."""
    told: list[Words | None] = []
    return WrongTests(lambda _ref, words: told.append(words), lambda _ref: several), told


def test_alarm_stays_with_the_test_it_names_and_goes_on_to_the_next() -> None:
    """Who reads it at night must know which script to look at; the others' runs change nothing."""
    wrong, told = kept()
    wrong.note(run_of("night", RunState.FAILED))
    wrong.note(run_of("day", RunState.CHANGED))
    wrong.note(run_of("night", RunState.FAILED))
    assert told == [named(TOO_LONG, "night")] * 3
    assert wrong.state(REF, "day") is RunState.CHANGED
    wrong.note(run_of("night", RunState.PASSED))
    assert told[3:] == [named(CHANGED, "day")]
    wrong.note(run_of("day", RunState.PASSED))
    assert (told[-1], wrong.state(REF, "day")) == (None, None)


def test_only_test_of_a_trunk_needs_no_name() -> None:
    """Most trunks have one."""
    wrong, told = kept(several=False)
    wrong.note(run_of("test", RunState.FAILED))
    assert told == [TOO_LONG]


def test_words_name_their_test_in_both_languages() -> None:
    """The headline of the page is made of them."""
    words = named(TOO_LONG, "night")
    assert words.cause == f'Test "night": {TOO_LONG.cause}'
    ((_, italian, _),) = words.translated
    assert italian.startswith("Prova «night»: La chiamata")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store."""
    store = await open_store(tmp_path)
    yield store
    await store.close()


class Pipe:
    """Stands for the pipeline of a PBX through which nothing comes."""

    screen: object = None
    is_up = True

    def attach(self, **_listeners: object) -> None:
        """Tell nobody."""


async def started(db: Database, loaded: Loaded) -> tuple[TrunkSide, MysterySide]:
    """Start the trunks and their tests as the daemon does."""
    clock, pipe = TurnedClock(START), cast("Pipeline", Pipe())
    trunks = TrunkSide(db, clock, loaded, hub=Hub(clock, epoch="e"), roster=Roster())
    side = MysterySide(db, clock, loaded, trunks)
    await trunks.open(loaded.pbxs[0], pipe)
    side.open(loaded.pbxs[0], PLAN, pipe, None)
    await side.load()
    trunks.look()
    await trunks.flush()
    return trunks, side


async def alarms(db: Database, loaded: Loaded) -> list[str]:
    """Return what the alarms say after a start with a file."""
    trunks, _ = await started(db, loaded)
    view = trunks.desk.find("carrier")
    assert view is not None
    return [one.words.cause for one in view.alarms]


async def remember(db: Database, *runs: MysteryRun) -> None:
    """Store runs of before."""
    for run in runs:
        channel = "" if run.by == "command" else "fdtest-1"
        stored = StoredRun(run=run, script="a", caller="", channel=channel, node="a")
        await db.write(partial(mystery.begin_run, stored=stored))


async def test_rare_test_that_failed_keeps_its_alarm_over_a_restart(db: Database) -> None:
    """A test every ten minutes must not make a restart forget the nightly one."""
    often = [run_of("day", RunState.PASSED, minute) for minute in range(1, 30)]
    await remember(db, run_of("night", RunState.FAILED), *often)
    for _ in range(2):
        assert await alarms(db, FILE) == [named(TOO_LONG, "night").cause]
    _, side = await started(db, FILE)
    tests = side.test_of(REF)["tests"]
    assert [(one["name"], one["wrong"]) for one in cast("list[dict[str, Any]]", tests)] == [
        ("day", None),
        ("night", "failed"),
    ]


async def test_alarm_of_a_test_that_is_no_more_ends_at_the_start(db: Database) -> None:
    """Nothing else could end it: no run of it will ever pass."""
    failed = run_of("night", RunState.FAILED)
    await remember(db, failed, run_of("day", RunState.PASSED, 1))
    assert await alarms(db, FILE) == [named(TOO_LONG, "night").cause]
    assert await alarms(db, OTHER) == []


async def test_alarm_of_a_test_that_is_no_more_goes_on_to_another_that_failed(
    db: Database,
) -> None:
    """It must not go on naming what nobody finds in the file."""
    day = run_of("day", RunState.CHANGED, 1)
    await remember(db, run_of("night", RunState.FAILED), day)
    assert await alarms(db, FILE) == [named(TOO_LONG, "night").cause]
    assert await alarms(db, OTHER) == [named(CHANGED, "day").cause]


async def test_run_that_our_restart_cut_off_neither_begins_nor_ends_an_alarm(
    db: Database,
) -> None:
    """The trunk did nothing wrong, and nothing was proved right: a day until the next run."""
    cut = replace(run_of("day", RunState.FAILED, 2), words=RESTARTED)
    await remember(db, run_of("day", RunState.PASSED), cut)
    assert await alarms(db, FILE) == []
    cut = replace(run_of("night", RunState.FAILED, 4), words=RESTARTED)
    await remember(db, run_of("night", RunState.FAILED, 3), cut)
    assert await alarms(db, FILE) == [named(TOO_LONG, "night").cause]
    wrong, told = kept()
    wrong.note(cut)
    assert (told, wrong.state(REF, "night")) == ([], None)


async def test_run_that_was_never_placed_says_nothing_of_the_trunk(db: Database) -> None:
    """Somebody asked for it at a moment when nothing could be tried."""
    refused = replace(run_of("day", RunState.FAILED, 1), by="command")
    await remember(db, run_of("day", RunState.PASSED), refused)
    assert await alarms(db, FILE) == []
