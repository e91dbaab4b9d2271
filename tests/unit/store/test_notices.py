"""What registered webhooks are told of waiting customers and promises: once, in order, erasable."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
from support.crm_records import HandClock
from support.store import CUSTOMER, NOON, after, an_ended_call

from crm_sync.connectors.webhook.link import encode
from crm_sync.hooks import HookPlans, policy_for
from crm_sync.planning import Planned, Unwanted
from gateway.core.history import Promise
from gateway.core.notices import NoticeKind
from gateway.core.ports import Receipt
from gateway.core.record import CallRecord, Outcome
from gateway.desk.history import promise_json
from gateway.desk.hub import Hub
from gateway.desk.missed import MissedDesk
from gateway.desk.promises import PromiseDesk
from gateway.desk.roster import Roster
from gateway.store import erasing, outbox, promises
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database
from gateway.store.erasing import Person
from gateway.store.missed import MissedFilter, list_missed
from gateway.store.notices import Notice, announce
from gateway.store.retention import Cutoffs, forget_others
from gateway.store.webhooks import Webhook, add_webhook

OTHER = "+390687654321"
PROMISED = Promise(
    id="00000000-0000-4000-8000-000000000001",
    contact_id=None,
    e164=CUSTOMER,
    text="Offerta",
    due_at=after(3_600),
    made_by="anna",
    made_at=after(30),
    assignee="anna",
)


def hook(*types: str) -> Webhook:
    """Return a webhook that is registered for these types."""
    return Webhook(
        id=uuid4(), url="https://x.test", label="", types=types, secret=b"", created_at=NOON,
        created_by="root",
    )  # fmt: skip


def missed_call(number: int, caller: str = CUSTOMER) -> CallRecord:
    """Return a call that nobody answered."""
    plain = an_ended_call(number)
    return replace(
        plain,
        caller=replace(plain.caller, e164=caller),
        outcome=Outcome.MISSED,
        answered_by=None,
        final_talker=None,
        answered_at=None,
    )


async def keep(db: Database, *records: CallRecord) -> None:
    """Store calls as the pipeline does."""
    for record in records:
        await db.write(partial(save_call, record=record, state=None))


async def posted(db: Database, hook: Webhook, clock: HandClock) -> Sequence[dict[str, Any]]:
    """Deliver what waits for a webhook as the worker does, and return the bodies."""
    bodies: list[dict[str, Any]] = []
    while True:
        clock.forward(1)
        handed = await db.write(
            lambda conn: outbox.lease(
                conn, owner="a", now=clock.now(), limit=10, lease_s=30, connectors=[hook.connector]
            )
        )
        if not handed:
            return bodies
        for one in handed:
            effect = one.effect
            planned = HookPlans(hook.types).plan(effect)
            assert isinstance(planned, Planned)
            body = encode(
                planned.record, kind=effect.kind, occurred_at=effect.occurred_at, plan=planned.plan
            )
            bodies.append(orjson.loads(body))
            await db.write(
                partial(outbox.delivered, key=effect.key, receipt=Receipt(), now=clock.now())
            )


async def test_who_waits_is_told_to_whoever_registered_for_it_and_in_order(db: Database) -> None:
    """A CRM that shows the list must not see "taken" before "waits", and calls nobody asked for."""
    clock, wants, other = HandClock(after(600)), hook("missed.updated"), hook("call.ended")
    for one in (wants, other):
        await db.write(partial(add_webhook, hook=one))
    desk = MissedDesk(db, Hub(clock, epoch="e"), Roster(), clock)
    await keep(db, missed_call(1))
    await desk.step()
    await desk.step()
    (item,) = (await db.read(partial(list_missed, wanted=MissedFilter(), now=clock.now()))).items
    clock.forward(1)
    await desk.claim(item.id, "anna")
    clock.forward(1)
    await keep(db, an_ended_call(700))
    await desk.step()
    told = await posted(db, wants, clock)
    assert [one["type"] for one in told] == ["missed.updated"] * 3
    assert {one["data"]["id"] for one in told} == {item.id}
    stands = [(one["data"]["state"], one["data"]["claimed_by"]) for one in told]
    assert stands == [("open", None), ("open", "anna"), ("closed", "anna")]
    assert await posted(db, other, clock) == []
    assert not policy_for(wants.types).wants(missed_call(1))
    assert policy_for(other.types).wants(missed_call(1))


async def test_promise_that_falls_due_is_told_once(db: Database) -> None:
    """Its assignee has no page open, so people hear of it later; a program need not wait."""
    clock, wants = HandClock(after(3_601)), hook("promise.due")
    await db.write(partial(add_webhook, hook=wants))
    await db.write(partial(promises.add_promise, promise=PROMISED))
    desk = PromiseDesk(db, Hub(clock, epoch="e"), Roster(), clock)
    assert await desk.tell_due() == 0
    (told,) = await posted(db, wants, clock)
    assert (told["type"], told["data"]["id"]) == ("promise.due", PROMISED.id)
    assert (told["data"]["state"], told["data"]["to_do"]) == ("broken", True)
    clock.forward(promises.PATIENCE.total_seconds())
    assert await desk.tell_due() == 1
    assert await posted(db, wants, clock) == []


async def test_notice_can_be_retried_by_hand_and_is_dropped_if_nobody_wants_it(
    db: Database,
) -> None:
    """It is a row of the outbox like any other."""
    wants = hook("promise.due")
    await db.write(partial(add_webhook, hook=wants))
    await db.write(partial(announce_promise, promise=PROMISED))
    (row,) = (await db.read(outbox.list_effects)).items
    assert row.record is None
    await db.write(partial(outbox.retry, key=row.key, by="root", at=NOON))
    (handed,) = await db.write(
        partial(
            outbox.lease, owner="a", now=NOON, limit=1, lease_s=30, connectors=[wants.connector]
        )
    )
    assert isinstance(HookPlans(["call.ended"]).plan(handed.effect), Unwanted)


async def test_erased_person_is_in_no_notice(db: Database) -> None:
    """What waits for an address that is down would name them for a week."""
    wants = hook("promise.due")
    await db.write(partial(add_webhook, hook=wants))
    kept = replace(PROMISED, id=str(uuid4()), e164=OTHER)
    for promise in (PROMISED, kept):
        await db.write(partial(announce_promise, promise=promise))
    await erasing.erase(
        db, Person(numbers=(CUSTOMER,)), now=after(60), note=lambda _conn, _done: None
    )
    assert [one.call_id for one in (await db.read(outbox.list_effects)).items] == [UUID(kept.id)]


async def test_delivered_notice_goes_with_the_calls_of_its_time(db: Database) -> None:
    """No call takes it along."""
    wants = hook("promise.due")
    await db.write(partial(add_webhook, hook=wants))
    for promise in (PROMISED, replace(PROMISED, id=str(uuid4()))):
        await db.write(partial(announce_promise, promise=promise))
    waits, done = (await db.read(outbox.list_effects)).items
    await db.write(partial(outbox.delivered, key=done.key, receipt=Receipt(), now=after(1)))
    later = Cutoffs(calls=after(60), payloads=after(60), audit=NOON)
    await db.write(partial(forget_others, cutoffs=later, at=after(60)))
    assert [one.key for one in (await db.read(outbox.list_effects)).items] == [waits.key]


def announce_promise(conn: Connection, promise: Promise) -> None:
    """Put a notice of a promise in line, as the desk does."""
    told = Notice(
        kind=NoticeKind.PROMISE, subject=promise.id, mark="", at=NOON, data=promise_json(promise)
    )
    announce(conn, told)
