"""What one PBX's pipeline does between the call table and everybody else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest
from support.recorded import PLAN, at
from support.story import TALKS, Story

from gateway.core.events import CallEnded, CallEvent, LegAnswered, LegDialled
from gateway.core.inputs import Input, Tick
from gateway.core.record import CallRecord, ContactRef, with_contact
from gateway.core.table import CallTable
from gateway.runtime.pipeline import LATE_S, Pipeline
from gateway.runtime.recorder import Recorder


@dataclass
class Handle:
    """One timer of the loop."""

    due: float
    callback: Callable[[], None]
    cancelled: bool = False

    def when(self) -> float:
        """Return when it is due."""
        return self.due

    def cancel(self) -> None:
        """Do not call."""
        self.cancelled = True


@dataclass
class Hours:
    """An event loop whose time is told to it."""

    now: float = 0.0
    timers: list[Handle] = field(default_factory=list)
    set: int = 0

    def time(self) -> float:
        """Return what time it is."""
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> Handle:
        """Call that late."""
        self.set += 1
        self.timers.append(Handle(when, callback))
        return self.timers[-1]

    def pass_until(self, now: float) -> None:
        """Let time pass."""
        while due := sorted(
            (one for one in self.timers if one.due <= now and not one.cancelled),
            key=lambda one: one.due,
        ):
            self.now = due[0].due
            self.timers.remove(due[0])
            due[0].callback()
        self.now = now

    def waiting(self) -> int:
        """Return how many timers are set."""
        return sum(not one.cancelled for one in self.timers)


class Silent:
    """A desk, a recorder and a log of gaps that keep what they are told."""

    def __init__(self) -> None:
        self.marked: list[CallEvent] = []
        self.contact: ContactRef | None = None

    def handle(self, event: CallEvent, *, test: bool = False) -> None:
        """Show nobody."""

    def contact_for(self, _record: CallRecord) -> ContactRef | None:
        """Return who calls."""
        return self.contact

    def mark(self, event: CallEvent, **_: object) -> None:
        """Keep an event."""
        self.marked.append(event)

    def opened(self, *_: object) -> None:
        """Note no gap."""

    def closed(self, *_: object) -> None:
        """Note no gap."""


class Line:
    """A pipeline that is told stories, and the times at which it was ticked."""

    def __init__(self) -> None:
        self.silent = Silent()
        self.ticks: list[float] = []
        self.table = CallTable("pbx", PLAN)
        self._story = Story("")
        self.pipeline = Pipeline(
            "pbx",
            self.table,
            desk=self.silent,
            recorder=cast("Recorder", self.silent),
            effects=lambda _event: (),
            gaps=self.silent,
            lines={},
        )
        self.pipeline.attach(listener=self._ticked, hears={Tick})

    def tell(self, text: str) -> None:
        """Tell it what happens, one event a line."""
        for line in filter(None, text.splitlines()):
            self.pipeline.emit(self._story.read(line.split()))

    def _ticked(self, item: Input) -> None:
        self.ticks.append((item.at - at(0)).total_seconds())


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    """Return the loop of this test."""
    hours = Hours()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: hours)
    return hours


def test_call_is_forgotten_when_two_seconds_have_passed_without_any_event(hours: Hours) -> None:
    """Until then late facts amend it, and nothing else may come along to let the time pass."""
    line = Line()
    line.tell(TALKS)
    hours.now = 5.0
    line.tell("5 gone B\n5 gone A")
    hours.pass_until(6.9)
    assert line.ticks == []
    assert line.table.next_deadline() == at(7)
    hours.pass_until(7.0 + LATE_S)
    assert line.ticks == [7.0 + LATE_S]
    assert line.table.next_deadline() is None


def test_timer_is_seldom_set_however_many_calls_end(hours: Hours) -> None:
    """At 200 calls a second what is due first changes 800 times a second: that sets no timers."""
    line = Line()
    calls, seconds = 400, 4
    for number in range(calls):
        now = number * seconds / calls
        hours.pass_until(now)
        line.tell(f"{now} new C{number} PJSIP/carrier-{number} Ring num=333 exten=2001")
        line.tell(f"{now} gone C{number}")
        assert hours.waiting() == 1
    assert hours.set <= seconds / LATE_S
    hours.pass_until(seconds + 2 + 2 * LATE_S)
    assert line.table.next_deadline() is None
    assert hours.waiting() == 0
    assert len(line.ticks) <= 2 + 2 * LATE_S + seconds / LATE_S


def test_timer_of_an_earlier_deadline_does_not_keep_a_later_one_waiting(hours: Hours) -> None:
    """The first call was forgotten with an event of the second, whose own end is still to come."""
    line = Line()
    line.tell("0 new A PJSIP/carrier-1 Ring num=333 exten=2001\n0 gone A")
    hours.pass_until(2.1)
    line.tell("2.1 new B PJSIP/carrier-2 Ring num=333 exten=2001\n2.1 gone B")
    hours.pass_until(4.1 + LATE_S)
    assert line.ticks == [pytest.approx(4.1 + LATE_S)]
    assert line.table.next_deadline() is None


@pytest.mark.usefixtures("hours")
def test_who_calls_is_stored_with_every_kind_of_event() -> None:
    """The desk knows who it is, the table does not; all else that an event says stays."""
    plain, named = Line(), Line()
    named.silent.contact = contact = ContactRef(id="c1", name="Rossi")
    story = f"{TALKS}\n5 bye A\n5 gone B\n5 gone A"
    plain.tell(story)
    named.tell(story)
    expected = [
        replace(event, record=with_contact(event.record, contact)) for event in plain.silent.marked
    ]
    assert named.silent.marked == expected
    assert {type(event) for event in expected} >= {LegDialled, LegAnswered, CallEnded}
