"""Which of the changed calls are read: all that mean something, whatever they look like."""

from dataclasses import replace
from functools import partial
from itertools import product

from support.store import CUSTOMER, NOON, after, an_ended_call

from gateway.core.history import Promise, customer_of, is_missed, talked_at
from gateway.core.matching import Contact, ContactNumber
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    Outcome,
    Party,
    Presentation,
)
from gateway.store import follow_up, promises
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.database import Connection, Database

OTHER, THEIRS = "+390612345001", "+390612345002"
WAITS = Contact(id="c-waits", name="Paola Neri", numbers=(ContactNumber(raw=THEIRS, e164=THEIRS),))
OUTCOMES = (Outcome.ANSWERED, Outcome.MISSED, None)


def all_kinds() -> list[CallRecord]:
    """Return an outside call of every kind, of each two states."""
    kinds = product(
        (Direction.INBOUND, Direction.OUTBOUND),
        Presentation,
        (CUSTOMER, OTHER, THEIRS, None),
        OUTCOMES,
        (None, ContactRef(id=WAITS.id), ContactRef(id="c-other")),
        (CallState.ENDED, CallState.LIVE),
    )
    return [
        replace(
            an_ended_call(second),
            direction=direction,
            caller=Party(number=e164 or "0101", e164=e164, presentation=shown, name="Studio"),
            called=Called(number=e164 or "0101", e164=e164),
            outcome=outcome,
            contact=contact,
            state=state,
        )
        for second, (direction, shown, e164, outcome, contact, state) in enumerate(kinds, 1)
    ]


async def test_calls_that_mean_something_are_read(db: Database) -> None:
    """The database passes over the others by its columns and by the text of a record."""
    records = all_kinds()

    def fill(conn: Connection) -> None:
        save_contacts(conn, entries=[WAITS, Contact(id="c-other", name="Mario")])
        for place, (contact_id, e164) in enumerate(((None, CUSTOMER), (WAITS.id, None))):
            promise = Promise(
                id=f"00000000-0000-4000-8000-00000000000{place}",
                contact_id=contact_id,
                e164=e164,
                text="Offer",
                due_at=after(7_200),
                made_by="anna",
                made_at=NOON,
            )
            promises.add_promise(conn, promise)
        for record in records:
            save_call(conn, record, state=None)

    await db.write(fill)
    nameless: set[str] = set()
    talks: set[str] = set()
    missed: set[str] = set()
    mark, more = 0, True
    while more:
        found = await db.read(partial(follow_up.examine, mark=mark, now=after(7_200)))
        mark, more = found.upto, found.more
        nameless.update(found.withheld)
        talks.update(talk.call for talk in found.talks)
        missed.update(customer.key for customer, _item in found.items)
    waiting = {CUSTOMER, THEIRS, None}
    assert nameless == {
        str(one.id)
        for one in records
        if one.direction is Direction.INBOUND
        and one.state is CallState.ENDED
        and customer_of(one) is None
    }
    talked = [one for one in records if talked_at(one) is not None and customer_of(one)]
    assert talks == {
        str(one.id)
        for one in talked
        if one.contact == ContactRef(id=WAITS.id)
        or (one.outside_number in waiting and one.outside_number)
    }
    customers = [customer_of(one) for one in records if is_missed(one)]
    assert missed >= {customer.key for customer in customers if customer is not None}
