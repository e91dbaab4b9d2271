"""The soak's judge: what it excuses is only what nobody could have known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.asterisk_lab.ledger import Trouble, Verdict, judge
from support.asterisk_lab.truth import Truth
from support.asterisk_lab.walk import Walked
from support.crm_records import answered

from gateway.core.record import (
    Called,
    CallRecord,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Seconds,
)

CUSTOMER, COMPANY = "+393400000001", "+390299991011"
BEGAN = 1_795_290_244.0
RESTART = Trouble(kind="restart", began_at=BEGAN + 10, ended_at=BEGAN + 12)
TRUTH = Truth(
    direction="inbound",
    caller=CUSTOMER,
    called=COMPANY,
    rung=(("1011",),),
    answered_by="1011",
    final_talker="1011",
    outcome="answered",
    ended_by="caller",
    seconds={"ring": 2.0, "wait": None, "talk": 3.0, "hold": 0.0},
)
CALL = Walked(
    number=1,
    habit="answered",
    began_at=BEGAN,
    ended_at=BEGAN + 5,
    parties=(CUSTOMER, COMPANY),
    truth=TRUTH,
)
CUT = replace(CALL, ended_at=BEGAN + 11)


def record(linkedid: str = "1795290244.1", at: float = BEGAN, **changes: object) -> CallRecord:
    """Return a record of CALL that began at this moment."""
    told = answered(
        linkedid,
        caller=Party(number=CUSTOMER),
        called=Called(number=COMPANY),
        answered_by="1011",
        final_talker="1011",
        ended_by=EndedBy.CALLER,
        seconds=Seconds(ring=2.0, talk=3.0, hold=0.0),
        started_at=datetime.fromtimestamp(at, UTC),
    )
    return replace(told, **changes)  # type: ignore[arg-type]  # fields by name, as tests write


def told(*linkedids: str) -> bytes:
    """Return what a PBX says of its channels."""
    return "".join(f"Event: Newchannel\r\nUniqueid: {one}\r\n\r\n" for one in linkedids).encode()


def faults(verdict: Verdict) -> tuple[int, int, int]:
    """Return how many calls are lost, doubled and wrong."""
    return len(verdict.lost), len(verdict.doubled), len(verdict.wrong)


def test_call_and_its_record_agree() -> None:
    """Without trouble there is nothing to excuse."""
    verdict = judge([CALL], [record()], [])
    assert faults(verdict) == (0, 0, 0)
    assert verdict.agreed == 1


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], (1, 0, 0)),
        ([record(), record("1795290250.9", BEGAN + 6)], (0, 1, 0)),
        ([record(outcome=Outcome.MISSED)], (0, 0, 1)),
    ],
    ids=["lost", "doubled", "wrong"],
)
def test_each_fault_is_found(records: list[CallRecord], expected: tuple[int, int, int]) -> None:
    """A judge that finds nothing proves nothing."""
    assert faults(judge([CALL], records, [], [CUSTOMER.encode()])) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0, 0, 0)),
        ({"ended_by": None, "end": EndKind.PBX_RESTART}, (0, 0, 0)),
        ({"answered_by": "1012"}, (0, 0, 1)),
        ({"outcome": Outcome.MISSED}, (0, 0, 1)),
    ],
    ids=["whole", "end unknown", "by another", "not answered"],
)
def test_of_a_call_cut_by_a_restart_only_the_end_is_excused(
    changes: dict[str, object], expected: tuple[int, int, int]
) -> None:
    """Asterisk lost how it ended; who answered it had told eight seconds before."""
    verdict = judge([CUT], [replace(record(), **changes)], [RESTART])  # type: ignore[arg-type]
    assert verdict.cut_by_restart == 1
    assert faults(verdict) == expected


@pytest.mark.parametrize(
    ("again", "at", "streams", "excused"),
    [
        ("1795290257.1", 13.0, (told("1795290244.1"), told("1795290257.1")), True),
        ("1795290257.1", 13.0, (told("1795290244.1"), told()), False),
        ("1795290250.7", 6.0, (told("1795290244.1", "1795290250.7"), told()), False),
        ("1795290317.1", 73.0, (told("1795290244.1"), told("1795290317.1")), False),
    ],
    ids=["told by the new PBX", "told by nobody", "told before", "too late for a repetition"],
)
def test_second_record_of_a_cut_call_is_excused_only_if_the_new_pbx_took_it_for_a_call(
    again: str, at: float, streams: tuple[bytes, bytes], *, excused: bool
) -> None:
    """A phone repeats its INVITE; anything else would be a call that we made two of."""
    verdict = judge([CUT], [record(), record(again, BEGAN + at)], [RESTART], streams)
    assert (verdict.begun_anew, len(verdict.doubled)) == ((1, 0) if excused else (0, 1))


def test_call_placed_after_the_restart_keeps_its_record() -> None:
    """Two colleagues ring each other often: a later call is no repetition of a cut one."""
    later = replace(CALL, number=2, began_at=BEGAN + 14, ended_at=BEGAN + 19)
    records = [record(), record("1795290257.1", BEGAN + 14)]
    streams = (told("1795290244.1"), told("1795290257.1"))
    verdict = judge([CUT, later], records, [RESTART], streams)
    assert (verdict.begun_anew, faults(verdict)) == (0, (0, 0, 0))


@pytest.mark.parametrize(
    ("talk", "bridged", "excused"), [(0.2, False, True), (0.2, True, False), (3.0, False, False)]
)
def test_caller_who_gave_up_while_a_phone_answered_is_both(
    talk: float, *, bridged: bool, excused: bool
) -> None:
    """CANCEL and answer cross on the wire; only who was in a bridge has talked."""
    short = replace(CALL, truth=replace(TRUTH, seconds=TRUTH.seconds | {"talk": talk}))
    left = record(answered_by=None, final_talker=None, outcome=Outcome.ABANDONED)
    event = b"Event: BridgeEnter\r\nUniqueid: 1795290244.1\r\n\r\n" if bridged else b""
    verdict = judge([short], [left], [], [told("1795290244.1") + event])
    assert (len(verdict.crossed), len(verdict.wrong)) == ((1, 0) if excused else (0, 1))


def test_call_that_reached_nobody_and_that_the_pbx_never_told_of_did_not_come() -> None:
    """Given up before the first packet was answered; with a phone rung it had come."""
    gone = replace(TRUTH, rung=(), answered_by=None, final_talker=None, outcome="abandoned")
    verdict = judge([replace(CALL, truth=gone)], [], [], [told()])
    assert (verdict.never_arrived, len(verdict.lost)) == (1, 0)
    verdict = judge([CALL], [], [], [told()])
    assert (verdict.never_arrived, len(verdict.lost)) == (0, 1)


def test_call_beside_another_has_to_be_there_as_well() -> None:
    """A colleague was asked and not joined: two conversations."""
    asked = replace(CALL, parties=("1011", "1017"), truth=None, began_at=BEGAN + 3)
    both = replace(CALL, beside=(asked,))
    assert faults(judge([both], [record()], [])) == (1, 0, 0)
    other = answered(
        "1795290247.3",
        caller=Party(number="1011"),
        called=Called(number="1017"),
        started_at=datetime.fromtimestamp(BEGAN + 3, UTC),
    )
    assert faults(judge([both], [record(), other], [])) == (0, 0, 0)
