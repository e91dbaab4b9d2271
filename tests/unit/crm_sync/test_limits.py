"""Rate, time and addresses: the small guards of the CRM side."""

from datetime import UTC, datetime, timedelta

import pytest
from support.crm_records import MORNING, HandClock

from crm_sync.addresses import is_allowed, literal
from crm_sync.bucket import TokenBucket
from crm_sync.connectors.answers import check_status, retry_after_s
from crm_sync.steady import SteadyTime
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import HttpAnswer


def test_bucket_allows_a_burst_and_then_the_rate() -> None:
    """A tenant's limit is kept on average, not call by call."""
    clock = HandClock()
    bucket = TokenBucket(rate_per_s=2.0, burst=3, clock=clock)
    assert [bucket.wait_s() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.forward(0.5)
    assert bucket.wait_s() == 0.0
    assert bucket.wait_s() == 0.5


def test_bucket_does_not_save_up() -> None:
    """A quiet night gives no right to a storm in the morning."""
    clock = HandClock()
    bucket = TokenBucket(rate_per_s=2.0, burst=3, clock=clock)
    clock.forward(3600)
    assert [bucket.wait_s() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_clock_set_back_delays_nothing() -> None:
    """Due times are wall time; a clock set back by months would stop every delivery."""
    clock = HandClock()
    steady = SteadyTime(clock)
    clock.at -= timedelta(days=90)
    clock.seconds += 10
    assert steady.now() == MORNING + timedelta(seconds=10)


def test_clock_set_forward_is_followed() -> None:
    """Calls are stamped by the same wall clock, and must not wait for the difference."""
    clock = HandClock()
    steady = SteadyTime(clock)
    clock.at += timedelta(hours=2)
    assert steady.now() == MORNING + timedelta(hours=2)


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("10.0.0.5", False, True),
        ("192.168.1.10", False, True),
        ("172.16.3.4", False, True),
        ("fd00::1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:10.0.0.5", False, True),
        ("64:ff9b::a00:5", False, True),
        ("2002:a00:5::1", False, True),
        ("100.64.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("nonsense", False, False),
    ],
)
def test_addresses_a_crm_may_have(address: str, *, public: bool, private: bool) -> None:
    """The second column is the default, the third what allow_private opens."""
    assert is_allowed(address, allow_private=False) is public
    assert is_allowed(address, allow_private=True) is private


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1"])
def test_every_spelling_of_loopback_is_seen_through(host: str) -> None:
    """The C library takes all of these for 127.0.0.1, so a guard on the text must too."""
    assert literal(host) == "127.0.0.1"


def test_names_are_left_to_the_resolver() -> None:
    """Only what is an address already can be judged before DNS."""
    assert literal("crm.example.com") is None
    assert literal("[::1]") == "::1"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Sat, 03 Oct 2026 08:31:00 GMT", 60.0),
        ("Sat, 03 Oct 2026 08:29:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("١٢", None),
    ],
)
def test_retry_after_in_both_forms(text: str, seconds: float | None) -> None:
    """RFC 9110 10.2.3: a number of seconds or a date; anything else is no wish."""
    now = datetime(2026, 10, 3, 8, 30, tzinfo=UTC)
    assert retry_after_s({"retry-after": text}, now) == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError),
        (401, AuthError),
        (403, AuthError),
        (404, RejectedError),
        (408, TransientError),
        (409, RejectedError),
        (410, RejectedError),
        (413, RejectedError),
        (422, RejectedError),
        (425, TransientError),
        (429, TransientError),
        (500, AmbiguousError),
        (502, AmbiguousError),
        (503, TransientError),
        (504, AmbiguousError),
    ],
)
def test_statuses_mean(status: int, kind: type[AdapterError]) -> None:
    """A 5xx may hide a commit; a 4xx is a refusal unless it asks for patience."""
    answer = HttpAnswer(status=status, headers={"retry-after": "7"}, body=b"")
    with pytest.raises(kind) as caught:
        check_status(answer, adapter="crm", now=MORNING)
    assert type(caught.value) is kind
    assert caught.value.detail == f"HTTP {status}"
    if kind in {TransientError, AmbiguousError}:
        assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_says_nothing(status: int) -> None:
    """Any 2xx is a success."""
    check_status(HttpAnswer(status=status, headers={}, body=b""), adapter="crm", now=MORNING)
