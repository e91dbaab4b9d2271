"""Other systems keep a copy of our calls: no change is missed, whoever writes meanwhile."""

import asyncio
from datetime import timedelta
from functools import partial

from support.store import NOON, a_call, an_ended_call

from gateway.core.ids import CallId
from gateway.store.calls import CallFilter, list_calls, save_call
from gateway.store.database import Database
from gateway.store.retention import Cutoffs, forget_calls, forget_others
from gateway.store.tombstones import KEPT, Gone

CALLS = 60
WRITERS = 3


class Copy:
    """What a client keeps that does as docs/consume.md says."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.after = 0
        self.calls: dict[CallId, int] = {}

    async def sync(self, limit: int = 7) -> None:
        """Take over everything that changed since the last time."""
        while True:
            wanted = CallFilter(updated_after=self.after, limit=limit)
            page = await self.db.read(partial(list_calls, wanted=wanted))
            assert page.last_change >= self.after
            for one in page.gone:
                self.calls.pop(one.call_id, None)
            for record in page.items:
                self.calls[record.id] = record.revision
            self.after = page.last_change
            if page.next is None:
                return


async def test_concurrent_writers_never_let_a_copy_miss_a_change(url: str) -> None:
    """A number drawn early and committed late would be passed over by whoever saw a later one."""
    nodes = [await Database.open(url) for _ in range(WRITERS + 1)]
    copy = Copy(nodes[-1])

    async def write(db: Database, first: int) -> None:
        for number in range(first, CALLS, WRITERS):
            await db.write(partial(save_call, record=a_call(number), state=None))
            ended = an_ended_call(number, revision=1)
            await db.write(partial(save_call, record=ended, state=None))

    async with asyncio.TaskGroup() as group:
        writing = [group.create_task(write(db, n)) for n, db in enumerate(nodes[:WRITERS])]
        while not all(task.done() for task in writing):
            await copy.sync()
            await asyncio.sleep(0)
    await copy.sync()
    for db in nodes:
        await db.close()
    assert copy.calls == {a_call(number).id: 1 for number in range(CALLS)}


async def test_a_deleted_call_is_told_once_to_every_copy(db: Database) -> None:
    """Who copies our calls must not keep what we may not keep any more."""
    for number in (1, 2, 3):
        await db.write(partial(save_call, record=an_ended_call(number), state=None))
    copy = Copy(db)
    await copy.sync()
    later = NOON + timedelta(days=90)
    await db.write(partial(forget_calls, before=NOON + timedelta(seconds=92), at=later))
    wanted = CallFilter(updated_after=copy.after)
    page = await db.read(partial(list_calls, wanted=wanted))
    assert page.items == ()
    told = [(one.call_id, one.reason, one.at) for one in page.gone]
    assert told == [(an_ended_call(1).id, Gone.EXPIRED, later)]
    await copy.sync(limit=1)
    assert set(copy.calls) == {an_ended_call(2).id, an_ended_call(3).id}
    assert (await db.read(partial(list_calls, wanted=wanted))).last_change == copy.after


async def test_changes_and_deletions_come_in_one_order_whatever_the_page(db: Database) -> None:
    """A call that is saved, deleted and saved again is there in the end, at any page size."""
    for number in range(1, 6):
        await db.write(partial(save_call, record=an_ended_call(number), state=None))
    await db.write(partial(forget_calls, before=NOON + timedelta(seconds=93), at=NOON))
    await db.write(partial(save_call, record=an_ended_call(1, revision=1), state=None))
    expected = {an_ended_call(number).id for number in (1, 3, 4, 5)}
    for limit in (1, 2, 500):
        copy = Copy(db)
        await copy.sync(limit)
        assert set(copy.calls) == expected


async def test_tombstones_go_after_more_than_a_year(db: Database) -> None:
    """They grow by one for every call there ever was."""
    await db.write(partial(save_call, record=an_ended_call(1), state=None))
    await db.write(partial(forget_calls, before=NOON + timedelta(days=1), at=NOON))
    cutoffs = Cutoffs(calls=NOON, payloads=NOON, audit=NOON)
    for at, left in ((NOON + KEPT, 1), (NOON + KEPT + timedelta(seconds=1), 0)):
        await db.write(partial(forget_others, cutoffs=cutoffs, at=at))
        page = await db.read(partial(list_calls, wanted=CallFilter(updated_after=0)))
        assert len(page.gone) == left
