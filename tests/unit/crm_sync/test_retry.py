"""Decisions after a failed attempt, per tier."""

from datetime import timedelta

import pytest
from support.crm_records import MORNING

from crm_sync.retry import (
    Attempt,
    Dead,
    Decision,
    Hold,
    Park,
    Retry,
    RetryPolicy,
    SearchFirst,
    decide,
    pause_s,
)
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import CrmCapabilities, Tier

A = CrmCapabilities(tier=Tier.A)
A_STAR = CrmCapabilities(tier=Tier.A_STAR)
B = CrmCapabilities(tier=Tier.B, search_lag_s=60.0)
B_UNKNOWN_LAG = CrmCapabilities(tier=Tier.B)
C = CrmCapabilities(tier=Tier.C)
POLICY = RetryPolicy()


def ambiguous() -> AdapterError:
    """Return a time-out after sending."""
    return AmbiguousError("No answer.", adapter="crm", remedy="Wait.")


def after(
    error: AdapterError,
    capabilities: CrmCapabilities = A,
    *,
    number: int = 1,
    age: timedelta = timedelta(seconds=5),
    policy: RetryPolicy = POLICY,
) -> Decision:
    """Decide with a dice that always shows its highest face."""
    attempt = Attempt(number=number, at=MORNING, waiting_since=MORNING - age)
    return decide(
        error, attempt=attempt, capabilities=capabilities, policy=policy, dice=lambda: 1.0
    )


@pytest.mark.parametrize("capabilities", [A, A_STAR])
def test_lost_answer_is_sent_again_where_repeats_are_harmless(
    capabilities: CrmCapabilities,
) -> None:
    """With an idempotency key the second attempt meets the first one's record."""
    decision = after(ambiguous(), capabilities)
    assert isinstance(decision, Retry)
    assert decision.ambiguous
    assert decision.at == MORNING + timedelta(seconds=2)


def test_lost_answer_waits_for_the_search_index_in_tier_b() -> None:
    """A search before the CRM's index caught up would find nothing and create a double."""
    decision = after(ambiguous(), B)
    assert decision == SearchFirst(at=MORNING + timedelta(seconds=60), cause="No answer. Wait.")


@pytest.mark.parametrize("capabilities", [C, B_UNKNOWN_LAG])
def test_lost_answer_is_parked_where_nobody_can_tell(capabilities: CrmCapabilities) -> None:
    """Without key and search only a person can find out; a blind repeat could double."""
    assert isinstance(after(ambiguous(), capabilities), Park)


@pytest.mark.parametrize("capabilities", [A, A_STAR, B, B_UNKNOWN_LAG, C])
def test_what_was_certainly_not_sent_is_tried_again_in_every_tier(
    capabilities: CrmCapabilities,
) -> None:
    """A refused connection left nothing behind."""
    decision = after(TransientError("Refused.", adapter="crm"), capabilities)
    assert isinstance(decision, Retry)
    assert not decision.ambiguous


def test_poison_is_dead_at_once() -> None:
    """What the CRM understood and refused would be refused for ever."""
    error = RejectedError("No.", adapter="crm", remedy="Look.", detail="HTTP 422")
    assert after(error) == Dead(cause="No. (HTTP 422) Look.")


def test_refused_sign_in_holds_instead_of_killing() -> None:
    """A changed password is not the fault of the calls that wait."""
    assert isinstance(after(AuthError("Who?", adapter="crm")), Hold)


def test_old_effect_is_given_up_with_its_cause() -> None:
    """A queue that never empties hides what is wrong; a dead letter is seen."""
    error = TransientError("Refused.", adapter="crm")
    week = timedelta(days=8)
    assert after(error, number=50, age=week) == Dead(cause="given up after 192 hours: Refused.")
    assert isinstance(after(ambiguous(), B, number=50, age=week), Park)


def test_back_filled_call_of_last_week_is_not_given_up_at_once() -> None:
    """The age of the call is not the age of its delivery."""
    error = TransientError("Refused.", adapter="crm")
    assert isinstance(after(error, number=1, age=timedelta(days=9)), Retry)


def test_attempts_can_be_limited() -> None:
    """An administrator may prefer a dead letter to patience."""
    error = TransientError("Refused.", adapter="crm")
    few = RetryPolicy(max_attempts=3)
    assert isinstance(after(error, number=2, policy=few), Retry)
    assert after(error, number=3, policy=few) == Dead(cause="given up after 3 attempts: Refused.")


def test_pauses_double_up_to_a_limit() -> None:
    """An hour's outage must neither hammer the CRM nor make calls wait for another hour."""
    error = TransientError("Refused.", adapter="crm")
    pauses = [pause_s(error, number, POLICY, lambda: 1.0) for number in (1, 2, 3, 9, 10, 10_000)]
    assert pauses == [2.0, 4.0, 8.0, 512.0, 900.0, 900.0]


def test_pauses_are_spread() -> None:
    """What failed together must not come back together."""
    error = TransientError("Refused.", adapter="crm")
    assert pause_s(error, 3, POLICY, lambda: 0.0) == 4.0
    assert pause_s(error, 3, POLICY, lambda: 0.5) == 6.0


def test_the_peers_wish_is_honoured_within_reason() -> None:
    """Retry-After is the CRM's own rate limit; a wish of a year is a mistake."""
    wish = TransientError("Slower.", adapter="crm", retry_after_s=120.0)
    assert pause_s(wish, 1, POLICY, lambda: 0.0) == 120.0
    absurd = TransientError("Slower.", adapter="crm", retry_after_s=1e9)
    assert pause_s(absurd, 1, POLICY, lambda: 0.0) == 24 * 3600
