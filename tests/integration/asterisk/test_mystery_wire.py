"""What a mystery call puts on the wire, judged by the server's own ledger."""

import asyncio
from contextlib import suppress

import pytest
from support.fake_ami import SECRET, USERNAME, FakeAmi

from adapters.asterisk.control import AsteriskControl
from adapters.asterisk.mystery import AsteriskMysteryCaller
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import NotPossibleError
from gateway.core.mystery import MysteryOrder, Progress
from gateway.core.trunks import TrunkRef
from gateway.runtime.clock import SystemClock

pytestmark = pytest.mark.integration

CONTEXT = "DIALPLAN_EXISTS(filodiretto-test,s,1)"
ORDER = MysteryOrder(
    channel="fdtest-1795290244.17",
    trunk=TrunkRef(pbx="hq", name="carrier"),
    number="0299993000",
    caller_id="+390299990000",
    ring_s=20,
)


async def place(server: FakeAmi) -> tuple[AsteriskMysteryCaller, list[Progress]]:
    """Sign in, place the call and sign off; return who placed it and what was told."""
    settings = AsteriskSettings.model_validate(
        {
            "name": "hq",
            "host": "127.0.0.1",
            "port": server.port,
            "username": "observer",
            "secret": "other",
            "control": {"username": USERNAME, "secret": SECRET},
        }
    )
    assert settings.control is not None
    clock, told = SystemClock(), list[Progress]()
    hands = AsteriskControl(settings, settings.control, clock, told=lambda _told: None)
    caller = AsteriskMysteryCaller(hands, clock)
    task = asyncio.create_task(hands.run())
    try:
        async with asyncio.timeout(20):
            while not hands._link.is_up:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.01)
        await caller.place(ORDER, told.append)
        await caller.press(ORDER.channel, "1")
        return caller, told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_call_is_originated_in_the_fixed_form_and_told_nothing_more() -> None:
    """No Application, Data or Variable: the right to test is no right to run programs."""
    async with FakeAmi() as server:
        server.commands = dict.fromkeys(("Originate", "Hangup", "PlayDTMF"), "x")
        server.variables = {CONTEXT: "1"}
        caller, told = await place(server)
        assert caller.why_not() is None
        (sent,) = server.received("Originate")
        (tone,) = server.received("PlayDTMF")
    assert told == []
    assert sent == {
        "Action": "Originate",
        "ActionID": "fdtest-1795290244.17",
        "ChannelId": "fdtest-1795290244.17",
        "Channel": "PJSIP/0299993000@carrier",
        "Context": "filodiretto-test",
        "Exten": "s",
        "Priority": "1",
        "CallerID": "<+390299990000>",
        "Timeout": "20000",
        "Async": "true",
    }
    assert (tone["Channel"], tone["Digit"]) == ("fdtest-1795290244.17", "1")


async def test_nothing_is_placed_where_the_dialplan_lacks_the_near_end() -> None:
    """The call would be hung up as soon as somebody answers, and look like their fault."""
    async with FakeAmi() as server:
        server.commands = dict.fromkeys(("Originate", "Hangup", "PlayDTMF"), "x")
        server.variables = {CONTEXT: "0"}
        with pytest.raises(NotPossibleError, match="filodiretto-test"):
            await place(server)
        assert server.received("Originate") == []
