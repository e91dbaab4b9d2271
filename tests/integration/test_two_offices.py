"""Two real telephone systems, joined by a SIP trunk: a call between them is one call."""

import asyncio

import pytest
from support.asterisk_lab.branches import Offices
from support.asterisk_lab.settings import did
from support.asterisk_lab.two_offices import CALLER, ON_22, ON_BOTH, TALK_S, dial_over, told
from support.peer_http import PeerServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@ON_BOTH
async def test_call_over_the_trunk_is_one_call_with_a_pop_for_the_colleague(
    offices: Offices, crm: PeerServer
) -> None:
    """Both PBXs have a call; people, pages and the CRM have one."""
    offices.branch.phones["1002"].answers(after_s=1.0)
    async with offices.daemon.events(offices.tokens["bruno"]) as events:
        await events.next("hello")
        call = await dial_over(offices)
        offered = (await events.next("pop.offered"))["data"]
        leg = await offices.rings_at_branch("1002")
        assert not leg.up.is_set()
        assert (offered["extension"], offered["call"]["pbx"]) == ("branch:1002", "hq")
        assert offered["call"]["caller"]["number"] == "1001"
        await leg.wait_up()
        answered = (await events.next("pop.answered"))["data"]
        assert answered["pop_id"] == offered["pop_id"]
        await asyncio.sleep(TALK_S)
        await leg.hang_up()
        await call.initiator.wait_ended()
        ended = (await events.next("call.ended"))["data"]
    assert ended["id"] == offered["call_id"]
    record = await offices.only_call(state="ended")
    assert record["id"] == offered["call_id"]
    assert (record["direction"], record["outcome"]) == ("internal", "answered")
    assert record["rung"] == [["branch:1002"]]
    assert (record["answered_by"], record["final_talker"]) == ("branch:1002", "branch:1002")
    assert (record["ended_by"], record["complete"]) == ("callee", True)
    talked_s = (leg.ended_at or 0) - (leg.up_at or 0)
    assert record["seconds"]["talk"] == pytest.approx(talked_s, abs=0.7)
    assert await offices.only_call(who="bruno") == record
    assert [(one["id"], one["outcome"]) for one in await told(crm)] == [(record["id"], "answered")]


@ON_22
@pytest.mark.parametrize("how", ["busy", "rejected", "caller gives up", "nobody comes"])
async def test_call_over_the_trunk_that_nobody_takes_is_one_call(
    offices: Offices, how: str
) -> None:
    """What the phone over there did is what the call came to."""
    phone = offices.branch.phones["1002"]
    expected = {
        "busy": ("busy", "callee"),
        "rejected": ("rejected", "callee"),
        "caller gives up": ("missed", "caller"),
        "nobody comes": ("missed", "pbx"),
    }
    if how == "busy":
        phone.is_busy()
    elif how == "rejected":
        phone.rejects(after_s=0.3)
    else:
        phone.only_rings()
    call = await dial_over(offices)
    if how == "caller gives up":
        await offices.rings_at_branch("1002")
        await asyncio.sleep(TALK_S)
        await call.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended", rung=[["branch:1002"]])
    assert (record["outcome"], record["ended_by"]) == expected[how]
    assert (record["answered_by"], record["complete"]) == (None, True)


@ON_BOTH
async def test_customer_sent_on_to_the_other_office_stays_one_inbound_call(
    offices: Offices, crm: PeerServer
) -> None:
    """The colleague over there sees who calls, before the answer; the CRM hears of it once."""
    offices.hq.phones["1001"].answers(after_s=0.3)
    offices.branch.phones["1002"].answers(after_s=1.0)
    async with offices.daemon.events(offices.tokens["bruno"]) as events:
        await events.next("hello")
        call = await offices.hq.call_in(caller=CALLER, did=did("1001"))
        agent = await call.answered()
        await asyncio.sleep(TALK_S)
        await offices.hq.blind_transfer(call, agent, "81002")
        offered = (await events.next("pop.offered"))["data"]
        leg = await offices.rings_at_branch("1002")
        assert not leg.up.is_set()
        assert offered["call"]["caller"]["e164"] == CALLER
        assert offered["extension"] == "branch:1002"
        await leg.wait_up()
        await events.next("pop.answered")
        await asyncio.sleep(TALK_S)
        await call.hang_up()
        await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert record["id"] == offered["call_id"]
    assert (record["pbx"], record["direction"], record["outcome"]) == ("hq", "inbound", "answered")
    assert record["rung"] == [["1001"], ["branch:1002"]]
    assert (record["answered_by"], record["final_talker"]) == ("1001", "branch:1002")
    assert [(one["type"], one["from"], one["to"]) for one in record["transfers"]] == [
        ("blind", "1001", "branch:1002")
    ]
    assert record["transfers"][0]["completed"]
    assert (record["ended_by"], record["complete"]) == ("caller", True)
    assert [one["id"] for one in await told(crm)] == [record["id"]]


@ON_22
async def test_customer_put_through_at_once_is_one_inbound_call(offices: Offices) -> None:
    """A number of headquarters that rings at the branch: no pop for anybody at headquarters."""
    offices.branch.phones["1002"].answers(after_s=0.5)
    call = await offices.hq.call_in(caller=CALLER, did=did("6002"))
    leg = await offices.rings_at_branch("1002")
    await leg.wait_up()
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert (record["direction"], record["answered_by"]) == ("inbound", "branch:1002")
    assert (record["rung"], record["ended_by"]) == ([["branch:1002"]], "callee")
    assert record["complete"]


@ON_BOTH
async def test_daemon_killed_in_mid_call_tells_the_same_call(
    offices: Offices, crm: PeerServer
) -> None:
    """Both halves are restored, found again and still one call; the CRM hears of it once."""
    offices.hq.phones["1001"].answers(after_s=0.3)
    offices.branch.phones["1002"].answers(after_s=0.3)
    call = await offices.hq.call_in(caller=CALLER, did=did("1001"))
    agent = await call.answered()
    await asyncio.sleep(TALK_S)
    await offices.hq.blind_transfer(call, agent, "81002")
    leg = await (await offices.rings_at_branch("1002")).wait_up()
    before = await offices.only_call(state="live", final_talker="branch:1002")
    offices.daemon.kill()
    await offices.daemon.start()
    after = await offices.only_call(state="live")
    assert after["id"] == before["id"]
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert (record["final_talker"], record["answered_by"]) == ("branch:1002", "1001")
    assert (record["rung"], record["complete"]) == ([["1001"], ["branch:1002"]], True)
    assert (record["answered_at"], record["ended_by"]) == (before["answered_at"], "callee")
    assert [one["id"] for one in await told(crm)] == [record["id"]]


@ON_22
async def test_queue_of_the_other_office_is_nobody_until_a_colleague_answers(
    offices: Offices,
) -> None:
    """The trunk is up as soon as the queue plays music; a person speaks later."""
    offices.branch.phones["1001"].only_rings()
    offices.branch.phones["1002"].only_rings()
    call = await offices.hq.call_from("1001", "82001")
    leg = await offices.rings_at_branch("1002")
    waiting = await offices.only_call(state="live", queue="branch:support")
    assert (waiting["outcome"], waiting["answered_by"]) == (None, None)
    await asyncio.sleep(TALK_S)
    answered_at = asyncio.get_running_loop().time()
    await leg.answer()
    await offices.only_call(state="live", answered_by="branch:1002", outcome="answered")
    await asyncio.sleep(TALK_S)
    await leg.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert (record["queue"], record["answered_by"]) == ("branch:support", "branch:1002")
    ring_s = answered_at - call.began_at
    assert record["seconds"]["ring"] == pytest.approx(ring_s, abs=0.7)
    assert record["seconds"]["wait"] == pytest.approx(ring_s, abs=0.7)
    assert record["complete"]


@ON_22
async def test_queue_of_the_other_office_that_the_caller_leaves_is_missed(
    offices: Offices,
) -> None:
    """A trunk that was answered by a queue has not answered anybody."""
    for phone in ("1001", "1002", "1003"):
        offices.branch.phones[phone].only_rings()
    call = await offices.hq.call_in(caller=CALLER, did=did("1001"))
    agent = await call.ringing("1001")
    await agent.answer()
    await asyncio.sleep(TALK_S)
    await offices.hq.blind_transfer(call, agent, "82001")
    await offices.rings_at_branch("1002")
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert (record["outcome"], record["answered_by"], record["final_talker"]) == (
        "answered", "1001", "1001",
    )  # fmt: skip
    assert [(one["to"], one["completed"]) for one in record["transfers"]] == [
        ("branch:2001", False)
    ]


@ON_22
async def test_colleague_over_there_is_consulted_and_takes_the_customer(
    offices: Offices, crm: PeerServer
) -> None:
    """The consultation is a call of its own until it is joined; then its pop is the customer's."""
    offices.hq.phones["1001"].answers(after_s=0.3)
    offices.branch.phones["1002"].answers(after_s=0.3)
    async with offices.daemon.events(offices.tokens["bruno"]) as events:
        await events.next("hello")
        call = await offices.hq.call_in(caller=CALLER, did=did("1001"))
        agent = await call.answered()
        await asyncio.sleep(TALK_S)
        consultation = await offices.hq.consult(agent, "81002")
        first = (await events.next("pop.answered"))["data"]
        leg = await (await offices.rings_at_branch("1002")).wait_up()
        await asyncio.sleep(TALK_S)
        await offices.hq.join(call, agent, consultation, kind="attended")
        second = (await events.next("pop.answered"))["data"]
        assert (first["call"]["direction"], second["call"]["direction"]) == ("internal", "inbound")
        assert second["call"]["caller"]["e164"] == CALLER
        await asyncio.sleep(TALK_S)
        await leg.hang_up()
        await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert record["id"] == second["call_id"]
    assert (record["answered_by"], record["final_talker"]) == ("1001", "branch:1002")
    assert [(m["type"], m["to"], m["completed"]) for m in record["transfers"]] == [
        ("attended", "branch:1002", True)
    ]
    assert (record["complete"], record["ended_by"]) == (True, "callee")
    assert {one["id"] for one in await told(crm)} == {record["id"]}


@ON_22
async def test_colleague_over_there_sends_the_customer_back(offices: Offices) -> None:
    """A call that crosses the trunk twice is one call; who is at home has no prefix."""
    offices.branch.phones["1002"].answers(after_s=0.3)
    offices.hq.phones["1002"].answers(after_s=0.5)
    call = await offices.hq.call_in(caller=CALLER, did=did("6002"))
    leg = await (await offices.rings_at_branch("1002")).wait_up()
    await asyncio.sleep(TALK_S)
    await leg.redirect(f"sip:81002@{offices.branch.lab.addresses.pbx}")
    await offices.only_call(state="live", final_talker="1002")
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    await call.initiator.wait_ended()
    record = await offices.only_call(state="ended")
    assert record["rung"] == [["branch:1002"], ["1002"]]
    assert (record["answered_by"], record["final_talker"]) == ("branch:1002", "1002")
    assert [(m["from"], m["to"], m["completed"]) for m in record["transfers"]] == [
        ("branch:1002", "1002", True)
    ]
    assert record["complete"]


@ON_22
async def test_many_calls_over_the_trunk_at_once_are_as_many_records(offices: Offices) -> None:
    """Busy phones answer in milliseconds, several at the same moment: each half finds its own."""
    phones = [f"10{number:02d}" for number in range(3, 15)]
    for number, phone in enumerate(phones):
        act = (offices.branch.phones[phone].is_busy, offices.branch.phones[phone].answers)
        act[number % 2]()

    async def place(phone: str) -> None:
        call = await offices.hq.call_from(phone, f"8{phone}")
        if phones.index(phone) % 2:
            await call.initiator.wait_up()
            await call.hang_up()
        await call.initiator.wait_ended()

    await asyncio.gather(*(place(phone) for phone in phones))
    expected = {
        (phone, f"branch:{phone}", "answered" if number % 2 else "busy", True)
        for number, phone in enumerate(phones)
    }
    found: set[tuple[str, str, str, bool]] = set()
    async with asyncio.timeout(30):
        while found != expected:
            items = await offices.calls()
            found = {
                (one["caller"]["number"], *one["rung"][0], one["outcome"], one["complete"])
                for one in items
                if one["state"] == "ended" and one["rung"]
            }
            await asyncio.sleep(0.1)
    assert len(await offices.calls()) == len(phones)
