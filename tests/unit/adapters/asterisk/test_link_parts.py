"""The pieces of the link that need no socket: pauses, stamps, queue, boots, rights."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.backoff import Backoff
from adapters.asterisk.codec import Frame
from adapters.asterisk.intake import Arrived, Intake, Stamper
from adapters.asterisk.pulse import Pulse
from adapters.asterisk.rights import Rights
from adapters.asterisk.settings import LinkLimits
from adapters.asterisk.snapshot import Boot
from gateway.core.errors import AuthError, TransientError
from gateway.core.inputs import LinkDown

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class HandClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.wall = NOON
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the wall clock as set."""
        return self.wall

    def monotonic(self) -> float:
        """Return the monotonic clock as set."""
        return self.seconds


def test_pauses_double_up_to_the_limit_with_full_jitter() -> None:
    """A hundred gateways must not knock at a restarted PBX in step."""
    limits = LinkLimits()
    for seed in range(20):
        backoff = Backoff(limits, random.Random(seed))  # noqa: S311  # jitter
        pauses = [backoff.failed() for _ in range(40)]
        limit = [min(30.0, 0.5 * 2**step) for step in range(40)]
        assert all(0 <= pause <= most for pause, most in zip(pauses, limit, strict=True))
        assert max(pauses) > 15
        backoff.succeeded()
        assert backoff.failed() <= 0.5


def test_third_refusal_means_ten_minutes() -> None:
    """Fail2ban counts refused logins."""
    backoff = Backoff(LinkLimits(), random.Random(1))  # noqa: S311  # jitter
    told = [(backoff.refused(), backoff.banned_soon) for _ in range(4)]
    assert [soon for _, soon in told] == [False, False, True, True]
    assert max(pause for pause, _ in told[:2]) < 5
    assert [pause for pause, _ in told[2:]] == [600, 600]


def test_stamps_follow_the_monotonic_clock_within_a_connection() -> None:
    """A step of the wall clock during a call must not change its length."""
    clock = HandClock()
    stamper = Stamper(clock)
    clock.wall -= timedelta(hours=1)
    clock.seconds += 5
    assert stamper.now() == NOON + timedelta(seconds=5)


def test_stamps_never_go_backwards_over_connections() -> None:
    """Events are compared by time across a reconnection."""
    clock = HandClock()
    stamper = Stamper(clock)
    clock.seconds += 60
    before = stamper.now()
    clock.wall = NOON - timedelta(days=90)
    stamper.anchor()
    assert stamper.now() == before
    clock.wall = NOON + timedelta(hours=2)
    stamper.anchor()
    assert stamper.now() == NOON + timedelta(hours=2)


def arrived(count: int, size: int = 10) -> Arrived:
    """Return events as they come with one segment."""
    return Arrived(at=NOON, frames=[Frame("X", b"x" * size, 0) for _ in range(count)])


async def test_full_intake_says_so_and_keeps_none_of_the_segment() -> None:
    """Half a segment would be a gap that nobody notices."""
    intake = Intake(max_frames=5, max_bytes=1_000)
    assert intake.put(arrived(3))
    assert not intake.put(arrived(3))
    assert intake.put(arrived(2))
    assert not intake.put(arrived(1))
    intake.add(LinkDown(at=NOON))
    first, second, third = [await intake.get() for _ in range(3)]
    assert isinstance(first, Arrived)
    assert isinstance(second, Arrived)
    assert (len(first.frames), len(second.frames)) == (3, 2)
    assert isinstance(third, LinkDown)
    assert (intake.frames, intake.bytes) == (0, 0)


async def test_intake_is_bounded_in_bytes_too() -> None:
    """A few frames of 64 KiB fill the memory as well as many small ones."""
    intake = Intake(max_frames=100, max_bytes=100)
    assert intake.put(arrived(1, size=60))
    assert not intake.put(arrived(1, size=60))


async def test_intake_waits_and_tells_when_it_is_empty() -> None:
    """Before reconnecting everything of the old link must have been handed on."""
    intake = Intake(max_frames=100, max_bytes=100)
    await asyncio.wait_for(intake.drained(), 1)
    getting = asyncio.ensure_future(intake.get())
    await asyncio.sleep(0)
    intake.add(LinkDown(at=NOON))
    assert isinstance(await getting, LinkDown)
    await asyncio.wait_for(intake.drained(), 1)


@pytest.mark.parametrize(
    ("first", "later", "restarted"),
    [
        (("2026-11-21 20:00:00", 100.0, 0.0), ("2026-11-21 20:00:00", 160.0, 60.0), False),
        (("2026-11-21 20:00:00", 100.0, 0.0), ("2026-11-21 20:02:07", 2.0, 60.0), True),
        (("2026-11-21 20:00:00", 0.0, 0.0), ("2026-11-21 20:00:01", 0.0, 1.2), True),
        (("2026-10-25 02:30:00", 100.0, 0.0), ("2026-10-25 01:30:00", 160.0, 60.0), False),
        (("2026-11-21 20:00:00", 900.0, 0.0), ("2026-11-21 20:30:00", 5.0, 905.0), True),
        (("2026-11-21 20:00:00", 100.0, 0.0), ("2026-11-21 20:00:00", 20.0, 60.0), False),
        (("", 100.0, 0.0), ("", 2.0, 60.0), True),
        (("", 100.0, 0.0), ("", 159.0, 60.0), False),
        (("2026-11-21 20:00:00", None, 0.0), ("2026-11-21 20:05:01", None, 60.0), True),
        (("2026-11-21 20:00:00", None, 0.0), ("", 5.0, 60.0), False),
        (("yesterday", 100.0, 0.0), ("today", 160.0, 60.0), False),
    ],
    ids=[
        "same",
        "restarted",
        "restarted-within-a-second",
        "daylight-saving",
        "restarted-after-half-an-hour",
        "clock-set-back",
        "restarted-by-uptime-alone",
        "rounding",
        "restarted-by-text-alone",
        "nothing-to-compare",
        "another-form",
    ],
)
def test_another_boot_is_told_from_a_changed_clock(
    first: tuple[str, float | None, float],
    later: tuple[str, float | None, float],
    restarted: bool,  # noqa: FBT001  # a table's column
) -> None:
    """Taking a clock change for a restart would end every live call."""
    boots = [Boot(started=s, uptime_s=u, read_at=r) for s, u, r in (first, later)]
    assert boots[0].is_another(boots[1]) is restarted


def events(*names: str) -> list[Frame]:
    """Return frames of these names."""
    return [Frame(name, b"", 0) for name in names]


def test_queue_entries_without_a_dialplan_event_are_told_once() -> None:
    """Every queue caller passes Newexten first, if we may see it."""
    rights = Rights()
    assert not rights.look(events("QueueCallerJoin", "QueueCallerJoin"))
    assert rights.look(events("QueueCallerJoin"))
    assert "dialplan" in rights.verdict()[1]
    assert not rights.looking


def test_one_dialplan_event_ends_the_suspicion() -> None:
    """A caller who was in the queue before we connected proves nothing."""
    rights = Rights()
    rights.look(events("QueueCallerJoin", "QueueCallerJoin", "Newexten", "QueueCallerJoin"))
    assert not rights.looking
    assert rights.verdict() == ("", "")


def test_worst_shortfall_is_told_first() -> None:
    """There is one line for it on the page."""
    rights = Rights()
    rights.booted = False
    assert "FullyBooted" in rights.verdict()[0]
    rights.denied = (Action.CORE_SHOW_CHANNELS,)
    assert "channels" in rights.verdict()[0]


def test_error_answers_are_told_apart() -> None:
    """A missing right, a missing module and a failure need different remedies."""
    assert isinstance(faults.rejected("X", "Permission denied"), AuthError)
    assert isinstance(faults.rejected("X", "Invalid/unknown command: X."), faults.UnknownError)
    assert isinstance(faults.rejected("X", "No such channel"), TransientError)
    assert "10 minutes" in faults.refused(late=True).remedy
    assert "10 minutes" not in faults.refused(late=False).remedy


def test_loop_that_stood_still_is_told_once_with_its_seconds() -> None:
    """Whoever comes first after it, reader or timer, tells; the other one finds it told."""
    clock, told = HandClock(), list[float]()
    pulse = Pulse(clock, on_stall=told.append)
    for moved in (0.5, 1.9, 5.0, 0.0, 0.5):
        clock.seconds += moved
        pulse.feel()
    assert told == [5.0]


def test_time_without_a_connection_is_no_stall() -> None:
    """Nobody reads while there is nothing to read."""
    clock, told = HandClock(), list[float]()
    pulse = Pulse(clock, on_stall=told.append)
    clock.seconds += 60
    pulse.start()
    pulse.feel()
    assert told == []
