"""Mystery calls: placed by button or by the clock, followed at both ends, kept from everybody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import structlog

from gateway.core.errors import FilodirettoError, StoreError, UsageError
from gateway.core.mystery import CHANNEL_PREFIX, MysteryRun, RunState
from gateway.core.mystery_trend import LOOKED_AT, changes
from gateway.core.mystery_words import CHANGED
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Clock, MysteryCaller, PbxControl
from gateway.core.trunks import TrunkRef
from gateway.core.wording import told
from gateway.desk.mystery import MysteryBoard
from gateway.desk.refusals import NotFoundError, NotNowError
from gateway.runtime import plugins
from gateway.runtime.loading import Loaded
from gateway.runtime.mystery_begin import begin, no_such_test, serve_asked
from gateway.runtime.mystery_calls import OurCalls
from gateway.runtime.mystery_live import LiveTest, words_of
from gateway.runtime.mystery_plans import PlannedTest, plan_tests, trunk_named
from gateway.runtime.mystery_rest import clear_up
from gateway.runtime.mystery_schedule import Schedule
from gateway.runtime.mystery_wrong import LOOKED_BACK, WrongTests
from gateway.runtime.pipeline import Pipeline
from gateway.runtime.plans import ours_of
from gateway.runtime.settings import PbxSettings
from gateway.runtime.trunks import TrunkSide
from gateway.store import mystery
from gateway.store.database import Database
from gateway.store.mystery import StoredRun
from gateway.web.italian import ITALIAN

STOP_LOOK_S: Final = 0.05

log = structlog.get_logger(__name__)
Part = Callable[[], Awaitable[None]]


class MysterySide:
    """Everything about mystery calls that the composition root has to join.

    `trunks` hears of a trunk whose test went wrong, and shows how each can be tested.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        loaded: Loaded,
        trunks: TrunkSide,
    ) -> None:
        self._db = db
        self._clock = clock
        self._loaded = loaded
        self._node = loaded.settings.gateway.node
        self._own = ours_of(loaded).name_of
        self._calendars = trunks.calendars
        self._tests: dict[TrunkRef, dict[str, PlannedTest]] = {}
        self._wrong: dict[TrunkRef, UsageError] = {}
        self._callers: dict[str, MysteryCaller] = {}
        self._italian: dict[str, str] = {}
        self._up: dict[str, Callable[[], bool]] = {}
        self._bad = WrongTests(trunks.test_alarm, lambda ref: len(loaded.trunk_keys(ref).test) > 1)
        self._running: dict[UUID, StoredRun] = {}
        self._wanted: asyncio.Queue[tuple[LiveTest, PlannedTest, StoredRun]] = asyncio.Queue()
        self.board = MysteryBoard(trunks.desk)
        trunks.desk.tested_by(self.test_of)
        self.calls = OurCalls(db, clock)

    # Joining

    def open(
        self, pbx: PbxSettings, plan: NumberPlan, pipeline: Pipeline, hands: PbxControl | None
    ) -> None:
        """Take one more PBX in; nothing is placed before the parts run."""
        pipeline.screen = self.calls
        plugin = plugins.adapter(pbx.kind)
        if isinstance(plugin, plugins.WithMysteryCalls):
            caller = plugin.mystery_caller(pbx, self._clock, hands)
            if caller is not None:
                self._callers[pbx.name] = caller
                self._italian.update(plugin.italian)
                self._up[pbx.name] = lambda: pipeline.is_up
                pipeline.attach(listener=caller.hear, hears=caller.hears)
        tests = plan_tests(self._loaded, pbx, plan, own=self._own, calendars=self._calendars)
        for ref, test, found in tests:
            if isinstance(found, UsageError):
                self._wrong[ref] = found
                log.warning("mystery.not_possible", trunk=str(ref), cause=found.message)
            else:
                self._tests.setdefault(ref, {})[test.name] = found

    async def load(self) -> None:
        """Take over what an earlier process left; call once, after the PBXs were opened."""
        await self.calls.load()
        for ref in {*self._tests, *self._wrong}:
            for run in await self._db.read(partial(mystery.runs_of, ref=ref, limit=1)):
                self.board.recall(run)
            # the alarm of a test that is no more could never end
            tests = self._tests.get(ref, {})
            runs = await self._db.read(partial(mystery.latest_runs, ref=ref, each=LOOKED_BACK))
            self._bad.restore(ref, (run for run in runs if run.test in tests))

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Yield what has to run, by name."""
        if self._callers:
            yield "mystery", self._run
        if self._tests:
            yield "mystery.asked", partial(serve_asked, self._db, self._clock, self.start_asked)
        schedule = Schedule(
            self._db,
            self._clock,
            [test for tests in self._tests.values() for test in tests.values()],
            start=self._start_due,
        )
        if schedule.has_any:
            yield "mystery.schedule", schedule.run

    async def stop(self) -> None:
        """End the calls in progress and return when their runs are stored; before intake ends."""
        for live in tuple(self.calls.live()):
            await live.stop()
        while self._running:  # noqa: ASYNC110 - a few runs, for a moment
            await asyncio.sleep(STOP_LOOK_S)

    # Asking

    def test_of(self, ref: TrunkRef) -> Mapping[str, object]:
        """Return the member `test` of a trunk's public JSON object."""
        tests = [
            (name, test.called, self._bad.state(ref, name))
            for name, test in self._tests.get(ref, {}).items()
        ]
        refusal = self._refusal(ref)
        why_not = f"{refusal.message} {refusal.remedy}".strip() if refusal is not None else ""
        italian = told(why_not, {**self._italian, **ITALIAN})
        return self.board.json_of(ref, tests=tests, why_not=why_not, italian=italian)

    def _refusal(self, ref: TrunkRef) -> FilodirettoError | None:
        if ref not in self._tests:
            return self._wrong.get(ref) or NotFoundError(
                "No test is configured for this trunk.",
                remedy="Write [trunk.test] below its [[trunk]] (docs/mystery-calls.md).",
            )
        caller = self._callers.get(ref.pbx)
        if caller is None:
            return UsageError(
                "Nobody can place calls on this PBX.",
                remedy="Install the control user of config/asterisk and set pbx.control.",
            )
        return caller.why_not()

    def find(self, name: str) -> TrunkRef:
        """Return the trunk called `PBX:NAME`, or NAME if only one is; raises NotFoundError."""
        return trunk_named(self._loaded, name)

    async def start(self, name: str, *, test: str | None, by: str) -> MysteryRun:
        """Begin a run and return it as it begins.

        Raises NotFoundError, NotNowError, LimitError and what else is wrong with it as a
        UsageError or AdapterError; then nothing was placed.
        """
        ref = self.find(name)
        refusal = self._refusal(ref)
        if refusal is not None:
            raise refusal
        tests = self._tests[ref]
        chosen = next(iter(tests.values())) if test is None else tests.get(test)
        if chosen is None:
            raise no_such_test()
        return await self._begin(chosen, by)

    async def start_asked(self, asked: StoredRun) -> None:
        """Begin a run that a command asks for in the store; one that cannot be has failed."""
        run = asked.run
        test = self._tests.get(run.trunk, {}).get(run.test)
        try:
            refusal = self._refusal(run.trunk)
            if refusal is not None:
                raise refusal
            if test is None:
                raise no_such_test()
            await self._begin(test, run.by, asked=run.id)
        except FilodirettoError as error:
            words = words_of(error, self._italian)
            ended = replace(run, state=RunState.FAILED, ended_at=self._clock.now(), words=words)
            failed = replace(asked, run=ended, node=self._node)
            await self._db.write(partial(mystery.take_asked, stored=failed))

    async def _start_due(self, test: PlannedTest) -> None:
        """Begin a run that the clock asks for, where it can be placed now."""
        if self._refusal(test.ref) is None and self._up[test.ref.pbx]():
            await self._begin(test, "")

    async def _begin(self, test: PlannedTest, by: str, *, asked: UUID | None = None) -> MysteryRun:
        ref, now = test.ref, self._clock.now()
        if not self._up[ref.pbx]():
            raise NotNowError(
                "The PBX is not followed now: nobody would see what becomes of the call.",
                remedy="Look at the state of the link, then try again.",
            )
        identity = asked or uuid4()
        channel = f"{CHANNEL_PREFIX}{int(now.timestamp())}.{identity.int & 0xFFFFFFFFFFFF}"
        run = MysteryRun(
            id=identity, trunk=ref, test=test.settings.name, number=test.called, by=by,
            started_at=now,
        )  # fmt: skip
        stored = test.stored(run, channel=channel, node=self._node)
        await self._db.write(partial(begin, stored=stored, asked=asked is not None))
        self.calls.expect(stored.mark)
        live = LiveTest(
            run,
            test.order(channel),
            test.settings.script,
            self._callers[ref.pbx],
            self._clock,
            tell=self._told,
            italian=self._italian,
        )
        self.calls.follow(run.id, live)
        self._running[run.id] = stored
        self._wanted.put_nowait((live, test, stored))
        self.board.show(run, now)
        log.info("mystery.begun", trunk=str(ref), test=run.test, asked=bool(by))
        return run

    def _told(self, run: MysteryRun) -> None:
        """Show and store each step as it comes; the end is stored by `_end`, which compares."""
        stored = self._running.get(run.id)
        if run.state is RunState.RUNNING and stored is not None:
            self.board.show(run, self._clock.now())
            stored = replace(stored, run=run, arrived=self.calls.arrived(run.id))
            self._db.write_nowait(partial(mystery.put_run, stored=stored)).add_done_callback(_kept)

    # Running

    async def _run(self) -> None:
        """Play what is begun, until cancelled; first end what an earlier process left."""
        async with asyncio.TaskGroup() as group:
            left = await self._db.read(partial(mystery.running, node=self._node))
            waiting = {live.run.id for live in self.calls.live()}
            for stored in left:
                if stored.run.id not in waiting:
                    group.create_task(self._clear_up(stored))
            while True:
                live, test, stored = await self._wanted.get()
                group.create_task(self._play(live, test, stored))

    async def _play(self, live: LiveTest, test: PlannedTest, stored: StoredRun) -> None:
        try:
            run = await live.play()
            self.calls.over(run.id)
            stored = replace(stored, run=run, arrived=self.calls.arrived(run.id))
            await self._end(stored, test.ref)
        finally:
            self.calls.over(stored.run.id)
            del self._running[stored.run.id]

    async def _clear_up(self, stored: StoredRun) -> None:
        caller = self._callers.get(stored.run.trunk.pbx)
        run = await clear_up(stored, caller, self._clock)
        arrived = self.calls.arrived(run.id) or stored.arrived
        await self._end(replace(stored, run=run, arrived=arrived), run.trunk)

    async def _end(self, stored: StoredRun, ref: TrunkRef) -> None:
        """Compare, store, and tell; a store that refuses is asked again."""
        while True:
            try:
                stored = await self._compared(stored)
                await self._db.write(partial(mystery.put_run, stored=stored))
                break
            except StoreError as error:
                log.warning("mystery.not_stored", trunk=str(ref), cause=error.message)
                await asyncio.sleep(1)
        run = stored.run
        log.info("mystery.ended", trunk=str(ref), state=run.state.value, cause=run.words.cause)
        if run.test in self._tests.get(ref, {}):
            self._bad.note(run)
        self.board.show(run, self._clock.now())

    async def _compared(self, stored: StoredRun) -> StoredRun:
        """Return a run that went well as changed if it went otherwise than those before."""
        if stored.run.state is not RunState.PASSED:
            return stored
        before = await self._db.read(partial(mystery.good_runs, stored=stored, limit=LOOKED_AT))
        found = changes(stored.run, before)
        if not found:
            return stored
        run = replace(stored.run, state=RunState.CHANGED, words=CHANGED, changes=found)
        return replace(stored, run=run)


def _kept(done: "asyncio.Future[None]") -> None:
    if not done.cancelled() and done.exception() is not None:
        log.warning("mystery.step_not_stored")
