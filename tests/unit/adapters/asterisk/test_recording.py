"""Recorded streams: what is read out of them, and how they become new calls."""

import pytest

from adapters.asterisk.codec import Frame
from adapters.asterisk.recording import Recording, read_index, samples
from adapters.asterisk.stage import Stage
from gateway.core.errors import UsageError

GREETING = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: ok\r\n\r\n"
BOOTED = b"Event: FullyBooted\r\nPrivilege: system,all\r\n\r\n"
BRIDGE = "84b5e6d4-bebb-41bd-a15a-f3f0af91759f"


def event(name: str, *lines: str) -> bytes:
    """Return one message of a stream."""
    return "\r\n".join([f"Event: {name}", *lines, "", ""]).encode()


START = event("Newchannel", "Channel: PJSIP/a-0000001f", "Uniqueid: 1795291745.19")
ENTER = event(
    "BridgeEnter",
    "Channel: PJSIP/a-0000001f",
    f"BridgeUniqueid: {BRIDGE}",
    "BridgeType: basic",
    "Uniqueid: 1795291745.19",
)


def test_greeting_is_left_out_and_time_is_that_of_the_last_byte() -> None:
    """The server greets by itself, and an event has arrived when it is whole."""
    data = GREETING + BOOTED + START + ENTER
    head = len(GREETING + BOOTED)
    index = f"0.1 {head}\n1.0 10\n2.5 {len(START) - 10}\n3.0 {len(ENTER)}\n4.0 -1\n"
    recording = Recording.parse("x", data, index)
    assert [at for at, _ in recording.events] == [0.0, 0.5]
    assert recording.events[0][1] == START.removesuffix(b"\r\n\r\n")
    assert recording.epoch == 1795291745


@pytest.mark.parametrize("text", ["1.0\n", "a b\n", "1.0 2 3\n", "1.0 x\n"])
def test_broken_index_is_refused_with_its_line(text: str) -> None:
    """The person can look at that line."""
    with pytest.raises(UsageError, match="Line 2"):
        read_index("0.0 1\n" + text)


def test_fresh_ids_are_consistent_within_and_different_between_plays() -> None:
    """Ids link the events of a call; equal ids in two plays would join the calls."""
    recording = Recording(name="x", events=((0.0, START), (1.0, ENTER)))
    seen = set()
    for play in (1, 2):
        fresh = recording.freshened(play=play, epoch=1_800_000_000)
        frames = [Frame("X", raw, 0) for _, raw in fresh.events]
        ids = {frame.get("Uniqueid") for frame in frames}
        assert len(ids) == 1
        assert len({frame.get("Channel") for frame in frames}) == 1
        seen |= ids | {frames[0].get("Channel"), frames[1].get("BridgeUniqueid")}
        assert ids.pop().startswith("1800000000.")
    assert len(seen) == 6


def test_numbers_that_only_look_like_ids_are_left_alone() -> None:
    """A telephone number must not change with the time of day."""
    raw = event("X", "CallerIDNum: 1234567890", "Value: 1234567890.5", "Uniqueid: 1795291745.19")
    ((_, fresh),) = (
        Recording(name="x", events=((0.0, raw),)).freshened(play=1, epoch=1_795_291_745).events
    )
    assert b"CallerIDNum: 1234567890\r\n" in fresh
    assert b"Value: 1234567890.5\r\n" in fresh


def test_samples_are_whole_calls() -> None:
    """The demonstration must not leave calls behind that never end."""
    assert len(samples()) >= 5
    for path in samples():
        stage = Stage()
        for at, raw in Recording.load(path).events:
            name = raw[7:].partition(b"\r\n")[0].decode()
            stage.follow(Frame(name, raw, 0), at)
        assert list(stage.channels(0)) == [], path.name
        assert list(stage.bridges()) == [], path.name


def frame(name: str, *lines: str) -> Frame:
    """Return one frame."""
    return Frame(name, event(name, *lines).removesuffix(b"\r\n\r\n"), 0)


def test_stage_lists_what_is_up_as_asterisk_would() -> None:
    """A client that signs in in mid-call takes its snapshot from here."""
    stage = Stage()
    stage.follow(frame("Newchannel", "Channel: PJSIP/a-1", "Uniqueid: 1.1", "Linkedid: 1.1"), 10.0)
    stage.follow(frame("Newstate", "Channel: PJSIP/a-1", "ChannelState: 6", "Uniqueid: 1.1"), 11.0)
    stage.follow(
        frame("BridgeEnter", "BridgeUniqueid: b", "BridgeType: basic", "Uniqueid: 1.1"), 12.0
    )
    (channel,) = stage.channels(75.0)
    assert (channel["Uniqueid"], channel["BridgeId"], channel["Duration"]) == (
        "1.1",
        "b",
        "00:01:05",
    )
    assert [bridge["BridgeUniqueid"] for bridge in stage.bridges()] == ["b"]
    (hangup,) = stage.left_over({"1.1", "9.9"})
    stage.follow(Frame("Hangup", hangup, 0), 80.0)
    assert list(stage.channels(80.0)) == []
    assert list(stage.bridges()) == []
