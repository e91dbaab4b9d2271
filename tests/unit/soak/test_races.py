"""The soak's judge where two ends cannot both know: the PBX's own stream decides."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.asterisk_lab.ledger import Trouble, Verdict, judge
from support.asterisk_lab.truth import Truth
from support.asterisk_lab.walk import Walked
from support.crm_records import answered

from gateway.core.record import Called, CallRecord, Direction, EndedBy, Outcome, Party, Seconds

RECORDINGS = Path(__file__).parents[2] / "scenarios" / "recordings"
CUSTOMER, COMPANY = "+393400000001", "+390299992001"
BEGAN = 1_795_290_244.0
LINKEDID = "1795290244.1"
RESTART = Trouble(kind="restart", began_at=BEGAN + 10, ended_at=BEGAN + 12)
TRUTH = Truth(
    direction="inbound",
    caller=CUSTOMER,
    called=COMPANY,
    queue="support",
    rung=(("1001", "1002"),),
    answered_by="1001",
    final_talker="1001",
    outcome="answered",
    ended_by="caller",
    seconds={"ring": 2.0, "wait": 2.0, "talk": 3.0, "hold": 0.0},
)
CALL = Walked(
    number=1,
    habit="queue",
    began_at=BEGAN,
    ended_at=BEGAN + 5,
    parties=(CUSTOMER, COMPANY),
    truth=TRUTH,
    lifted=(("1001", BEGAN + 2.0), ("1002", BEGAN + 2.1)),
)
ASKED = Walked(
    number=1,
    habit="consulted, joined to it",
    began_at=BEGAN + 8,
    ended_at=BEGAN + 11,
    parties=("1011", "1017"),
)


def record(by: str, **changes: object) -> CallRecord:
    """Return a record of CALL that this phone answered."""
    told = answered(
        LINKEDID,
        caller=Party(number=CUSTOMER),
        called=Called(number=COMPANY),
        queue="support",
        answered_by=by,
        final_talker=by,
        rung=(("1001", "1002"),),
        ended_by=EndedBy.CALLER,
        seconds=Seconds(ring=2.0, wait=2.0, talk=3.0, hold=0.0),
        started_at=datetime.fromtimestamp(BEGAN, UTC),
    )
    return replace(told, **changes)  # type: ignore[arg-type]  # fields by name, as tests write


def enters(channel: str, room: str, uniqueid: str = "1795290244.2") -> bytes:
    """Return what a PBX says when a channel comes into a bridge of CALL."""
    return (
        f"Event: BridgeEnter\r\nBridgeUniqueid: {room}\r\nChannel: {channel}\r\n"
        f"Uniqueid: {uniqueid}\r\nLinkedid: {LINKEDID}\r\n\r\n"
    ).encode()


CALLER = enters("PJSIP/carrier-00000001", "room", LINKEDID)


def bridge_enter(device: str) -> bytes:
    """Return what a PBX says when a phone comes into the caller's bridge."""
    return CALLER + enters(f"PJSIP/{device}-00000002", "room")


def through_relay(device: str, *, joined: bool) -> bytes:
    """Return what a PBX says of a phone at the far half of a relay, whose near one is let go."""
    relay = f"Local/{device}@from-queue-0000000d"
    far = enters(f"PJSIP/{device}-00000002", device) + enters(f"{relay};2", device)
    return CALLER + far + (enters(f"{relay};1", "room") if joined else b"")


def faults(verdict: Verdict) -> tuple[int, int, int]:
    """Return how many calls are lost, doubled and wrong."""
    return len(verdict.lost), len(verdict.doubled), len(verdict.wrong)


@pytest.mark.parametrize(
    ("by", "stream", "second_at", "excused"),
    [
        ("1002", bridge_enter("1002"), 2.1, True),
        (
            "1002",
            through_relay("1002", joined=True) + through_relay("1001", joined=False),
            2.1,
            True,
        ),
        ("1002", bridge_enter("1001"), 2.1, False),
        ("1002", bridge_enter("1001") + bridge_enter("1002"), 2.1, False),
        ("1002", b"", 2.1, False),
        ("1002", bridge_enter("1002"), 4.1, False),
        ("1009", bridge_enter("1009"), 2.1, False),
    ],
    ids=[
        "joined to the other",
        "a relay let go while its phone lifted",
        "joined to the first",
        "joined to both",
        "joined to nobody",
        "seconds later",
        "one who did not lift",
    ],
)
def test_of_two_who_lift_at_once_the_one_in_the_bridge_has_answered(
    by: str, stream: bytes, second_at: float, *, excused: bool
) -> None:
    """A queue gives its caller to one of them; the other hears nobody."""
    call = replace(CALL, lifted=(("1001", BEGAN + 2.0), ("1002", BEGAN + second_at)))
    verdict = judge([call], [record(by)], [], [CUSTOMER.encode() + b"\r\n\r\n" + stream])
    expected = (1, (0, 0, 0)) if excused else (0, (0, 0, 1))
    assert (len(verdict.crossed), faults(verdict)) == expected


def test_only_the_one_who_answered_is_excused() -> None:
    """Whoever came into the bridge, the outcome and the numbers are not in doubt."""
    wrong = record("1002", outcome=Outcome.MISSED)
    verdict = judge([CALL], [wrong], [], [bridge_enter("1002")])
    assert faults(verdict) == (0, 0, 1)


def test_the_last_to_lift_in_vain_is_not_the_final_talker() -> None:
    """The far ends saw 1002 lift last; it was in no bridge."""
    call = replace(CALL, truth=replace(TRUTH, final_talker="1002"))
    verdict = judge([call], [record("1001")], [], [bridge_enter("1001")])
    assert (len(verdict.crossed), faults(verdict)) == (1, (0, 0, 0))


def asked(linkedid: str = "1795290252.7", at: float = BEGAN + 8) -> CallRecord:
    """Return a record of ASKED, not joined to anything."""
    return answered(
        linkedid,
        caller=Party(number="1011"),
        called=Called(number="1017"),
        started_at=datetime.fromtimestamp(at, UTC),
    )


def test_consultation_that_the_pbx_did_not_live_to_join_stays_a_call_of_its_own() -> None:
    """The phone asked for it in the moment in which the PBX was stopped."""
    call = replace(CALL, ended_at=BEGAN + 11, joined=(ASKED,))
    verdict = judge([call], [record("1001"), asked()], [RESTART], [bridge_enter("1001")])
    assert (verdict.not_joined, faults(verdict)) == (1, (0, 0, 0))


def test_consultation_is_no_second_call_without_a_restart() -> None:
    """With the PBX up it was joined: a record beside it is one too many."""
    call = replace(CALL, joined=(replace(ASKED, ended_at=BEGAN + 9),))
    verdict = judge([call], [record("1001"), asked()], [RESTART], [bridge_enter("1001")])
    assert (verdict.not_joined, len(verdict.doubled)) == (0, 1)


def test_call_between_two_phones_that_the_pbx_hears_of_late_is_the_same_call() -> None:
    """A PBX kept busy takes the INVITE up seconds later, while the far ends wait for it."""
    waited = replace(
        CALL,
        parties=("1015", "1012"),
        ended_at=BEGAN + 14,
        truth=replace(TRUTH, direction="internal", caller="1015", called="1012"),
    )
    late = record(
        "1001",
        direction=Direction.INTERNAL,
        caller=Party(number="1015"),
        called=Called(number="1012"),
        started_at=datetime.fromtimestamp(BEGAN + 11, UTC),
    )
    assert faults(judge([waited], [late], [])) == (0, 0, 0)
    over = replace(waited, ended_at=BEGAN + 9)
    assert faults(judge([over], [late], [])) == (1, 1, 0)


def test_call_that_a_far_end_gave_up_placing_is_no_second_one() -> None:
    """It timed out before it knew whom it called: one call between phones may be its own."""
    failed = replace(CALL, parties=None, truth=None, error="TimeoutError: ", lifted=())
    verdict = judge([failed], [asked(at=BEGAN + 3)], [])
    assert (verdict.of_failed, len(verdict.doubled)) == (1, 0)
    two = [asked(at=BEGAN + 3), asked("1795290252.9", BEGAN + 4)]
    assert len(judge([failed], two, []).doubled) == 1
    assert len(judge([failed], [asked(at=BEGAN + 30)], []).doubled) == 1
    assert len(judge([failed], [record("1001")], []).doubled) == 1


def test_consultation_that_the_pbx_joined_is_no_second_call() -> None:
    """A recorded hand-over by REFER: its event names the consultation's channel."""
    stream = (RECORDINGS / "refer-attended.ami").read_bytes()
    event = next(
        one for one in stream.split(b"\r\n\r\n") if one.startswith(b"Event: AttendedTransfer")
    )
    lines = dict(line.split(": ", 1) for line in event.decode().split("\r\n") if ": " in line)
    call = replace(CALL, ended_at=BEGAN + 11, joined=(ASKED,))
    records = [record("1001"), asked(lines["SecondTransfererUniqueid"])]
    verdict = judge([call], records, [RESTART], [stream])
    assert (verdict.not_joined, len(verdict.doubled)) == (0, 1)
