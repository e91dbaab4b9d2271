"""Registrars and callers as bad as they come: a state in words, and no call lost or made up."""

import json
from pathlib import Path

import pytest
from support.sip_registrar import CHALLENGE, Behaviour, SipRegistrar, reply
from support.sip_trunk import following

from adapters.sip.account import Account
from adapters.sip.message import SipMessage
from gateway.core.inputs import ChannelCreated, ChannelHungUp
from gateway.core.ports import LinkPhase

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
INVITE = (
    b"INVITE sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\n"
    b"From: <sip:+39061@h>;tag=1\r\nTo: <sip:us@h>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n"
)


def always(status: int, *lines: str) -> Behaviour:
    """Return a registrar that answers everything so."""
    return lambda request: reply(request, status, *lines)


STALE = CHALLENGE + ", stale=true"


@pytest.mark.parametrize(
    ("status", "lines", "phase", "said", "waits_s"),
    [
        (401, (STALE,), LinkPhase.REFUSED, "again and again", 5),
        (407, (STALE.replace("WWW", "Proxy"),), LinkPhase.REFUSED, "again and again", 5),
        (503, ("Retry-After: 40 (maintenance)",), LinkPhase.DOWN, "(SIP 503)", 39),
        (403, (), LinkPhase.REFUSED, "forbids", 5),
        (404, (), LinkPhase.REFUSED, "does not know this account", 5),
        (302, ("Contact: <sip:other.example:5070>",), LinkPhase.REFUSED, "other.example:5070", 5),
        (305, (), LinkPhase.REFUSED, "another server", 5),
        (405, (), LinkPhase.REFUSED, "does not take registrations", 5),
    ],
)
async def test_refusing_registrar_is_named_with_its_reason(
    status: int, lines: tuple[str, ...], phase: LinkPhase, said: str, waits_s: float
) -> None:
    """A person reads what is wrong; a loop ends after a few REGISTERs, a wish to wait is heard."""
    async with SipRegistrar() as registrar:
        registrar.behave = always(status, *lines)
        async with following(registrar.registrar) as told:
            state = await told.settled()
    assert (state.phase, said in state.cause) == (phase, True), state.cause
    assert state.remedy
    assert state.next_try_at is not None
    assert (state.next_try_at - state.since).total_seconds() >= waits_s
    asked = {(one.call_id, one.cseq) for one in registrar.requests}
    assert len(asked) <= 3, "asked again and again"


async def test_name_that_no_server_has_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error in `registrar`, or a name service that is away."""
    on_machine(tmp_path, monkeypatch, {})
    async with following("sip.nowhere.example") as told:
        assert "cannot be resolved" in (await told.settled()).cause


async def test_registrar_that_wants_longer_registrations_gets_them() -> None:
    """423 Interval Too Brief names the least it takes: the next attempt asks for that."""

    def behave(request: SipMessage) -> bytes:
        asked = request.get("Expires")
        if request.every("Contact") and int(asked) < 1800:
            return reply(request, 423, "Min-Expires: 1800")
        return registrar.registers(request)

    async with SipRegistrar() as registrar:
        registrar.behave = behave
        async with following(registrar.registrar) as told:
            await told.up()
    assert any("(SIP 423)" in state.cause for state in told.states)


async def test_flawed_and_forged_requests_neither_end_nor_make_calls() -> None:
    """A call rings while everything is tried on it; only its own CANCEL ends it, and once."""
    async with (
        SipRegistrar() as registrar,
        SipRegistrar("127.0.0.9") as stranger,
        following(registrar.registrar) as told,
    ):
        await told.up()
        registrar.send(INVITE)
        await told.until(lambda: told.count(ChannelCreated) == 1)
        cancel = INVITE.replace(b"INVITE", b"CANCEL")
        stranger.peer = registrar.peer
        stranger.send(cancel)
        for flawed in (
            INVITE.replace(b"From: <sip:+39061@h>;tag=1\r\n", b""),
            INVITE.replace(b"Call-ID: c1\r\n", b""),
            INVITE.replace(b"\r\n\r\n", b"\r\n\r\n" + b"v" * 65_000),
            cancel.replace(b"K1", b"K2"),
            INVITE.replace(b"K1", b"K2"),
            INVITE,
            INVITE.replace(b"us@h>\r", b"us@h>;tag=guess\r"),
        ):
            registrar.send(flawed)
        await told.until(lambda: len(registrar.answers) >= 7)
        assert told.count(ChannelHungUp) == 0
        registrar.send(cancel)
        await told.until(lambda: told.count(ChannelHungUp) == 1)
        registrar.send(cancel)
        await told.until(lambda: registrar.answers.count(200) == 2)
    once = sorted(status for status in registrar.answers if status != 487)
    assert once == [180, 180, 200, 200, 400, 400, 481, 481, 482]
    assert 487 in registrar.answers, "repeated until it is acknowledged"
    assert (told.count(ChannelCreated), told.count(ChannelHungUp)) == (1, 1)
    assert stranger.answers == []


def on_machine(
    folder: Path, monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]], own: str = ""
) -> Path:
    """Have child processes run on a machine with these names and this address; return the file."""
    file = folder / "machine.json"
    file.write_text(json.dumps({"names": names, "own": own}), "ascii")
    monkeypatch.setenv("FAKE_MACHINE", str(file))
    pretended = Path(__file__).parents[1] / "support/other_machine"
    monkeypatch.setenv("PYTHONPATH", str(pretended))
    return file


def line() -> str:
    """Return what marks our contacts at the registrar."""
    account = Account(
        server="sip.provider.example",
        port=5060,
        username="us",
        login="us",
        password="",
        own_ip="",
        own_port=0,
        expires_s=0,
    )
    return account.line


async def test_machine_that_moves_is_registered_anew_and_its_old_contact_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another address by DHCP: the call that rings goes on, and nobody rings where we were."""
    names = {"sip.provider.example": ["127.0.0.1"]}
    file = on_machine(tmp_path, monkeypatch, names, "127.0.0.21")
    async with SipRegistrar() as registrar:
        registrar.contacts = [f"sip:us@192.0.2.9:5062;transport=UDP;line={line()}"]
        where = f"sip.provider.example:{registrar.place[1]}"
        async with following(where, host="0.0.0.0") as told:
            await told.up()
            (before,) = registrar.contacts
            registrar.send(INVITE)
            await told.until(lambda: told.count(ChannelCreated) == 1)
            file.write_text(json.dumps({"names": names, "own": "127.0.0.22"}), "ascii")
            await told.until(lambda: any("127.0.0.22" in one for one in registrar.contacts))
            await told.until(lambda: len(registrar.contacts) == 1)
            registrar.send(INVITE.replace(b"INVITE", b"CANCEL"))
            await told.until(lambda: told.count(ChannelHungUp) == 1)
    assert f"sip:us@127.0.0.21:{told.listen[1]};" in before
    assert {state.phase for state in told.states} == {LinkPhase.CONNECTING, LinkPhase.UP}


async def test_registrar_whose_name_moves_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new server may send calls at once, and gets the registration when the old one is gone."""
    name = "sip.provider.example"
    file = on_machine(tmp_path, monkeypatch, {name: ["127.0.0.1"]})
    async with (
        SipRegistrar() as old,
        SipRegistrar("127.0.0.31", old.place[1]) as new,
        following(f"{name}:{old.place[1]}") as told,
    ):
        await told.up()
        file.write_text(json.dumps({"names": {name: ["127.0.0.31"]}}), "ascii")
        await told.until(lambda: new.contacts != [])
        new.send(INVITE)
        await told.until(lambda: told.count(ChannelCreated) == 1)
    assert {state.phase for state in told.states} == {LinkPhase.CONNECTING, LinkPhase.UP}
