"""Two offices of which one cannot be heard for a while: the same call, or honestly incomplete."""

import asyncio
from pathlib import Path

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.branches import open_offices
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did
from support.asterisk_lab.two_offices import CALLER, ON_22, TALK_S, dial_over, told, webhook
from support.peer_http import PeerServer
from support.relay import Relay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


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
