"""Trunks from readings and calls to states, alarms, notices and history, across restarts."""

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import select
from support.desk import TurnedClock
from support.empty_store import open_store

from gateway.core.calendars import Calendar, CalendarBook
from gateway.core.inputs import ChannelCreated, ChannelKind, ChannelState, Identity, Input
from gateway.core.ports import LinkPhase, LinkState
from gateway.core.trunks import (
    ContactStatus,
    TrunkContact,
    TrunkGone,
    TrunkKind,
    TrunkReading,
    TrunkRef,
    Words,
)
from gateway.core.trunkwords import NOT_RUNNING
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.runtime.loading import Loaded, parse
from gateway.runtime.trunks import TrunkSide
from gateway.store.database import Connection, Database
from gateway.store.schema import outbox
from gateway.store.trunk_points import TrunkPoint, put_point
from gateway.store.trunks import states_between
from gateway.store.webhooks import Webhook, add_webhook

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # ten in Rome
REF = TrunkRef(pbx="hq", name="carrier")
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
FILE: dict[str, object] = {
    "pbx": [{"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s"}],
    "trunk": [
        {"name": "carrier", "pbx": "hq", "health": {"down_s": 60, "channels": 2, "silent_calls": 2}}
    ],
}
SCRIPT = {"number": "+390299993000", "caller_id": "+390299990000", "steps": ["expect answer"]}


LOADED = parse(FILE)
TESTED = parse({**FILE, "trunk": [{"name": "carrier", "pbx": "hq", "test": SCRIPT}]})
ROME = ZoneInfo(LOADED.settings.gateway.timezone)  # read here, not on the loop


class Pipe:
    """Stands for the pipeline of a PBX: hands on what it is given."""

    def __init__(self) -> None:
        self.tell: Callable[[Input], None] = lambda _item: None

    def attach(self, *, listener: Callable[[Input], None], hears: Collection[type[Input]]) -> None:
        """Keep who listens, and to what."""
        self.tell = lambda item: listener(item) if type(item) in hears else None


class Rig:
    """The trunks of a daemon whose clock and PBX a test holds."""

    def __init__(
        self, db: Database, clock: TurnedClock, book: CalendarBook, loaded: Loaded = LOADED
    ) -> None:
        self.db, self.clock, self.pipe = db, clock, Pipe()
        hub = Hub(clock, epoch="e")
        self.side = TrunkSide(db, clock, loaded, hub=hub, roster=Roster(), calendars=book)

    async def open(self) -> None:
        """Start as the daemon does, with the link up."""
        await self.side.open(LOADED.pbxs[0], self.pipe)
        self.link(LinkPhase.UP)

    def link(self, phase: LinkPhase) -> None:
        """Tell how the link is."""
        self.side.report(LinkState(pbx="hq", phase=phase, since=self.clock.now()))

    def reads(self, status: ContactStatus, *, blind: Words | None = None) -> None:
        """Tell a reading."""
        contact = TrunkContact(address="sip:far.example", status=status, rtt_ms=20.0)
        self.side.hear(
            TrunkReading(
                ref=REF,
                kind=TrunkKind.ASTERISK,
                at=self.clock.now(),
                contacts=(contact,),
                blind=blind,
            )
        )

    async def look(self, seconds: float = 0.0) -> tuple[str, set[str]]:
        """Let time pass, look and store; return the state and the alarms."""
        self.clock.turn(seconds)
        self.side.look()
        await self.side.flush()
        view = self.side.desk.find("carrier")
        assert view is not None
        return view.state.value, {alarm.kind.value for alarm in view.alarms}

    def calls(self, channel: str) -> None:
        """Let a call come in."""
        identity = Identity(name="PJSIP/carrier-1", kind=ChannelKind.TRUNK, party="carrier")
        self.pipe.tell(
            ChannelCreated(
                at=self.clock.now(),
                seq=1,
                channel=channel,
                linkedid=channel,
                identity=identity,
                state=ChannelState.RING,
            )
        )

    async def notices(self) -> list[tuple[str, str]]:
        """Return which alarms webhooks were told to have begun or ended."""
        rows = await self.db.read(lambda conn: conn.execute(select(outbox.c.record)).all())
        told = [orjson.loads(row.record) for row in rows]
        return [(one["alarm"]["kind"], one["state"]) for one in told]


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a store in which a webhook waits for alarms."""
    store = await open_store(tmp_path)
    hook = Webhook(
        id=uuid4(),
        url="https://x.test",
        label="",
        types=("trunk.alarm",),
        secret=b"",
        created_at=MONDAY,
        created_by="root",
    )
    await store.write(lambda conn: add_webhook(conn, hook))
    yield store
    await store.close()


async def rig(
    db: Database,
    at: datetime = MONDAY,
    book: CalendarBook | None = None,
    *,
    loaded: Loaded = LOADED,
) -> Rig:
    """Return a daemon's trunks, started."""
    made = Rig(db, TurnedClock(at), book or CalendarBook(), loaded)
    await made.open()
    return made


async def test_trunk_that_is_down_for_long_enough_is_an_alarm_once(db: Database) -> None:
    """A restart of the PBX is none; a restart of ours tells nobody twice."""
    site = await rig(db)
    site.reads(ContactStatus.REACHABLE)
    assert await site.look() == ("up", set())
    site.reads(ContactStatus.UNREACHABLE)
    assert await site.look(1) == ("down", set())
    site.reads(ContactStatus.UNREACHABLE, blind=Words(cause="The link is down."))
    assert await site.look(100) == ("unknown", set())
    site.reads(ContactStatus.UNREACHABLE)
    assert await site.look(1) == ("down", set()), "blind times do not count"
    assert await site.look(60) == ("down", {"down"})
    assert [part.part for part in site.side.degraded()] == ["trunk hq:carrier down"]
    again = await rig(db, site.clock.now() + timedelta(seconds=20))
    assert await again.look() == ("down", {"down"})
    again.reads(ContactStatus.UNREACHABLE)
    assert await again.look(1) == ("down", {"down"})
    again.reads(ContactStatus.REACHABLE)
    assert await again.look(1) == ("up", set())
    assert await again.notices() == [("down", "began"), ("down", "ended")]


async def test_time_without_the_gateway_is_unknown_in_the_history(db: Database) -> None:
    """Nobody looked: the trunk may have been down all night."""
    site = await rig(db)
    site.reads(ContactStatus.REACHABLE)
    await site.look()
    await site.look(400)
    later = site.clock.now() + 3 * HOUR
    again = await rig(db, later)
    again.reads(ContactStatus.REACHABLE)
    assert await again.look() == ("up", set())
    spans = await db.read(partial(states_between, ref=REF, from_at=MONDAY, to_at=later + HOUR))
    assert [span.state.value for span in spans] == ["up", "unknown", "up"]
    assert spans[1].words == NOT_RUNNING


async def test_channels_near_the_limit_are_not_well(db: Database) -> None:
    """The next call would be refused."""
    site = await rig(db)
    site.reads(ContactStatus.REACHABLE)
    site.calls("1")
    assert await site.look() == ("up", set())
    site.calls("2")
    assert await site.look() == ("degraded", set())
    view = site.side.desk.find("hq:carrier")
    assert view is not None
    assert (view.channels, view.peak_today, view.limit) == (2, 2, 2)
    assert view.last_call_at == MONDAY


def busy_hours(conn: Connection, weeks: int) -> None:
    """Store that the hour before ten was watched and had calls, for some weeks."""
    for week in range(1, weeks + 1):
        for step in range(12):
            at = MONDAY - HOUR - week * WEEK + timedelta(minutes=5 * step)
            put_point(conn, REF, TrunkPoint(at=at, watched_s=300, calls=1, inbound=1))


async def silent(db: Database, book: CalendarBook | None = None) -> Rig:
    """Return the trunks after an hour in which nobody called."""
    site = await rig(db, MONDAY - HOUR - timedelta(minutes=1), book)
    site.reads(ContactStatus.REACHABLE)
    for _minute in range(62):
        await site.look(60)
    return site


async def test_hour_without_a_call_that_always_has_some_is_an_alarm(db: Database) -> None:
    """Until somebody calls."""
    await db.write(partial(busy_hours, weeks=4))
    site = await silent(db)
    assert await site.look() == ("up", {"silent"})
    site.calls("1")
    assert await site.look(1) == ("up", set())
    assert await site.look(60) == ("up", set()), "the same hour does not count twice"


async def test_call_before_a_restart_still_ends_the_silence(db: Database) -> None:
    """What was counted is stored; nobody is alarmed about an hour that is over."""
    await db.write(partial(busy_hours, weeks=4))
    site = await silent(db)
    site.calls("1")
    assert await site.look(301) == ("up", set())
    again = await rig(db, site.clock.now() + timedelta(seconds=20))
    again.reads(ContactStatus.REACHABLE)
    assert await again.look(1) == ("up", set())


async def test_silence_needs_weeks_of_evidence_and_open_doors(db: Database) -> None:
    """Three weeks prove nothing yet, and nobody calls a company that is closed."""
    await db.write(partial(busy_hours, weeks=3))
    assert await (await silent(db)).look() == ("up", set())
    await db.write(partial(busy_hours, weeks=4))
    closed = Calendar("office", zone=UTC, week=[()] * 7)
    assert await (await silent(db, CalendarBook(default=closed))).look() == ("up", set())


async def test_trunk_that_the_pbx_no_longer_has_is_no_more(db: Database) -> None:
    """One that the configuration names stays, for its name may be wrong there."""
    site = await rig(db)
    site.reads(ContactStatus.REACHABLE)
    other = replace(REF, name="old")
    site.side.hear(TrunkReading(ref=other, kind=TrunkKind.ASTERISK, at=MONDAY))
    await site.look()
    assert site.side.desk.find("old") is not None
    for ref in (REF, other):
        site.side.hear(TrunkGone(ref=ref, at=MONDAY))
    await site.look()
    assert site.side.desk.find("old") is None
    assert site.side.desk.find("carrier") is not None


async def test_failed_test_is_an_alarm_until_the_next_one_passes(db: Database) -> None:
    """Kept with the others, across a restart."""
    site = await rig(db, loaded=TESTED)
    site.reads(ContactStatus.REACHABLE)
    site.side.test_alarm(REF, Words(cause="Nobody answered."))
    site.side.test_alarm(REF, Words(cause="Nobody answered."))
    site.side.test_alarm(REF, Words(cause="The number is busy."))
    assert await site.look() == ("up", {"test"})
    view = site.side.desk.find("carrier")
    assert view is not None
    assert [alarm.words.cause for alarm in view.alarms] == ["The number is busy."]
    again = await rig(db, site.clock.now(), loaded=TESTED)
    assert await again.look() == ("up", {"test"})
    again.side.test_alarm(REF, None)
    assert await again.look() == ("up", set())
    assert await again.notices() == [("test", "began"), ("test", "ended")]


async def test_alarm_of_a_test_that_is_no_more_is_over_at_the_start(db: Database) -> None:
    """Taken out of the file: no run can pass any more to end it."""
    site = await rig(db, loaded=TESTED)
    site.reads(ContactStatus.REACHABLE)
    site.side.test_alarm(REF, Words(cause="Nobody answered."))
    assert await site.look() == ("up", {"test"})
    again = await rig(db, site.clock.now())
    assert await again.look() == ("up", set())
    assert await again.notices() == [("test", "began"), ("test", "ended")]


async def test_restart_of_ours_does_not_end_flapping(db: Database) -> None:
    """It proves no quiet: who is told of an end, and soon of a new begin, trusts neither."""
    site = await rig(db)
    for _time in range(4):
        for status in (ContactStatus.REACHABLE, ContactStatus.UNREACHABLE):
            site.reads(status)
            state = await site.look(10)
    assert state == ("down", {"flapping"})
    again = await rig(db, site.clock.now() + timedelta(seconds=20))
    again.reads(ContactStatus.REACHABLE)
    assert await again.look(1) == ("up", {"flapping"})
    assert await again.look(901) == ("up", set())
    assert await again.notices() == [("flapping", "began"), ("flapping", "ended")]
