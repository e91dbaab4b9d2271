"""Two real telephone systems, joined by a SIP trunk: a call between them is one call."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.branches import Offices, open_offices, two_labs
from support.asterisk_lab.call import Call
from support.asterisk_lab.chroot import ASTERISK_16, ASTERISK_22, LabUnavailableError, Release
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did
from support.components import missing
from support.connector_rigs import HOOK_SECRET
from support.peer_http import PeerServer, peer_server
from support.relay import Relay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

CALLER = "+393331234567"
TALK_S = 0.6
# Effects are due 2 s after the end of a call; nothing more may come after them.
SETTLED_S = 3.0


# Headquarters run 22; with a branch on 16 three tests always, the others with `--all`.
ON_BOTH = pytest.mark.parametrize(
    "labs",
    [pytest.param(ASTERISK_22, id="22"), pytest.param(ASTERISK_16, id="16")],
    indirect=True,
    scope="module",
)
ON_22 = pytest.mark.parametrize(
    "labs",
    [
        pytest.param(ASTERISK_22, id="22"),
        pytest.param(ASTERISK_16, id="16", marks=pytest.mark.exhaustive),
    ],
    indirect=True,
    scope="module",
)


@pytest.fixture(scope="module")
def labs(request: pytest.FixtureRequest) -> Iterator[tuple[AsteriskLab, AsteriskLab]]:
    """Give headquarters on Asterisk 22 and a branch on 22 or 16."""
    release: Release = request.param
    try:
        with two_labs(release) as both:
            yield both
    except (LabUnavailableError, InstanceError) as error:
        missing(release.name, str(error))


@pytest.fixture
async def crm() -> AsyncIterator[PeerServer]:
    """Give a receiver of webhooks that keeps what it got."""
    async with peer_server() as server:
        yield server


@pytest.fixture
async def offices(
    tmp_path: Path, labs: tuple[AsteriskLab, AsteriskLab], crm: PeerServer
) -> AsyncIterator[Offices]:
    """Give the daemon on both, with a CRM that hears of every call."""
    async with open_offices(tmp_path, labs, more=webhook(crm)) as opened:
        yield opened


def webhook(crm: PeerServer) -> str:
    """Return the `[[crm]]` table of a receiver that wants internal calls too."""
    return (
        f'[[crm]]\nname = "hook"\nkind = "webhook"\nurl = "{crm.url}/"\n'
        f'secret = "{HOOK_SECRET}"\nallow_private = true\n'
        'policy = { directions = ["inbound", "outbound", "internal"] }\n'
    )


async def told(crm: PeerServer) -> list[dict[str, Any]]:
    """Wait until the CRM was told of a call, and a while more; return all that it was told."""
    async with asyncio.timeout(10):
        while not crm.requests:  # noqa: ASYNC110 - a far end's affair
            await asyncio.sleep(0.05)
    await asyncio.sleep(SETTLED_S)
    return [json.loads(request.body)["data"] for request in crm.requests]


async def dial_over(offices: Offices) -> Call:
    """Let 1001 of headquarters dial 1002 of the branch."""
    return await offices.hq.call_from("1001", "81002")


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
async def test_link_to_the_other_office_lost_in_mid_call_changes_nothing(
    tmp_path: Path, labs: tuple[AsteriskLab, AsteriskLab]
) -> None:
    """What was up before and after the gap at both offices is told as without one."""
    async with (
        Relay(labs[1].addresses.pbx, AMI_PORT) as wire,
        open_offices(tmp_path, labs, wires={"branch": (wire.host, wire.port)}) as offices,
    ):
        offices.branch.phones["1002"].answers(after_s=0.3)
        call = await dial_over(offices)
        leg = await (await offices.rings_at_branch("1002")).wait_up()
        before = await offices.only_call(state="live", answered_by="branch:1002")
        wire.cut()
        await offices.is_up("branch", times=2)
        await asyncio.sleep(TALK_S)
        await leg.hang_up()
        await call.initiator.wait_ended()
        record = await offices.only_call(state="ended")
    assert (record["id"], record["answered_at"]) == (before["id"], before["answered_at"])
    assert (record["complete"], record["ended_by"]) == (True, "callee")


@ON_22
async def test_call_whose_other_half_nobody_heard_is_incomplete(
    tmp_path: Path, labs: tuple[AsteriskLab, AsteriskLab], crm: PeerServer
) -> None:
    """The trunk was answered; by whom is only known at the other office."""
    async with (
        Relay(labs[1].addresses.pbx, AMI_PORT) as wire,
        open_offices(
            tmp_path, labs, more=webhook(crm), wires={"branch": (wire.host, wire.port)}
        ) as offices,
    ):
        wire.unplug()
        await offices.is_down("branch")
        offices.branch.phones["1002"].answers(after_s=0.3)
        call = await dial_over(offices)
        leg = await (await offices.rings_at_branch("1002")).wait_up()
        await asyncio.sleep(TALK_S)
        await leg.hang_up()
        await call.initiator.wait_ended()
        wire.plug()
        await offices.is_up("branch", times=2)
        record = await offices.only_call(state="ended")
        assert (record["answered_by"], record["complete"]) == ("branch:1002", False)
        assert [one["id"] for one in await told(crm)] == [record["id"]]


@ON_22
async def test_call_met_when_headquarters_come_back_is_one_call(
    tmp_path: Path, labs: tuple[AsteriskLab, AsteriskLab], crm: PeerServer
) -> None:
    """The branch told of it first; once both are heard it is the call of who dialled."""
    async with (
        Relay(labs[0].addresses.pbx, AMI_PORT) as wire,
        open_offices(
            tmp_path, labs, more=webhook(crm), wires={"hq": (wire.host, wire.port)}
        ) as offices,
    ):
        wire.unplug()
        await offices.is_down("hq")
        offices.branch.phones["1002"].answers(after_s=0.3)
        call = await offices.hq.call_in(caller=CALLER, did=did("6002"))
        leg = await (await offices.rings_at_branch("1002")).wait_up()
        alone = await offices.only_call(state="live", answered_by="1002")
        assert alone["pbx"] == "branch"
        wire.plug()
        await offices.only_call(state="live", pbx="hq", final_talker="branch:1002")
        await asyncio.sleep(TALK_S)
        await leg.hang_up()
        await call.initiator.wait_ended()
        record = await offices.only_call(state="ended")
        assert (record["direction"], record["answered_by"]) == ("inbound", "branch:1002")
        assert not record["complete"]
        assert [one["id"] for one in await told(crm)] == [record["id"]]
