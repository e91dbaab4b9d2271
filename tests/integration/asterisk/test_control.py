"""The control link on a faulty AMI server, judged by the server's own ledger of what it got."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from support.fake_ami import SECRET, USERNAME, Connection, FakeAmi, Headers, event

from adapters.asterisk.control import AsteriskControl
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.control import (
    AddMember,
    BlindTransfer,
    Command,
    HangUp,
    Hold,
    Originate,
    OriginateTold,
    SetMessageWaiting,
)
from gateway.core.errors import (
    AmbiguousError,
    FilodirettoError,
    NotPossibleError,
    RejectedError,
    TransientError,
    UsageError,
)
from gateway.runtime.clock import SystemClock

pytestmark = pytest.mark.integration

CALL = Originate(channel="fd-1795290244.17", extension="1001", to="1002", caller_name="Anna Moro")
ACTIONS = ("Originate", "Hangup", "BlindTransfer", "Atxfer", "Park", "QueueAdd", "QueuePause")
QUICK = {"backoff_first_s": 0.01, "backoff_most_s": 0.05}


class Rig:
    """A server, the hands signed in to it, and what they were told."""

    def __init__(self, server: FakeAmi, *, answer_s: float = 10.0, **account: object) -> None:
        self.server = server
        self.told: list[OriginateTold] = []
        settings = AsteriskSettings.model_validate(
            {
                "name": "hq",
                "host": "127.0.0.1",
                "port": server.port,
                "username": "observer",
                "secret": "other",
                "control": {"username": USERNAME, "secret": SECRET, **account},
                "link": QUICK,
            }
        )
        assert settings.control is not None
        self.hands = AsteriskControl(
            settings, settings.control, SystemClock(), told=self.told.append, answer_s=answer_s
        )

    async def refused(self, command: Command) -> type[FilodirettoError]:
        """Have something done that is not, and return how that is told."""
        with pytest.raises(FilodirettoError) as caught:
            await self.hands.perform(command)
        assert caught.value.message
        return type(caught.value)


@asynccontextmanager
async def rig(server: FakeAmi, *, answer_s: float = 10.0, **account: object) -> AsyncIterator[Rig]:
    """Sign in and stay until the block ends."""
    made = Rig(server, answer_s=answer_s, **account)
    task = asyncio.create_task(made.hands.run())
    async with asyncio.timeout(20):
        while not made.hands._link.is_up:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.01)
    yield made
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def server() -> AsyncIterator[FakeAmi]:
    """Give a server that knows extension 1001 and lets its user do everything usual."""
    async with FakeAmi() as running:
        running.commands = dict.fromkeys(ACTIONS, "x")
        running.variables = {"PJSIP_ENDPOINT(1001,context)": "from-phones"}
        yield running


async def test_originate_has_a_fixed_form(server: FakeAmi) -> None:
    """No Application, Data or Variable: those would let a caller run programs on the PBX."""
    async with rig(server) as made:
        await made.hands.perform(CALL)
    (sent,) = server.received("Originate")
    assert sent == {
        "Action": "Originate",
        "ActionID": "fd-1795290244.17",
        "ChannelId": "fd-1795290244.17",
        "Channel": "PJSIP/1001",
        "Context": "from-phones",
        "Exten": "1002",
        "Priority": "1",
        "CallerID": '"Anna Moro" <1001>',
        "Timeout": "30000",
        "Async": "true",
    }


async def test_link_dying_behind_the_originate_sends_it_once(server: FakeAmi) -> None:
    """The library under us would send it again after every reconnect (RELIABILITY D1)."""

    def cut(connection: Connection, headers: Headers) -> None:
        if headers.get("Action") == "Originate":
            connection.cut()

    server.on_action = cut
    server.ignored = {"Originate"}
    async with rig(server) as made:
        assert await made.refused(CALL) is AmbiguousError
        for count in range(2, 6):
            await server.signed_in(count)
            server.last.cut()
        await server.signed_in(6)
        await asyncio.sleep(0.1)
    assert len(server.received("Originate")) == 1


async def test_answer_that_does_not_come_is_ambiguous_and_not_repeated(server: FakeAmi) -> None:
    """A half-open link: the bytes went out, nothing comes back."""
    server.ignored = {"Originate"}
    async with rig(server, answer_s=0.5) as made:
        assert await made.refused(CALL) is AmbiguousError
        await asyncio.sleep(0.1)
    assert len(server.received("Originate")) == 1


async def test_without_a_link_nothing_is_kept_for_later(server: FakeAmi) -> None:
    """A call that rings minutes after the click rings at nobody's desk."""
    made = Rig(server)
    assert await made.refused(CALL) is TransientError
    async with rig(server):
        await asyncio.sleep(0.1)
    assert server.received("Originate") == []


async def test_lost_question_before_the_originate_is_no_ambiguity(server: FakeAmi) -> None:
    """The phone's context was asked for, the call itself never sent."""
    server.on_action = lambda connection, headers: (
        connection.cut() if headers.get("Action") == "Getvar" else None
    )
    server.ignored = {"Getvar"}
    async with rig(server) as made:
        assert await made.refused(CALL) is TransientError
    assert server.received("Originate") == []


@pytest.mark.parametrize(
    "command",
    [
        Originate(channel="fd-1.1", extension="1001", to="1002\r\nAction: Command"),
        BlindTransfer(channel="1.1", extension="1001", to="1002\nX: y"),
        HangUp(channel="1.1\r\n\r\nAction: Originate"),
    ],
)
async def test_value_with_a_line_end_is_not_sent(server: FakeAmi, command: Command) -> None:
    """It could add headers or a second action (RELIABILITY D2)."""
    async with rig(server) as made:
        assert await made.refused(command) is UsageError
    sent = {headers["Action"] for one in server.connections for headers in one.actions}
    assert sent <= {"Login", "ListCommands", "Getvar", "Logoff", "Ping"}


async def test_name_cannot_leave_its_quotes(server: FakeAmi) -> None:
    """A person's name is not ours to trust."""
    async with rig(server) as made:
        await made.hands.perform(
            Originate(
                channel="fd-1.2", extension="1001", to="1002", caller_name='A" <899> \r\nX: y'
            )
        )
    (sent,) = server.received("Originate")
    assert sent["CallerID"] == '"A 899 X: y" <1001>'


async def test_phone_nobody_knows_is_refused_in_words(server: FakeAmi) -> None:
    """Asterisk would only say that the originate failed."""
    async with rig(server) as made:
        other = Originate(channel="fd-1.3", extension="1077", to="1002")
        assert await made.refused(other) is RejectedError
    assert server.received("Originate") == []


async def test_administrators_word_on_channel_and_context_is_not_questioned(
    server: FakeAmi,
) -> None:
    """For phones that are neither PJSIP nor SIP, or that ring through a Local channel."""
    async with rig(
        server, channel="Local/{extension}@from-internal/n", context="from-internal"
    ) as made:
        await made.hands.perform(CALL)
    (sent,) = server.received("Originate")
    assert (sent["Channel"], sent["Context"]) == ("Local/1001@from-internal/n", "from-internal")
    assert server.received("Getvar") == []


async def test_what_became_of_the_first_leg_is_told_by_its_id(server: FakeAmi) -> None:
    """OriginateResponse names no channel when it failed; the ActionID is ours."""
    async with rig(server) as made:
        await made.hands.perform(CALL)
        for reason in ("3", "5", "0"):
            server.last.send(
                event(
                    "OriginateResponse",
                    ActionID=CALL.channel,
                    Response="Failure",
                    Reason=reason,
                    Uniqueid="<unknown>",
                )
            )
        server.last.send(event("OriginateResponse", Response="Success", Uniqueid="1.1"))
        async with asyncio.timeout(20):
            while len(made.told) < 3:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.01)
    assert {told.channel for told in made.told} == {CALL.channel}
    assert len({told.cause for told in made.told}) == 3
    assert all(told.remedy and not told.answered for told in made.told)


async def test_missing_rights_are_capabilities_that_are_missing(server: FakeAmi) -> None:
    """The desk asks before it offers a button; who asks all the same gets a reason."""
    server.commands = {"Originate": "x"}
    async with rig(server, hold=["1001"]) as made:
        can = made.hands.capabilities
        assert (can.dial, can.hang_up, can.park, can.can_hold("1001")) == (
            True,
            False,
            False,
            False,
        )
        assert await made.refused(HangUp(channel="1.1")) is NotPossibleError
        assert await made.refused(SetMessageWaiting(mailbox="1001", new=1)) is NotPossibleError
        hold = Hold(channel="1.1", extension="1001", held=True)
        assert await made.refused(hold) is NotPossibleError
    assert server.received("Hangup") == []


async def test_phone_that_obeys_is_told_to_hold_by_notify(server: FakeAmi) -> None:
    """The only way to hold a call from outside: the phone does it itself."""
    server.commands["PJSIPNotify"] = "x"
    async with rig(server, hold=["10*"]) as made:
        assert made.hands.capabilities.can_hold("1001")
        for held in (True, False):
            await made.hands.perform(Hold(channel="1.1", extension="1001", held=held))
    sent = server.received("PJSIPNotify")
    assert [one["Variable"] for one in sent] == ["Event=hold", "Event=talk"]
    assert {one["Channel"] for one in sent} == {"1.1"}


async def test_new_member_is_named_in_the_way_of_the_others(server: FakeAmi) -> None:
    """FreePBX's queues hold Local channels whose state is that of the phone."""
    async with rig(server) as made:
        like = ("Local/1005@from-queue/n",)
        await made.hands.perform(AddMember(queue="desk", extension="1001", like=like))
        await made.hands.perform(AddMember(queue="sales", extension="1001", name="Anna"))
    relay, plain = server.received("QueueAdd")
    assert (relay["Interface"], relay["StateInterface"]) == (
        "Local/1001@from-queue/n",
        "PJSIP/1001",
    )
    assert (plain["Interface"], plain["MemberName"]) == ("PJSIP/1001", "Anna")
