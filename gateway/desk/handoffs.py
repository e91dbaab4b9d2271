"""Leaving a note for whoever takes a call over: durable first, then on the cards."""

from functools import partial

from gateway.core.handoff import Handoff, cleaned
from gateway.core.ids import CallId
from gateway.desk.pops import PopDesk
from gateway.store.database import Database
from gateway.store.handoffs import handoffs_of, handoffs_of_calls, put_handoff
from gateway.store.ticks import Tick, put_tick, ticks_of_calls


class HandoffDesk:
    """Keeps what people write about calls that are up; `restore` brings it back after a restart."""

    def __init__(self, db: Database, desk: PopDesk) -> None:
        self._db = db
        self._desk = desk

    async def leave(self, call: CallId, handoff: Handoff) -> Handoff:
        """Keep a note and show it to those whom the call rings; return it as it is shown.

        Raises StoreError; then nobody was shown anything.
        """
        handoff = cleaned(handoff)
        await self._db.write(partial(put_handoff, call=call, handoff=handoff))
        self._desk.note(call, handoff)
        return handoff

    async def tick(self, call: CallId, tick: Tick) -> Tick:
        """Keep that the first thing was done, and show it; return the first such tick of the call.

        Raises StoreError.
        """
        made = await self._db.write(partial(put_tick, call=call, tick=tick))
        self._desk.tick(call, made)
        return made

    async def left_with(self, call: CallId) -> tuple[Handoff, ...]:
        """Return the notes of a call, oldest first; raises StoreError."""
        return await self._db.read(partial(handoffs_of, call=call))

    async def restore(self) -> None:
        """Put the notes of the calls that are up back on their cards; raises StoreError."""
        up = tuple(record.id for record in self._desk.live_calls())
        if not up:
            return
        known = await self._db.read(partial(handoffs_of_calls, wanted=up))
        for call, notes in known.items():
            for note in notes:
                self._desk.note(call, note)
        for call, tick in (await self._db.read(partial(ticks_of_calls, wanted=up))).items():
            self._desk.tick(call, tick)
