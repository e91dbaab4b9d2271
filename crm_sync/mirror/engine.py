"""Keeps one CRM's people in the directory: a sweep at first and each night, changes in between."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from crm_sync.connectors.settings import MirrorTable
from crm_sync.mirror.absorber import Absorber
from crm_sync.mirror.status import MirrorPhase, MirrorStatus
from crm_sync.mirror.sweeping import Sweep
from crm_sync.mirror.timing import last_due, next_due, pause_s
from crm_sync.mirror.turn import Turn, TurnLostError
from gateway.core.crm import CrmDirectory
from gateway.core.errors import AdapterError, AuthError, RejectedError, StoreCause, StoreError
from gateway.core.ports import Clock
from gateway.store.database import Database
from gateway.store.mirrored import NOTHING, Absorbed
from gateway.store.mirrored_rows import count_rows
from gateway.store.mirrored_states import (
    MirrorState,
    Order,
    order_look,
    read_state,
    take_look,
)

log = structlog.get_logger(__name__)

ORDERS_S: Final = 5.0
STORE_PAUSE_S: Final = 5.0
# A CRM that tells of each change tells of a hundred at once when somebody imports a file.
GATHER_S: Final = 1.0


class CrmMirror:
    """One CRM's mirror; `run` goes on until it is cancelled, from where an earlier one was."""

    def __init__(
        self,
        settings: MirrorTable,
        directory: CrmDirectory,
        absorber: Absorber,
        db: Database,
        clock: Clock,
        *,
        node: str = "a",
        gather_s: float = GATHER_S,
    ) -> None:
        self.crm = absorber.crm
        self._gather_s = gather_s
        self._settings = settings
        self._directory = directory
        self._absorber = absorber
        self._db = db
        self._clock = clock
        self._turn = Turn(self.crm, node, db, clock)
        self._sweep = Sweep(directory, absorber, db, clock, self._turn.fence)
        self._asked = asyncio.Event()
        self._failures = 0
        self._is_ours = True
        self._begun: tuple[float, int] | None = None
        self.status = MirrorStatus(phase=MirrorPhase.STARTING, since=clock.now())
        self.sweep_no = 0
        """The last sweep that began."""

    def look_again(self) -> None:
        """Ask the CRM soon for what changed: it says that something did."""
        self._asked.set()

    async def run(self) -> None:
        """Mirror until cancelled; trouble is logged once, and so is its end."""
        while True:
            try:
                await self._round()
            except AdapterError as error:
                wait_s = self._failed(error)
            except TurnLostError:
                wait_s = self._stood_by()
            except StoreError as error:
                if error.cause is StoreCause.CLOSED:
                    return
                self._note(error.message, error.remedy)
                wait_s = STORE_PAUSE_S
            else:
                wait_s = self._well() if self._is_ours else self._stood_by()
            await self._wait(wait_s)

    async def _round(self) -> None:
        asked = self._asked.is_set()
        self._asked.clear()
        state = await self._db.read(partial(read_state, crm=self.crm))
        self.sweep_no = state.sweep
        self._is_ours = await self._turn.is_ours()
        if not self._is_ours:
            if asked:
                await self._db.write(partial(order_look, crm=self.crm))
            await self._count()
            return
        if state.wanted is Order.LOOK and await self._db.write(partial(take_look, crm=self.crm)):
            asked, state = True, replace(state, wanted=Order.NONE)
        can = self._directory.capabilities
        if not (self._settings.enabled and can.lists):
            await self._renew(state)
        elif self._must_sweep(state) or (asked and not can.changes):
            await self._walk(state)
            if can.changes:
                await self._follow(await self._db.read(partial(read_state, crm=self.crm)))
        elif can.changes:
            await self._follow(state)

    def _must_sweep(self, state: MirrorState) -> bool:
        began = state.sweep_began_at
        if state.walk is not None or state.wanted is not Order.NONE or began is None:
            return True
        if self._directory.capabilities.changes and state.cursor is None:
            return True
        return began < last_due(self._clock.now(), self._settings.sweep_at)

    async def _walk(self, state: MirrorState) -> None:
        self._begun = None
        try:
            swept = await self._sweep.run(state, self._progress)
        except RejectedError:
            # where it was is no help any more: the next one begins anew
            now = await self._db.read(partial(read_state, crm=self.crm))
            await self._db.write(partial(self._sweep.keep, state=replace(now, walk=None)))
            raise
        self.status = replace(
            self.status,
            phase=MirrorPhase.FOLLOWING,
            swept_at=swept.state.swept_at,
            cause=_WITHHELD if swept.withheld else "",
            remedy=_CONFIRM if swept.withheld else "",
        )
        await self._count()
        log.info(
            "crm.swept",
            seen=swept.state.seen,
            per_s=self.status.per_s,
            **self._facts(swept.done),
        )

    async def _follow(self, state: MirrorState) -> None:
        if state.cursor is None:
            return
        done = NOTHING
        while True:
            try:
                page = await self._directory.changed(state.cursor or "")
            except RejectedError:
                gone = replace(state, cursor=None)
                await self._db.write(partial(self._sweep.keep, state=gone))
                raise
            entries, nobody = await self._absorber.read(page.entries)
            stuck = page.more and page.cursor == state.cursor
            state = replace(state, cursor=page.cursor, polled_at=self._clock.now())
            done += await self._absorber.take(
                entries,
                (*page.gone, *nobody),
                sweep=state.sweep,
                along=partial(self._sweep.keep, state=state),
            )
            if not page.more or stuck:
                break
        self.status = replace(self.status, phase=MirrorPhase.FOLLOWING, polled_at=state.polled_at)
        await self._count()
        if done.any:
            log.info("crm.followed", **self._facts(done))

    async def _renew(self, state: MirrorState) -> None:
        """Forget each night what was only looked up: the next call asks for it again."""
        due = last_due(self._clock.now(), self._settings.sweep_at)
        if state.sweep_began_at is None or state.sweep_began_at < due:
            await self._sweep.renew(state)
        self.status = replace(self.status, phase=MirrorPhase.OFF)
        await self._count()

    def _progress(self, state: MirrorState) -> None:
        now_s = self._clock.monotonic()
        self.sweep_no = state.sweep
        if self._begun is None:
            self._begun = (now_s, state.seen)
        began_s, had = self._begun
        took_s = now_s - began_s
        per_s = round((state.seen - had) / took_s, 1) if took_s > 0 and state.seen > had else None
        self.status = replace(
            self.status,
            phase=MirrorPhase.SWEEPING,
            seen=state.seen,
            per_s=per_s,
            sweep_began_at=state.sweep_began_at,
            swept_at=state.swept_at,
            polled_at=state.polled_at,
        )

    async def _count(self) -> None:
        people = await self._db.read(partial(count_rows, crm=self.crm))
        self.status = replace(self.status, people=people)

    async def _wait(self, wait_s: float) -> None:
        """Wait, but not while somebody wants something."""
        now = self._clock.now()
        self.status = replace(self.status, next_at=now + timedelta(seconds=wait_s))
        if self._failures:  # asking more often would not help
            await asyncio.sleep(wait_s)
            return
        until = self._clock.monotonic() + wait_s
        while (left_s := until - self._clock.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, ORDERS_S)):
                    await self._asked.wait()
            if self._asked.is_set():
                await asyncio.sleep(self._gather_s)
                return
            if await self._wanted():
                return

    async def _wanted(self) -> bool:
        """Hold the turn on; True if it has changed hands, or if somebody ordered something."""
        try:
            if await self._turn.is_ours() != self._is_ours:
                return True
            state = await self._db.read(partial(read_state, crm=self.crm))
        except StoreError:
            return False
        return self._is_ours and state.wanted is not Order.NONE

    def _stood_by(self) -> float:
        """Leave it to another node, until it says nothing any more."""
        self._is_ours, self._failures = False, 0
        self.status = replace(
            self.status, phase=MirrorPhase.ELSEWHERE, cause="", remedy="", per_s=None
        )
        return self._settings.poll_s

    def _well(self) -> float:
        if self._failures:
            log.info("crm.mirror_recovered", connector=self.crm)
            self.status = replace(self.status, since=self._clock.now())
        if self.status.cause != _WITHHELD:
            cut = self._directory.capabilities.cut and self.status.phase is not MirrorPhase.OFF
            self.status = replace(
                self.status, cause=CUT if cut else "", remedy=PAGE_IT if cut else ""
            )
        self._failures = 0
        now = self._clock.now()
        night_s = (next_due(now, self._settings.sweep_at) - now).total_seconds()
        return min(self._settings.poll_s, max(night_s, 1.0))

    def _failed(self, error: AdapterError) -> float:
        detail = f" ({error.detail})" if error.detail else ""
        self._note(error.message + detail, error.remedy)
        refused = isinstance(error, AuthError)
        return pause_s(self._failures, error.retry_after_s, refused=refused)

    def _note(self, cause: str, remedy: str) -> None:
        since = self.status.since
        if not self._failures:
            log.error("crm.mirror_failed", connector=self.crm, cause=cause, remedy=remedy)
            since = self._clock.now()
        self._failures += 1
        self.status = replace(
            self.status, phase=MirrorPhase.FAILING, since=since, cause=cause, remedy=remedy
        )

    def _facts(self, done: Absorbed) -> dict[str, object]:
        return {
            "connector": self.crm,
            "people": self.status.people,
            "added": done.added,
            "changed": done.changed,
            "linked": done.linked,
            "removed": done.removed,
        }


CUT: Final = "No paging is described: only the first answer is read."
PAGE_IT: Final = (
    "Say in [[crm.mirror.list]] how its pages are asked for, or most_pages = 1 if the first answer"
    " is everybody: see docs/mirror.md."
)
_WITHHELD: Final = "The CRM shows much fewer people than before; none of the others was taken out."
_CONFIRM: Final = (
    "Check which records its account may read. If they are gone: sweep again with confirm."
)
