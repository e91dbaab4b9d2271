"""A trunk's rendered configuration on a real Asterisk: it works, and what does not is named."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from support.asterisk_lab.chroot import ASTERISK_16, LabUnavailableError
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.settings import did
from support.asterisk_lab.trunk_site import PASSWORD, Site, odd, odd_site, trunk_site
from support.components import missing

from gateway.core.findings import Verdict
from gateway.core.trunkforms import TrunkLook
from gateway.runtime import loading
from gateway.runtime.commands.check_trunkforms import trunk_form_findings, trunks_with_forms

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Give a company with rendered trunks, and the provider it registers at."""
    try:
        with trunk_site() as made:
            yield made
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


@pytest.fixture
async def hands(site: Site) -> AsyncIterator[tuple[Driver, Driver]]:
    """Give the hands of both companies' people."""
    async with Driver(site.hq) as ours, Driver(site.provider) as theirs:
        yield ours, theirs


def failed(seen: TrunkLook, subject: str) -> bool:
    """Whether a point of the trunk is said to have failed."""
    return any(
        one.subject == subject and one.verdict is Verdict.FAILED and one.remedy.en and one.remedy.it
        for one in seen.findings
    )


def is_well(seen: TrunkLook) -> bool:
    """Whether nothing is wrong with it."""
    return all(one.verdict is Verdict.OK for one in seen.findings)


def is_as_asked(seen: TrunkLook) -> bool:
    """Whether the PBX has exactly what the form says; it may still be loading its files."""
    compared = seen.comparison
    return compared is not None and not compared.diff and not compared.changes


async def test_rendered_trunks_register_are_what_the_form_says_and_carry_calls_both_ways(
    site: Site, hands: tuple[Driver, Driver]
) -> None:
    """The proof of a configuration is a call, and a PBX that has exactly what was asked for."""
    ours, theirs = hands
    for values in site.forms:
        assert is_as_asked(await site.until(values, is_well))
    theirs.phones["1002"].answers(after_s=0.1)
    out = await ours.call_from("1001", "91002")
    await out.initiator.wait_up()
    await out.hang_up()
    await out.initiator.wait_ended()
    ours.phones["1001"].answers(after_s=0.1)
    back = await theirs.call_from("1003", "88")
    await back.initiator.wait_up()
    await back.hang_up()
    await back.initiator.wait_ended()
    inbound = await ours.call_in(did=did("1001"), caller="+393331234567")
    await inbound.answered()
    await inbound.hang_up()
    ours.outside("+390612345678").answers(after_s=0.1)
    outbound = await ours.call_from("1002", "+390612345678")
    await outbound.answered()
    await outbound.hang_up()


async def test_command_says_that_all_is_well_and_never_the_password(
    site: Site, tmp_path: Path
) -> None:
    """What an administrator types after the installation."""
    values, config = site.forms[0], tmp_path / "filodiretto.toml"
    fields = {name: value for name, value in values.items() if name != "name"}
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items())
    config.write_text(
        f'[gateway]\ndata_dir = "{tmp_path}"\n'
        f'{pbx_toml(site.hq)}[[trunk]]\nname = "line"\npbx = "pbx"\n'
        f"[trunk.pjsip]\nsecret = {json.dumps(PASSWORD)}\n{lines}\n",
        encoding="utf-8",
    )
    await site.until(values, is_well)
    words = ("-c", str(config), "trunks", "render", "line", "--check", "--json")
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("filodiretto")), *words, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    assert PASSWORD not in printed.decode()
    shown = json.loads(printed)
    assert {check["verdict"] for check in shown["checks"]} == {"ok"}
    assert "password = CHANGE_ME" in shown["files"][0]["text"]
    loaded = await asyncio.to_thread(loading.load, config)
    (trunk,) = trunks_with_forms(loaded)
    assert [one.verdict for one in await trunk_form_findings(loaded, trunk)] == [Verdict.OK]


async def test_wrong_password_and_wrong_address_are_named_with_their_remedy(site: Site) -> None:
    """Nobody should have to read a SIP trace for these."""
    line, carrier = site.forms
    await site.until(line, is_well)
    site.change('cr"et', "other")
    await site.until(line, partial(failed, subject="registration"))
    site.change("other=[1]", 'cr"et=[1]')
    await site.until(line, is_well)
    site.change(f"match = {site.hq.addresses.carrier}", "match = 192.0.2.77")
    seen = await site.until(carrier, partial(failed, subject="identify"))
    assert seen.comparison is not None
    (change,) = seen.comparison.changes
    assert (change.option, change.before) == ("match", "192.0.2.77")
    site.change("match = 192.0.2.77", f"match = {site.hq.addresses.carrier}")
    await site.until(carrier, is_well)


async def test_trunk_that_nobody_installed_is_said_to_be_missing(site: Site) -> None:
    """The first look often comes before the installation."""
    seen = await site.look({**site.forms[0], "name": "elsewhere"})
    (only,) = seen.findings
    assert (only.subject, only.verdict) == ("endpoint", Verdict.FAILED)
    assert seen.comparison is not None
    assert {change.option for change in seen.comparison.changes} == {"type"}


async def test_every_option_reaches_asterisk_as_the_form_says(site: Site) -> None:
    """What Asterisk understood is compared with the form, not with the file."""
    for values in odd(site.hq):
        seen = await site.until(values, is_as_asked)
        assert not failed(seen, "identify")
        assert not failed(seen, "context")
    with site.hq.ami() as ami:
        for name in ("line", "odd.1", "odd-3"):
            password = f"AST_SORCERY(res_pjsip,auth,{name},password)"
            assert ami.action("Getvar", Variable=password)[0]["Value"] == PASSWORD


@pytest.mark.exhaustive
async def test_rendered_files_are_taken_by_asterisk_16_as_they_are_by_22() -> None:
    """No option may be newer than the oldest Asterisk that is promised."""
    try:
        with odd_site(ASTERISK_16) as site:
            for values in odd(site.hq):
                await site.until(values, is_as_asked)
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 16", str(error))
