"""One walk over everybody a CRM has, which may be interrupted anywhere and goes on there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog

from crm_sync.mirror.absorber import FORGOTTEN_AT_ONCE, Absorber
from gateway.core.crm import CrmDirectory, DirectoryPage
from gateway.core.errors import RejectedError
from gateway.core.ports import Clock
from gateway.store.database import Connection, Database
from gateway.store.mirrored import NOTHING, Absorbed
from gateway.store.mirrored_rows import count_rows, stale_refs
from gateway.store.mirrored_states import MirrorState, Order, order, save_state

log = structlog.get_logger(__name__)

# So many may be gone from one night to the next without anybody being asked.
HARMLESS: Final = 20
SHARE: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a walk did; `withheld` are the deletions that a person has to confirm."""

    state: MirrorState
    done: Absorbed
    withheld: int = 0


class Sweep:
    """Walks over everybody, and takes out at the end who was not there.

    `fence` goes into each transaction and raises if another node has gone on.
    """

    def __init__(
        self,
        directory: CrmDirectory,
        absorber: Absorber,
        db: Database,
        clock: Clock,
        fence: Callable[[Connection], None],
    ) -> None:
        self._directory = directory
        self._absorber = absorber
        self._db = db
        self._clock = clock
        self._fence = fence

    async def run(self, state: MirrorState, tell: Callable[[MirrorState], None]) -> Swept:
        """Begin or go on; `tell` hears of each page. Raises AdapterError and StoreError."""
        if state.walk is None:
            state = await self._begin(state)
        tell(state)
        done = NOTHING
        while True:
            page = await self._page(state.walk or "")
            entries, nobody = await self._absorber.read(page.entries)
            state = replace(state, walk=page.cursor, seen=state.seen + len(page.entries))
            done += await self._absorber.take(
                entries, nobody, sweep=state.sweep, along=partial(self.keep, state=state)
            )
            tell(state)
            if not page.more:
                break
        return await self._finish(state, done)

    async def renew(self, state: MirrorState) -> None:
        """Take out everybody: for a CRM that is not mirrored and only looked up."""
        now = self._clock.now()
        fresh = MirrorState(crm=state.crm, sweep=state.sweep + 1, sweep_began_at=now, swept_at=now)
        await self._db.write(partial(self.keep, state=fresh))
        await self._take_out(fresh)

    async def _begin(self, state: MirrorState) -> MirrorState:
        mark = await self._directory.mark() if self._directory.capabilities.changes else None
        state = replace(
            state,
            walk="",
            mark=mark,
            sweep=state.sweep + 1,
            seen=0,
            sweep_began_at=self._clock.now(),
        )
        await self._db.write(partial(self.keep, state=state))
        log.info("crm.sweep_begun", connector=state.crm, sweep=state.sweep)
        return state

    async def _page(self, cursor: str) -> DirectoryPage:
        page = await self._directory.everyone(cursor)
        if page.more and page.cursor == cursor:
            raise RejectedError(
                "The CRM gives the same page of its people again and again.",
                adapter=self._absorber.crm,
                remedy="Check how its list is paged in the [crm.mirror] table.",
            )
        return page

    async def _finish(self, state: MirrorState, done: Absorbed) -> Swept:
        crm = state.crm
        missing = await self._db.read(partial(count_rows, crm=crm, before_sweep=state.sweep))
        total = await self._db.read(partial(count_rows, crm=crm))
        withheld = 0
        if missing > max(HARMLESS, SHARE * total) and state.wanted is not Order.CONFIRMED:
            withheld = missing
            log.error("crm.deletions_withheld", connector=crm, missing=missing, people=total)
        else:
            done += await self._take_out(state)
        state = replace(state, cursor=state.mark, walk=None, mark=None, swept_at=self._clock.now())
        await self._db.write(partial(self.keep, state=state))
        if state.wanted is not Order.NONE:
            await self._db.write(partial(order, crm=crm, wanted=Order.NONE))
        return Swept(state=replace(state, wanted=Order.NONE), done=done, withheld=withheld)

    async def _take_out(self, state: MirrorState) -> Absorbed:
        """Forget who was not seen, a few at a time; ends because each round takes some out."""
        done = NOTHING
        while True:
            refs = await self._db.read(
                partial(stale_refs, crm=state.crm, sweep=state.sweep, limit=FORGOTTEN_AT_ONCE)
            )
            if not refs:
                return done
            done += await self._absorber.take((), refs, sweep=state.sweep, along=self._fence)

    def keep(self, conn: Connection, state: MirrorState) -> None:
        """Store how far the mirror is; TurnLostError if another node has gone on with it."""
        self._fence(conn)
        save_state(conn, state)
