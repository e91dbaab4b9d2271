"""Click-to-call: one Originate for each request, its limits, and requests whose fate is unknown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.desk import TurnedClock, alerting, dialled
from support.empty_store import open_store
from support.hands import FakeHands, FakePbx, line

from gateway.core.control import Originate, OriginateTold
from gateway.core.dialable import DeniedError, DialRules
from gateway.core.errors import (
    AmbiguousError,
    NotPossibleError,
    RejectedError,
    TransientError,
    UsageError,
)
from gateway.core.events import CallStarted
from gateway.core.record import CallRecord, CallState
from gateway.desk.controlled import Person
from gateway.desk.dialling import ClickToCall
from gateway.desk.refusals import ForbiddenError, KeyReusedError, LimitError, NotNowError
from gateway.store import requests
from gateway.store.database import Database
from gateway.store.requests import ControlRequest, RequestState

ANNA = Person(login="anna", name="Anna Moro", extensions=(("hq", "1001"),))
LOST = AmbiguousError("The PBX did not say.", adapter="asterisk", remedy="Look.")


@dataclass
class Bench:
    """Click-to-call with a PBX that does as told."""

    db: Database
    clock: TurnedClock
    pbx: FakePbx
    hands: FakeHands
    clicks: ClickToCall

    async def dial(self, to: str = "1002", *, key: str = "k", who: Person = ANNA) -> ControlRequest:
        """Click; the phone is seen to ring at once, as on a PBX."""
        return await self.clicks.dial(who, to, key=key, pbx=None, extension=None)

    async def attempt(self) -> tuple[str, CallRecord]:
        """Wait for the one command; return its channel and the call that the PBX makes of it."""
        await self.hands.asked.wait()
        (command,) = self.hands.done
        assert isinstance(command, Originate)
        channel = command.channel
        return channel, self.pbx.up(channel, line(channel, "1001", initiator=True))

    async def stored(self, key: str = "k") -> RequestState:
        """Return the state of a request as the store has it."""
        found = await self.db.read(lambda conn: requests.find(conn, "anna", key))
        assert found is not None
        return found.state

    async def becomes(self, state: RequestState, key: str = "k") -> None:
        """Let the resolver run until a request has this state."""
        async with asyncio.timeout(20):
            while True:
                if await self.stored(key) is state:
                    return

    def seen(self, request: ControlRequest) -> None:
        """Let the call table tell of the call that was asked for."""
        record = self.pbx.up(request.channel, line(request.channel, "1001", initiator=True))
        assert record.id == request.call_id
        self.clicks.observe(CallStarted(at=self.clock.now(), record=record))


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Give click-to-call that does not wait for a phone to be seen, and its resolver."""
    monkeypatch.setattr("gateway.desk.dialling.SEEN_S", 0.0)
    monkeypatch.setattr("gateway.desk.dialling.LOOK_EVERY_S", 0.001)
    db = await open_store(tmp_path)
    clock, hands = TurnedClock(), FakeHands()
    pbx = FakePbx(hands=hands, followed_since=clock.now() - timedelta(hours=1))
    clicks = ClickToCall(db, clock, {"hq": pbx.view}, node="a")
    bench = Bench(db=db, clock=clock, pbx=pbx, hands=hands, clicks=clicks)
    # the followed state is read anew by every look
    clicks._pbxs = {"hq": pbx.view}
    yield bench
    await db.close()


@pytest.fixture
async def resolving(bench: Bench) -> AsyncIterator[Bench]:
    """Give the same with the part that looks after unknown requests running."""
    task = asyncio.create_task(bench.clicks.run())
    yield bench
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_request_becomes_one_originate_named_by_itself(bench: Bench) -> None:
    """The channel's id is the request's: whatever is lost, the call can be recognised."""
    request = await bench.dial("02 9999 1002")
    (command,) = bench.hands.done
    assert command == Originate(
        channel=request.channel, extension="1001", to="0299991002", caller_name="Anna Moro"
    )
    assert request.state is RequestState.ACCEPTED
    epoch = int(bench.clock.now().timestamp())
    assert request.channel.startswith(f"fd-{epoch}.")


async def test_same_key_gives_the_same_call_and_nothing_more_on_the_wire(bench: Bench) -> None:
    """A client that got no answer asks again under the same key."""
    first = await bench.dial()
    bench.clock.turn(3600)
    again = await bench.dial()
    assert (again.call_id, again.state) == (first.call_id, RequestState.ACCEPTED)
    assert len(bench.hands.done) == 1
    with pytest.raises(KeyReusedError):
        await bench.dial("1003")


async def test_many_requests_under_one_key_at_once_are_one_call(bench: Bench) -> None:
    """A double click is two requests in the same millisecond."""
    answers = await asyncio.gather(*(bench.dial() for _ in range(20)))
    assert len({answer.call_id for answer in answers}) == 1
    assert len(bench.hands.done) == 1


async def test_one_call_in_progress_at_a_time(bench: Bench) -> None:
    """Until the first call is over a second click is a mistake."""
    first = await bench.dial()
    bench.seen(first)
    bench.clock.turn(600)
    with pytest.raises(NotNowError):
        await bench.dial(key="k2")
    bench.pbx.up(first.channel, state=CallState.ENDED)
    await bench.dial(key="k3")
    assert len(bench.hands.done) == 2


async def test_call_that_was_handed_over_is_in_progress_no_more(bench: Bench) -> None:
    """The customer talks with a colleague: whoever called them is free to call somebody else."""
    first = await bench.dial("02 9999 1002")
    bench.seen(first)
    bench.pbx.up(first.channel, line("out", partners=("far",)), line("far", "1003"))
    await bench.dial(key="k2")
    assert len(bench.hands.done) == 2


async def test_seventh_call_within_a_minute_is_too_many(bench: Bench) -> None:
    """A stolen session must not become a dialling machine."""
    for number in range(6):
        request = await bench.dial(key=f"k{number}")
        bench.pbx.up(request.channel, state=CallState.ENDED)
        bench.clock.turn(1)
    with pytest.raises(LimitError) as caught:
        await bench.dial(key="k6")
    assert caught.value.retry_after_s == 60
    bench.clock.turn(60)
    await bench.dial(key="k7")


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("+41446681800", DeniedError),
        ("899123456", DeniedError),
        ("*8", UsageError),
        ("1002\r\nAction: Command", UsageError),
        ("1002&PJSIP/carrier/899", UsageError),
        ("", UsageError),
    ],
)
async def test_number_that_may_not_be_dialled_sends_nothing(
    bench: Bench, to: str, error: type[UsageError]
) -> None:
    """What is denied or is no number never reaches the PBX."""
    with pytest.raises(error):
        await bench.dial(to)
    assert bench.hands.done == []


async def test_allowed_prefix_is_dialled_as_the_dialplan_wants_it(tmp_path: Path) -> None:
    """The administrator's word goes before the default."""
    db = await open_store(tmp_path)
    hands = FakeHands(error=RejectedError("no", adapter="x"))
    pbx = FakePbx(hands=hands, rules=DialRules(allow=("+41",), outside_prefix="0"))
    clicks = ClickToCall(db, TurnedClock(), {"hq": pbx.view}, node="a")
    with pytest.raises(RejectedError):
        await clicks.dial(ANNA, "+41 44 668 18 00", key="k", pbx=None, extension=None)
    (command,) = hands.done
    assert isinstance(command, Originate)
    assert command.to == "00041446681800"
    await db.close()


async def test_only_ones_own_phone_can_be_rung(bench: Bench) -> None:
    """Nobody makes a colleague's phone ring."""
    with pytest.raises(ForbiddenError):
        await bench.clicks.dial(ANNA, "1003", key="k", pbx=None, extension="1002")
    nobody = Person(login="sara", name="Sara", extensions=(), oversees_call=lambda _record: True)
    with pytest.raises(ForbiddenError):
        await bench.dial(who=nobody)


async def test_phone_that_is_registered_is_rung_before_one_that_is_not(bench: Bench) -> None:
    """Who works at home today has the office's phone switched off; one asked for is asked for."""
    away = {("hq", "1001"): False, ("hq", "1003"): True}
    clicks = ClickToCall(
        bench.db,
        bench.clock,
        {"hq": bench.pbx.view},
        node="a",
        registered=lambda pbx, extension: away.get((pbx, extension)),
    )
    who = replace(ANNA, extensions=(("hq", "1001"), ("hq", "1003")))
    asked = [await clicks.dial(who, "1002", key="k", pbx=None, extension=None)]
    bench.clock.turn(180)
    asked.append(await clicks.dial(who, "1002", key="l", pbx=None, extension="1001"))
    rung = [work.extension for work in bench.hands.done if isinstance(work, Originate)]
    assert (len(asked), rung) == (2, ["1003", "1001"])


async def test_pbx_without_a_control_user_says_what_is_missing(bench: Bench) -> None:
    """The button is not broken, it is not installed."""
    bench.clicks._pbxs = {"hq": FakePbx(hands=None).view}
    with pytest.raises(NotPossibleError) as caught:
        await bench.dial()
    assert "pbx.control" in caught.value.remedy


async def test_what_was_certainly_not_done_is_failed(bench: Bench) -> None:
    """Then the next click may try again at once."""
    bench.hands.error = TransientError("down", adapter="asterisk")
    with pytest.raises(TransientError):
        await bench.dial()
    assert await bench.stored() is RequestState.FAILED
    bench.hands.error = None
    await bench.dial(key="k2")


async def test_lost_answer_is_unknown_until_the_call_is_seen(resolving: Bench) -> None:
    """The call table knows better than the link that broke."""
    resolving.hands.error = LOST
    request = await resolving.dial()
    assert request.state is RequestState.UNKNOWN
    resolving.seen(request)
    await resolving.becomes(RequestState.ACCEPTED)
    assert len(resolving.hands.done) == 1


async def test_lost_answer_without_a_call_is_failed_and_not_sent_again(resolving: Bench) -> None:
    """After a while a call that nobody sees was never placed."""
    resolving.hands.error = LOST
    await resolving.dial()
    resolving.clock.turn(4)
    await asyncio.sleep(0.02)
    assert await resolving.stored() is RequestState.UNKNOWN
    resolving.clock.turn(2)
    await resolving.becomes(RequestState.FAILED)
    assert len(resolving.hands.done) == 1


async def test_nothing_is_concluded_while_the_pbx_is_not_followed(resolving: Bench) -> None:
    """Without the observer's link nobody can say that there is no such call."""
    resolving.pbx.followed_since = None
    resolving.hands.error = LOST
    request = await resolving.dial()
    resolving.clock.turn(3600)
    await asyncio.sleep(0.02)
    assert await resolving.stored() is RequestState.UNKNOWN
    resolving.seen(request)
    await resolving.becomes(RequestState.ACCEPTED)


async def test_originate_that_arrives_late_is_accepted_after_all(resolving: Bench) -> None:
    """A frozen wire may deliver what we had given up: then there is a call, and we say so."""
    resolving.hands.error = LOST
    request = await resolving.dial()
    resolving.clock.turn(10)
    await resolving.becomes(RequestState.FAILED)
    resolving.seen(request)
    await resolving.becomes(RequestState.ACCEPTED)


async def test_phone_that_is_not_answered_fails_the_request_in_words(resolving: Bench) -> None:
    """The channel was seen and is gone: the words say what to do next time."""
    request = await resolving.dial()
    resolving.seen(request)
    resolving.clicks.heard(
        OriginateTold(channel=request.channel, answered=False, cause="Not answered.", remedy="Do.")
    )
    await resolving.becomes(RequestState.FAILED)
    again = await resolving.dial()
    assert (again.state, again.cause) == (RequestState.FAILED, "Not answered.")


async def test_new_process_looks_for_what_the_old_one_sent(bench: Bench) -> None:
    """After a kill -9 a sent request is looked for, a stored one is given up, none is sent."""
    for key, state in (("sent", RequestState.SENT), ("stored", RequestState.REQUESTED)):
        request, _ = bench.clicks._prepare(ANNA, "1002", key=key, pbx=None, extension=None)
        await bench.clicks._once.take(request)
        if state is RequestState.SENT:
            await bench.clicks._once._move(request, state, only_from=(RequestState.REQUESTED,))
            sent = request
    own, _ = bench.clicks._prepare(ANNA, "1002", key="own", pbx=None, extension=None)
    bench.clock.turn(1)
    bench.clicks = ClickToCall(bench.db, bench.clock, {"hq": bench.pbx.view}, node="a")
    own = replace(own, created_at=bench.clock.now())
    await bench.clicks._once.take(own)
    task = asyncio.create_task(bench.clicks.run())
    await bench.becomes(RequestState.UNKNOWN, "sent")
    await bench.becomes(RequestState.FAILED, "stored")
    bench.seen(sent)
    await bench.becomes(RequestState.ACCEPTED, "sent")
    # what this process is about to send itself is not its predecessor's
    assert await bench.stored("own") is RequestState.REQUESTED
    assert bench.hands.done == []
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_requests_are_forgotten_after_a_day(bench: Bench) -> None:
    """An Idempotency-Key holds for 24 hours."""
    await bench.dial()
    bench.clock.turn(25 * 3600)
    await bench.dial("1003")
    assert len(bench.hands.done) == 2


async def test_busy_phone_of_who_clicked_is_told_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PBX makes a call of the attempt before the phone refuses it: nothing has rung yet."""
    monkeypatch.setattr("gateway.desk.dialling.SEEN_S", 60.0)
    clicked = asyncio.create_task(bench.dial())
    channel, record = await bench.attempt()
    bench.clicks.observe(CallStarted(at=bench.clock.now(), record=record))
    bench.clicks.observe(dialled(record, "1001"))
    bench.clicks.heard(
        OriginateTold(channel=channel, answered=False, cause="Busy.", remedy="End it.")
    )
    with pytest.raises(RejectedError, match="Busy"):
        await clicked


async def test_phone_that_rings_ends_the_wait_of_who_clicked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that the phone rings while it does."""
    monkeypatch.setattr("gateway.desk.dialling.SEEN_S", 60.0)
    clicked = asyncio.create_task(bench.dial())
    _channel, record = await bench.attempt()
    bench.clicks.observe(alerting(record, "1001"))
    assert (await clicked).state is RequestState.ACCEPTED


async def test_click_without_any_pbx_says_what_is_missing(bench: Bench) -> None:
    """An agent on a gateway that is not set up yet must not look for a mistake of their own."""
    bench.clicks = ClickToCall(bench.db, bench.clock, {}, node="a")
    with pytest.raises(NotPossibleError) as refused:
        await bench.dial()
    assert refused.value.message == "Call control is not configured."
    assert "pbx.control" in refused.value.remedy
