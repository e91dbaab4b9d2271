"""Who waits and what was promised, followed in the store as calls change, on each database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update
from support.hours import office
from support.store import CUSTOMER, NOON, after, an_ended_call

from gateway.core.history import (
    Channel,
    Customer,
    Interaction,
    Promise,
    PromiseState,
    TimelineItem,
    TimelineKind,
)
from gateway.core.matching import Contact, ContactNumber
from gateway.core.record import (
    Called,
    CallRecord,
    ContactRef,
    Direction,
    Outcome,
    Party,
    Presentation,
)
from gateway.store import follow_up, missed, promises
from gateway.store.background import background
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.customers import customer_for
from gateway.store.database import Connection, Database
from gateway.store.interactions import interaction_id, save_interaction
from gateway.store.schema import calls
from gateway.store.timeline import timeline

LATER = NOON + timedelta(hours=6)
PAOLA = Contact(
    id="c-paola",
    name="Paola Neri",
    at_risk=True,
    numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),),
)
A_PROMISE = Promise(
    id="00000000-0000-4000-8000-000000000001",
    contact_id=None,
    e164=CUSTOMER,
    text="Offer",
    due_at=after(3_600),
    made_by="anna",
    made_at=after(30),
    assignee="anna",
)


def missed_call(number: int) -> CallRecord:
    """Return a call that nobody answered, begun `number` s after noon."""
    return replace(
        an_ended_call(number),
        outcome=Outcome.MISSED,
        answered_by=None,
        final_talker=None,
        answered_at=None,
    )


async def keep(db: Database, *records: CallRecord) -> None:
    """Store calls as the pipeline does."""
    for record in records:
        await db.write(partial(save_call, record=record, state=None))


async def follow(db: Database) -> follow_up.Applied:
    """Take in one batch of what changed, from wherever the store is."""
    mark = await db.read(follow_up.read_mark)
    found = await db.read(partial(follow_up.examine, mark=mark, now=LATER))
    applied = await db.write(partial(follow_up.apply, found=found))
    assert applied is not None
    return applied


@pytest.mark.parametrize(
    "call",
    [
        replace(an_ended_call(1), caller=Party(presentation=Presentation.WITHHELD)),
        replace(an_ended_call(1), caller=Party(number="anonymous")),
        an_ended_call(1),
        replace(an_ended_call(1), contact=ContactRef(id="c-paola", name="Paola Neri")),
        replace(
            an_ended_call(1),
            direction=Direction.OUTBOUND,
            caller=Party(number="1002"),
            called=Called(number="0612345678", e164=CUSTOMER),
        ),
    ],
    ids=["withheld", "no number", "the number", "the person", "called by us"],
)
async def test_answered_call_of_somebody_who_waits_is_read(db: Database, call: CallRecord) -> None:
    """Records of people for whom nobody waits are passed over unread; these are none."""
    await db.write(partial(save_contacts, entries=[PAOLA]))
    promise = replace(A_PROMISE, contact_id="c-paola", e164=CUSTOMER)
    await db.write(partial(promises.add_promise, promise=promise))
    await keep(db, call)
    found = await db.read(partial(follow_up.examine, mark=0, now=LATER))
    assert found.withheld or found.talks


async def test_two_nodes_that_follow_tell_once(db: Database) -> None:
    """The second finds the mark moved: what it read is stored and told already."""
    await keep(db, missed_call(1))
    examine = partial(follow_up.examine, mark=0, now=LATER)
    found = [await db.read(examine), await db.read(examine)]
    applied = [await db.write(partial(follow_up.apply, found=one)) for one in found]
    assert applied[1] is None
    assert applied[0] is not None
    assert len(applied[0].items) == 1


async def test_following_goes_on_where_it_was(db: Database) -> None:
    """A crash between two batches neither loses nor repeats."""
    await keep(db, missed_call(1))
    assert len((await follow(db)).items) == 1
    again = await follow(db)
    assert (again.items, again.gone) == ((), ())


async def test_damaged_record_holds_up_nobody(db: Database) -> None:
    """The part that follows would fail on it at every start, and the gateway with it."""
    await keep(db, missed_call(1))
    damage = update(calls).values(record="{", contact_id=None)
    await db.write(lambda conn: conn.execute(damage).rowcount)
    other = replace(missed_call(2).caller, e164="+390612345001")
    await keep(db, replace(missed_call(2), caller=other))
    assert [item.e164 for item in (await follow(db)).items] == ["+390612345001"]


async def test_most_urgent_is_listed_first(db: Database) -> None:
    """Risk, then a broken promise, then value, then how long they waited."""
    others = [f"+39061234500{digit}" for digit in range(3)]
    await db.write(partial(save_contacts, entries=[PAOLA]))
    waits = dict(zip(others, (5.0, 60.0, 20.0), strict=True))
    for number, wait in waits.items():
        call = missed_call(int(number[-1]) + 10)
        caller = replace(call.caller, number=number, e164=number)
        await keep(db, replace(call, caller=caller, seconds=replace(call.seconds, wait=wait)))
    await keep(db, missed_call(1))
    due = replace(A_PROMISE, e164=others[0], state=PromiseState.BROKEN)
    await db.write(partial(promises.add_promise, promise=due))
    await follow(db)
    listed = partial(missed.list_missed, wanted=missed.MissedFilter(), now=LATER)
    page = await db.read(listed)
    assert [item.e164 for item in page.items] == [CUSTOMER, others[0], others[1], others[2]]
    first = await db.read(partial(listed, wanted=missed.MissedFilter(limit=2)))
    rest = missed.MissedFilter(limit=2, cursor=first.next)
    second = await db.read(partial(listed, wanted=rest))
    assert first.items + second.items == page.items
    assert second.next is None


async def test_who_waited_for_us_comes_before_who_listened_to_the_tape_at_night(
    db: Database,
) -> None:
    """The night's call is older and longer; the one at noon could have been answered."""
    night, noon = missed_call(-11 * 3_600), missed_call(-1_800)
    caller = replace(noon.caller, number="+390612345001", e164="+390612345001")
    night = replace(night, seconds=replace(night.seconds, wait=600.0))
    noon = replace(noon, caller=caller, seconds=replace(noon.seconds, wait=20.0))
    await keep(db, night, noon)
    mark = await db.read(follow_up.read_mark)
    examine = partial(follow_up.examine, mark=mark, now=LATER, calendars=office())
    await db.write(partial(follow_up.apply, found=await db.read(examine)))
    now = after(3 * 3_600)
    listed = partial(missed.list_missed, wanted=missed.MissedFilter(), now=now, calendars=office())
    page = await db.read(listed)
    assert [(one.e164, one.only_closed) for one in page.items] == [
        ("+390612345001", False),
        (CUSTOMER, True),
    ]
    assert [one.open_s for one in page.items] == [3_600, 4 * 3_600 + 1_800]


async def test_team_sees_who_called_its_queues(db: Database) -> None:
    """A customer of another office's queue is not theirs to call back."""
    await keep(db, missed_call(1))
    await follow(db)
    for others, seen in ((frozenset({"support"}), 0), (frozenset({"sales"}), 1)):
        work = partial(missed.list_missed, wanted=missed.MissedFilter(), now=LATER, others=others)
        assert (await db.read(work)).total == seen


async def test_of_two_who_claim_one_wins(db: Database) -> None:
    """The database decides, not the order in which pages asked."""
    await keep(db, missed_call(1))
    (item,) = (await follow(db)).items
    tries = [
        db.write(partial(missed.claim, identifier=item.id, login=login, now=LATER))
        for login in ("anna", "luca", "anna")
    ]
    assert await asyncio.gather(*tries) == [True, False, True]


async def test_promise_is_taken_as_due_once(db: Database) -> None:
    """Whoever marks it tells; a restart or a second node finds nothing left to tell."""
    await db.write(partial(promises.add_promise, promise=A_PROMISE))
    assert await db.read(promises.next_untold) == A_PROMISE.due_at
    assert await db.write(partial(promises.take_due, now=after(3_599))) == promises.Due()
    taken = await db.write(partial(promises.take_due, now=after(3_600)))
    assert taken.told == taken.broken
    assert [due.state for due in taken.told] == [PromiseState.BROKEN]
    assert await db.write(partial(promises.take_due, now=LATER)) == promises.Due()
    assert await db.read(promises.next_untold) is None


async def test_talk_settles_what_was_promised_before_the_entry_existed(db: Database) -> None:
    """A number promised a call is an entry's by now; talking with them keeps it."""
    await db.write(partial(promises.add_promise, promise=A_PROMISE))
    await db.write(partial(save_contacts, entries=[PAOLA]))
    call = replace(an_ended_call(600), contact=ContactRef(id=PAOLA.id))
    await keep(db, call)
    (kept,) = (await follow(db)).promises
    assert (kept.state, kept.settled_by) == (PromiseState.KEPT, str(call.id))


async def test_pages_of_a_timeline_neither_repeat_nor_lose(db: Database) -> None:
    """Also of entries at the very same moment, of several kinds."""
    await db.write(partial(save_contacts, entries=[PAOLA]))

    def fill(conn: Connection) -> None:
        for number in range(1, 31):
            call = replace(an_ended_call(number), started_at=after(number // 3))
            named = ContactRef(id=PAOLA.id) if number % 2 else None
            save_call(conn, replace(call, contact=named), state=None)
        for number in range(20):
            told = Interaction(
                id=interaction_id("mail", str(number)),
                channel=Channel.MAIL,
                direction=Direction.INBOUND,
                at=after(number // 4),
                e164=CUSTOMER,
            )
            save_interaction(conn, told)
        promises.add_promise(conn, replace(A_PROMISE, made_at=after(3)))

    await db.write(fill)
    seen: list[TimelineItem] = []
    cursor = None
    for _page in range(20):
        work = partial(timeline, customer=Customer(contact_id=PAOLA.id), cursor=cursor, limit=4)
        page = await db.read(work)
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len({item.id for item in seen}) == 51
    times = [item.at for item in seen]
    assert times == sorted(times, reverse=True)


async def test_background_of_a_pop(db: Database) -> None:
    """What an agent must know before they speak, in a few look-ups."""
    await db.write(partial(save_contacts, entries=[PAOLA]))
    await db.write(partial(promises.add_promise, promise=A_PROMISE))
    await keep(db, missed_call(1), missed_call(40), missed_call(50))
    await follow(db)
    past, _ = await db.read(partial(background, contact_id=None, e164=CUSTOMER, limit=2))
    assert [item.missed for item in past.items] == [True, True]
    assert past.inbound == (after(50), after(40), after(1))
    assert [promise.id for promise in past.promises] == [A_PROMISE.id]
    assert past.missed is not None
    assert (past.missed.name, past.missed.attempts) == ("Paola Neri", 3)
    nobody, _ = await db.read(partial(background, contact_id=None, e164=None, limit=2))
    assert nobody.items == ()


@pytest.mark.parametrize("contact_id", [None, PAOLA.id, "c-deleted"])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("written", [False, True])
async def test_background_tells_what_the_timeline_tells(
    db: Database, contact_id: str | None, *, shared: bool, written: bool
) -> None:
    """It is read by other statements: nobody's calls may appear under another, or be missing."""
    paola = replace(PAOLA, email="Paola@example.com")
    other = replace(PAOLA, id="c-mario", name="Mario")
    await keep(db, missed_call(1), an_ended_call(30))  # before the directory knew them
    await db.write(partial(save_contacts, entries=[paola, other] if shared else [paola]))
    reference = ContactRef(id=paola.id, name="Paola Neri")
    await keep(db, replace(an_ended_call(60), contact=reference), missed_call(90))
    if written:
        mail = Interaction(
            id=interaction_id("mail", "7"),
            channel=Channel.MAIL,
            direction=Direction.INBOUND,
            at=after(70),
            source="mail",
            external_id="7",
            email="paola@example.com",
        )
        await db.write(partial(save_interaction, told=mail))
    customer = await db.read(partial(customer_for, contact_id=contact_id, e164=CUSTOMER))
    assert customer is not None
    page = await db.read(partial(timeline, customer=customer, limit=5))
    past, _ = await db.read(partial(background, contact_id=contact_id, e164=CUSTOMER))
    assert past.items == page.items
    calls_in = [item.at for item in page.items if item.direction is Direction.INBOUND]
    assert [at for at in past.inbound if at in calls_in] == [
        item.at for item in page.items if item.kind is TimelineKind.CALL
    ]
