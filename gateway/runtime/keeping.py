"""Back-filled calls into the store, with the effects they cause, like live ones."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from crm_sync import intake
from gateway.core.events import CallEnded, CallEvent
from gateway.core.ids import CallId
from gateway.core.mystery_mark import is_mystery
from gateway.core.ports import Effect, Recalled
from gateway.core.record import CallRecord, CallState
from gateway.core.recovery import lost, recovered
from gateway.store import calls
from gateway.store.database import Connection, Database
from gateway.store.erasing import erased_among
from gateway.store.mystery import MARKED, marks_since

# Calls may have begun since the snapshot that the table follows, or will in a moment.
FRESH: Final = timedelta(seconds=5)


class Followed(Protocol):
    """What the back-fill needs of the pipeline."""

    def live_ids(self) -> Collection[CallId]:
        """Return the calls that are followed now: they tell their end themselves."""

    async def caught_up(self) -> None:
        """Return when the calls that were followed till now are stored as they ended."""

    def dressed(self, record: CallRecord) -> CallRecord:
        """Name the line and the contact of a record."""

    def is_half(self, record: CallRecord) -> bool:
        """Whether another PBX of ours tells of the same call: no CRM must hear of it twice."""


class Keeper:
    """Stores what a history tells, if it is better than what is stored.

    `followed` is given once both exist; before it nothing is kept.
    """

    followed: Followed

    def __init__(
        self,
        db: Database,
        *,
        effects: Callable[[CallEvent], Sequence[Effect]],
        on_effects: Callable[[], None],
    ) -> None:
        self._db = db
        self._effects = effects
        self._on_effects = on_effects

    async def keep(
        self, page: Sequence[Recalled], *, until: datetime, doubted: Collection[str] = ()
    ) -> tuple[CallRecord, ...]:
        """Store a page in one transaction and return what was new or better.

        A call that was not over at `until` (when the PBX was heard again) and is not followed now
        was cut off unseen. `doubted` are linkedids of calls that nobody followed for a while, so
        that even a complete record may lack something. Raises StoreError; then nothing of the page
        is stored.
        """
        live = frozenset(self.followed.live_ids())
        found = [
            replace(one, record=self.followed.dressed(record))
            for one in page
            if one.record.id not in live and (record := _ended(one.record, until)) is not None
        ]
        if not found:
            return ()
        # what we saw of one that is over since a moment is not to be refused as the older revision
        await self.followed.caught_up()
        kept = await self._db.write(partial(self._save, found=found, at=until, doubted=doubted))
        if kept:
            self._on_effects()
        return kept

    def _save(
        self,
        conn: Connection,
        found: Sequence[Recalled],
        at: datetime,
        doubted: Collection[str],
    ) -> tuple[CallRecord, ...]:
        """Save in the writer's thread, merged calls last: what they became part of exists then."""
        kept: list[CallRecord] = []
        told = {one.record.id for one in found}
        erased = erased_among(conn, [str(one.record.id) for one in found])
        marks = marks_since(conn, at - MARKED)
        for one in sorted(found, key=lambda one: one.record.merged_into is not None):
            if str(one.record.id) in erased or is_mystery(one.record, marks):
                continue
            record = _identified(conn, one.record, told)
            stored = calls.get_call(conn, record.id)
            better = recovered(stored, record, doubted=record.linkedid in doubted)
            if better is None:
                continue
            if not calls.save_call(conn, better, state=None, channels=one.channels):
                continue
            kept.append(better)
            if better.merged_into is not None:
                intake.merge(conn, better)
                continue
            if self.followed.is_half(better):
                continue
            ended = CallEnded(at=better.ended_at or better.started_at or at, record=better)
            for effect in self._effects(ended):
                intake.put(conn, effect)
        return tuple(kept)


def _ended(record: CallRecord, until: datetime) -> CallRecord | None:
    """Return a record that is over; None for one that may still be up."""
    if record.state is CallState.ENDED:
        return record
    begun = record.started_at
    return lost(record) if begun is not None and begun < until - FRESH else None


def _identified(conn: Connection, record: CallRecord, told: Collection[CallId]) -> CallRecord:
    """Return the record under the id by which we know the call (DESIGN: Identity).

    The first channel of one that was merged leads to another, which is `told` by itself, or is not
    told here at all: then this is a part of it, and not what is to be known of it.
    """
    known = calls.call_for_channel(conn, record.pbx, record.linkedid)
    if known is None or known in told or record.merged_into is not None:
        return record
    own = calls.get_call(conn, record.id)
    if own is not None and own.merged_into is not None:
        return record
    return replace(record, id=known)
