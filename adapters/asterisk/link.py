"""The link to one Asterisk: connect, sign in, snapshot, follow, reconnect, and so on for ever."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, ParamSpec

import structlog

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.attendance import ALSO_WANTED, TOLD_HERE, Attendance
from adapters.asterisk.backoff import Backoff
from adapters.asterisk.codec import Frame
from adapters.asterisk.intake import Arrived, Intake, Listed, Stamper
from adapters.asterisk.italian import in_italian
from adapters.asterisk.naming import Naming
from adapters.asterisk.pulse import Behind, Pulse
from adapters.asterisk.queries import Questions
from adapters.asterisk.rights import Rights
from adapters.asterisk.session import Session, open_session
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.snapshot import LIST_EVENTS, Boot, read_boot, take_lists
from adapters.asterisk.translate import WANTED, Translator
from gateway.core.errors import AuthError, ConfigError, FilodirettoError
from gateway.core.events import Query
from gateway.core.inputs import Input, LinkDown, PbxRestarted
from gateway.core.ports import Clock, LinkPhase, LinkState
from gateway.core.stall import CaughtUp, Stalled

BOOTED: Final = "FullyBooted"
SHUTDOWN: Final = "Shutdown"
_OF_ITSELF: Final = frozenset({BOOTED, SHUTDOWN})
FOLLOWED: Final = {
    **LIST_EVENTS,
    **ALSO_WANTED,
    **WANTED,
    BOOTED.encode(): (),
    SHUTDOWN.encode(): (),
}

P = ParamSpec("P")

log = structlog.get_logger(__name__)


class AsteriskSource:
    """Implements `PbxSource` over AMI; `report` is told every change of the link, in words."""

    def __init__(
        self,
        settings: AsteriskSettings,
        clock: Clock,
        *,
        report: Callable[[LinkState], None],
        rng: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._limits = settings.link
        self._clock = clock
        self._report = report
        self._backoff = Backoff(self._limits, rng or random.Random())  # noqa: S311  # jitter
        self._stamper = Stamper(clock)
        self._translator = Translator(settings)
        self._pulse = Pulse(clock, on_stall=self._stalled)
        self._behind: Behind | None = None
        self._attendance = Attendance(Naming(settings))
        self._rights = Rights()
        self._retry = asyncio.Event()
        self._intake = self._new_intake()
        self._questions = Questions(self._limits.query_timeout_s, self._stamper)
        self._session: Session | None = None
        self._emit: Callable[[Input], None] | None = None
        self._booted: asyncio.Future[Frame] | None = None
        self._boot: Boot | None = None
        self._up_since: float | None = None
        self._told = False
        self._state = LinkState(
            pbx=settings.name, phase=LinkPhase.DOWN, since=clock.now(), cause="Not started yet."
        )

    @property
    def state(self) -> LinkState:
        """The link's state as last reported."""
        return self._state

    @property
    def clock_offset_s(self) -> float | None:
        """How far the PBX's clock is ahead of ours, as the last ping told."""
        return self._session.clock_offset_s if self._session is not None else None

    def retry(self) -> None:
        """Try to connect now instead of waiting (after a reload, or on a person's wish)."""
        self._retry.set()

    def resync(self) -> None:
        """Cut the link and start with a fresh snapshot, because somebody could not keep up."""
        if self._session is not None:
            self._session.drop(faults.overrun())

    def ask(self, query: Query) -> None:
        """Send a query; a `QueryAnswer` follows within the time limit, with None if need be."""
        self._questions.ask(self._session, query, self._intake)

    async def run(self, emit: Callable[[Input], None]) -> None:
        """Connect, follow and reconnect until cancelled."""
        self._intake = self._new_intake()
        self._emit = emit
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._deliver(emit))
                group.create_task(self._keep_connected())
        finally:
            self._emit = None

    def _new_intake(self) -> Intake:
        return Intake(max_frames=self._limits.queue_frames, max_bytes=self._limits.queue_bytes)

    async def _deliver(self, emit: Callable[[Input], None]) -> None:
        """Translate what had to wait and hand it on, one segment at a turn of the event loop."""
        while True:
            item = await self._intake.get()
            if isinstance(item, Arrived):
                self._deliver_events(item.frames, item.at, emit)
            elif isinstance(item, Listed):
                self._guarded("snapshot", self._snapshot, item, emit)
                item.delivered.set()
            else:
                self._guarded("link", emit, item)
            await asyncio.sleep(0)

    def _deliver_events(
        self, frames: list[Frame], at: datetime, emit: Callable[[Input], None]
    ) -> None:
        """Hand events on; a fault of one must not cost the Hangup that comes behind it."""
        translate = self._translator.translate
        for frame in frames:
            try:
                for told in translate(frame, at):
                    emit(told)
                if frame.name in TOLD_HERE:
                    self._attend(frame, at, emit)
            except Exception:
                log.exception("ami.listener_failed", pbx=self._settings.name, told=frame.name)

    def _guarded(self, what: str, call: Callable[P, None], *args: P.args, **kw: P.kwargs) -> None:
        """Call a listener; its fault must not cost what comes behind it."""
        try:
            call(*args, **kw)
        except Exception:
            log.exception("ami.listener_failed", pbx=self._settings.name, told=what)

    def _attend(self, frame: Frame, at: datetime, emit: Callable[[Input], None]) -> None:
        """Tell what an event means for queues and phones."""
        self._translator.seq += 1
        told = self._attendance.translate(frame, at, self._translator.seq)
        if told is not None:
            emit(told)

    def _snapshot(self, item: Listed, emit: Callable[[Input], None]) -> None:
        emit(self._translator.snapshot(item.at, item.requested_seq, item.frames))
        emit(self._attendance.snapshot(item.at, item.requested_seq, item.frames))

    async def _keep_connected(self) -> None:
        while True:
            self._retry.clear()
            error, pause = await self._one_link()
            phase = (
                LinkPhase.REFUSED if isinstance(error, AuthError | ConfigError) else LinkPhase.DOWN
            )
            self._tell(phase, error.message, error.remedy, pause=pause)
            await self._intake.drained()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._retry.wait()

    async def _one_link(self) -> tuple[FilodirettoError, float]:
        """Hold one connection as long as it lasts; return its end and the pause that follows."""
        self._booted = asyncio.get_running_loop().create_future()
        self._up_since = None
        self._stamper.anchor()
        if not self._told:
            self._tell(LinkPhase.CONNECTING)
        try:
            async with open_session(
                self._settings, self._clock, on_frames=self._arrived, wanted=FOLLOWED
            ) as session:
                await self._follow(session)
        except FilodirettoError as error:
            if self._was_stable():
                self._backoff.succeeded()
            return self._backoff.after(error)
        raise AssertionError  # pragma: no cover  # following ends only with an error

    def _was_stable(self) -> bool:
        return (
            self._up_since is not None
            and self._clock.monotonic() - self._up_since > self._limits.backoff_most_s
        )

    def _arrived(self, frames: list[Frame]) -> FilodirettoError | None:
        """Stamp and keep what came; called by the protocol, so it neither waits nor raises."""
        for frame in frames:
            if frame.name in _OF_ITSELF:
                if frame.name == SHUTDOWN:
                    self._backoff.going_down()
                    return faults.shutting_down()
                self._booted_now(frame)
        if self._rights.looking and self._rights.look(frames):
            self._tell_up()
        now = self._pulse.feel()
        if self._behind is not None:
            self._tell_stall(self._behind)
        at = self._stamper.at(now)
        if self._emit is None or not self._intake.empty:
            return None if self._intake.put(Arrived(at=at, frames=frames)) else faults.overrun()
        if not self._intake.fits(frames):
            return faults.overrun()
        self._deliver_events(frames, at, self._emit)  # a turn of the loop earlier than queued
        return None

    def _stalled(self, seconds: float) -> None:
        """Ask something: what comes before its answer waited for us, who knows how long."""
        if self._session is None:
            return
        log.warning("ami.stalled", pbx=self._settings.name, seconds=round(seconds, 1))
        behind = Behind(since=self._stamper.now() - timedelta(seconds=seconds))
        if self._behind is not None:
            behind = self._behind.again()
        self._behind = behind
        answered = self._session.send(Action.PING, {})
        answered.add_done_callback(partial(self._caught_up, behind))

    def _tell_stall(self, behind: Behind) -> None:
        """Tell of a stall once there is an event of doubtful time."""
        if not behind.told and not self._translator.stamped:
            behind.told = True
            self._intake.add(Stalled(at=self._stamper.now(), since=behind.since))

    def _caught_up(self, behind: Behind, answered: asyncio.Future[list[Frame]]) -> None:
        if self._behind is not behind:
            return  # stalled again meanwhile, or another connection
        self._behind = None
        if behind.told and not answered.cancelled() and answered.exception() is None:
            self._intake.add(CaughtUp(at=self._stamper.now()))

    def _booted_now(self, frame: Frame) -> None:
        """Note FullyBooted; an Asterisk that was still starting sends it late."""
        if self._booted is not None and not self._booted.done():
            self._booted.set_result(frame)
        if not self._rights.booted:
            self._rights.booted = True
            self._tell_up()

    async def _follow(self, session: Session) -> None:
        """Synchronise, then stay until the connection ends; raises its cause."""
        self._session = session
        self._pulse.start()
        self._behind = None
        self._backoff.signed_in()
        self._rights = Rights()
        try:
            await session.hold(self._limits, self._synchronise(session), self._pulse.run())
        finally:
            self._session = None
            self._intake.add(LinkDown(at=self._stamper.now()))

    async def _synchronise(self, session: Session) -> None:
        limits = self._limits
        self._tell(LinkPhase.SYNCING, "Signed in; taking stock of the calls that are up.")
        booted = await self._wait_for_boot()
        self._rights.booted = booted is not None
        await session.measure_clock(limits.ping_timeout_s)
        boot = await read_boot(
            session, booted, at=self._clock.monotonic(), timeout_s=limits.snapshot_timeout_s
        )
        if self._boot is not None and self._boot.is_another(boot):
            self._intake.add(PbxRestarted(at=self._stamper.now()))
            log.warning("ami.pbx_restarted", pbx=self._settings.name)
        self._boot = boot
        requested_seq = self._translator.seq
        lists = await take_lists(session, limits.snapshot_timeout_s)
        self._rights.denied = lists.denied
        if Action.CORE_SHOW_CHANNELS not in lists.denied:
            listed = Listed(
                at=self._stamper.now(),
                requested_seq=requested_seq,
                frames=lists.frames,
                delivered=asyncio.Event(),
            )
            self._intake.add(listed)
            await listed.delivered.wait()
        self._up_since = self._clock.monotonic()
        self._tell_up()
        log.info("ami.link_up", pbx=self._settings.name, banner=session.banner)

    async def _wait_for_boot(self) -> Frame | None:
        """Return FullyBooted; None if the AMI user is not shown it (read=system missing)."""
        if self._booted is None:  # pragma: no cover  # set before every connection
            return None
        await asyncio.wait([self._booted], timeout=self._limits.booted_timeout_s)
        return self._booted.result() if self._booted.done() else None

    def _tell_up(self) -> None:
        if self._up_since is not None:
            cause, remedy = self._rights.verdict()
            self._tell(LinkPhase.UP, cause, remedy)

    def _tell(
        self, phase: LinkPhase, cause: str = "", remedy: str = "", *, pause: float | None = None
    ) -> None:
        now = self._clock.now()
        old = self._state
        self._state = LinkState(
            pbx=self._settings.name,
            phase=phase,
            since=old.since if old.phase is phase else now,
            cause=cause,
            remedy=remedy,
            next_try_at=None if pause is None else now + timedelta(seconds=pause),
            translated=(("it", in_italian(cause), in_italian(remedy)),),
        )
        if (old.phase, old.cause) != (phase, cause):
            level = log.warning if phase in {LinkPhase.DOWN, LinkPhase.REFUSED} else log.debug
            told = {"phase": phase.value, "cause": cause, "remedy": remedy}
            level("ami.link_state", pbx=self._settings.name, **told)
        self._told = True
        self._report(self._state)
