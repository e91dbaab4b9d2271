"""Several devices of one person, as NethVoice (91201, 92201) and FreePBX (90201, 99201) name them.

Everywhere the person is 201: calls, pops, forwards, queues, presence.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.recorded import settings
from support.story import Story, moves, rung

from adapters.asterisk.attendance import Attendance
from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from gateway.core.attendance import DeviceTold, MemberTold, PresenceTold
from gateway.core.events import LegAnswered, LegClosed, LegDialled
from gateway.core.inputs import ChannelKind

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NETHVOICE = {"device_prefixes": ["91", "92"]}
FREEPBX = {"device_prefixes": ["90", "99"]}
LISTED = {"devices": {"91201": "201", "92201": "201"}}
WAYS = pytest.mark.parametrize(
    ("twin", "told"),
    [("91201", NETHVOICE), ("92201", LISTED), ("99201", FREEPBX), ("90201", FREEPBX)],
)


def frame(name: str, **headers: str) -> Frame:
    """Return an event."""
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return Frame(name, "\r\n".join(lines).encode(), 0)


def attendance(told: dict[str, Any]) -> Attendance:
    """Return what reads queues and phones."""
    return Attendance(Naming(settings(**told)))


@WAYS
def test_twin_is_the_person_in_calls_and_pops(twin: str, told: dict[str, Any]) -> None:
    """Both phones ring, one is answered: one person rang once, one pop was offered and stays."""
    story = Story(
        f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new B PJSIP/201-2 Down of=A
        0.1 dial A B exten=201 number=201
        0.1 new C PJSIP/{twin}-3 Down of=A
        0.1 dial A C exten=201 number={twin}
        0.3 rings B
        0.3 rings C
        2.0 enter X C
        2.0 enter X A
        2.0 gone B cause=26
        """,
        **told,
    )
    offered = [one for one in story.said if isinstance(one, LegDialled)]
    answered = [one for one in story.said if isinstance(one, LegAnswered)]
    assert [(one.extension, one.ring_no) for one in offered] == [("201", 1)]
    assert [(one.extension, one.ring_no) for one in answered] == [("201", 1)]
    assert not [one for one in story.said if isinstance(one, LegClosed)]
    assert (rung(story), story.record().answered_by) == ([["201"]], "201")


@WAYS
def test_call_from_a_twin_is_the_person_s(twin: str, told: dict[str, Any]) -> None:
    """The extension is what colleagues know; which of their phones they used is no matter."""
    story = Story(f"0.0 new A PJSIP/{twin}-1 Ring num={twin} exten=202\n", **told)
    assert story.record().caller.number == "201"


@WAYS
def test_twin_behind_a_relay_is_no_forward(twin: str, told: dict[str, Any]) -> None:
    """The only destination for 201 is 201's other phone: nobody was sent anywhere."""
    story = Story(
        f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991001
        0.1 new L1 "Local/{twin}@from-internal-1;1" Down of=A
        0.1 new L2 "Local/{twin}@from-internal-1;2" Ring of=A
        0.1 dial A L1 exten=201
        0.2 new B PJSIP/{twin}-2 Down of=A
        0.2 dial L2 B exten={twin} number={twin}
        """,
        **told,
    )
    assert (moves(story), rung(story)) == ([], [["201"]])


@WAYS
def test_forward_to_a_twin_is_completed_by_the_person(twin: str, told: dict[str, Any]) -> None:
    """202 is forwarded to somebody's second phone; 201 takes the call."""
    story = Story(
        f"""
        0.0 new A PJSIP/carrier-1 Ring num=333 exten=+390299991002
        0.1 new L1 "Local/{twin}@from-internal-1;1" Down of=A
        0.1 new L2 "Local/{twin}@from-internal-1;2" Ring of=A
        0.1 dial A L1 exten=202
        0.2 new B PJSIP/{twin}-2 Down of=A
        0.2 dial L2 B exten={twin} number={twin}
        2.0 enter X B
        2.0 enter X L2
        2.0 enter Y L1
        2.0 enter Y A
        """,
        **told,
    )
    assert moves(story) == [("forward", "202", "201", True)]


@WAYS
@pytest.mark.parametrize(
    ("interface", "state"),
    [
        ("PJSIP/{twin}", "PJSIP/{twin}"),
        ("Local/201@from-queue/n", "hint:{twin}@ext-local"),
        ("Local/{twin}@from-queue/n", ""),
    ],
)
def test_queue_member_on_a_twin_is_the_person(
    twin: str, told: dict[str, Any], interface: str, state: str
) -> None:
    """Supervisors see one member for one person, whatever phone signed in."""
    said = attendance(told).translate(
        frame(
            "QueueMemberAdded",
            Queue="sales",
            MemberName="Carla",
            Interface=interface.format(twin=twin),
            StateInterface=state.format(twin=twin),
            Status="1",
        ),
        NOW,
        1,
    )
    assert isinstance(said, MemberTold)
    assert said.member.extension == "201"


@WAYS
def test_presence_and_state_of_a_twin_are_the_person_s(twin: str, told: dict[str, Any]) -> None:
    """Busy on the browser phone is busy."""
    reader = attendance(told)
    state = reader.translate(
        frame("DeviceStateChange", Device=f"PJSIP/{twin}", State="INUSE"), NOW, 1
    )
    assert isinstance(state, DeviceTold)
    assert (state.device, state.extension) == (f"PJSIP/{twin}", "201")
    presence = reader.translate(
        frame("PresenceStateChange", Presentity=f"CustomPresence:{twin}", Status="dnd"), NOW, 2
    )
    assert isinstance(presence, PresenceTold)
    assert presence.extension == "201"


@pytest.mark.parametrize(
    ("number", "folded"),
    [("91201", "201"), ("201", "201"), ("0612345678", "0612345678"), ("9187654321", "9187654321"),
     ("911", "911"), ("9120", "9120")],
)  # fmt: skip
def test_number_outside_that_begins_like_a_twin_stays(number: str, folded: str) -> None:
    """Prefixes are for devices; an extension that begins like one is listed as itself."""
    naming = Naming(settings(device_prefixes=["91"], devices={"9120": "9120"}))
    assert naming.folded(number) == folded
    relay = naming.identity(f"Local/{number}@from-internal-1;1")
    assert (relay.kind, relay.target) == (ChannelKind.RELAY, folded)
