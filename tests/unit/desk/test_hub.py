"""The fan-out: order without holes, replay, and what happens to those who do not read."""

from typing import Any

import pytest
from support.desk import START, TurnedClock, decode, drain

from gateway.desk.frames import Frame, encode_data, encode_frame
from gateway.desk.hub import RING_LIMIT, Hub
from gateway.desk.subscription import QUEUE_LIMIT, CloseCode


@pytest.fixture(name="clock")
def a_clock() -> TurnedClock:
    """Give a clock to turn."""
    return TurnedClock()


@pytest.fixture(name="hub")
def a_hub(clock: TurnedClock) -> Hub:
    """Give a hub at the beginning of an epoch."""
    return Hub(clock, epoch="e1")


def publish(hub: Hub, count: int, user: str = "anna") -> None:
    """Publish numbered events."""
    for number in range(count):
        hub.publish(user, "call.updated", {"n": number}, START)


async def read(hub: Hub, since: str | None = None, user: str = "anna") -> list[dict[str, Any]]:
    """Return what a fresh socket is sent first."""
    return [decode(frame) for frame in await drain(hub.subscribe(user, since))]


async def test_first_frame_is_hello_with_epoch_and_seq(hub: Hub) -> None:
    """A page learns from hello what to ask for when it comes back."""
    publish(hub, 3)
    hello, *rest = await read(hub)
    assert (hello["type"], hello["seq"], hello["data"]["epoch"]) == ("hello", 3, "e1")
    assert hello["at"] == "2026-11-21T09:00:00.000Z"
    assert rest == []


async def test_seq_counts_per_user_without_holes(hub: Hub) -> None:
    """A page that misses a number knows that it missed an event."""
    anna, luca = hub.subscribe("anna"), hub.subscribe("luca")
    publish(hub, 2)
    publish(hub, 1, "luca")
    publish(hub, 1)
    assert [frame.seq for frame in await drain(anna)][1:] == [1, 2, 3]
    assert [frame.seq for frame in await drain(luca)][1:] == [1]


async def test_same_frame_goes_to_all_sockets_of_a_user(hub: Hub) -> None:
    """Encoding is the costly part, so it is done once for two browser windows."""
    one, other = hub.subscribe("anna"), hub.subscribe("anna")
    publish(hub, 1)
    assert (await drain(one))[1] is (await drain(other))[1]


async def test_return_with_since_gets_exactly_what_was_missed(hub: Hub) -> None:
    """A page that lost the network for a moment loses nothing."""
    publish(hub, 5)
    hello, *missed = await read(hub, "e1:3")
    assert hello["data"]["resumed"] is True
    assert [frame["seq"] for frame in missed] == [4, 5]


async def test_return_with_nothing_missed_gets_only_hello(hub: Hub) -> None:
    """Nothing is told twice."""
    publish(hub, 5)
    assert [frame["type"] for frame in await read(hub, "e1:5")] == ["hello"]


@pytest.mark.parametrize(
    "since", ["e0:3", "e1:6", "e1:-1", "e1:x", "e1", "", ":", "e1:" + "9" * 40]
)
async def test_unknown_history_is_answered_with_reload(hub: Hub, since: str) -> None:
    """After a restart, or with nonsense, a page must not believe that it is up to date."""
    publish(hub, 5)
    hello, reload = await read(hub, since)
    assert hello["data"]["resumed"] is False
    assert (reload["type"], reload["seq"]) == ("reload", 5)


async def test_history_beyond_the_ring_is_answered_with_reload(hub: Hub) -> None:
    """A thousand events are kept, not one more."""
    publish(hub, RING_LIMIT + 1)
    assert len(await read(hub, "e1:1")) == 1 + RING_LIMIT
    assert (await read(hub, "e1:0"))[1]["type"] == "reload"


async def test_history_older_than_ten_minutes_is_gone(hub: Hub, clock: TurnedClock) -> None:
    """Personal data does not stay in memory for pages that may never return."""
    publish(hub, 1)
    clock.turn(601)
    publish(hub, 1)
    assert [frame["seq"] for frame in (await read(hub, "e1:1"))[1:]] == [2]
    assert (await read(hub, "e1:0"))[1]["type"] == "reload"


async def test_page_without_history_gets_the_snapshot_in_order(clock: TurnedClock) -> None:
    """A freshly opened page shows what is ringing now, under seqs that have no holes either."""

    def snapshot(user: str) -> list[Frame]:
        data = encode_data({"user": user})
        return [encode_frame(seq, "call.updated", START, data) for seq in (4, 2)]

    hub = Hub(clock, epoch="e1", snapshot=snapshot)
    publish(hub, 5)
    hello, *rest = await read(hub)
    assert hello["data"]["follow"] == 2
    assert [frame["seq"] for frame in (hello, *rest)] == [3, 4, 5]
    assert len(await read(hub, "e1:5")) == 1
    assert [frame["type"] for frame in await read(hub, "old:5")][1] == "reload"


async def test_seqs_go_up_by_one_from_hello_into_what_happens_next(clock: TurnedClock) -> None:
    """A client that counts must never see a number twice, or one missing, whatever it asked."""
    now = [encode_frame(seq, "link.state", START, b"{}") for seq in (1, 0, 1)]
    hub = Hub(clock, epoch="e1", snapshot=lambda _user: now)
    for since in (None, "e1:1", "e1:9"):
        socket = hub.subscribe("anna", since)
        publish(hub, 2)
        seqs = [frame.seq for frame in await drain(socket)]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), since
        assert [decode(frame)["seq"] for frame in await drain(hub.subscribe("anna"))][-1] == seqs[
            -1
        ]


async def test_frozen_socket_is_closed_while_others_go_on(hub: Hub) -> None:
    """A browser that reads nothing costs at most 256 frames and disturbs nobody."""
    frozen = hub.subscribe("anna")
    await frozen.take()
    other = hub.subscribe("anna")
    for _ in range(QUEUE_LIMIT + 1):
        publish(hub, 1)
        await other.take()
    assert frozen.code is CloseCode.TRY_AGAIN_LATER
    assert other.code is None
    assert await frozen.take() == ()
    assert await frozen.closed() == 1013


async def test_long_backlog_does_not_count_as_not_reading(hub: Hub) -> None:
    """A page that comes back after much has happened is not thrown out again."""
    publish(hub, 900)
    back = hub.subscribe("anna", "e1:0")
    publish(hub, 100)
    assert back.code is None
    assert len(await drain(back)) == 1 + 900 + 100


async def test_socket_that_is_gone_gets_nothing(hub: Hub) -> None:
    """Closed windows do not pile up."""
    gone = hub.subscribe("anna")
    hub.unsubscribe(gone)
    hub.unsubscribe(gone)
    assert hub.sockets() == ()
    publish(hub, 1)
    assert len(await drain(gone)) == 1


async def test_shutdown_closes_every_socket_with_1001(hub: Hub) -> None:
    """Pages come back by themselves when they are told that we go away."""
    sockets = [hub.subscribe("anna"), hub.subscribe("luca")]
    hub.close()
    hub.close(CloseCode.SIGNED_OUT)
    assert [socket.code for socket in sockets] == [1001, 1001]


async def test_event_for_several_users_is_kept_once(hub: Hub) -> None:
    """Ten minutes of every page's frames are kept: of each page its number alone."""
    anna, luca = hub.subscribe("anna"), hub.subscribe("luca")
    publish(hub, 2)
    hub.publish_encoded(("anna", "luca"), "pop.offered", (b'{"n":', b"7", b"}"), START)
    hers, his = (await drain(anna))[-1], (await drain(luca))[-1]
    assert (hers.seq, his.seq) == (3, 1)
    assert hers.rest is his.rest
    assert decode(his)["data"] == {"n": 7}


async def test_event_for_several_users_has_each_users_own_seq(hub: Hub) -> None:
    """The data is encoded once, the envelope is each person's own."""
    publish(hub, 2)
    assert hub.publish_many(("anna", "luca"), "call.ended", {"x": "è"}, START) == {
        "anna": 3,
        "luca": 1,
    }
    assert (await read(hub, "e1:0", "luca"))[1] == {
        "seq": 1,
        "type": "call.ended",
        "at": "2026-11-21T09:00:00.000Z",
        "data": {"x": "è"},
    }


class Page:
    """A page that takes frames at once while `keeps_up`, and is told when some wait."""

    def __init__(self) -> None:
        self.keeps_up = True
        self.written: list[int] = []
        self.woken = 0

    def write(self, frame: Frame) -> bool:
        """Take a frame, or not."""
        if self.keeps_up:
            self.written.append(frame.seq)
        return self.keeps_up

    def wake(self) -> None:
        """Count."""
        self.woken += 1


async def test_page_that_keeps_up_is_written_to_at_once_and_one_that_does_not_loses_nothing(
    hub: Hub,
) -> None:
    """A pop does not wait for a task of its own; what has to wait stays in its order."""
    socket, page = hub.subscribe("anna"), Page()
    publish(hub, 1)
    socket.attach(page)
    publish(hub, 1)  # behind the hello, which was not taken yet
    assert page.written == []
    assert [frame.seq for frame in socket.pull()] == [0, 1, 2]
    publish(hub, 1)
    page.keeps_up = False
    publish(hub, 1)
    page.keeps_up = True
    publish(hub, 1)  # not before the one that waits
    assert page.written == [3]
    assert [frame.seq for frame in socket.pull()] == [4, 5]
    assert page.woken > 1


async def test_page_that_never_takes_what_waits_is_closed(hub: Hub) -> None:
    """What it does not read is not kept for it."""
    socket, page = hub.subscribe("anna"), Page()
    socket.attach(page)
    publish(hub, QUEUE_LIMIT + 1)
    assert socket.code is CloseCode.TRY_AGAIN_LATER
    assert socket.pull() == ()


async def test_page_that_comes_back_after_an_erasure_begins_anew(hub: Hub) -> None:
    """Frames kept for pages that come back may be about whoever was erased."""
    publish(hub, 2)
    hub.forget()
    assert [frame["type"] for frame in await read(hub, "e1:0")] == ["hello", "reload"]
    publish(hub, 1)
    assert [frame["data"] for frame in await read(hub, "e1:3")][1:] == []
