"""Who waits to be called back, decided from one customer's calls."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from support.hours import office
from support.store import CUSTOMER, NOON, a_call, after, an_ended_call

from gateway.core.calendars import NO_CALENDARS
from gateway.core.history import Customer, MissedReason, customer_of, is_missed
from gateway.core.missed import missed_customer, open_since
from gateway.core.record import (
    Called,
    CallRecord,
    ContactRef,
    Direction,
    MatchKind,
    Outcome,
    Party,
    Presentation,
    Seconds,
)

SOMEBODY = Customer(e164=CUSTOMER)
SINCE = NOON - timedelta(days=30)


def missed(number: int, outcome: Outcome = Outcome.ABANDONED, **changes: object) -> CallRecord:
    """Return a call of the customer that nobody answered, begun `number` s after noon."""
    nobody = an_ended_call(
        number,
        outcome=outcome,
        answered_by=None,
        final_talker=None,
        answered_at=None,
        seconds=Seconds(wait=20.0),
    )
    return replace(nobody, **changes)  # type: ignore[arg-type] # the tests name real fields


def called_back(number: int, outcome: Outcome = Outcome.ANSWERED) -> CallRecord:
    """Return a call of ours to the customer."""
    answered = outcome is Outcome.ANSWERED
    return an_ended_call(
        number,
        direction=Direction.OUTBOUND,
        caller=Party(number="1002"),
        called=Called(number="0612345678", e164=CUSTOMER),
        outcome=outcome,
        answered_at=after(number + 9) if answered else None,
        queue=None,
    )


def test_calls_to_several_queues_are_one_customer_who_waits() -> None:
    """Three rows for one angry person would be called back three times, or by nobody."""
    item = missed_customer(
        SOMEBODY, [missed(1), missed(100, queue="sales"), missed(200)], since=SINCE
    )
    assert item is not None
    assert item.is_open
    assert (item.attempts, item.queues, item.waited_s) == (3, ("support", "sales"), 60.0)
    assert (item.first_at, item.last_at) == (after(1), after(200))


@pytest.mark.parametrize("talk", [an_ended_call(300), called_back(300)])
def test_a_talk_in_either_direction_closes(talk: CallRecord) -> None:
    """Whoever called whom: nobody waits for a call back any more."""
    item = missed_customer(SOMEBODY, [missed(1), talk], since=SINCE)
    assert item is not None
    assert (item.is_open, item.closed_by) == (False, str(talk.id))


def test_a_talk_closes_while_it_goes_on() -> None:
    """A colleague who looks at the list must not call somebody who is on the telephone with us."""
    live = a_call(300, outcome=Outcome.ANSWERED, answered_at=after(310), answered_by="1002")
    item = missed_customer(SOMEBODY, [missed(1), live], since=SINCE)
    assert item is not None
    assert not item.is_open


def test_a_new_missed_call_opens_again_and_counts_from_the_talk() -> None:
    """What was settled by a talk is not an attempt of the next time."""
    item = missed_customer(SOMEBODY, [missed(1), an_ended_call(300), missed(600)], since=SINCE)
    assert item is not None
    assert (item.is_open, item.attempts, item.first_at) == (True, 1, after(600))


def test_the_order_in_which_calls_are_found_does_not_matter() -> None:
    """A call from a history found later gives what it would have given at once."""
    calls = [missed(1), an_ended_call(300), missed(600), called_back(900, Outcome.MISSED)]
    items = {missed_customer(SOMEBODY, some, since=SINCE) for some in permutations(calls)}
    assert len(items) == 1


def test_a_talk_that_was_going_on_already_does_not_close() -> None:
    """Somebody else of the same company may have called meanwhile, and was not answered."""
    item = missed_customer(SOMEBODY, [an_ended_call(1), missed(60)], since=SINCE)
    assert item is not None
    assert item.is_open


def test_calls_of_ours_that_reach_nobody_are_counted_and_close_nothing() -> None:
    """Whoever looks next sees that two colleagues have tried."""
    tries = [called_back(300, Outcome.MISSED), called_back(400, Outcome.BUSY)]
    item = missed_customer(SOMEBODY, [missed(1), *tries], since=SINCE)
    assert item is not None
    assert (item.is_open, item.tried, item.attempts) == (True, 2, 1)


def test_a_message_left_is_missed_and_says_so() -> None:
    """A voicemail is nobody: whoever spoke to it waits for a call."""
    item = missed_customer(SOMEBODY, [missed(1, Outcome.VOICEMAIL)], since=SINCE)
    assert item is not None
    assert (item.messages, MissedReason.MESSAGE in item.reasons) == (1, True)


def test_only_answered_calls_leave_nobody_waiting() -> None:
    """An empty list is the usual thing."""
    assert missed_customer(SOMEBODY, [an_ended_call(1)], since=SINCE) is None


def test_a_call_that_became_part_of_another_does_not_count() -> None:
    """A consultation or pickup is the other call's story."""
    part = missed(1, merged_into=an_ended_call(2).id)
    assert missed_customer(SOMEBODY, [part], since=SINCE) is None


@pytest.mark.parametrize(
    "call",
    [
        missed(1, caller=Party(number="anonymous", presentation=Presentation.WITHHELD)),
        missed(
            1,
            caller=Party(number="0612345678", e164=CUSTOMER, presentation=Presentation.WITHHELD),
            contact=ContactRef(id="c1"),
        ),
        missed(1, direction=Direction.INTERNAL),
        missed(1, caller=Party(number="201")),
    ],
    ids=["withheld", "withheld-but-known", "internal", "no-number"],
)
def test_nobody_is_named_for(call: CallRecord) -> None:
    """A number that was not let through must not come back by the list of missed customers."""
    assert customer_of(call) is None


def test_a_number_that_several_people_share_stands_for_itself() -> None:
    """No person is chosen among them."""
    shared = missed(1, contact=ContactRef(id="c1", match=MatchKind.SEVERAL))
    assert customer_of(shared) == SOMEBODY


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.ANSWERED])
def test_every_way_of_not_being_answered_is_missed(outcome: Outcome) -> None:
    """Busy, refused or failed: the customer got nobody."""
    assert is_missed(missed(1, outcome))


def test_call_at_night_is_marked_and_is_nobody_s_fault() -> None:
    """Who listened to the tape at two in the morning did not wait for us."""
    night = missed(-11 * 3_600, seconds=Seconds(wait=40.0))
    item = missed_customer(SOMEBODY, [night], since=SINCE, calendars=office())
    assert item is not None
    assert (item.only_closed, item.closed_attempts, item.calendar) == (True, 1, "office")
    assert (item.waited_s, item.reasons) == (0.0, (MissedReason.CLOSED_HOURS,))
    again = missed_customer(SOMEBODY, [night, missed(-3_600)], since=SINCE, calendars=office())
    assert again is not None
    assert (again.only_closed, again.attempts, again.closed_attempts) == (False, 2, 1)
    assert again.waited_s == 20.0
    assert MissedReason.CLOSED_HOURS not in again.reasons


def test_waiting_is_counted_while_somebody_is_there() -> None:
    """Over the week-end nobody could have called back."""
    item = missed_customer(SOMEBODY, [missed(-3_600)], since=SINCE, calendars=office())
    assert item is not None
    # from noon to one and half past three to six in Rome on Monday, then to ten on Tuesday
    assert open_since(item, office(), NOON + timedelta(hours=21)) == 4.5 * 3_600
    assert open_since(item, NO_CALENDARS, NOON) == 0.0
