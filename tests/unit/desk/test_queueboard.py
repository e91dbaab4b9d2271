"""What pages see of queues and phones: who may see what, and not more often than once a second."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from support.desk import ANNA, LUCA, SARA, START, TurnedClock
from support.hands import FakePbx

from gateway.core.attendance import (
    AttendanceSnapshot,
    CallerJoined,
    DeviceState,
    DeviceTold,
    Member,
    MemberTold,
)
from gateway.core.inputs import Input
from gateway.desk.hub import Hub
from gateway.desk.queueboard import QueueDesk
from gateway.desk.roster import Roster
from gateway.desk.subscription import Subscription
from gateway.store.people import Role, User

PAULA = User(login="paula", name="Paula", role=Role.PBX_ADMIN)
MEMBER = Member(interface="PJSIP/1001", extension="1001", name="Anna", state=DeviceState.IDLE)


class Bench:
    """A queue desk with four people's pages open."""

    def __init__(self) -> None:
        self.clock = TurnedClock()
        self.hub = Hub(self.clock, epoch="e")
        self.roster = Roster((ANNA, LUCA, SARA, PAULA))
        self.desk = QueueDesk(self.hub, self.roster, self.clock)
        self.pbx = FakePbx()
        self.take = self.desk.open("hq", self.pbx.records.get)
        self.pages = {
            user.login: self.hub.subscribe(user.login) for user in (ANNA, LUCA, SARA, PAULA)
        }

    def tell(self, *items: Input) -> None:
        """Let the PBX tell something, and the second of silence pass."""
        for item in items:
            self.take(item)
        self.desk.flush()

    async def frames(self, login: str) -> list[tuple[str, dict[str, Any]]]:
        """Return what somebody's page got, without the greeting."""
        return await read(self.pages[login])


async def read(page: Subscription) -> list[tuple[str, dict[str, Any]]]:
    """Return the frames that wait for a page."""
    if not page._queue and not page._backlog:
        return []
    found = [orjson.loads(one.body) for one in await page.take()]
    return [(one["type"], one["data"]) for one in found if one["type"] != "hello"]


def member(seq: int, **changes: Any) -> MemberTold:  # noqa: ANN401 - a member's fields
    """Return news of the queue's member."""
    told = Member(**{name: getattr(MEMBER, name) for name in MEMBER.__slots__} | changes)
    return MemberTold(at=START, seq=seq, queue="sales", member=told)


def caller(seq: int, root: str = "1.1") -> CallerJoined:
    """Return a caller's arrival."""
    at = START + timedelta(seconds=seq)
    return CallerJoined(at=at, seq=seq, queue="sales", channel=root, linkedid=root, position=1)


@pytest.fixture
async def bench() -> Bench:
    """Give the desk."""
    return Bench()


async def test_overseer_sees_who_waits_and_agent_that_somebody_does(bench: Bench) -> None:
    """Numbers of callers are for who may see the calls."""
    record = bench.pbx.up("1.1")
    bench.tell(member(1), caller(2))
    ((kind, all_of_it),) = await bench.frames("sara")
    assert kind == "queue.updated"
    (waiting,) = all_of_it["waiting"]
    assert (waiting["position"], waiting["since"]) == (1, "2026-11-21T09:00:02.000Z")
    assert waiting["call_id"] == str(record.id)
    assert waiting["caller"]["number"] == "0612345678"
    ((_, less),) = await bench.frames("anna")
    assert less["waiting"] == [{"position": 1, "since": "2026-11-21T09:00:02.000Z"}]
    assert less["members"][0]["logins"] == ["anna"]


async def test_agent_sees_only_the_queues_they_serve(bench: Bench) -> None:
    """And who looks after the links sees none."""
    bench.tell(member(1))
    assert await bench.frames("luca") == []
    assert await bench.frames("paula") == []
    assert bench.desk.queues_json("luca") == []
    assert [one["queue"] for one in bench.desk.queues_json("anna")] == ["sales"]


async def test_many_changes_are_one_frame(bench: Bench) -> None:
    """A wallboard needs the last state, not each step to it."""
    for seq in range(1, 50):
        bench.take(member(seq, calls_taken=seq))
        bench.take(device(seq, DeviceState.RINGING if seq % 2 else DeviceState.IN_USE))
    bench.desk.flush()
    frames = await bench.frames("sara")
    assert [kind for kind, _ in frames] == ["queue.updated", "presence"]
    assert frames[0][1]["members"][0]["calls_taken"] == 49
    (item,) = frames[1][1]["items"]
    assert (item["pbx"], item["extension"], item["state"]) == ("hq", "1001", "ringing")
    bench.desk.flush()
    assert await bench.frames("sara") == []


def device(seq: int, state: DeviceState) -> DeviceTold:
    """Return news of a phone."""
    return DeviceTold(at=START, seq=seq, device="PJSIP/1001", extension="1001", state=state)


async def test_first_change_is_told_at_once_and_the_next_a_second_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slower would be late, faster would be a flood."""
    pauses: list[float] = []
    paused = asyncio.Event()

    async def pause(seconds: float) -> None:
        if seconds:
            pauses.append(seconds)
            paused.set()
            await asyncio.Event().wait()

    monkeypatch.setattr("gateway.desk.queueboard.asyncio.sleep", pause)
    task = asyncio.create_task(bench.desk.run())
    bench.take(member(1))
    await paused.wait()
    bench.take(member(2, paused=True))
    assert len(await bench.frames("sara")) == 1
    assert pauses == [1.0]
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_many_phones_for_many_people_are_told_less_often(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telling each of 500 agents of 200 phones a second would cost more than their calls."""
    monkeypatch.setattr("gateway.desk.queueboard.ITEMS_A_SECOND", 2)
    bench.take(device(1, DeviceState.RINGING))
    assert [kind for _, kind, _ in bench.desk._news()] == ["presence"]
    bench.take(device(2, DeviceState.IN_USE))
    bench.take(member(3))
    assert {kind for _, kind, _ in bench.desk._news()} == {"queue.updated"}
    bench.clock.turn(1)
    ((_, kind, data),) = bench.desk._news()
    assert (kind, data["items"][0]["state"]) == ("presence", "in_use")  # type: ignore[index]


async def test_page_that_comes_gets_the_state_of_this_moment(bench: Bench) -> None:
    """Without asking, and without what it may not see."""
    bench.tell(member(1), caller(2), device(3, DeviceState.ON_HOLD))
    fresh = await read(bench.hub.subscribe("sara"))
    assert [kind for kind, _ in fresh] == ["queue.updated", "presence"]
    assert fresh[1][1]["items"][0]["state"] == "on_hold"
    assert [kind for kind, _ in await read(bench.hub.subscribe("luca"))] == ["presence"]
    assert await read(bench.hub.subscribe("paula")) == []


async def test_extension_of_an_agent_has_state_and_queues(bench: Bench) -> None:
    """What the list of agents shows beside a name."""
    bench.tell(member(1, paused=True, pause_reason="lunch"), device(2, DeviceState.IDLE))
    shown = bench.desk.extension_json("", "1001")
    assert (shown["state"], shown["queues"]) == (
        "idle",
        [{"pbx": "hq", "queue": "sales", "paused": True, "pause_reason": "lunch"}],
    )
    assert bench.desk.extension_json("hq", "9999")["state"] == "unknown"


async def test_extension_of_every_pbx_is_where_its_phone_is_registered(bench: Bench) -> None:
    """Somebody moves to the branch with the same number; a twin phone counts for its extension."""
    branch = bench.desk.open("branch", bench.pbx.records.get)
    empty = AttendanceSnapshot(at=START, requested_seq=0, queues=(), members=(), callers=())
    branch(empty)
    bench.tell(empty, device(1, DeviceState.UNAVAILABLE))
    assert bench.desk.registered("", "1001") is False
    twin = DeviceTold(
        at=START, seq=2, device="PJSIP/911001", extension="1001", state=DeviceState.IDLE
    )
    branch(twin)
    assert bench.desk.registered("", "1001") is True
    shown = bench.desk.extension_json("", "1001")
    assert (shown["on"], shown["devices"]) == (
        "branch",
        [{"device": "PJSIP/911001", "registered": True}],
    )
    assert bench.desk.extension_json("hq", "1001")["registered"] is False


async def test_queue_that_is_gone_is_told_as_gone(bench: Bench) -> None:
    """Else its last state would stay on the wallboard."""
    bench.tell(member(1))
    await bench.frames("sara")
    empty = AttendanceSnapshot(at=START, requested_seq=9, queues=(), members=(), callers=())
    bench.tell(empty)
    assert await bench.frames("sara") == [
        ("queue.updated", {"pbx": "hq", "queue": "sales", "gone": True})
    ]
