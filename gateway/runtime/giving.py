"""Gives one ended call the contact that a person names for it, and tells the CRMs whose it is."""

from collections.abc import Callable
from functools import partial

from crm_sync import intake
from gateway.core.events import CallAmended
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.ports import Clock
from gateway.core.record import CallRecord, CallState
from gateway.runtime.adoption import TOLD_TO_CRMS, Effects, corrections
from gateway.store.adoption import give
from gateway.store.calls import get_call
from gateway.store.database import Connection, Database
from gateway.store.sight import Sight


class Giving:
    """What the web part asks; a call that is up gets its contact from the desk by itself."""

    def __init__(
        self, db: Database, clock: Clock, *, effects: Effects, on_effects: Callable[[], None]
    ) -> None:
        self._db = db
        self._clock = clock
        self._effects = effects
        self._on_effects = on_effects

    async def give(
        self,
        call_id: CallId,
        result: MatchResult,
        *,
        number: str | None = None,
        visible_to: Sight | None = None,
    ) -> CallRecord | None:
        """Store whose call it is and return its record as it stands then.

        With `number` only a call with that number is given. None for a call that is not there, not
        theirs to see, up, or part of another. What the CRMs hear is stored in the same transaction,
        of calls as recent as those that a contact who comes later takes over.
        """
        work = partial(self._give, call_id=call_id, result=result, visible_to=visible_to)
        given = await self._db.write(partial(work, number=number))
        if given is not None:
            self._on_effects()
        return given

    def _give(
        self,
        conn: Connection,
        *,
        call_id: CallId,
        result: MatchResult,
        number: str | None,
        visible_to: Sight | None,
    ) -> CallRecord | None:
        # read here, so that no wrap-up that was stored a moment before is written over
        record = get_call(conn, call_id, visible_to=visible_to)
        if record is None or record.state is not CallState.ENDED or record.merged_into is not None:
            return None
        if number is not None and record.outside_number != number:
            return None
        reference = result.reference()
        if reference is None or record.contact == reference:
            return None if reference is None else record
        given, now = give(conn, record, result), self._clock.now()
        if given.ended_at is not None and now - given.ended_at <= TOLD_TO_CRMS:
            for effect in corrections(self._effects, CallAmended(at=now, record=given)):
                intake.put(conn, effect)
        return given
