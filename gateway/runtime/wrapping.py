"""Wrap-ups: what an agent says of a call, into its record, to the CRMs and to the pages at once."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from crm_sync import intake
from gateway.core.errors import UsageError
from gateway.core.events import CallAmended, CallEnded, CallEvent
from gateway.core.ids import CallId
from gateway.core.ports import Clock, Effect
from gateway.core.record import CallRecord, CallState, WrapUp
from gateway.desk.hub import Hub
from gateway.desk.refusals import ForbiddenError, NotFoundError
from gateway.desk.roster import Roster
from gateway.desk.shown import extensions_of, shown
from gateway.store import wrapups
from gateway.store.calls import get_call
from gateway.store.database import Connection, Database
from gateway.store.sight import Sight, may_see

# Calls that were wrapped up while they were up, to be told again when they end.
REMEMBERED: Final = 5_000
HOPS: Final = 5


class WrapUps:
    """Stores what agents say and tells it; `dispositions` are the words they may choose from."""

    def __init__(
        self,
        db: Database,
        hub: Hub,
        roster: Roster,
        clock: Clock,
        *,
        dispositions: Sequence[str],
        effects: Callable[[CallEvent], Sequence[Effect]],
        on_effects: Callable[[], None],
    ) -> None:
        self.dispositions: Final = tuple(dispositions)
        self._db = db
        self._hub = hub
        self._roster = roster
        self._clock = clock
        self._effects = effects
        self._on_effects = on_effects
        self._early: OrderedDict[CallId, CallRecord] = OrderedDict()

    async def say(
        self,
        call_id: CallId,
        *,
        login: str,
        disposition: str | None,
        note: str | None,
        visible_to: Sight | str | None,
    ) -> CallRecord:
        """Store what `login` says of a call in place of what they said before.

        The record, and what the CRMs have to be told, are stored in one transaction. Raises
        UsageError for a disposition that is not configured, NotFoundError for a call that is not
        there or not theirs to see, ForbiddenError for a call in which they took no part.
        """
        if disposition is not None and disposition not in self.dispositions:
            raise UsageError(
                "There is no such disposition here.",
                remedy="GET /api/v1/dispositions lists them; `dispositions` in the configuration "
                "says which there are.",
            )
        said = WrapUp(agent=login, disposition=disposition, note=note, at=self._clock.now())
        work = partial(self._save, call_id=call_id, said=said, visible_to=visible_to)
        record = await self._db.write(work)
        if record.state is CallState.LIVE:
            self._early[record.id] = record
            while len(self._early) > REMEMBERED:
                self._early.popitem(last=False)
        self._on_effects()
        self._tell(record, said.agent)
        return record

    def observe(self, event: CallEvent) -> None:
        """Tell the end of a call again that was wrapped up before it: its events do not know."""
        early = self._early.pop(event.record.id, None) if isinstance(event, CallEnded) else None
        if early is not None:
            # of a live record only the wrap-ups count as revisions
            revision = event.record.revision + early.revision
            record = replace(event.record, wrap_ups=early.wrap_ups, revision=revision)
            self._tell(record, *(said.agent for said in early.wrap_ups))

    def _save(
        self, conn: Connection, call_id: CallId, said: WrapUp, visible_to: Sight | str | None
    ) -> CallRecord:
        call_id = _survivor(conn, call_id)
        own = Sight(logins=frozenset({said.agent}))
        if not may_see(conn, call_id, own):
            if may_see(conn, call_id, visible_to):
                raise ForbiddenError(
                    "Only who took part in a call can say what it was.",
                    remedy="Ask the agent who had the call.",
                )
            raise NotFoundError("There is no such call, or it is not yours to see.")
        before = get_call(conn, call_id)
        record = wrapups.save_wrap_up(conn, call_id, said)
        if record is None:
            raise NotFoundError("There is no such call, or it is not yours to see.")
        if before != record:
            amended = CallAmended(at=said.at or self._clock.now(), record=record)
            for effect in self._effects(amended):
                intake.put(conn, effect)
        return record

    def _tell(self, record: CallRecord, *agents: str) -> None:
        users = set(agents) | self._roster.overseers(record)
        for extension in extensions_of(record):
            users.update(self._roster.who_has(record.pbx, extension))
        self._hub.publish_many(users, "call.updated", shown(record), self._clock.now())


def _survivor(conn: Connection, call_id: CallId) -> CallId:
    """Return the call that this one has become part of, itself if it has not."""
    for _hop in range(HOPS):
        record = get_call(conn, call_id)
        if record is None or record.merged_into is None:
            return call_id
        call_id = record.merged_into
    return call_id
