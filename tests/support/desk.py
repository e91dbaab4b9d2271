"""A desk without a gateway around it: a clock to turn, people to invent, frames to read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway.core.events import CloseReason, LegAlerting, LegAnswered, LegClosed, LegDialled
from gateway.core.ids import call_id
from gateway.core.matching import Contact, MatchResult, match
from gateway.core.numbers import PhoneNumber
from gateway.core.record import Called, CallRecord, Direction, Party
from gateway.desk.frames import NO_SEQ, Frame
from gateway.desk.hub import Hub
from gateway.desk.pops import PopDesk
from gateway.desk.roster import Roster
from gateway.desk.subscription import Subscription
from gateway.store.people import Role, User

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

ANNA = User(login="anna", name="Anna Moro", role=Role.AGENT, extensions=(("hq", "1001"),))
LUCA = User(login="luca", name="Luca Gatti", role=Role.AGENT, extensions=(("", "1002"),))
SARA = User(login="sara", name="Sara Conti", role=Role.SUPERVISOR)

MARTA = Contact(
    id="c-1",
    ref="17",
    name="Marta Bellandi",
    company="Officine Quercetta",
    formality="formal",
    owner="Luca Gatti",
    vip=True,
    at_risk=True,
)


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        self.seconds = 1_000.0

    def now(self) -> datetime:
        """Return the wall clock."""
        return self.at

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        return self.seconds

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self.at += timedelta(seconds=seconds)


class Directory:
    """Contacts by E.164; set `failure` to have it fail."""

    def __init__(self, entries: dict[str, tuple[Contact, ...]] | None = None) -> None:
        self.entries = entries or {}
        self.failure: Exception | None = None
        self.asked = 0

    def find(self, number: PhoneNumber) -> MatchResult:
        """Answer like the mirror."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return match(number, self.entries.get(number.e164 or "", ()))


class DeskBench:
    """A desk with three people and a directory, and what each of them was sent."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.hub = Hub(self.clock, epoch="e1")
        self.roster = Roster((ANNA, LUCA, SARA))
        self.directory = Directory({"+393331234567": (MARTA,)})
        self.waiting: list[Any] = []
        self.desk = PopDesk(
            self.hub,
            self.roster.who_has,
            self.directory.find,
            overseers=self.roster.overseers,
            later=lambda number, tell: self.waiting.append((number, tell)),
        )
        self._sockets = {login: self.hub.subscribe(login) for login in ("anna", "luca", "sara")}

    async def sent(self, login: str) -> list[dict[str, Any]]:
        """Return what a person was sent since the last time, the hello frames left out."""
        frames = [decode(frame) for frame in await drain(self._sockets[login])]
        return [frame for frame in frames if frame["type"] != "hello"]


def decode(frame: Frame) -> dict[str, Any]:
    """Return a frame as a page reads it."""
    decoded: dict[str, Any] = orjson.loads(frame.body)
    return decoded


async def drain(subscription: Subscription) -> tuple[Frame, ...]:
    """Return what waits in a subscription, nothing if nothing does."""
    subscription.offer(Frame(seq=NO_SEQ, rest=()))
    return tuple(frame for frame in await subscription.take() if frame.seq != NO_SEQ)


def inbound(root: str = "1.1", **changes: Any) -> CallRecord:  # noqa: ANN401 - any field
    """Return a live call from Marta's mobile to the support line."""
    record = CallRecord(
        id=call_id("hq", root),
        pbx="hq",
        linkedid=root,
        direction=Direction.INBOUND,
        caller=Party(number="3331234567", e164="+393331234567", name="MARTA B"),
        called=Called(number="+390299992001", e164="+390299992001"),
        trunk="carrier",
        queue="Assistenza",
        started_at=START,
    )
    return replace(record, **changes)


def dialled(record: CallRecord, extension: str, ring_no: int = 1) -> LegDialled:
    """Return the event of a phone being dialled."""
    return LegDialled(at=START, record=record, extension=extension, ring_no=ring_no)


def alerting(record: CallRecord, extension: str, ring_no: int = 1) -> LegAlerting:
    """Return the event of a phone ringing."""
    return LegAlerting(at=START, record=record, extension=extension, ring_no=ring_no)


def answered(record: CallRecord, extension: str, ring_no: int = 1) -> LegAnswered:
    """Return the event of a phone being answered."""
    return LegAnswered(at=START, record=record, extension=extension, ring_no=ring_no)


def closed(record: CallRecord, extension: str, reason: CloseReason, ring_no: int = 1) -> LegClosed:
    """Return the event of a phone being let go."""
    return LegClosed(at=START, record=record, extension=extension, ring_no=ring_no, reason=reason)


def types(frames: list[dict[str, Any]]) -> list[str]:
    """Return the types of frames, in order."""
    return [frame["type"] for frame in frames]
