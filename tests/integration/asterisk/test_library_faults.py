"""Faults measured on plain panoramisk: visible there, absent here (D1-D7, D12, D13)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from support.ami_client import FAST, Follower, following, plain_panoramisk, settings_for
from support.fake_ami import SECRET, Connection, FakeAmi, Headers, event

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.session import open_session
from gateway.core.errors import AmbiguousError, FilodirettoError, UsageError
from gateway.core.inputs import Input
from gateway.core.ports import LinkPhase
from gateway.runtime.clock import SystemClock

CALL = {"Channel": "PJSIP/1001", "Exten": "0612345678", "Context": "from-internal", "Priority": "1"}


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    """Serve a healthy fake PBX."""
    async with FakeAmi() as server:
        yield server


def _cut_on_originate(pbx: FakeAmi) -> None:
    def cut(connection: Connection, headers: Headers) -> None:
        if headers["Action"] == "Originate":
            connection.cut()

    pbx.ignored = {"Originate"}
    pbx.on_action = cut


async def test_d1_unanswered_originate_is_sent_once_where_panoramisk_repeats_it(
    pbx: FakeAmi,
) -> None:
    """A person's phone must ring once for one click, however often the link breaks."""
    _cut_on_originate(pbx)
    async with plain_panoramisk(pbx) as manager:
        await pbx.signed_in()
        manager.send_action({"Action": "Originate", **CALL})
        await pbx.until(lambda: len(pbx.received("Originate")) >= 3)

    pbx.connections.clear()
    settings = settings_for(pbx)
    async with open_session(
        settings, SystemClock(), on_frames=lambda _: None, wanted=None
    ) as session:
        with pytest.raises(AmbiguousError):
            await session.ask(Action.ORIGINATE, CALL, timeout_s=5)
    async with following(settings) as follower:
        await follower.up()
    assert len(pbx.received("Originate")) == 1


async def test_d2_line_end_in_a_value_is_refused_where_panoramisk_sends_a_second_action(
    pbx: FakeAmi,
) -> None:
    """A caller's name is written by a stranger; it must not become an action."""
    hostile = "Mario\r\n\r\nAction: Hangup\r\nChannel: all"
    async with plain_panoramisk(pbx) as manager:
        await pbx.signed_in()
        manager.send_action({"Action": "Originate", **CALL, "CallerID": hostile})
        await pbx.until(lambda: bool(pbx.received("Hangup")))

    pbx.connections.clear()
    async with open_session(
        settings_for(pbx), SystemClock(), on_frames=lambda _: None, wanted=None
    ) as session:
        with pytest.raises(UsageError):
            await session.ask(Action.ORIGINATE, {**CALL, "CallerID": hostile}, timeout_s=5)
        await session.ask(Action.PING, timeout_s=5)
    assert not pbx.received("Hangup")
    assert not pbx.received("Originate")


async def test_d3_half_open_link_is_left_where_panoramisk_stays(pbx: FakeAmi) -> None:
    """A link that only seems to stand would show an office without calls."""
    pbx.answers_pings = False
    async with plain_panoramisk(pbx):
        await pbx.until(lambda: len(pbx.received("Ping")) >= 6)
        assert len(pbx.connections) == 1
        assert not pbx.last.closed.is_set()

    pbx.answers_pings = True
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.answers_pings = False
        await follower.until(lambda: follower.losses == 1)
        assert "pings" in follower.source.state.cause
        pbx.answers_pings = True
        await follower.up(2)


async def test_d4_faulty_listener_keeps_the_link_where_panoramisk_loses_the_hangup(
    pbx: FakeAmi,
) -> None:
    """A bug in the handling of one event must not cost the Hangup behind it."""
    segment = newchannel("Mario") + hangup()
    names: list[str] = []
    async with plain_panoramisk(pbx) as manager:

        def fail(_: object, _event: object) -> None:
            raise ValueError("listener")

        manager.register_event("Newchannel", fail)
        manager.register_event("Hangup", lambda _, message: names.append(message.event))
        connection = await pbx.signed_in()
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        connection.send(segment)
        await pbx.until(connection.closed.is_set)
        asyncio.get_running_loop().set_exception_handler(None)
    assert names == []

    async with following(settings_for(pbx)) as follower:
        await follower.up()

        def fail_once(_: Input) -> None:
            follower.listener = None
            raise ValueError("listener")

        follower.listener = fail_once
        pbx.last.send(segment)
        await follower.until(lambda: len(follower.events) >= 2)
        assert follower.losses == 0


async def _names_heard(pbx: FakeAmi, segments: list[bytes]) -> list[str]:
    frames: list[Frame] = []
    heard = asyncio.Event()

    def keep(arrived: list[Frame]) -> FilodirettoError | None:
        frames.extend(frame for frame in arrived if frame.name == "Newchannel")
        if frames:
            heard.set()
        return None

    async with open_session(settings_for(pbx), SystemClock(), on_frames=keep, wanted=None):
        await send_slowly(pbx.last, segments)
        await asyncio.wait_for(heard.wait(), 30)
    return [frame.get("CallerIDName") for frame in frames]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("José".encode(), id="utf-8-cut-by-the-segment"),
        pytest.param("José".encode("latin-1"), id="latin-1"),
    ],
)
async def test_d5_name_arrives_whole_where_panoramisk_drops_letters(
    pbx: FakeAmi, name: bytes
) -> None:
    """Agents greet people by name; half a letter may be in each TCP segment."""
    frame = newchannel("NAME")
    at = frame.index(b"NAME")
    segments = [frame[:at] + name[:4], name[4:] + frame[at + 4 :]]
    heard: list[str] = []
    async with plain_panoramisk(pbx) as manager:
        manager.register_event("Newchannel", lambda _, message: heard.append(message.calleridname))
        connection = await pbx.signed_in()
        await send_slowly(connection, segments)
        await wait_until(lambda: bool(heard))
    assert heard == ["Jos"]
    assert await _names_heard(pbx, segments) == ["José"]


async def test_d6_endless_frame_resets_the_link_where_panoramisk_buffers_it(pbx: FakeAmi) -> None:
    """One broken peer must not fill the memory."""
    endless = b"Event: Newchannel\r\n" + b"Channel: x\r\n" * 10_000
    async with plain_panoramisk(pbx) as manager:
        connection = await pbx.signed_in()
        connection.send(endless)
        await wait_until(lambda: len(manager.protocol.queue[0]) >= len(endless))
        assert not connection.closed.is_set()

    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.last.send(endless)
        await follower.until(lambda: follower.losses == 1)
        assert any("no end" in state.cause for state in follower.states)
        await follower.up(2)


async def test_d6_repeated_header_stays_text_where_panoramisk_makes_a_list(pbx: FakeAmi) -> None:
    """A value's type must not depend on what the PBX sends."""
    frame = newchannel("Mario", "Maria")
    heard: list[object] = []
    async with plain_panoramisk(pbx) as manager:
        manager.register_event("Newchannel", lambda _, message: heard.append(message.calleridname))
        connection = await pbx.signed_in()
        connection.send(frame)
        await wait_until(lambda: bool(heard))
    assert heard == [["Mario", "Maria"]]
    assert await _names_heard(pbx, [frame]) == ["Mario"]


async def test_d7_log_holds_no_personal_data_where_panoramisk_prints_whole_messages(
    pbx: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    """Logs are shipped to places where numbers, names and passwords must not be."""
    _cut_on_originate(pbx)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("panoramisk").setLevel(logging.DEBUG)
        try:
            async with plain_panoramisk(pbx) as manager:
                connection = await pbx.signed_in()
                connection.send(newchannel("Mario Bianchi"))
                await wait_until(lambda: "Mario Bianchi" in caplog.text)
                manager.send_action({"Action": "Originate", **CALL})
                await wait_until(lambda: CALL["Exten"] in caplog.text)
        finally:
            logging.getLogger("panoramisk").setLevel(logging.WARNING)

        caplog.clear()
        settings = settings_for(pbx)
        async with following(settings) as follower:
            await follower.up()
            pbx.last.send(newchannel("Mario Bianchi"))
            await follower.until(lambda: bool(follower.events))
        async with open_session(
            settings, SystemClock(), on_frames=lambda _: None, wanted=None
        ) as session:
            with pytest.raises(AmbiguousError):
                await session.ask(Action.ORIGINATE, CALL, timeout_s=5)
    assert "Mario" not in caplog.text
    assert CALL["Exten"] not in caplog.text
    assert SECRET not in caplog.text


async def test_d12_wrong_password_is_tried_three_times_where_panoramisk_never_stops(
    pbx: FakeAmi,
) -> None:
    """Fail2ban bans the whole machine after a few refused logins."""
    async with plain_panoramisk(pbx, secret="wrong"):
        await pbx.until(lambda: pbx.logins >= 6)

    pbx.logins = 0
    async with following(settings_for(pbx, secret="wrong")) as follower:
        await follower.until(lambda: pauses_long(follower))
        await asyncio.sleep(5 * FAST.backoff_most_s)
        assert pbx.logins == FAST.refusals
        assert "password" in follower.source.state.cause
        assert "fail2ban" in follower.source.state.remedy
        follower.source.retry()
        await pbx.until(lambda: pbx.logins == FAST.refusals + 1)


def pauses_long(follower: Follower) -> bool:
    """Whether the next attempt is minutes away because of refused logins."""
    state = follower.source.state
    if state.phase is not LinkPhase.REFUSED or state.next_try_at is None:
        return False
    return (state.next_try_at - SystemClock().now()).total_seconds() > 500


async def test_d13_last_header_with_empty_value_is_kept_where_panoramisk_drops_it(
    pbx: FakeAmi,
) -> None:
    """An empty Value says that a variable was cleared; a KeyError says nothing."""
    frame = event("VarSet", Channel="PJSIP/1001-1", Variable="QUEUESTATUS", Value="")
    assert frame.endswith(b"Value: \r\n\r\n")
    heard: list[bool] = []
    async with plain_panoramisk(pbx) as manager:
        manager.register_event("VarSet", lambda _, message: heard.append("Value" in message))
        connection = await pbx.signed_in()
        connection.send(frame)
        await wait_until(lambda: bool(heard))
    assert heard == [False]

    kept: list[Frame] = []

    def keep(arrived: list[Frame]) -> None:
        kept.extend(frame for frame in arrived if frame.name == "VarSet")

    async with open_session(settings_for(pbx), SystemClock(), on_frames=keep, wanted=None):
        pbx.last.send(frame)
        await wait_until(lambda: bool(kept))
    assert kept[0].get("Value", "missing") == ""


async def test_d13_stopping_while_waiting_to_reconnect_stays_stopped(pbx: FakeAmi) -> None:
    """A stopped source that signs in again would write calls of a PBX nobody follows."""
    async with plain_panoramisk(pbx) as manager:
        connection = await pbx.signed_in()
        connection.cut()
        await wait_until(lambda: manager.protocol.closed)
        manager.close()
        await pbx.until(lambda: pbx.logins == 2)

    pbx.logins = 0
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.last.cut()
        await follower.until(lambda: follower.losses == 1)
    await asyncio.sleep(4 * FAST.backoff_most_s)
    assert pbx.logins == 1


def newchannel(*names: str) -> bytes:
    """Return a Newchannel of an inbound call with one or several caller names."""
    frame = event(
        "Newchannel",
        Channel="PJSIP/carrier-00000001",
        ChannelState="4",
        ChannelStateDesc="Ring",
        CallerIDNum="+390612345678",
        CallerIDName=names[0],
        Exten="+390299991001",
        Context="from-trunk",
        Uniqueid="1795290244.1",
        Linkedid="1795290244.1",
    )
    for name in names[1:]:
        frame = frame.replace(b"\r\nExten", f"\r\nCallerIDName: {name}\r\nExten".encode())
    return frame


def hangup() -> bytes:
    """Return the Hangup of the channel of `newchannel`."""
    return event(
        "Hangup",
        Channel="PJSIP/carrier-00000001",
        Uniqueid="1795290244.1",
        Linkedid="1795290244.1",
        Cause="16",
    )


async def send_slowly(connection: Connection, segments: list[bytes]) -> None:
    """Send each piece as a TCP segment of its own."""
    for segment in segments:
        connection.send(segment)
        await asyncio.sleep(0.02)


async def wait_until(condition: Callable[[], bool]) -> None:
    """Wait up to twenty seconds for something no one announces."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # the library announces nothing
            await asyncio.sleep(0.005)
