"""The calls of a range of time, read page by page as one CRM would hear of them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from crm_sync.policies import effects
from crm_sync.policy import Policy
from gateway.core.events import CallEnded
from gateway.core.ports import Effect
from gateway.core.record import CallRecord, CallState
from gateway.core.writing import EffectKind
from gateway.store import outbox
from gateway.store.calls import CallFilter, list_calls
from gateway.store.database import Connection, Database
from gateway.store.relogged import Progress, known, progress
from gateway.store.sight import Sight

PAGE: Final = 100
Half = Callable[[CallRecord], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `since` up to, not including, `until`; by when the calls began."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Relogged:
    """What a retroactive logging did: `put` into the outbox, `there` already, `unwanted` by policy.

    The last of `put` is tried at `ends_at` at the earliest; None if there is none.
    """

    put: int
    there: int
    unwanted: int
    ends_at: datetime | None


class Logbook:
    """One CRM's view of the stored calls. `is_half` names those that another PBX of ours tells."""

    def __init__(self, db: Database, connector: str, policy: Policy, *, is_half: Half) -> None:
        self._db = db
        self._connector = connector
        self._policy = policy
        self._is_half = is_half

    async def calls(
        self, span: Span, *, visible_to: Sight | None = None
    ) -> AsyncIterator[list[CallRecord]]:
        """Yield pages of ended calls, the newest first; merged and half ones are left out."""
        cursor: str | None = None
        while True:
            wanted = CallFilter(
                since=span.since,
                until=span.until,
                state=CallState.ENDED,
                visible_to=visible_to,
                cursor=cursor,
                limit=PAGE,
            )
            page = await self._db.read(partial(list_calls, wanted=wanted))
            yield [record for record in page.items if not self._is_half(record)]
            if page.next is None:
                return
            cursor = page.next

    def effect(self, record: CallRecord) -> Effect | None:
        """Return the effect with which the CRM hears of an ended call; None if it does not."""
        event = CallEnded(at=record.ended_at or record.started_at or _EVER, record=record)
        told = effects(event, connector=self._connector, policy=self._policy)
        ends = (one for one in told if one.kind == EffectKind.ENDED and not one.only_if_begun)
        return next(ends, None)

    async def log(self, span: Span, *, now: datetime, per_s: float) -> Relogged:
        """Put the calls of a range into the outbox, spread so that `per_s` are due in a second.

        They have the keys that they had, or would have had, when they ended: what is in the outbox
        or was written stays as it is, so that doing this twice does nothing twice. No tasks are
        made of calls that were missed then.
        """
        put = there = unwanted = 0
        ends_at: datetime | None = None
        async for page in self.calls(span):
            wanted = [one for one in map(self.effect, page) if one is not None]
            unwanted += len(page) - len(wanted)
            work = partial(_put, effects=wanted, start=put, now=now, per_s=per_s)
            fresh = await self._db.write(work)
            put += fresh
            there += len(wanted) - fresh
        if put:
            ends_at = now + timedelta(seconds=(put - 1) / per_s)
        return Relogged(put=put, there=there, unwanted=unwanted, ends_at=ends_at)

    async def progress(self, span: Span) -> Progress:
        """Return how far the calls of a range are."""
        work = partial(progress, connector=self._connector, since=span.since, until=span.until)
        return await self._db.read(work)


def _put(
    conn: Connection, *, effects: list[Effect], start: int, now: datetime, per_s: float
) -> int:
    """Store those that the outbox does not have; return how many."""
    there = known(conn, (one.key for one in effects))
    fresh = [one for one in effects if str(one.key) not in there]
    for number, one in enumerate(fresh, start):
        due = now + timedelta(seconds=number / per_s)
        outbox.enqueue(conn, replace(one, not_before=due))
    return len(fresh)


_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
