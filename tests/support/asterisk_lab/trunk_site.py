"""Two telephone systems, one with rendered trunks installed as an administrator would."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.asterisk_lab.chroot import ASTERISK_22, Release
from support.asterisk_lab.configuration import append
from support.asterisk_lab.daemon import pbx_table
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import did

from adapters.asterisk.plugin import plugin
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.trunkforms import FieldValue, TrunkLook
from gateway.runtime.clock import SystemClock

AUTHORITY = Path(__file__).parents[1] / "tls/pbx.example.crt"
CA_FILE = "authority.pem"
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


def odd(lab: AsteriskLab) -> tuple[Values, ...]:
    """Return what no provider wants at once, at addresses where nobody is."""
    pbx = lab.addresses.pbx
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
    encrypted: Values = {
        **registering,
        "name": "odd-3",
        "transport": "tls",
        "bind": f"{pbx}:5096",
        "ca_file": f"{lab.pbx.inside}/etc/{CA_FILE}",
        "media_encryption": "sdes",
        "context": "odd-in-3",
        "outbound_context": "odd-out-3",
    }
    return registering, by_address, encrypted


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


@contextmanager
def trunk_site() -> Iterator[Site]:
    """Give both, the trunks of every form installed, ready to register."""
    with AsteriskLab() as hq, AsteriskLab() as provider:
        append(provider.pbx.home, "pjsip.conf", PROVIDER)
        dial = f"\n[from-phones](+)\nexten => 88,1,Dial(PJSIP/{ACCOUNT},10)\n"
        append(provider.pbx.home, "extensions.conf", dial)
        provider.restart_pbx()
        site = Site(hq=hq, provider=provider)
        without_carrier(hq)
        equip(hq)
        for values, secret in zip(site.forms, (PASSWORD, None), strict=True):
            install(hq, values, secret)
        for values in odd(hq):
            install(hq, values, PASSWORD)
        append(hq.pbx.home, "extensions.conf", "\n[from-phones](+)\ninclude => to-line\n")
        hq.restart_pbx()
        yield site


@contextmanager
def odd_site(release: Release = ASTERISK_22) -> Iterator[Site]:
    """Give one telephone system of a release with the odd trunks alone."""
    with AsteriskLab(release=release) as hq:
        equip(hq)
        for values in odd(hq):
            install(hq, values, PASSWORD)
        hq.restart_pbx()
        yield Site(hq=hq, provider=hq)


def equip(lab: AsteriskLab) -> None:
    """Have what a PBX has unless somebody left it out: modules, and an authority to believe."""
    shutil.copy(AUTHORITY, lab.pbx.home / "etc" / CA_FILE)
    for module in MODULES.split():
        append(lab.pbx.home, "modules.conf", f"load = {module}.so\n")
