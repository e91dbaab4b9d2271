"""Looks after the trunks: what monitors tell and calls show becomes states, alarms and history."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.errors import StoreError
from gateway.core.inputs import Input
from gateway.core.ports import Clock, LinkPhase, LinkState, TrunkMonitor
from gateway.core.trunks import (
    AlarmKind,
    HealthRules,
    TrunkAlarm,
    TrunkReading,
    TrunkRef,
    TrunkTold,
    Words,
)
from gateway.core.trunkwatch import TrunkMemory
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.desk.trunks import TrunkDesk
from gateway.runtime import plugins
from gateway.runtime.loading import Loaded
from gateway.runtime.settings import PbxSettings
from gateway.runtime.trunk_file import Restored, TrunkFile
from gateway.runtime.trunk_memory import (
    begin_alarm,
    changes_of,
    end_alarm,
    note_pause,
    restored,
)
from gateway.runtime.trunk_tally import Tally
from gateway.store.database import Connection, Database
from gateway.store.trunk_points import put_point
from gateway.store.trunks import put_state, stored_trunks
from gateway.web.services import Degraded

EVERY_S: Final = 30.0
PAUSE_S: Final = 1.0
RETRY_S: Final = 10.0
MOST_WRITES: Final = 10_000
# So long after the link is up a trunk that nobody told of is one that is no more.
FORGOTTEN: Final = timedelta(minutes=3)

log = structlog.get_logger(__name__)
Part = Callable[[], Awaitable[None]]
Write = Callable[[Connection], object]


class Attachable(Protocol):
    """What a pipeline offers to whom its inputs concern."""

    def attach(self, *, listener: Callable[[Input], None], hears: Collection[type[Input]]) -> None:
        """Let somebody hear these of its inputs."""


class TrunkSide:
    """Everything about trunks' health that the composition root has to join."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        loaded: Loaded,
        *,
        hub: Hub,
        roster: Roster,
        calendars: CalendarBook = NO_CALENDARS,
    ) -> None:
        self._db = db
        self._clock = clock
        self._loaded = loaded
        self.calendars = calendars
        self._zone = ZoneInfo(loaded.settings.gateway.timezone)
        self.desk = TrunkDesk(hub, roster, clock)
        self._monitors: dict[str, TrunkMonitor] = {}
        self._tallies: dict[str, Tally] = {}
        self._links: dict[str, LinkState] = {}
        self._files: dict[TrunkRef, TrunkFile] = {}
        self._writes: list[Write] = []
        self._wanted = asyncio.Event()
        self.on_notices: Callable[[], None] = lambda: None

    async def open(self, pbx: PbxSettings, pipeline: Attachable) -> None:
        """Take one more PBX in, with what the store knows of its trunks."""
        tally = self._tallies[pbx.name] = Tally(lambda _trunk: self._wanted.set())
        pipeline.attach(listener=tally.hear, hears=tally.hears)
        monitor = plugins.adapter(pbx.kind).monitor(pbx, self._clock)
        if monitor is not None:
            self._monitors[pbx.name] = monitor
        known = await self._db.read(stored_trunks)
        named = {TrunkRef(pbx=one.pbx, name=one.name) for one in self._loaded.settings.trunk}
        for ref in sorted({*known, *named}):
            if ref.pbx == pbx.name:
                await self._restore(ref)

    async def _restore(self, ref: TrunkRef) -> None:
        now = self._clock.now()
        found = await self._db.read(partial(restored, ref=ref, at=now, zone=self._zone))
        found = await self._db.write(partial(note_pause, ref=ref, known=found, at=now))
        self._files[ref] = self._file(ref, found, now)
        if not self._loaded.trunk_keys(ref).test:
            self.test_alarm(ref, None)  # its tests are no more, so none can pass
        self.desk.show(self._files[ref].view(now))

    def _file(self, ref: TrunkRef, known: Restored, now: datetime) -> TrunkFile:
        calendar = self.calendars.of(pbx=ref.pbx, trunk=ref.name)
        return TrunkFile(
            ref,
            self.rules(ref),
            self._tallies[ref.pbx].count(ref.name),
            known,
            zone=self._zone,
            is_open=calendar.is_open if calendar is not None else _always,
            at=now,
        )

    def rules(self, ref: TrunkRef) -> HealthRules:
        """Return when a trunk counts as ill."""
        return self._loaded.trunk_keys(ref).health.rules()

    def report(self, state: LinkState) -> None:
        """Hear how the link to a PBX is."""
        self._links[state.pbx] = state
        monitor = self._monitors.get(state.pbx)
        if monitor is not None:
            monitor.heard(state)

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Yield what has to run, by name."""
        yield "trunks", self.run
        for name, monitor in self._monitors.items():
            yield f"trunks.{name}", partial(monitor.run, self.hear)

    def hear(self, told: TrunkTold) -> None:
        """Take what a monitor tells."""
        if isinstance(told, TrunkReading):
            file = self._files.get(told.ref)
            if file is None:
                now = self._clock.now()
                new = Restored(memory=TrunkMemory(at=now, since=now))
                file = self._files[told.ref] = self._file(told.ref, new, now)
            file.hear(told)
        elif told.ref in self._files and not self._is_named(told.ref):
            self._drop(told.ref)
        self._wanted.set()

    def test_alarm(self, ref: TrunkRef, words: Words | None) -> None:
        """Say that a trunk's test went wrong, or (None) that it is well again."""
        file = self._files.get(ref)
        if file is None or (words is None and file.test_alarm is None):
            return
        if words is not None and file.test_alarm is not None:
            # another of its tests may be the one that is wrong now
            file.test_alarm = replace(file.test_alarm, words=words)
            self._wanted.set()
            return
        now, before = self._clock.now(), file.alarms
        file.test_alarm = (
            None if words is None else TrunkAlarm(kind=AlarmKind.TEST, since=now, words=words)
        )
        self._note_alarms(file, before, now)
        self._wanted.set()

    def degraded(self) -> Sequence[Degraded]:
        """Return every alarm as a part that is not well."""
        return tuple(
            Degraded(
                part=f"trunk {ref} {alarm.kind}",
                cause=alarm.words.cause,
                since=alarm.since,
                remedy=alarm.words.remedy,
            )
            for ref, file in sorted(self._files.items())
            for alarm in file.alarms
        )

    async def run(self) -> None:
        """Judge the trunks whenever something changes, and keep their history, until cancelled."""
        try:
            while True:
                self._wanted.clear()
                self.look()
                pause = PAUSE_S if await self._store() else RETRY_S
                await asyncio.sleep(pause)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause()):
                        await self._wanted.wait()
        finally:
            self._take_points(self._clock.now(), whole=True)

    async def flush(self) -> None:
        """Store what is still to be stored; call once, after `run` has ended."""
        await self._store()

    def look(self) -> None:
        """Judge every trunk now and show it."""
        now = self._clock.now()
        self._take_points(now, whole=False)
        for ref, file in list(self._files.items()):
            link = self._links.get(ref.pbx)
            followed = link is not None and link.phase is LinkPhase.UP
            if followed and self._is_gone(file, link, now):
                self._drop(ref)
                continue
            alarms = file.alarms
            before = file.look(now, followed=followed)
            self._note_state(file, before)
            self._note_alarms(file, alarms, now)
            self.desk.show(file.view(now))

    def _is_gone(self, file: TrunkFile, link: LinkState | None, now: datetime) -> bool:
        """Whether the PBX has had the time to tell of a trunk, and did not."""
        since = link.since if link is not None else now
        told = file.reading is not None or now - max(since, file.opened_at) < FORGOTTEN
        return not told and not self._is_named(file.ref)

    def _is_named(self, ref: TrunkRef) -> bool:
        return any(
            (one.pbx, one.name) == (ref.pbx, ref.name) for one in self._loaded.settings.trunk
        )

    def _drop(self, ref: TrunkRef) -> None:
        file = self._files.pop(ref)
        self._note_alarms(file, file.alarms, self._clock.now(), after=())
        self.desk.drop(ref)

    def _note_state(self, file: TrunkFile, before: TrunkMemory) -> None:
        after = file.memory
        if (before.state, before.words) == (after.state, after.words):
            return
        at = after.since if before.state is not after.state else after.at
        self._later(partial(put_state, ref=file.ref, at=at, state=after.state, words=after.words))
        log.info(
            "trunk.state",
            trunk=str(file.ref),
            state=after.state.value,
            was=before.state.value,
            cause=after.words.cause,
        )

    def _note_alarms(
        self,
        file: TrunkFile,
        before: tuple[TrunkAlarm, ...],
        at: datetime,
        *,
        after: tuple[TrunkAlarm, ...] | None = None,
    ) -> None:
        for begun, alarm in changes_of(before, file.alarms if after is None else after):
            write = begin_alarm if begun else end_alarm
            self._later(partial(write, ref=file.ref, alarm=alarm, at=at))
            _log_alarm(file.ref, alarm, begun=begun)

    def _take_points(self, now: datetime, *, whole: bool) -> None:
        for file in self._files.values():
            point = file.take_point(now, whole=whole)
            if point is not None:
                self._later(partial(put_point, ref=file.ref, point=point))

    def _later(self, write: Write) -> None:
        if len(self._writes) < MOST_WRITES:
            self._writes.append(write)

    async def _store(self) -> bool:
        """Write what is due in one transaction; False if the store refuses, and it stays due."""
        writes = tuple(self._writes)
        if not writes:
            return True
        try:
            await self._db.write(lambda conn: [write(conn) for write in writes])
        except StoreError as error:
            log.warning("trunks.not_stored", cause=error.message)
            return False
        del self._writes[: len(writes)]
        self.on_notices()
        return True

    def _pause(self) -> float:
        now = self._clock.now()
        due = [at for file in self._files.values() if (at := file.due()) is not None]
        return min([EVERY_S, *((at - now).total_seconds() for at in due)])


def _always(_at: datetime) -> bool:
    return True


def _log_alarm(ref: TrunkRef, alarm: TrunkAlarm, *, begun: bool) -> None:
    told = {"trunk": str(ref), "since": alarm.since.isoformat(), "cause": alarm.words.cause}
    if not begun:
        log.info("trunk.alarm_over", kind=alarm.kind.value, **told)
    elif alarm.kind is AlarmKind.DOWN:
        log.warning("trunk.down", remedy=alarm.words.remedy, **told)
    elif alarm.kind is AlarmKind.FLAPPING:
        log.warning("trunk.flapping", remedy=alarm.words.remedy, **told)
    elif alarm.kind is AlarmKind.SILENT:
        log.warning("trunk.silent", remedy=alarm.words.remedy, **told)
    else:
        log.warning("trunk.test_failed", remedy=alarm.words.remedy, **told)
