"""A trunk's rendered configuration on a real Asterisk: it works, and what does not is named."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from support.asterisk_lab.chroot import ASTERISK_16, LabUnavailableError
from support.asterisk_lab.configuration import append
from support.asterisk_lab.daemon import pbx_table, pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did
from support.components import missing

from adapters.asterisk.plugin import plugin
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.findings import Verdict
from gateway.core.trunkforms import FieldValue, TrunkLook
from gateway.runtime.clock import SystemClock

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

PATIENCE_S = 30.0
ACCOUNT, PASSWORD = "0299998888", 'se;;cr"et=[1]--;\\'
KIT = plugin.trunk_forms
MODULES = (
    "res_pjsip_outbound_registration res_pjsip_outbound_authenticator_digest func_sorcery"
    " func_pjsip_aor func_pjsip_contact func_dialplan func_cut func_groupcount"
)
Values = dict[str, FieldValue]


def by_registration(registrar: str) -> Values:
    """Return the form of a trunk that signs in at a provider."""
    return {
        "name": "line",
        "registrar": registrar,
        "username": ACCOUNT,
        "from_user": ACCOUNT,
        "codecs": ("ulaw", "alaw"),
        "qualify_frequency": 1,
        "retry_interval": 1,
        "max_channels": 4,
        "dids": (ACCOUNT,),
        "did_source": "to",
        "target": "extensions,1001",
        "context": "from-line",
        "outbound_context": "to-line",
        "dial_prefix": "9",
    }


def by_address(carrier: str) -> Values:
    """Return the form of a trunk whose provider knows our address."""
    return {
        "admission": "address",
        "name": "carrier",
        "registrar": carrier,
        "match": (carrier,),
        "codecs": ("ulaw",),
        "qualify_frequency": 1,
        "dids": (did("1001"),),
        "target": "did,1001",
        "context": "from-line-by-address",
        "outbound_context": "outside-by-address",
    }


def odd(pbx: str) -> tuple[Values, ...]:
    """Return what no provider wants at once, at addresses where nobody is."""
    registering: Values = {
        "name": "odd.1",
        "registrar": "127.0.0.9",
        "port": 5099,
        "transport": "tcp",
        "own_transport": True,
        "bind": f"{pbx}:5097",
        "local_net": ("10.0.0.0/8", "192.168.1.0/24"),
        "external_address": "127.0.0.7",
        "outbound_proxy": "127.0.0.8:5098",
        "username": "a.b~c*!'=d%40e",
        "auth_user": "x@y:z&w/1",
        "contact_user": "+390299991001",
        "expiration": 300,
        "dids": ("+390299991001", "0299991002"),
        "did_source": "to",
        "target": "did,1001",
        "from_domain": "provider.invalid",
        "send_rpid": True,
        "codecs": ("g722", "alaw", "gsm"),
        "dtmf_mode": "auto_info",
        "t38": True,
        "behind_nat": True,
        "timers": "always",
        "context": "odd-in",
        "outbound_context": "odd-out",
    }
    by_address: Values = {
        "name": "odd_2",
        "admission": "address",
        "registrar": "::1",
        "match": ("10.0.0.0/8", "127.0.0.9", "2001:db8::/32"),
        "trust_inbound": False,
        "send_pai": False,
        "media_encryption": "sdes",
        "timers": "required",
        "timers_expires": 900,
        "language": "en_GB",
        "qualify_frequency": 0,
        "max_channels": 7,
        "dids": ("0299991003",),
        "context": "odd-in-2",
        "outbound_context": "odd-out-2",
    }
    return registering, by_address


PROVIDER = f"""
[{ACCOUNT}]
type = endpoint
transport = transport-udp
context = from-phones
disallow = all
allow = ulaw
auth = {ACCOUNT}
aors = {ACCOUNT}
[{ACCOUNT}]
type = auth
auth_type = userpass
username = {ACCOUNT}
password = {PASSWORD.replace(";", chr(92) + ";")}
[{ACCOUNT}]
type = aor
max_contacts = 1
remove_existing = yes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A company's telephone system with two trunks, and the provider it registers at."""

    hq: AsteriskLab
    provider: AsteriskLab

    @property
    def forms(self) -> tuple[Values, Values]:
        """What both trunks were rendered from."""
        return (
            by_registration(self.provider.addresses.pbx),
            by_address(self.hq.addresses.carrier),
        )

    async def look(self, values: Values) -> TrunkLook:
        """Ask the telephone system as the shipped observer may."""
        settings = AsteriskSettings.model_validate(pbx_table(self.hq))
        return await KIT.look(settings, SystemClock(), values)

    async def until(self, values: Values, told: Callable[[TrunkLook], bool]) -> TrunkLook:
        """Look again and again until something is told."""
        end = time.monotonic() + PATIENCE_S
        while not told(seen := await self.look(values)):
            assert time.monotonic() < end, f"{seen}\n{self.hq.pbx.log()}"
            await asyncio.sleep(0.1)
        return seen

    def change(self, before: str, after: str) -> None:
        """Change the installed pjsip.conf and have it loaded and the account signed in anew."""
        path = self.hq.pbx.home / "etc/pjsip.conf"
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        with self.hq.ami() as ami:
            for module in ("res_pjsip", "res_pjsip_endpoint_identifier_ip"):
                ami.action("Reload", Module=f"{module}.so")
            ami.action("PJSIPRegister", Registration="line")


def install(lab: AsteriskLab, values: Values, secret: str | None) -> None:
    """Do what the rendered steps say, without the pause that spares a provider at start."""
    pjsip, dialplan = KIT.render(values, secret=secret).files
    at_once = "line = yes\nmax_random_initial_delay = 0"
    append(lab.pbx.home, pjsip.name, "\n" + pjsip.text.replace("line = yes", at_once))
    append(lab.pbx.home, dialplan.name, "\n" + dialplan.text)


def without_carrier(lab: AsteriskLab) -> None:
    """Take out the trunk by address that the lab has: the rendered one takes its place."""
    path = lab.pbx.home / "etc/pjsip.conf"
    before, _, rest = path.read_text(encoding="utf-8").partition("; --- the carrier")
    path.write_text(before + rest[rest.index("; --- a second carrier") :], encoding="utf-8")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Give both, the trunks installed as an administrator would."""
    try:
        with AsteriskLab() as hq, AsteriskLab() as provider:
            append(provider.pbx.home, "pjsip.conf", PROVIDER)
            dial = f"\n[from-phones](+)\nexten => 88,1,Dial(PJSIP/{ACCOUNT},10)\n"
            append(provider.pbx.home, "extensions.conf", dial)
            provider.restart_pbx()
            made = Site(hq=hq, provider=provider)
            without_carrier(hq)
            for module in MODULES.split():
                append(hq.pbx.home, "modules.conf", f"load = {module}.so\n")
            for values, secret in zip(made.forms, (PASSWORD, None), strict=True):
                install(hq, values, secret)
            for values in odd(hq.addresses.pbx):
                install(hq, values, PASSWORD)
            more = "\n[from-phones](+)\ninclude => to-line\n"
            append(hq.pbx.home, "extensions.conf", more)
            hq.restart_pbx()
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
    for values in odd(site.hq.addresses.pbx):
        seen = await site.until(values, is_as_asked)
        assert not failed(seen, "identify")
        assert not failed(seen, "context")
    with site.hq.ami() as ami:
        for name in ("line", "odd.1"):
            password = f"AST_SORCERY(res_pjsip,auth,{name},password)"
            assert ami.action("Getvar", Variable=password)[0]["Value"] == PASSWORD


@pytest.mark.exhaustive
async def test_rendered_files_are_taken_by_asterisk_16_as_they_are_by_22() -> None:
    """No option may be newer than the oldest Asterisk that is promised."""
    try:
        with AsteriskLab(release=ASTERISK_16) as hq:
            for module in MODULES.split():
                append(hq.pbx.home, "modules.conf", f"load = {module}.so\n")
            for values in odd(hq.addresses.pbx):
                install(hq, values, PASSWORD)
            hq.restart_pbx()
            for values in odd(hq.addresses.pbx):
                await Site(hq=hq, provider=hq).until(values, is_as_asked)
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 16", str(error))
