"""Facts and their effects into the store, at each call event, in one transaction.

What the store has not acknowledged stays here, newest state per call, and is tried again: a full
disk or a restarted database delays facts, it does not lose them.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import structlog

from crm_sync import intake
from gateway.core.errors import StoreError
from gateway.core.events import CallEvent, CallMerged, CallNoted
from gateway.core.handoff import Handoff
from gateway.core.ids import CallId
from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState
from gateway.store import calls
from gateway.store.database import Connection, Database
from gateway.store.handoffs import put_handoff
from gateway.store.wrapups import all_with_wrap_ups

# What no CRM is told of is written this late: with what follows at once (dialled, rings), and with
# other calls, for which one commit and one statement for each table do. Whoever hears of the end of
# a call may ask for it the next moment: then it is written at once (`caught_up`).
LINGER_S = 0.04
# Writes begin so far apart: what may not wait shares one, and each is still durable within ten
# milliseconds.
APART_S = 0.005
# A request waits this long for a store that neither takes nor refuses what has ended.
PATIENCE_S = 1.0
# So many calls are saved in one piece of work of the writer, which takes two or three milliseconds.
TOGETHER = 64
RETRY_FIRST_S = 0.2
RETRY_LAST_S = 10.0

log = structlog.get_logger(__name__)

# A call's state for a restart, or how to get it when it is written; None once the call is over.
State = Callable[[], bytes] | bytes | None


@dataclass(slots=True, kw_only=True)
class Fact:
    """The newest state of one call that the store does not have yet.

    Nobody but `dump` changes one; a frozen dataclass would take four times as long to make, at each
    event.
    """

    record: CallRecord
    state: State
    effects: tuple[Effect, ...] = ()
    merged: bool = False
    channels: frozenset[str] = frozenset()
    notes: tuple[Handoff, ...] = ()

    @property
    def urgent(self) -> bool:
        """Whether it may not wait: a CRM is told, or is not told any more, or a person wrote it."""
        return self.merged or bool(self.effects or self.notes)

    @property
    def over(self) -> bool:
        """Whether the call is over: it may wait until somebody asks, but for no other write."""
        return self.state is None

    def dump(self) -> None:
        """Fetch the state as it is now."""
        if callable(self.state):
            self.state = self.state()

    def then(self, later: "Fact") -> "Fact":
        """Return one fact for both; effects of the earlier one are kept unless merged away."""
        # one that turned out to be a call of its own after all is not merged any more
        merged = self.merged and later.record.merged_into is not None
        kept_whole = self.channels <= later.channels and (later.merged or not merged)
        if kept_whole and not (self.effects or self.notes):
            return later
        notes = self.notes + later.notes
        if later.merged:
            return replace(later, notes=notes)
        keys = {effect.key for effect in later.effects}
        kept = tuple(effect for effect in self.effects if effect.key not in keys)
        channels = self.channels | later.channels
        effects = kept + later.effects
        return replace(later, effects=effects, merged=merged, channels=channels, notes=notes)


class Recorder:
    """Collects facts synchronously, one for each call, and writes those first that may not wait.

    Who reads the store on behalf of somebody who may have heard of the end of a call awaits
    `caught_up` before.

    What is written together is in the order of the calls' first mention, but for joined calls.
    """

    def __init__(self, db: Database, *, on_effects: Callable[[], None]) -> None:
        self._db = db
        self._on_effects = on_effects
        self._dirty: dict[CallId, Fact] = {}
        self._led: dict[CallId, frozenset[str]] = {}
        # where live calls stand in the store, as far as that is committed
        self._rows: dict[CallId, calls.Row] = {}
        self._wanted = asyncio.Event()
        self._urgent = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        # what is set after an attempt at writing: the next, and one under way that writes an end
        self._next = asyncio.Event()
        self._under_way: asyncio.Event | None = None
        # when the first of those that wait has waited long enough
        self._due_at: float | None = None
        self._next_at = 0.0
        self._draining = 0
        self.trouble: StoreError | None = None

    @property
    def pending(self) -> int:
        """Number of calls whose newest state is not durable yet."""
        return len(self._dirty)

    def mark(
        self,
        event: CallEvent,
        *,
        state: State,
        effects: Sequence[Effect],
        channels: frozenset[str] = frozenset(),
    ) -> None:
        """Remember what `event` changed; `state` gives the table's dump of a live call.

        `channels` are the unique ids that lead to the call; each is written once.
        """
        fact = Fact(
            record=event.record,
            state=state,
            effects=tuple(effects),
            channels=self._not_led(event, channels),
            merged=isinstance(event, CallMerged),
            notes=(event.handoff,) if isinstance(event, CallNoted) else (),
        )
        earlier = self._dirty.get(event.record.id)
        self._dirty[event.record.id] = earlier.then(fact) if earlier else fact
        self._idle.clear()
        self._wanted.set()
        if fact.urgent:
            self._urgent.set()

    def _not_led(self, event: CallEvent, channels: frozenset[str]) -> frozenset[str]:
        """Return the channels of which is not written yet that they lead to the call."""
        call = event.record.id
        if isinstance(event, CallMerged):
            self._led.pop(call, None)
            return frozenset()  # they lead to the call that goes on
        known = self._led.get(call, frozenset())
        if event.record.state is CallState.ENDED:
            self._led.pop(call, None)
        elif not channels <= known:
            self._led[call] = known | channels
        return channels - known

    async def run(self) -> None:
        """Write until cancelled; a refusing store, which logs its trouble, is asked again."""
        pause = RETRY_FIRST_S
        while True:
            await self._wanted.wait()
            await self._linger()
            batch = _joined_first(self._taken())
            if not batch:
                continue
            if await self._attempt(batch):
                pause = RETRY_FIRST_S
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY_LAST_S)

    async def _attempt(self, batch: Mapping[CallId, Fact]) -> bool:
        """Write facts and keep what is refused; False if the store cannot store now."""
        done, self._next = self._next, asyncio.Event()
        if any(fact.over for fact in batch.values()):
            self._under_way = done
        try:
            return self._settled(batch, await self._write(tuple(batch.values())))
        except asyncio.CancelledError:
            self._put_back(batch)
            raise
        finally:
            self._under_way = None
            done.set()

    async def _write(self, facts: Sequence[Fact]) -> list[BaseException | None]:
        """Write facts, many in one piece of work; what fails is tried again each by itself.

        A fact that can never be stored must not take with it what came at the same time.
        """
        parts = [facts[start : start + TOGETHER] for start in range(0, len(facts), TOGETHER)]
        results: list[BaseException | None] = []
        for part, failure in zip(parts, await self._stored(parts), strict=True):
            if failure is None or len(part) == 1:
                results += [failure] * len(part)
            else:
                results += await self._stored([(fact,) for fact in part])
        return results

    async def _stored(self, parts: Sequence[Sequence[Fact]]) -> list[BaseException | None]:
        """Write parts, each whole or not at all; return what each of them failed with."""
        writing = [
            self._db.write_nowait(partial(_save, facts=part, rows=self._take_rows(part)))
            for part in parts
        ]
        failures: list[BaseException | None] = []
        for part, done in zip(
            parts, await asyncio.gather(*writing, return_exceptions=True), strict=True
        ):
            if isinstance(done, BaseException):
                failures.append(done)
                continue
            failures.append(None)
            for fact in part:
                row = done.get(fact.record.id)
                if row is not None and fact.state is not None:  # saved, and not over
                    self._rows[fact.record.id] = row
        return failures

    def _take_rows(self, facts: Sequence[Fact]) -> dict[CallId, calls.Row]:
        """Return where calls stand; what is not committed after this is looked up the next time."""
        calls_of = (fact.record.id for fact in facts)
        return {call: row for call in calls_of if (row := self._rows.pop(call, None)) is not None}

    async def _linger(self) -> None:
        """Wait a moment for what follows at once, unless something must be written now."""
        loop = asyncio.get_running_loop()
        if self._due_at is None:
            self._due_at = loop.time() + LINGER_S
        if not self._urgent.is_set():
            enough = loop.call_at(self._due_at, self._urgent.set)
            await self._urgent.wait()
            enough.cancel()
        if not self._draining and (early := self._next_at - loop.time()) > 0:
            await asyncio.sleep(early)

    def _taken(self) -> dict[CallId, Fact]:
        """Take what is to be written now: what is urgent, or everything once the rest is due too.

        What is over goes along in any case, with a merged call the one that it became part of.
        """
        self._urgent.clear()
        taken, rest = self._dirty, dict[CallId, Fact]()
        self._next_at = asyncio.get_running_loop().time() + APART_S
        if not self._draining and self._due_at is not None and self._next_at < self._due_at:
            now = _joined(taken)
            now.update(call for call, fact in taken.items() if fact.urgent or fact.over)
            rest = {call: fact for call, fact in taken.items() if call not in now}
            taken = {call: fact for call, fact in taken.items() if call in now}
        for fact in taken.values():
            fact.dump()
        self._dirty = rest
        if not rest:
            self._due_at = None
            self._wanted.clear()
        return taken

    async def caught_up(self) -> None:
        """Return when the calls that are over by now are durable, which then wait for nothing.

        Returns at once if they are, and if the store refuses: who reads it is then told so, or of
        the state before. For what ends after this is called it does not wait.
        """
        if self.trouble is not None:
            return
        attempt = self._under_way
        if any(fact.over for fact in self._dirty.values()):
            self._urgent.set()
            attempt = self._next
        if attempt is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await attempt.wait()

    async def drained(self) -> None:
        """Return when everything marked so far is durable, which then waits for nothing."""
        self._draining += 1
        if self._dirty:
            self._urgent.set()
        try:
            await self._idle.wait()
        finally:
            self._draining -= 1

    def _settled(
        self, batch: Mapping[CallId, Fact], results: Sequence[BaseException | None]
    ) -> bool:
        """Keep what the store refused; False if it refused anything because it cannot store now."""
        refused: dict[CallId, Fact] = {}
        self.trouble = None
        for (identity, fact), result in zip(batch.items(), results, strict=True):
            if isinstance(result, StoreError):
                refused[identity] = fact
                self.trouble = result
            elif result is not None:
                # a fact that can never be stored must not hold up the ones behind it
                log.error("store.fact_refused", call_id=str(identity), exc_info=result)
        self._put_back(refused)
        if not self._dirty:
            self._idle.set()
        if any(fact.effects or fact.merged for fact in batch.values()):
            self._on_effects()
        return not refused

    def _put_back(self, batch: Mapping[CallId, Fact]) -> None:
        for identity, fact in batch.items():
            later = self._dirty.get(identity)
            self._dirty[identity] = fact.then(later) if later else fact
        if batch:
            self._wanted.set()
        if any(fact.urgent for fact in batch.values()):
            self._urgent.set()


def _joined(batch: Mapping[CallId, Fact]) -> set[CallId]:
    """Return the calls that were joined: those that are gone, and those that they went into."""
    gone = [fact.record for fact in batch.values() if fact.merged]
    return {record.id for record in gone} | {record.merged_into or record.id for record in gone}


def _joined_first(batch: dict[CallId, Fact]) -> dict[CallId, Fact]:
    """Put calls that were joined side by side, so that one transaction stores them.

    After a crash in between, one of them would be without what the other no longer has.
    """
    joined = _joined(batch)
    if not joined:
        return batch
    return {call: batch[call] for call in sorted(batch, key=lambda call: call not in joined)}


def _save(
    conn: Connection, *, facts: Sequence[Fact], rows: Mapping[CallId, calls.Row]
) -> dict[CallId, calls.Row]:
    records = all_with_wrap_ups(conn, [fact.record for fact in facts])
    saved = calls.save_calls(
        conn, [_saving(fact, record, rows) for fact, record in zip(facts, records, strict=True)]
    )
    for fact, record in zip(facts, records, strict=True):
        if fact.merged:
            intake.merge(conn, record)
        for effect in fact.effects:
            # an effect of an earlier event of the call keeps the record it was made of
            same = effect.record is fact.record
            intake.put(conn, replace(effect, record=record) if same else effect)
        for note in fact.notes:
            put_handoff(conn, fact.record.id, note)
    return saved


def _saving(fact: Fact, record: CallRecord, rows: Mapping[CallId, calls.Row]) -> calls.Saving:
    state = fact.state if isinstance(fact.state, bytes) else None
    row = rows.get(record.id)
    return calls.Saving(record=record, state=state, channels=sorted(fact.channels), row=row)


def is_final(event: CallEvent) -> bool:
    """Tell whether the call needs no state for a restart any more."""
    return event.record.state is CallState.ENDED or isinstance(event, CallMerged)
