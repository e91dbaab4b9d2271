"""What becomes of a promised call-back."""

from datetime import datetime, timedelta

import pytest
from support.store import CUSTOMER, NOON

from gateway.core.history import Promise, PromiseState
from gateway.core.promising import TOLERANCE, after_talk, fallen_due

DUE = NOON + timedelta(hours=2)
A_PROMISE = Promise(
    id="p1",
    contact_id=None,
    e164=CUSTOMER,
    text="Call back about the offer",
    due_at=DUE,
    made_by="anna",
    made_at=NOON,
    made_in="first",
)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (-timedelta(hours=1), PromiseState.KEPT),
        (TOLERANCE, PromiseState.KEPT),
        (TOLERANCE + SECOND, PromiseState.BROKEN),
    ],
)
def test_a_talk_settles_it(late: timedelta, state: PromiseState) -> None:
    """Reached some minutes late is kept; an hour late is not, but nobody has to call any more."""
    at = DUE + late
    settled = after_talk(fallen_due(A_PROMISE, at), at=at, call="second")
    assert (settled.state, settled.settled_at, settled.settled_by) == (state, at, "second")


@pytest.mark.parametrize(
    ("at", "call"), [(NOON - SECOND, "other"), (NOON, "other"), (NOON + SECOND, "first")]
)
def test_the_talk_in_which_it_was_made_does_not_keep_it(at: datetime, call: str) -> None:
    """Else every promise would be kept by the call that gave rise to it."""
    assert after_talk(A_PROMISE, at=at, call=call) == A_PROMISE


def test_it_is_broken_from_the_time_promised_on_and_still_to_be_done() -> None:
    """Whoever calls angrily at five past must be shown as somebody we owe a call."""
    assert fallen_due(A_PROMISE, DUE - SECOND).state is PromiseState.OPEN
    broken = fallen_due(A_PROMISE, DUE)
    assert (broken.state, broken.is_to_do) == (PromiseState.BROKEN, True)


def test_what_a_person_settled_no_talk_changes() -> None:
    """A withdrawn promise stays withdrawn."""
    settled = after_talk(A_PROMISE, at=DUE, call="second")
    assert after_talk(settled, at=DUE + SECOND, call="third") == settled
