"""The composition root: everything is made here, given what it needs, and stopped in order."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib.metadata import version

import structlog

from gateway.core.events import CallEvent
from gateway.core.numbers import NumberPlan, PhoneNumber
from gateway.core.ports import Clock, Effect, LinkState, PbxSource, Receipt
from gateway.core.record import MatchKind
from gateway.desk.handoffs import HandoffDesk
from gateway.desk.hub import Hub
from gateway.desk.links import LinkBoard
from gateway.desk.places import across
from gateway.desk.pops import PopDesk
from gateway.desk.roster import Roster
from gateway.runtime import plugins
from gateway.runtime.adoption import Adoption
from gateway.runtime.calendars import calendars_of
from gateway.runtime.controls import ControlSide
from gateway.runtime.crms import CrmSide, keep_days_of, site_of
from gateway.runtime.erasing import Erasing
from gateway.runtime.followups import FollowUpSide, dispositions_of
from gateway.runtime.gaps import GapRecorder
from gateway.runtime.health import Health
from gateway.runtime.histories import Histories
from gateway.runtime.hooks import HookSide
from gateway.runtime.houses import house_of
from gateway.runtime.junction import Junction, open_junction, table_of
from gateway.runtime.late import LateMatches
from gateway.runtime.loading import Loaded
from gateway.runtime.logbooks import logbooks_of
from gateway.runtime.mirroring import MirrorSide
from gateway.runtime.mystery import MysterySide
from gateway.runtime.notify import notify
from gateway.runtime.people import desk_of, people_of
from gateway.runtime.pipeline import Pipeline
from gateway.runtime.plans import lines_of, ours_of, plan_of
from gateway.runtime.recalls import Recalls
from gateway.runtime.recorder import Recorder
from gateway.runtime.rematching import Rematching
from gateway.runtime.retention import Retention
from gateway.runtime.settings import PbxSettings
from gateway.runtime.supervise import supervise
from gateway.runtime.tls import tls_context
from gateway.runtime.trunkforms import trunk_forms_of
from gateway.runtime.trunks import TrunkSide
from gateway.runtime.tuning import Tidying
from gateway.runtime.watch import Watch
from gateway.store import calls
from gateway.store.database import Database
from gateway.store.mirror import Mirror, MirrorBusy
from gateway.web.app import create_app
from gateway.web.listener import Listener
from gateway.web.services import Services, WebOptions

STAGE_S = 5.0

log = structlog.get_logger(__name__)
Observer = Callable[[CallEvent], None]
OnReceipt = Callable[[Effect, Receipt], None]


class Gateway:
    """One node. `await Gateway.open(…)`, `await run(stop)`, `await close()`."""

    def __init__(self, loaded: Loaded, clock: Clock) -> None:
        self._loaded = loaded
        self._clock = clock
        self._stack = AsyncExitStack()
        self._pipelines: list[tuple[Pipeline, PbxSource]] = []
        self._junction: Junction | None = None
        self.listener: Listener
        self.url = ""

    @classmethod
    async def open(
        cls,
        loaded: Loaded,
        clock: Clock,
        *,
        observers: Sequence[Observer] = (),
        on_receipt: OnReceipt = lambda _effect, _receipt: None,
    ) -> "Gateway":
        """Open the store, restore live calls and start to listen; nothing is followed yet."""
        gateway = cls(loaded, clock)
        try:
            await gateway._open(observers, on_receipt)
        except BaseException:
            await gateway._stack.aclose()
            raise
        return gateway

    async def _open(self, observers: Sequence[Observer], on_receipt: OnReceipt) -> None:
        settings, clock = self._loaded.settings, self._clock
        self.db = await Database.open(settings.database_url)
        self._stack.push_async_callback(self.db.close)
        self._own = ours_of(self._loaded).name_of
        self._mirror = await Mirror.open(
            settings.gateway.data_dir / "mirror.db", store=self.db, own=self._own
        )
        self._stack.push_async_callback(self._mirror.close)
        plan = NumberPlan(settings.gateway.country)
        plan.warm()
        self._calendars = await asyncio.to_thread(calendars_of, self._loaded, clock.now())
        self._hub = Hub(clock, epoch=secrets.token_hex(8))
        self._roster = Roster(teams=[team.team() for team in settings.team])
        self._late = LateMatches(self.db, self._mirror.look_up, self._own)
        self._recalls = Recalls(self.db)
        self._retention = Retention(
            self.db, clock, settings.retention, keep_days=keep_days_of(self._loaded.crms)
        )
        self.desk = PopDesk(
            self._hub,
            across(self._roster.who_has),
            self._mirror.match,
            overseers=self._roster.overseers,
            later=self._late.ask,
            past=self._recalls.ask,
            house=house_of(settings),
            actions=self._actions,
        )
        self._erasing = Erasing(self.db, self._mirror, clock, url=settings.database_url)
        self._erasing.add(self._hub.forget, self.desk.forget, plan.forget)
        self._handoffs = HandoffDesk(self.db, self.desk)
        self._links = LinkBoard(self._hub)
        hub, roster, book = self._hub, self._roster, self._calendars
        self._trunks = TrunkSide(
            self.db, clock, self._loaded, hub=hub, roster=roster, calendars=book
        )
        self._mystery = MysterySide(self.db, clock, self._loaded, self._trunks)
        self._control = ControlSide(
            self.db, clock, hub=self._hub, roster=self._roster, node=settings.gateway.node
        )
        self._crm = await CrmSide.open(
            self._loaded.crms,
            self.db,
            clock,
            self._stack,
            node=settings.gateway.node,
            on_receipt=on_receipt,
            site=site_of(settings, own=self._own, calendars=self._calendars),
        )
        self._trunks.on_notices = self._crm.worker.wake
        self._after = FollowUpSide(
            self.db,
            clock,
            hub=self._hub,
            roster=self._roster,
            dispositions=dispositions_of(settings),
            calendars=self._calendars,
            effects=self._crm.effects,
            on_effects=self._crm.worker.wake,
        )
        self._recorder = Recorder(self.db, on_effects=self._crm.worker.wake)
        self._adoption = Adoption(
            self.db,
            clock,
            effects=self._crm.effects,
            on_effects=self._crm.worker.wake,
            show=lambda record: self.desk.show_again(record, clock.now()),
            own=self._own,
        )
        self._rematching = Rematching(self.desk, clock, self._late.find, then=self._adoption.wake)
        self._gaps = GapRecorder(self.db, clock, heard=self._heard)
        self._histories = Histories(self.db, clock, crm=self._crm, gaps=self._gaps)
        self._watch = Watch(
            self.db,
            self._mirror,
            wake_outbox=self._crm.worker.wake,
            on_contacts=self._rematching.wake,
        )
        self._people = await people_of(self._loaded, self.db)
        self._mirrors = MirrorSide(
            self._crm,
            self._loaded.crms,
            self.db,
            clock,
            node=settings.gateway.node,
            sealer=self._people.sealer,
            find=self._mirror.match,
            own=self._own,
            on_change=self._watch.wake,
        )
        self._mirrors.open()
        private = settings.webhooks.allow_private
        self._hooks = HookSide(
            self.db, clock, crm=self._crm, sealer=self._people.sealer, allow_private=private
        )
        await self._hooks.open(self._stack)
        await self._roster.refresh(self.db, clock)
        await self._watch.load()
        self._junction = open_junction(self._loaded.pbxs)
        for pbx in self._loaded.pbxs:
            self._pipelines.append(await self._open_pbx(pbx, observers))
        await self._mystery.load()
        if self._junction is not None:
            self._junction.resume(clock.now())
        await self._handoffs.restore()
        self._health = Health(
            [pipeline for pipeline, _source in self._pipelines],
            self._recorder,
            clock,
            paused=lambda: (
                *self._crm.paused(),
                *self._mirrors.degraded(),
                *self._histories.degraded(),
                *self._trunks.degraded(),
            ),
        )
        await self._listen(plan)

    async def _open_pbx(
        self, pbx: PbxSettings, observers: Sequence[Observer]
    ) -> tuple[Pipeline, PbxSource]:
        pbx_plan = plan_of(pbx, self._loaded)
        pbx_plan.warm()
        self._erasing.add(pbx_plan.forget)
        backfill = self._histories.open(pbx, pbx_plan)
        meets = self._junction is not None and self._junction.has(pbx.name)
        pipeline = Pipeline(
            pbx.name,
            table_of(pbx, pbx_plan, self._junction),
            desk=self.desk,
            recorder=self._recorder,
            effects=self._crm.effects,
            gaps=backfill or self._gaps,
            lines=lines_of(self._loaded, pbx_plan),
            observers=(
                *observers,
                self._after.observe,
                self._mirrors.observe,
                *((backfill.observe,) if backfill else ()),
            ),
            meeting=self._junction if meets else None,
        )
        if self._junction is not None and meets:
            self._junction.join(pipeline)
        if backfill:
            backfill.follow(pipeline)
        self._control.open(pbx, pbx_plan, pipeline)
        await self._trunks.open(pbx, pipeline)
        self._mystery.open(pbx, pbx_plan, pipeline, self._control.hands(pbx.name))
        heard = await self._gaps.resume(pbx.name)
        if heard is not None:
            pipeline.table.lost(heard)
        states = await self.db.read(partial(calls.live_states, pbx=pbx.name))
        pipeline.restore([state for _call, state in states], now=self._clock.now())
        pipeline.table.remember(await self.db.read(partial(calls.recent_callers, pbx=pbx.name)))

        def report(state: LinkState) -> None:
            pipeline.report(state)
            self._links.report(state)
            self._trunks.report(state)
            if pipeline.is_up:
                self._gaps.touch()

        source = plugins.adapter(pbx.kind).source(pbx, self._clock, report=report)
        return pipeline, source

    async def _listen(self, plan: NumberPlan) -> None:
        web = self._loaded.settings.web
        services = Services(
            db=self.db,
            hub=self._hub,
            desk=self.desk,
            roster=self._roster,
            links=self._links,
            readiness=self._health,
            clock=self._clock,
            options=WebOptions(
                version=version("filodiretto"),
                language=self._loaded.settings.gateway.language,
                timezone=self._loaded.settings.gateway.timezone,
                desk=desk_of(self._loaded),
                public_url=web.public_url or None,
                secure=web.tls_cert is not None or web.public_url.startswith("https:"),
                frame_ancestors=web.frame_ancestors,
            ),
            plan=plan,
            find=self._mirror.match,
            caught_up=self._recorder.caught_up,
            directory=self._mirror,
            own=self._own,
            contacts_changed=self._watch.wake,
            wake_outbox=self._crm.worker.wake,
            handoffs=self._handoffs,
            follow_ups=self._after.follow_ups,
            queues=self._control.queues,
            controls=self._control.controls,
            people=self._people,
            webhooks=self._hooks,
            inbound={one.name: one.door() for one in self._loaded.settings.inbound},
            trunks=self._trunks.desk,
            tester=self._mystery,
            crms=self._mirrors if self._loaded.crms else None,
            trunk_forms=trunk_forms_of(self._loaded, self._clock),
            earlier_calls=logbooks_of(self._loaded, self.db, self._clock, self._crm.https),
        )
        self.listener = await Listener.start(
            create_app(services), host=web.host, port=web.port, tls=tls_context(web)
        )
        self._stack.push_async_callback(self.listener.close)
        self.url = self.listener.url

    def pages(self) -> tuple[str, ...]:
        """Name who has a page open."""
        return self._hub.users()

    def is_shared(self, e164: str) -> bool:
        """Tell whether several people use a number; False if the mirror cannot say now."""
        try:
            return self._mirror.match(PhoneNumber(e164, e164)).kind is MatchKind.SEVERAL
        except MirrorBusy:
            return False

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the PBXs until `stop`; then stop intake, store what is known, say good-bye."""
        notify("READY=1")
        log.info("gateway.ready", url=self.url, pbxs=len(self._pipelines))
        async with asyncio.TaskGroup() as group:
            intake = [
                self._start(group, f"pbx.{pipeline.pbx}", partial(pipeline.run, source))
                for pipeline, source in self._pipelines
            ]
            writers = [
                self._start(group, "recorder", self._recorder.run),
                self._start(group, "gaps", self._gaps.run),
                self._start(group, "watch", self._watch.run),
                self._start(group, "late", self._late.run),
                self._start(group, "rematching", self._rematching.run),
                self._start(group, "adoption", self._adoption.run),
                self._start(group, "recalls", self._recalls.run),
                self._start(group, "retention", self._retention.run),
                self._start(group, "erasing", self._erasing.run),
                self._start(group, "tidying", Tidying(lambda: not self.desk.live_calls()).run),
                self._start(group, "webhooks", self._hooks.run),
                *(self._start(group, name, part) for name, part in self._control.parts()),
                *(self._start(group, name, part) for name, part in self._trunks.parts()),
                *(self._start(group, name, part) for name, part in self._mystery.parts()),
                *(self._start(group, name, part) for name, part in self._after.parts()),
                *(self._start(group, name, part) for name, part in self._mirrors.parts()),
                *(
                    self._start(group, f"backfill.{name}", part.run)
                    for name, part in self._histories.parts.items()
                ),
            ]
            worker = self._start(group, "crm", self._crm.worker.run)
            await stop.wait()
            notify("STOPPING=1")
            self._health.stopping = True
            await _stage("mystery", self._mystery.stop())
            await _stage("intake", _cancelled(intake))
            await _stage("recorder", self._recorder.drained())
            await _stage("gaps", self._gaps.flush())
            self._crm.worker.stop()
            await _stage("crm", asyncio.wait([worker]))
            await _stage("workers", _cancelled([*writers, worker]))
            await _stage("trunks", self._trunks.flush())
        self._hub.close()
        log.info("gateway.stopped", not_stored=self._recorder.pending)

    async def close(self) -> None:
        """Close sockets and the store; call once after `run`."""
        await self._stack.aclose()

    def _actions(self, pbx: str, extension: str, answered: bool) -> tuple[str, ...]:  # noqa: FBT001
        return self._control.actions(pbx, extension, answered)

    def _heard(self) -> tuple[str, ...]:
        """Name the PBXs that are followed at this moment."""
        return tuple(pipeline.pbx for pipeline, _source in self._pipelines if pipeline.is_up)

    def _start(
        self, group: asyncio.TaskGroup, name: str, part: Callable[[], Awaitable[None]]
    ) -> asyncio.Task[None]:
        return group.create_task(supervise(name, part, self._clock), name=name)


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks) if tasks else None


async def _stage(name: str, work: Awaitable[object]) -> None:
    """Give one stage of the shutdown its time, and name it if it was not enough."""
    try:
        async with asyncio.timeout(STAGE_S):
            await work
    except TimeoutError:
        log.warning("gateway.stage_late", stage=name)
