"""Click-to-call and call control on a real Asterisk, with the control user exactly as shipped."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.call import Call
from support.asterisk_lab.control import Office, open_office, until
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.leg import Leg
from support.asterisk_lab.settings import did
from support.relay import Relay

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

CALLER = "+393331234567"
OUTSIDE = "+390612345678"
TALK_S = 0.6


@pytest.fixture
async def office(driver: Driver, tmp_path: Path) -> AsyncIterator[Office]:
    """Give a daemon on the telephone system and people to use it."""
    async with open_office(tmp_path, driver, more=", ring_timeout_s = 1") as opened:
        yield opened


class CutAfter(Relay):
    """A wire that breaks as soon as it has carried an Originate to the telephone system."""

    def __init__(self, target_host: str, target_port: int) -> None:
        super().__init__(target_host, target_port)
        self.carried = asyncio.Event()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
                if b"Action: Originate" in data and not self.carried.is_set():
                    self.carried.set()
                    self.cut()
        except OSError:
            pass
        for one in self._writers & {writer}:
            one.transport.abort()


async def inbound(office: Office) -> tuple[str, Call, Leg]:
    """Return the id of a call from outside that 1001 is talking on, the call, and 1001's leg."""
    office.driver.phones["1001"].answers(after_s=0.2)
    call = await office.driver.call_in(caller=CALLER, did=did("1001"))
    leg = await call.answered()
    record = await office.live(answered_by="1001")
    await asyncio.sleep(TALK_S)
    return record["id"], call, leg


@pytest.mark.parametrize(("to", "direction"), [("1002", "internal"), (OUTSIDE, "outbound")])
async def test_answered_click_is_one_record_under_the_promised_id(
    office: Office, to: str, direction: str
) -> None:
    """The id of the 202 is that of the call: a page can open it before anybody has picked up."""
    office.driver.phones["1001"].answers(after_s=0.2)
    office.driver.phones["1002"].answers(after_s=0.2)
    office.driver.outside(to).answers(after_s=0.2)
    answer = await office.dial(to)
    assert answer["state"] == "accepted"
    live = await office.record(
        answer["id"], outcome="answered", direction=direction, rung=[["1001"], [to]]
    )
    assert (live["caller"]["number"], live["called"]["number"]) == ("1001", to)
    await asyncio.sleep(TALK_S)
    status, _ = await office.post(f"/api/v1/calls/{answer['id']}/hangup")
    assert status == 202
    ended = await office.record(answer["id"], state="ended")
    assert (ended["outcome"], ended["answered_by"]) == ("answered", to)


async def test_agent_who_does_not_pick_up_is_told_why(office: Office) -> None:
    """Without words the click would just seem to do nothing."""
    office.driver.phones["1001"].only_rings()
    answer = await office.dial("1002", key="k")
    ended = await office.record(answer["id"], state="ended")
    assert (ended["outcome"], ended["ended_by"]) == ("failed", "pbx")
    status, told = await office.post("/api/v1/calls", {"to": "1002"}, key="k")
    assert status == 409
    assert told["detail"].startswith("The phone was not answered.")
    assert office.rung("1001") == 1


async def test_phone_that_is_not_plugged_in_is_told_at_once(office: Office) -> None:
    """There will never be a call under the promised id, so no id is promised."""
    status, told = await office.post("/api/v1/calls", {"to": "1002"}, who="tito")
    assert status == 409
    assert told["detail"].startswith("The phone could not be called.")


async def test_busy_callee_is_a_busy_call(office: Office) -> None:
    """What became of the number called is in the record, as for a call dialled by hand."""
    office.driver.phones["1001"].answers(after_s=0.2)
    office.driver.phones["1002"].is_busy()
    answer = await office.dial("1002")
    ended = await office.record(answer["id"], state="ended")
    assert (ended["outcome"], ended["rung"]) == ("busy", [["1001"], ["1002"]])


async def test_double_click_is_one_call(office: Office) -> None:
    """Whoever clicks twice wants to call once."""
    office.driver.phones["1001"].answers(after_s=0.2)
    office.driver.phones["1002"].answers(after_s=0.2)
    answers = await asyncio.gather(
        *(office.post("/api/v1/calls", {"to": "1002"}) for _ in range(3))
    )
    assert sorted(status for status, _ in answers) == [202, 409, 409]
    again = await asyncio.gather(
        *(office.post("/api/v1/calls", {"to": "1002"}, key="one") for _ in range(3))
    )
    assert {status for status, _ in again} == {409}
    await until(lambda: office.rung("1001") > 0)
    assert office.rung("1001") == 1


async def test_wire_cut_behind_the_originate_gives_exactly_one_call(
    driver: Driver, tmp_path: Path
) -> None:
    """The answer is lost, the call is not: it is found among the calls and never placed again."""
    driver.phones["1001"].answers(after_s=0.3)
    driver.phones["1002"].answers(after_s=0.2)
    async with (
        CutAfter(driver.lab.addresses.pbx, AMI_PORT) as wire,
        open_office(tmp_path, driver, relay=(wire.host, wire.port)) as office,
    ):
        answer = await office.dial("1002", key="k")
        live = await office.record(answer["id"], outcome="answered")
        assert live["answered_by"] == "1002"
        await office.hands_up(2)
        await office.settled("1002", key="k")
        status, _ = await office.post("/api/v1/calls", {"to": "1002"}, key="another")
        assert status == 409
        assert office.rung("1001") == 1


async def test_daemon_killed_behind_the_originate_gives_exactly_one_call(
    driver: Driver, tmp_path: Path
) -> None:
    """A new process finds the request as sent and looks for the call instead of placing it."""
    driver.phones["1001"].answers(after_s=0.3)
    driver.phones["1002"].answers(after_s=0.2)
    async with (
        CutAfter(driver.lab.addresses.pbx, AMI_PORT) as wire,
        open_office(tmp_path, driver, relay=(wire.host, wire.port)) as office,
    ):
        click = asyncio.ensure_future(office.post("/api/v1/calls", {"to": "1002"}, key="k"))
        await wire.carried.wait()
        office.daemon.kill()
        await asyncio.gather(click, return_exceptions=True)
        await office.daemon.start()
        await office.hands_up(2)
        answer = await office.settled("1002", key="k")
        live = await office.record(answer["id"], outcome="answered")
        assert live["linkedid"].startswith("fd-")
        assert office.rung("1001") == 1


async def test_blind_transfer_reaches_the_colleague(office: Office) -> None:
    """The agent is free at once, the customer is not hung up on."""
    call_id, call, leg = await inbound(office)
    office.driver.phones["1002"].answers(after_s=0.2)
    status, answer = await office.post(f"/api/v1/calls/{call_id}/transfer", {"to": "1002"})
    assert status == 202, answer
    await (await call.ringing("1002")).wait_up()
    await leg.wait_ended()
    live = await office.record(call_id, final_talker="1002")
    move = live["transfers"][0]
    assert (move["type"], move["from"], move["to"], move["completed"]) == (
        "blind",
        "1001",
        "1002",
        True,
    )


async def test_attended_transfer_is_completed_by_hanging_up(office: Office) -> None:
    """Ask first, then hand over: two requests, one record."""
    call_id, call, leg = await inbound(office)
    office.driver.phones["1003"].answers(after_s=0.2)
    path = f"/api/v1/calls/{call_id}"
    status, answer = await office.post(f"{path}/transfer", {"to": "1003", "type": "attended"})
    assert status == 202, answer
    await (await call.ringing("1003")).wait_up()
    await asyncio.sleep(TALK_S)
    status, answer = await office.post(f"{path}/hangup", {"extension": "1001"})
    assert status == 202, answer
    await leg.wait_ended()
    live = await office.record(call_id, final_talker="1003")
    move = live["transfers"][0]
    assert (move["type"], move["to"], move["completed"]) == ("attended", "1003", True)


async def test_parked_call_waits_and_can_be_fetched(office: Office) -> None:
    """Parking is a transfer to whoever fetches the call."""
    call_id, _call, leg = await inbound(office)
    status, answer = await office.post(f"/api/v1/calls/{call_id}/park")
    assert status == 202, answer
    await leg.wait_ended()
    frames = await office.driver.ami("ParkedCalls")
    space = next(frame["ParkingSpace"] for frame in frames if "ParkingSpace" in frame)
    fetched = await office.driver.call_from("1004", space)
    await fetched.initiator.wait_up()
    live = await office.record(call_id, final_talker="1004")
    move = live["transfers"][0]
    assert (move["type"], move["from"], move["to"]) == ("park", "1001", "1004")


async def test_declined_call_rings_no_longer(office: Office) -> None:
    """Declining from the page is what the phone's own key does."""
    office.driver.phones["1001"].only_rings()
    call = await office.driver.call_in(caller=CALLER, did=did("1001"))
    await call.ringing("1001")
    record = await office.live(rung=[["1001"]])
    path = f"/api/v1/calls/{record['id']}"
    assert (await office.post(f"{path}/transfer", {"to": "1002"}))[0] == 409
    status, answer = await office.post(f"{path}/decline")
    assert status == 202, answer
    ended = await office.record(record["id"], state="ended")
    assert ended["answered_by"] is None


async def test_colleagues_call_is_nobodys_but_the_supervisors(office: Office) -> None:
    """Who may not see a call may not end it either, and does not learn that it exists."""
    call_id, call, _leg = await inbound(office)
    path = f"/api/v1/calls/{call_id}"
    assert (await office.post(f"{path}/hangup", who="bruno"))[0] == 404
    assert (await office.post(f"{path}/hold", who="anna"))[0] == 501
    status, answer = await office.post(f"{path}/hangup", who="sara")
    assert status == 202, answer
    await call.initiator.wait_ended()
    await office.record(call_id, state="ended")
    assert (await office.post(f"{path}/hangup", who="anna"))[0] == 409


async def test_signing_in_and_pausing_show_in_events_and_lists(office: Office) -> None:
    """What the page asks for is what it is then told, without asking again."""
    async with office.daemon.events(office.tokens["sara"]) as events:
        before = await office.queue("sales")
        assert "1001" not in [member["extension"] for member in before["members"]]
        members = "/api/v1/queues/sales/members"
        assert (await office.post(f"{members}/add", {"extension": "1002"}))[0] == 403
        status, answer = await office.post(f"{members}/add", {"name": "Anna"})
        assert status == 202, answer
        assert (await office.post(f"{members}/pause", {"reason": "lunch"}))[0] == 202
        async with asyncio.timeout(30):
            while True:
                data = (await events.next("queue.updated"))["data"]
                mine = [one for one in data["members"] if one["extension"] == "1001"]
                if data["queue"] == "sales" and mine and mine[0]["paused"]:
                    break
        assert (mine[0]["pause_reason"], mine[0]["logins"]) == ("lunch", ["anna"])
        assert (await office.post("/api/v1/agents/1001/unpause"))[0] == 202
        status, answer = await office.post("/api/v1/queues/support/members/remove")
        assert (status, answer["type"].rpartition(":")[2]) == (409, "pbx-refused")
        assert (await office.post(f"{members}/remove"))[0] == 202
        assert (await office.post(f"{members}/remove"))[0] == 409
        await asyncio.sleep(0.2)
        after = await office.queue("sales")
        assert after["members"] == before["members"]


async def test_waiting_callers_have_a_position_and_a_time(office: Office) -> None:
    """A wallboard lives from this; agents see that somebody waits, not who."""
    for phone in ("1003", "1004"):
        office.driver.phones[phone].only_rings()
    first = await office.driver.call_in(caller=CALLER, did=did("2002"))
    await first.rung_by("1003", "1004")
    await office.driver.call_in(caller="+393332223344", did=did("2002"))
    one, two = await office.waiting("sales", 2)
    assert (one["position"], two["position"]) == (1, 2)
    assert one["since"] < two["since"]
    assert one["caller"]["e164"] == CALLER
    await office.record(one["call_id"], who="sara", queue="sales")
    await office.member("sales", state="ringing", paused=False)
    own = {one["queue"] for one in (await office.get("/api/v1/queues", who="anna"))["items"]}
    assert "support" in own
    await first.hang_up()
    (left,) = await office.waiting("sales", 1)
    assert (left["position"], left["call_id"]) == (1, two["call_id"])
