"""When a CRM hears of a call: at the ring, at the answer, at the end; and when of a task."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.crm_records import MORNING, answered, ended, missed

from crm_sync.policies import contact_asked, effects
from crm_sync.policy import Moment, Policy, TaskPolicy
from gateway.core.events import (
    CallAmended,
    CallEvent,
    CallMerged,
    CallStarted,
    CallUpdated,
    LegAlerting,
    LegAnswered,
    LegDialled,
)
from gateway.core.ids import call_id, effect_key
from gateway.core.record import Called, CallState, Direction, Outcome, Party

UP = answered(state=CallState.LIVE, outcome=None, ended_at=None, answered_by=None, answered_at=None)
TALKING = replace(UP, answered_by="1002", answered_at=MORNING)
OUT = replace(
    UP,
    direction=Direction.OUTBOUND,
    caller=Party(number="1002"),
    called=Called(number="0612345678", e164="+390612345678"),
)
DIALLED = LegDialled(at=MORNING, record=UP, extension="1002", ring_no=1)
ANSWERED = LegAnswered(at=MORNING, record=TALKING, extension="1002", ring_no=1)
TASKS = Policy(task=TaskPolicy(wanted=True))


@pytest.mark.parametrize(
    ("when", "event", "kind"),
    [
        (Moment.END, DIALLED, None),
        (Moment.END, ANSWERED, None),
        (Moment.ANSWER, DIALLED, None),
        (Moment.ANSWER, ANSWERED, "call.answered"),
        (Moment.RING, DIALLED, "call.started"),
        (Moment.RING, ANSWERED, "call.answered"),
        (Moment.RING, replace(DIALLED, record=TALKING), None),
        (Moment.RING, LegAlerting(at=MORNING, record=UP, extension="1002", ring_no=1), None),
        (Moment.RING, CallStarted(at=MORNING, record=UP), None),
        (Moment.RING, CallUpdated(at=MORNING, record=UP), None),
        (Moment.RING, CallStarted(at=MORNING, record=OUT), "call.started"),
        (Moment.RING, CallStarted(at=MORNING, record=replace(OUT, called=Called())), None),
        (Moment.RING, CallUpdated(at=MORNING, record=OUT), "call.started"),
        (
            Moment.RING,
            CallUpdated(at=MORNING, record=replace(OUT, answered_at=MORNING)),
            "call.answered",
        ),
        (
            Moment.RING,
            replace(DIALLED, record=replace(UP, direction=Direction.INTERNAL)),
            None,
        ),
    ],
)
def test_live_call_is_told_when_the_policy_says(
    when: Moment, event: CallEvent, kind: str | None
) -> None:
    """What is said again has the same key, so that it stays one effect."""
    found = effects(event, connector="crm", policy=Policy(when=when))
    assert [one.kind for one in found] == ([] if kind is None else [kind])
    for one in found:
        assert one.key == effect_key(event.record.id, "crm", one.kind, 0)
        assert one.not_before == event.at


@pytest.mark.parametrize("when", list(Moment))
def test_end_is_told_whatever_was_told_before(when: Moment) -> None:
    """The record is completed by the end."""
    [one] = effects(ended(answered()), connector="crm", policy=Policy(when=when))
    assert (one.kind, one.only_if_begun) == ("call.ended", False)


def test_call_that_left_the_wanted_queue_is_ended_where_it_began() -> None:
    """A record made at the ring must not ring for ever because the call moved on."""
    policy = Policy(when=Moment.RING, queues=frozenset({"sales"}))
    [one] = effects(ended(answered()), connector="crm", policy=policy)
    assert one.only_if_begun
    at_end = Policy(queues=frozenset({"sales"}))
    assert effects(ended(answered()), connector="crm", policy=at_end) == ()


def test_merged_call_tells_nothing_of_itself() -> None:
    """It is told by the call it became part of."""
    other = call_id("hq", "1.1")
    event = CallMerged(at=MORNING, record=replace(UP, merged_into=other), into=other)
    assert effects(event, connector="crm", policy=Policy(when=Moment.RING)) == ()


@pytest.mark.parametrize(
    ("after_s", "due"), [(0.0, timedelta(seconds=2)), (600.0, timedelta(minutes=10))]
)
def test_missed_call_is_a_task_behind_its_record(after_s: float, due: timedelta) -> None:
    """It has a key of its own, so that it is made once whatever becomes of the record."""
    record = missed()
    policy = Policy(task=TaskPolicy(wanted=True, after_s=after_s))
    call, task = effects(ended(record), connector="crm", policy=policy)
    assert (call.kind, task.kind) == ("call.ended", "task.missed")
    assert task.key == effect_key(record.id, "crm", "task.missed", 0)
    assert record.ended_at is not None
    assert task.not_before == record.ended_at + due


def test_call_that_the_crm_does_not_hear_of_makes_no_task() -> None:
    """A policy that leaves a queue out leaves its missed calls out too."""
    policy = replace(TASKS, except_queues=frozenset({"support"}))
    assert effects(ended(missed()), connector="crm", policy=policy) == ()


def test_old_call_that_is_amended_makes_no_task() -> None:
    """A contact made today adopts last week's calls; nobody calls back because of that."""
    record = missed(revision=1)
    assert record.ended_at is not None
    late = CallAmended(at=record.ended_at + timedelta(days=6), record=record)
    assert [one.kind for one in effects(late, connector="crm", policy=TASKS)] == ["call.ended"]
    soon = CallAmended(at=record.ended_at + timedelta(minutes=1), record=record)
    assert len(effects(soon, connector="crm", policy=TASKS)) == 2


def test_outbound_call_that_nobody_took_makes_no_task() -> None:
    """It was we who called."""
    record = replace(OUT, state=CallState.ENDED, outcome=Outcome.BUSY, ended_at=MORNING)
    assert len(effects(ended(record), connector="crm", policy=TASKS)) == 1


def test_contact_is_asked_for_once_for_each_call() -> None:
    """Two clicks are one contact."""
    first, second = (contact_asked(answered(), "crm", MORNING) for _time in range(2))
    assert first.key == second.key
    assert first.kind == "contact.asked"
