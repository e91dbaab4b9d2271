"""AMI's words about queues and phones, as Asterisk 22 and 16 really write them."""

from datetime import UTC, datetime

from adapters.asterisk.attendance import Attendance
from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.attendance import (
    CallerJoined,
    CallerLeft,
    DeviceState,
    DeviceTold,
    MemberGone,
    MemberTold,
    Presence,
    PresenceTold,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SETTINGS = AsteriskSettings.model_validate(
    {
        "name": "hq",
        "host": "127.0.0.1",
        "username": "u",
        "secret": "s",
        "trunks": ["carrier"],
        "device_prefixes": ["99"],
    }
)


def frame(name: str, **headers: str) -> Frame:
    """Return an event."""
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return Frame(name, "\r\n".join(lines).encode(), 0)


def attendance() -> Attendance:
    """Return a translator of one PBX."""
    return Attendance(Naming(SETTINGS))


def member(name: str = "QueueMemberStatus", **headers: str) -> MemberTold:
    """Return what an event about a member means."""
    given = {
        "Queue": "sales",
        "MemberName": "Carla Neri",
        "Interface": "PJSIP/1003",
        "StateInterface": "PJSIP/1003",
        "Membership": "static",
        "Penalty": "0",
        "CallsTaken": "7",
        "LastCall": "1795290244",
        "LastPause": "0",
        "InCall": "0",
        "Status": "1",
        "Paused": "0",
        "PausedReason": "",
    }
    told = attendance().translate(frame(name, **(given | headers)), NOW, 5)
    assert isinstance(told, MemberTold)
    return told


def test_caller_joins_and_leaves_by_unique_id() -> None:
    """The name of the channel is of no use: it may change."""
    told = attendance().translate(
        frame("QueueCallerJoin", Uniqueid="1.2", Linkedid="1.1", Queue="sales", Position="2"),
        NOW,
        3,
    )
    assert told == CallerJoined(
        at=NOW, seq=3, queue="sales", channel="1.2", linkedid="1.1", position=2
    )
    gone = attendance().translate(
        frame("QueueCallerLeave", Uniqueid="1.2", Queue="sales", Position="2"), NOW, 4
    )
    assert gone == CallerLeft(at=NOW, seq=4, queue="sales", channel="1.2")


def test_member_with_everything_that_is_told() -> None:
    """Zero means never, not 1970."""
    told = member(Status="6", InCall="1", Membership="dynamic").member
    assert (told.extension, told.name, told.state) == (
        "1003",
        "Carla Neri",
        DeviceState.RINGING,
    )
    assert (told.in_call, told.dynamic, told.calls_taken) == (True, True, 7)
    assert told.last_call_at == datetime.fromtimestamp(1795290244, UTC)
    assert told.paused_since is None


def test_pause_has_its_reason_and_its_time() -> None:
    """An unpaused member keeps the last reason in AMI; it is over."""
    paused = member("QueueMemberPause", Paused="1", PausedReason="lunch", LastPause="1795290244")
    assert (paused.member.paused, paused.member.pause_reason) == (True, "lunch")
    assert paused.member.paused_since == datetime.fromtimestamp(1795290244, UTC)
    over = member("QueueMemberPause", Paused="0", PausedReason="lunch", LastPause="1795290244")
    assert (over.member.pause_reason, over.member.paused_since) == ("", None)


def test_member_behind_a_relay_is_the_phone_behind_it() -> None:
    """FreePBX's members are Local channels whose state is that of a hint or a phone."""
    relay = {"Interface": "Local/201@from-queue/n"}
    assert member(StateInterface="PJSIP/99201", **relay).member.extension == "201"
    assert member(StateInterface="hint:201@ext-local", **relay).member.extension == "201"
    assert member(StateInterface="", **relay).member.extension == "201"
    outside = member(Interface="PJSIP/3331234567@carrier", StateInterface="")
    assert outside.member.extension == ""


def test_member_leaves() -> None:
    """By the interface the queue knew it by."""
    told = attendance().translate(
        frame("QueueMemberRemoved", Queue="sales", Interface="PJSIP/1003"), NOW, 5
    )
    assert told == MemberGone(at=NOW, seq=5, queue="sales", interface="PJSIP/1003")


def test_phones_states_are_those_of_people_only() -> None:
    """A trunk is in use all day."""
    told = attendance().translate(
        frame("DeviceStateChange", Device="PJSIP/1003", State="RINGINUSE"), NOW, 5
    )
    assert told == DeviceTold(
        at=NOW,
        seq=5,
        device="PJSIP/1003",
        extension="1003",
        state=DeviceState.RINGING_IN_USE,
    )
    trunk = frame("DeviceStateChange", Device="PJSIP/carrier", State="INUSE")
    assert attendance().translate(trunk, NOW, 6) is None


def test_presence_of_an_extension() -> None:
    """FreePBX keeps it under the extension's number."""
    told = attendance().translate(
        frame("PresenceStateChange", Presentity="CustomPresence:201", Status="dnd", Message="x"),
        NOW,
        5,
    )
    assert told == PresenceTold(
        at=NOW, seq=5, extension="201", presence=Presence(status="dnd", message="x")
    )


def test_lists_become_one_snapshot() -> None:
    """Names of list entries differ from those of events."""
    taken = attendance().snapshot(
        NOW,
        4,
        [
            frame("QueueParams", Queue="sales"),
            frame("QueueMember", Queue="sales", Name="Anna", Location="PJSIP/1001", Status="2"),
            frame("QueueEntry", Queue="sales", Position="1", Uniqueid="1.2", Wait="30"),
            frame("DeviceStateChange", Device="PJSIP/1001", State="INUSE"),
            frame("DeviceStateChange", Device="PJSIP/carrier", State="INUSE"),
            frame("CoreShowChannel", Uniqueid="1.2"),
        ],
    )
    assert (taken.requested_seq, taken.queues) == (4, ("sales",))
    assert [(queue, one.extension, one.state) for queue, one in taken.members] == [
        ("sales", "1001", DeviceState.IN_USE)
    ]
    assert [(one.channel, (NOW - one.since).total_seconds()) for one in taken.callers] == [
        ("1.2", 30)
    ]
    assert taken.devices == (("PJSIP/1001", "1001", DeviceState.IN_USE),)
