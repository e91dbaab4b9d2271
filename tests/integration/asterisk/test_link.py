"""The link to one PBX against a fake AMI server on loopback, faults included."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import support.fake_ami
from support.ami_client import FAST, Follower, following, settings_for
from support.fake_ami import SECRET, Connection, FakeAmi, Headers, event

from adapters.asterisk.backoff import SPARED
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.events import Query
from gateway.core.inputs import LinkDown, PbxRestarted, QueryAnswer, Snapshot
from gateway.core.ports import LinkPhase

TLS = Path(support.fake_ami.__file__).parent / "tls"


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    """Serve a healthy fake PBX."""
    async with FakeAmi() as server:
        yield server


def ring(number: int) -> bytes:
    """Return the Newchannel of an inbound call."""
    return event(
        "Newchannel",
        Channel=f"PJSIP/carrier-{number:08x}",
        ChannelState="4",
        ChannelStateDesc="Ring",
        CallerIDNum="+390612345678",
        CallerIDName="Mario",
        Exten="+390299991001",
        Context="from-trunk",
        Uniqueid=f"1795290244.{number}",
        Linkedid=f"1795290244.{number}",
    )


def listed(number: int) -> bytes:
    """Return the same channel as CoreShowChannels lists it."""
    return (
        event(
            "CoreShowChannel",
            Channel=f"PJSIP/carrier-{number:08x}",
            ChannelState="6",
            ChannelStateDesc="Up",
            CallerIDNum="+390612345678",
            CallerIDName="Mario",
            ConnectedLineNum="",
            ConnectedLineName="",
            Exten="+390299991001",
            Context="from-trunk",
            Priority="1",
            Uniqueid=f"1795290244.{number}",
            Linkedid=f"1795290244.{number}",
            Application="Wait",
            ApplicationData="9",
            Duration="00:00:09",
            BridgeId="",
        )
    ).replace(b"Privilege: call,all\r\n", b"")


def kinds(follower: Follower, *wanted: type) -> list[type]:
    """Return the kinds of inputs in order, only the wanted ones."""
    return [type(item) for item in follower.inputs if isinstance(item, wanted)]


async def test_sign_in_takes_stock_before_the_link_counts_as_up(pbx: FakeAmi) -> None:
    """A desk that shows an up link must already know the calls that are up."""
    pbx.lists["CoreShowChannels"] = [listed(7)]
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        snapshots = [item for item in follower.inputs if isinstance(item, Snapshot)]
        assert len(snapshots) == 1
        assert [channel.channel for channel in snapshots[0].channels] == ["1795290244.7"]
        assert follower.phases() == [LinkPhase.CONNECTING, LinkPhase.SYNCING, LinkPhase.UP]
        assert follower.source.state.cause == ""


async def test_lost_link_is_told_and_followed_by_a_new_snapshot(pbx: FakeAmi) -> None:
    """AMI replays nothing: after a gap only a snapshot tells what is still up."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.last.send(ring(1))
        await follower.until(lambda: bool(follower.events))
        pbx.last.cut()
        await follower.up(2)
        assert kinds(follower, Snapshot, LinkDown) == [Snapshot, LinkDown, Snapshot]
        stamps = [item.at for item in follower.inputs]
        assert stamps == sorted(stamps)


async def test_other_boot_is_told_before_the_snapshot(pbx: FakeAmi) -> None:
    """All calls of the earlier boot are gone, even if a channel number is used again."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.started, pbx.uptime_s = "20:15:03", 1
        pbx.last.cut()
        await follower.up(2)
        assert kinds(follower, Snapshot, LinkDown, PbxRestarted) == [
            Snapshot,
            LinkDown,
            PbxRestarted,
            Snapshot,
        ]


async def test_same_boot_with_another_local_time_is_no_restart(pbx: FakeAmi) -> None:
    """CoreStatus prints local time: daylight saving must not end every call."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.started = "21:00:00"
        pbx.last.cut()
        await follower.up(2)
        assert kinds(follower, PbxRestarted) == []


async def test_shutdown_is_named_as_the_cause(pbx: FakeAmi) -> None:
    """A planned restart is not a fault of the network."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.last.send(event("Shutdown", Shutdown="Cleanly", Restart="True"))
        await follower.until(lambda: follower.losses == 1)
        assert any("stopped or restarted" in state.cause for state in follower.states)


async def test_asterisk_that_stops_refuses_everybody_and_that_is_no_wrong_password(
    pbx: FakeAmi,
) -> None:
    """Its users are gone before it is: three such refusals would mean ten minutes unfollowed."""

    def is_back(_connection: Connection, _headers: Headers) -> None:
        if pbx.logins == 1 + SPARED:
            pbx.secret = SECRET

    pbx.on_action = is_back
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.secret = "gone"
        pbx.last.send(event("Shutdown", Shutdown="Cleanly", Restart="True"))
        await follower.up(2)
        assert LinkPhase.REFUSED not in follower.phases()


async def test_refusals_after_the_restart_are_told_as_what_they_are(pbx: FakeAmi) -> None:
    """Somebody may have changed the password and restarted Asterisk for it."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.secret = "changed"
        pbx.last.send(event("Shutdown", Shutdown="Cleanly", Restart="True"))
        await follower.until(lambda: follower.phases()[-1] is LinkPhase.REFUSED)
        assert pbx.logins == 1 + SPARED + 1


async def test_missing_fully_booted_is_up_with_the_missing_right_named(pbx: FakeAmi) -> None:
    """FullyBooted goes only to users with read=system; the link works without it."""
    pbx.sends_booted = False
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        assert "system" in follower.source.state.cause
        assert "manager.conf" in follower.source.state.remedy


async def test_late_fully_booted_takes_the_warning_back(pbx: FakeAmi) -> None:
    """An Asterisk that is still starting sends it when it is ready."""
    pbx.sends_booted = False
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pbx.last.send(event("FullyBooted", Uptime="3"))
        await follower.until(lambda: follower.source.state.cause == "")
        assert follower.source.state.phase is LinkPhase.UP


async def test_outage_is_one_state_however_often_we_try(pbx: FakeAmi) -> None:
    """The page says since when the PBX is unreachable, not since when we last tried."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        await pbx.stop()
        await follower.until(lambda: follower.phases().count(LinkPhase.DOWN) >= 5)
        since = {state.since for state in follower.states if state.phase is LinkPhase.DOWN}
        assert len(since) == 1
        assert follower.phases().count(LinkPhase.CONNECTING) == 1


async def test_denied_lists_leave_the_link_up_and_name_the_right(pbx: FakeAmi) -> None:
    """Following new calls is better than nothing, as long as it says what is missing."""
    pbx.denied = {"CoreShowChannels", "CoreStatus"}
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        assert kinds(follower, Snapshot) == []
        assert "write = reporting" in follower.source.state.remedy
        pbx.last.send(ring(1))
        await follower.until(lambda: bool(follower.events))


async def test_queues_without_dialplan_events_name_the_missing_right(pbx: FakeAmi) -> None:
    """Without read=dialplan menus and voicemail are invisible, and nothing else would tell."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        for number in range(3):
            pbx.last.send(
                event(
                    "QueueCallerJoin",
                    Channel=f"PJSIP/carrier-{number}",
                    Uniqueid=f"1795290244.{number}",
                    Linkedid=f"1795290244.{number}",
                    Queue="support",
                    Position="1",
                    Count="1",
                )
            )
        await follower.until(lambda: "dialplan" in follower.source.state.cause)
        assert follower.source.state.phase is LinkPhase.UP


async def test_query_is_answered_behind_the_events_that_came_before(pbx: FakeAmi) -> None:
    """Presentation is asked per channel, because no event tells it."""
    pbx.variables["CALLERID(pres)"] = "prohib_passed_screen"
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        follower.source.ask(Query(id="q1", channel="PJSIP/c-1", variable="CALLERID(pres)"))
        await follower.until(lambda: bool(kinds(follower, QueryAnswer)))
        answer = follower.inputs[-1]
        assert isinstance(answer, QueryAnswer)
        assert (answer.query_id, answer.value) == ("q1", "prohib_passed_screen")


async def test_query_without_answer_in_time_is_none_once(pbx: FakeAmi) -> None:
    """A pop waits 150 ms for presentation and no longer."""
    pbx.ignored = {"Getvar"}
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        began = time.monotonic()
        follower.source.ask(Query(id="q1", channel="PJSIP/c-1", variable="CALLERID(pres)"))
        await follower.until(lambda: bool(kinds(follower, QueryAnswer)))
        assert 0.1 < time.monotonic() - began < 1.0
        pbx.last.cut()
        await follower.until(lambda: follower.losses == 1)
        answers = [item for item in follower.inputs if isinstance(item, QueryAnswer)]
        assert [(answer.query_id, answer.value) for answer in answers] == [("q1", None)]


async def test_query_that_cannot_be_sent_is_none_at_once(pbx: FakeAmi) -> None:
    """A question during an outage, or about a hostile channel name, must not hang."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        follower.source.ask(Query(id="q1", channel="a\r\nAction: Hangup", variable="X"))
        await follower.until(lambda: bool(kinds(follower, QueryAnswer)))
        await pbx.stop()
        await follower.until(lambda: follower.losses == 1)
        follower.source.ask(Query(id="q2", channel="PJSIP/c-1", variable="CALLERID(pres)"))
        await follower.until(lambda: len(kinds(follower, QueryAnswer)) == 2)
    assert not pbx.received("Getvar")
    assert not pbx.received("Hangup")


async def test_overrun_resets_the_link_and_resynchronises(pbx: FakeAmi) -> None:
    """Dropping events in silence would leave calls that never end."""
    link = FAST.model_copy(update={"queue_frames": 5})
    async with following(settings_for(pbx, link=link)) as follower:
        await follower.up()
        pbx.last.send(b"".join(ring(number) for number in range(20)))
        await follower.up(2)
        assert any("faster" in state.cause for state in follower.states)
        assert kinds(follower, Snapshot, LinkDown) == [Snapshot, LinkDown, Snapshot]


async def test_resync_on_wish_takes_a_new_snapshot(pbx: FakeAmi) -> None:
    """Who could not keep up behind us may ask for a fresh start."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        follower.source.resync()
        await follower.up(2)
        assert kinds(follower, Snapshot, LinkDown) == [Snapshot, LinkDown, Snapshot]


async def test_stopped_process_does_not_mistake_its_own_pause_for_a_dead_link(
    pbx: FakeAmi,
) -> None:
    """SIGSTOP or a suspended machine must not cost the link when the PBX kept it."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        pings = len(pbx.received("Ping"))
        asyncio.get_running_loop().call_soon(time.sleep, 1.3)
        await pbx.until(lambda: len(pbx.received("Ping")) >= pings + 5)
        assert follower.losses == 0


async def test_peer_that_is_not_ami_gets_no_password(pbx: FakeAmi) -> None:
    """A typo in the port must not hand the secret to whatever listens there."""
    pbx.banner = b"SSH-2.0-OpenSSH_9.2\r\n"
    async with following(settings_for(pbx)) as follower:
        await follower.until(lambda: "not Asterisk's AMI" in follower.source.state.cause)
        assert pbx.received("Login") == []
        assert follower.losses == 0


async def test_port_that_never_greets_is_named(pbx: FakeAmi) -> None:
    """A TLS port waits for our handshake, we for its banner: both for ever."""
    pbx.banner = b""
    link = FAST.model_copy(update={"connect_timeout_s": 0.1})
    async with following(settings_for(pbx, link=link)) as follower:
        await follower.until(lambda: "does not greet" in follower.source.state.cause)
        assert "tls" in follower.source.state.remedy


async def test_refused_port_is_tried_again_until_it_opens(pbx: FakeAmi) -> None:
    """A PBX that is restarted comes back by itself."""
    await pbx.stop()
    async with following(settings_for(pbx)) as follower:
        await follower.until(lambda: "refuses connections" in follower.source.state.cause)
        assert follower.source.state.next_try_at is not None
        async with pbx:
            await follower.up()


async def test_login_without_answer_is_named(pbx: FakeAmi) -> None:
    """An overloaded manager accepts connections and then says nothing."""
    pbx.answers_logins = False
    link = FAST.model_copy(update={"login_timeout_s": 0.1})
    async with following(settings_for(pbx, link=link)) as follower:
        await follower.until(lambda: "did not answer the login" in follower.source.state.cause)


async def test_unreadable_password_file_is_named_and_noticed_when_mended(
    pbx: FakeAmi, tmp_path: Path
) -> None:
    """The daemon keeps running while the administrator creates the file."""
    secret = tmp_path / "secret"
    settings = settings_for(pbx, secret=None, secret_file=secret)
    async with following(settings) as follower:
        await follower.until(lambda: follower.source.state.phase is LinkPhase.REFUSED)
        assert str(secret) in follower.source.state.cause
        secret.write_text(support.fake_ami.SECRET + "\n", encoding="utf-8")
        await follower.up()


async def test_stop_says_goodbye(pbx: FakeAmi) -> None:
    """Asterisk keeps a session that vanishes until it notices."""
    async with following(settings_for(pbx)) as follower:
        await follower.up()
    await pbx.until(lambda: bool(pbx.received("Logoff")))
    assert follower.phases().count(LinkPhase.UP) >= 1


async def test_clock_offset_is_measured(pbx: FakeAmi) -> None:
    """A PBX whose clock is wrong puts calls on the wrong day."""
    pbx.clock_s = time.time() + 120
    async with following(settings_for(pbx)) as follower:
        await follower.up()
        assert follower.source.clock_offset_s == pytest.approx(120, abs=2)


def tls_settings(pbx: FakeAmi, **changes: object) -> AsteriskSettings:
    """Serve TLS with the test certificate and return settings for it."""
    pbx.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pbx.tls.load_cert_chain(TLS / "pbx.example.crt", TLS / "pbx.example.key")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        pbx.port = probe.getsockname()[1]
    return settings_for(pbx, tls=True, **changes)
