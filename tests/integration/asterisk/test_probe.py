"""What `check` says about a PBX: every trouble is a finding with cause and remedy."""

import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from support.ami_client import FAST, settings_for
from support.fake_ami import FakeAmi, event

from adapters.asterisk.plugin import plugin
from adapters.asterisk.probe import Probe
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.findings import Finding, Verdict
from gateway.runtime.clock import SystemClock


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    """Serve a healthy fake PBX whose clock is right."""
    async with FakeAmi() as server:
        server.clock_s = time.time()
        yield server


async def probe(settings: AsteriskSettings) -> Sequence[Finding]:
    """Look at a PBX without listening for long."""
    return await Probe(settings, SystemClock(), listen_s=0.05).run()


def verdicts(findings: Sequence[Finding]) -> list[Verdict]:
    """Return how bad each finding is."""
    return [finding.verdict for finding in findings]


def the(findings: Sequence[Finding], verdict: Verdict) -> Finding:
    """Return the only finding of a verdict; each but `ok` must say what to do."""
    (found,) = [finding for finding in findings if finding.verdict is verdict]
    assert found.subject == "pbx hq"
    assert found.remedy or verdict is Verdict.OK
    return found


async def test_healthy_pbx_is_one_good_line(pbx: FakeAmi) -> None:
    """Nothing to do means nothing to read."""
    findings = await probe(settings_for(pbx, presentation="getvar"))
    assert verdicts(findings) == [Verdict.OK]
    assert "22.10.1" in findings[0].cause


async def test_plugin_probes_too(pbx: FakeAmi) -> None:
    """The command knows the plugin only."""
    findings = await plugin.probe(settings_for(pbx, presentation="getvar"), SystemClock())
    assert verdicts(findings) == [Verdict.OK]


async def test_trusted_presentation_is_a_warning(pbx: FakeAmi) -> None:
    """A withheld number on a screen is a breach somebody must have decided on."""
    assert "trust" in the(await probe(settings_for(pbx)), Verdict.WARNING).cause


async def test_refused_port_fails(pbx: FakeAmi) -> None:
    """Asterisk is down, or AMI is off."""
    await pbx.stop()
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.FAILED)
    assert "refuses connections" in finding.cause
    assert "manager.conf" in finding.remedy


async def test_wrong_password_fails_and_is_tried_once(pbx: FakeAmi) -> None:
    """Checking must not get the machine banned."""
    settings = settings_for(pbx, secret="wrong", presentation="getvar")
    assert "password" in the(await probe(settings), Verdict.FAILED).cause
    assert pbx.logins == 1


async def test_other_service_on_the_port_fails_and_is_quoted(pbx: FakeAmi) -> None:
    """What answered there tells the administrator which port it is."""
    pbx.banner = b"SSH-2.0-OpenSSH_9.2\r\n"
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.FAILED)
    assert "SSH-2.0" in finding.remedy


async def test_user_without_reporting_fails(pbx: FakeAmi) -> None:
    """Without the lists a lost link would leave calls that never end."""
    pbx.denied = {"CoreShowChannels", "CoreStatus", "ListCommands", "CoreSettings"}
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.FAILED)
    assert "write = reporting" in finding.remedy


async def test_missing_fully_booted_is_a_warning(pbx: FakeAmi) -> None:
    """It is how the right read=system shows."""
    pbx.sends_booted = False
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.WARNING)
    assert "system" in finding.cause


async def test_missing_dialplan_right_is_a_warning_where_calls_show_it(pbx: FakeAmi) -> None:
    """Only a queue call tells; then it must be said."""
    joins = [event("QueueCallerJoin", Uniqueid=f"1.{number}") for number in range(3)]

    pbx.on_action = lambda connection, headers: (
        connection.send(b"".join(joins)) if headers["Action"] == "CoreShowChannels" else None
    )
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.WARNING)
    assert "dialplan" in finding.remedy


async def test_wrong_clock_is_a_warning_with_its_size(pbx: FakeAmi) -> None:
    """Calls on the wrong day are found by the accountant, months later."""
    pbx.clock_s = time.time() - 3_600
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.WARNING)
    assert "-3600 s" in finding.cause


async def test_observer_that_may_place_calls_is_a_warning(pbx: FakeAmi) -> None:
    """Who follows calls needs no right that costs money."""
    pbx.commands = {"Originate": "Originate a call.  (Priv: originate,all)"}
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.WARNING)
    assert "observer" in finding.remedy


async def test_old_asterisk_is_a_warning(pbx: FakeAmi) -> None:
    """It may work, but nobody has looked."""
    pbx.version = "13.38.3"
    finding = the(await probe(settings_for(pbx, presentation="getvar")), Verdict.WARNING)
    assert "13.38.3" in finding.cause


async def test_public_password_file_is_a_warning(pbx: FakeAmi, tmp_path: Path) -> None:
    """The password of a telephone system is worth money."""
    file = tmp_path / "secret"
    file.write_text(pbx.secret, encoding="utf-8")
    file.chmod(0o644)
    settings = settings_for(pbx, secret=None, secret_file=file, presentation="getvar")
    assert "chmod 600" in the(await probe(settings), Verdict.WARNING).remedy
    file.chmod(0o600)
    assert verdicts(await probe(settings)) == [Verdict.OK]


async def test_control_user_is_looked_at_too(pbx: FakeAmi) -> None:
    """Click-to-call that fails at the first click is found too late."""
    control = {"username": pbx.username, "secret": pbx.secret}
    settings = settings_for(pbx, control=control, presentation="getvar")
    assert "may not place calls" in the(await probe(settings), Verdict.FAILED).cause
    settings = settings_for(
        pbx, control=control | {"secret": "wrong"}, presentation="getvar", link=FAST
    )
    assert "Control user" in the(await probe(settings), Verdict.FAILED).cause


async def test_unreadable_password_file_fails_without_connecting(
    pbx: FakeAmi, tmp_path: Path
) -> None:
    """There is nothing to say to the PBX yet."""
    settings = settings_for(pbx, secret=None, secret_file=tmp_path / "none", presentation="getvar")
    assert str(tmp_path / "none") in the(await probe(settings), Verdict.FAILED).cause
    assert pbx.connections == []
