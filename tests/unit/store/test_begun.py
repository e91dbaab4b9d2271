"""What hangs on one call in the outbox: its order, what has begun, and tasks nobody needs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.store import CUSTOMER, NOON, after, an_effect, an_ended_call

from gateway.core.ports import Receipt
from gateway.core.record import Called, CallRecord, Direction, Outcome, Party
from gateway.store import outbox
from gateway.store.begun import earlier, has_begun
from gateway.store.calls import save_call
from gateway.store.database import Connection, Database
from gateway.store.outbox import EffectState, Leased
from gateway.store.reached import Settled, settled
from gateway.store.relogged import known, progress

MISSED = an_ended_call(
    1, outcome=Outcome.MISSED, answered_by=None, final_talker=None, answered_at=None
)
BACK = an_ended_call(
    60,
    direction=Direction.OUTBOUND,
    caller=Party(number="1002"),
    called=Called(number=CUSTOMER, e164=CUSTOMER),
)


def lease(conn: Connection, seconds: float = 0.0) -> list[Leased]:
    """Take what is due so many seconds after noon."""
    return outbox.lease(
        conn, owner="a", now=after(seconds), limit=8, lease_s=30, connectors=["odoo"]
    )


async def test_task_waits_for_its_call_and_holds_up_nothing(db: Database) -> None:
    """A task put off for an hour must not keep back what becomes known of the call meanwhile."""
    call = an_effect(MISSED)
    task = an_effect(MISSED, kind="task.missed", not_before=after(3600))
    update = an_effect(MISSED, kind="call.updated", ordinal=1)

    def run(conn: Connection) -> None:
        for one in (call, task, update):
            outbox.enqueue(conn, one)
        assert [one.effect.key for one in lease(conn)] == [call.key]
        outbox.delivered(conn, call.key, Receipt(), after(1))
        assert [one.effect.key for one in lease(conn, 2)] == [update.key]
        outbox.delivered(conn, update.key, Receipt(), after(3))
        assert lease(conn, 3500) == []
        assert [one.effect.key for one in lease(conn, 3702)] == [task.key]
        outbox.retry_at(conn, task.key, after(9000), "busy", owner="a")
        late = an_effect(MISSED, kind="call.updated", ordinal=2)
        outbox.enqueue(conn, late)
        assert [one.effect.key for one in lease(conn, 3703)] == [late.key]

    await db.write(run)


async def test_effect_that_nobody_needs_is_dropped_with_its_reason(db: Database) -> None:
    """The list says why there is no task, instead of keeping silent."""
    task = an_effect(MISSED, kind="task.missed")

    def run(conn: Connection) -> None:
        outbox.enqueue(conn, task)
        lease(conn)
        assert outbox.unwanted(conn, task.key, "The customer was reached.", owner="a")
        assert not outbox.unwanted(conn, task.key, "again", owner="a")
        row = outbox.get_effect(conn, task.key)
        assert row is not None
        assert (row.state, row.cause) == (EffectState.DROPPED, "The customer was reached.")

    await db.write(run)


async def test_what_the_crm_has_heard_of_a_call_is_known(db: Database) -> None:
    """What follows on a record brings up to date what the earlier effect made."""
    begun, end = an_effect(MISSED, kind="call.started"), an_effect(MISSED)

    def run(conn: Connection) -> None:
        assert not has_begun(conn, MISSED.id, "odoo")
        outbox.enqueue(conn, an_effect(MISSED, kind="task.missed"))
        assert not has_begun(conn, MISSED.id, "odoo")
        outbox.enqueue(conn, begun)
        assert has_begun(conn, MISSED.id, "odoo")
        assert not has_begun(conn, MISSED.id, "hook")
        lease(conn)
        outbox.delivered(conn, begun.key, Receipt(external_id="77"), after(1))
        outbox.enqueue(conn, end)
        [one] = earlier(conn, end)
        assert (one.key, one.state, one.external_id, one.settled_at) == (
            begun.key,
            EffectState.DELIVERED,
            "77",
            after(1),
        )

    await db.write(run)


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ((), None),
        ((BACK,), Settled.TALKED),
        ((replace(BACK, outcome=Outcome.BUSY, answered_at=None),), None),
        ((replace(BACK, started_at=after(-600), answered_at=after(-590)),), None),
        ((an_ended_call(30),), Settled.TALKED),
        ((replace(MISSED, outcome=Outcome.ANSWERED, revision=1),), Settled.ANSWERED),
    ],
)
async def test_who_was_reached_needs_no_call_back(
    db: Database, others: tuple[CallRecord, ...], reason: Settled | None
) -> None:
    """A task to call somebody with whom we have just spoken makes us look foolish."""

    def run(conn: Connection) -> None:
        for record in (MISSED, *others):
            save_call(conn, record, state=None, channels=())
        assert settled(conn, MISSED) is reason

    await db.write(run)


async def test_progress_of_a_range_counts_its_calls_alone(db: Database) -> None:
    """An administrator watches a month being written; today's calls are not part of it."""
    inside, outside = an_ended_call(1), an_ended_call(7200)

    def run(conn: Connection) -> None:
        for record in (inside, outside):
            save_call(conn, record, state=None, channels=())
            outbox.enqueue(conn, an_effect(record, not_before=after(5)))
        span = {"since": NOON, "until": NOON + timedelta(hours=1)}
        found = progress(conn, "odoo", **span)
        assert (found.states, found.last_due_at) == ({EffectState.PENDING: 1}, after(5))
        lease(conn, 6)
        outbox.delivered(conn, an_effect(inside).key, Receipt(), after(7))
        found = progress(conn, "odoo", **span)
        assert (found.states, found.last_due_at) == ({EffectState.DELIVERED: 1}, None)
        keys = [an_effect(inside).key, an_effect(MISSED, kind="task.missed").key]
        assert known(conn, keys) == {str(keys[0]): EffectState.DELIVERED}

    await db.write(run)
