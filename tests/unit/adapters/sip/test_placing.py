"""What stands between a test call and the program that places it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sip.baresip import Baresip, Event, Tools
from adapters.sip.placing import ITALIAN, SipMysteryCaller
from adapters.sip.settings import SipSettings
from gateway.core.errors import FilodirettoError, NotPossibleError, RejectedError, UsageError
from gateway.core.mystery import MysteryOrder
from gateway.core.trunks import TrunkRef
from gateway.runtime.clock import SystemClock

FOUND = Tools(program="/nowhere/baresip", modules="/nowhere")
GIVEN = {"name": "p", "registrar": "192.0.2.1", "username": "us", "secret": "s"}


def caller(found: Tools | None = FOUND, **more: object) -> SipMysteryCaller:
    """Return who places calls from an account."""
    settings = SipSettings.model_validate({**GIVEN, "listen": "127.0.0.1:5062", **more})
    return SipMysteryCaller(settings, SystemClock(), found)


def order(number: str) -> MysteryOrder:
    """Return an order for a call."""
    return MysteryOrder(
        channel="fdtest-1", trunk=TrunkRef(pbx="p", name="p"), number=number, caller_id=""
    )


def framed(*events: Event) -> bytes:
    """Return netstrings as the program sends them."""
    texts = [json.dumps(one).encode() for one in events]
    return b"".join(b"%d:%s," % (len(text), text) for text in texts)


EVENTS: tuple[Event, ...] = ({"type": "CALL_RINGING", "param": "è:,5:"}, {"ok": True}, {})


@given(st.lists(st.integers(1, 40), max_size=30))
def test_events_are_the_same_however_they_are_cut(cuts: list[int]) -> None:
    """TCP keeps no boundaries."""
    heard: list[Event] = []
    program = Baresip(heard.append, lambda: None)
    data = framed(*EVENTS)
    for size in (*cuts, len(data)):
        program.data_received(data[:size])
        data = data[size:]
    assert heard == list(EVENTS)


@pytest.mark.parametrize("data", [b"x:{}", b"99999999:{}", b"2:{},3:no},", b"-1:,"])
def test_what_is_no_event_is_not_heard(data: bytes) -> None:
    """Something else has the port: nothing it says is about our call."""
    heard: list[Event] = []
    Baresip(heard.append, lambda: None).data_received(data)
    assert heard in ([], [{}])


async def test_what_keeps_calls_from_being_placed_is_said() -> None:
    """No program, no account, a password that cannot be written, a number that is none."""
    without = SipSettings.model_validate({"name": "p", "allow_from": ["192.0.2.1"]})
    assert caller().why_not() is None
    for one in (caller(None), SipMysteryCaller(without, SystemClock(), FOUND)):
        why = one.why_not()
        assert why is not None
        assert {why.message, why.remedy} <= ITALIAN.keys()
        with pytest.raises(NotPossibleError):
            await one.place(order("06123"), lambda _progress: None)
    refusals: list[FilodirettoError] = []
    for one, number in (
        (caller(secret="a;b"), "06123"),
        (caller(), "0;sip:evil@h"),
        (caller(), ""),
    ):
        with pytest.raises((NotPossibleError, UsageError)) as refused:
            await one.place(order(number), lambda _progress: None)
        refusals.append(refused.value)
    assert [type(one) for one in refusals] == [NotPossibleError, UsageError, UsageError]
    assert refusals[0].message in ITALIAN


async def test_call_that_is_not_up_cannot_be_touched() -> None:
    """It ended itself, or an earlier process placed it, whose program ends by itself."""
    for deed in (caller().hang_up("fdtest-1"), caller().press("fdtest-1", "1")):
        with pytest.raises(RejectedError):
            await deed
