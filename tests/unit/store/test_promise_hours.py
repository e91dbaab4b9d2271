"""A promise that falls due while nobody is there, on each database."""

from dataclasses import replace
from functools import partial

from support.crm_records import HandClock
from support.hours import office
from support.store import CUSTOMER, NOON, after

from gateway.core.history import Promise, PromiseState
from gateway.desk.hub import Hub
from gateway.desk.promises import PromiseDesk
from gateway.desk.roster import Roster
from gateway.store import promises
from gateway.store.database import Database

# at two in the afternoon in Rome, in the lunch break; the office opens again at half past three
PROMISED = Promise(
    id="00000000-0000-4000-8000-000000000007",
    contact_id=None,
    e164=CUSTOMER,
    text="Credit note",
    due_at=after(3_600),
    made_by="anna",
    made_at=NOON,
)
OPENS = after(9_000)


async def test_promise_due_while_closed_is_broken_at_once_and_told_at_the_opening(
    db: Database,
) -> None:
    """The customer was promised that time; people hear of it when they are back."""
    clock = HandClock(after(3_601))
    desk = PromiseDesk(db, Hub(clock, epoch="e"), Roster(), clock, office())
    assert desk.opens_at(PROMISED) == OPENS
    await db.write(partial(promises.add_promise, promise=PROMISED))
    assert await desk.tell_due() == 0
    due = await db.read(partial(promises.get_promise, identifier=PROMISED.id))
    assert due is not None
    assert due.state is PromiseState.BROKEN
    clock.forward((OPENS - clock.now()).total_seconds() - 1)
    assert await desk.tell_due() == 0
    clock.forward(1)
    assert await desk.tell_due() == 1
    assert await desk.tell_due() == 0


async def test_patience_for_an_absent_assignee_begins_with_the_opening(db: Database) -> None:
    """Whoever opens their page at nine is told themselves, not only their supervisor at night."""
    clock = HandClock(OPENS)
    desk = PromiseDesk(db, Hub(clock, epoch="e"), Roster(), clock, office())
    owed = replace(PROMISED, assignee="anna")
    await db.write(partial(promises.add_promise, promise=owed))
    assert await desk.tell_due() == 0
    clock.forward(promises.PATIENCE.total_seconds())
    assert await desk.tell_due() == 1
