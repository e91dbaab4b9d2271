"""Looks at a PBX's trunks by what an observer may ask (write = reporting): lists and functions.

PJSIPShowEndpoints and PJSIPShowContacts need `write = system`, with which a user can also restart
Asterisk, and they leave out contacts that are written in pjsip.conf. The functions PJSIP_AOR and
PJSIP_CONTACT tell the same of every contact, through Getvar.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from adapters.asterisk import trunk_events as events
from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.faults import AnswerError, UnknownError
from adapters.asterisk.naming import Naming
from adapters.asterisk.session import Session
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import AuthError
from gateway.core.inputs import ChannelKind
from gateway.core.trunks import ContactStatus, TrunkContact

# What can stand in the parentheses of a dialplan function without ending them.
_SAFE: Final = re.compile(r"[A-Za-z0-9_.+@:~-]{1,120}")
_TECHNOLOGIES: Final = ("PJSIP/", "SIP/")
_MOST_TRUNKS: Final = 200
_MOST_CONTACTS: Final = 8
_SUFFIX: Final = "-00000000"


@dataclass(slots=True)
class Look:
    """What one look found: trunks with their contacts by address, and all registrations.

    `bare` are endpoints that are no extension and have no contact: of most nobody can tell whether
    they are trunks. `readable`: contacts can be asked for; `denied`: the AMI user may not have the
    lists. `passed_over` is how many endpoints were not asked for, because there are very many.
    """

    contacts: dict[str, dict[str, TrunkContact]] = field(default_factory=dict)
    registrations: list[events.Registration] = field(default_factory=list)
    bare: set[str] = field(default_factory=set)
    readable: bool = True
    denied: bool = False
    passed_over: int = 0


async def look(session: Session, settings: AsteriskSettings, naming: Naming) -> Look:
    """Ask what there is; raises TransientError or AmbiguousError if the link does not hold."""
    asking = _Asking(session, settings.link.snapshot_timeout_s)
    found = Look()
    found.registrations = events.pjsip_registrations(
        await asking.frames(Action.PJSIP_SHOW_REGISTRATIONS)
    ) + events.sip_registrations(await asking.frames(Action.SIP_SHOW_REGISTRY))
    listed = events.devices(await asking.frames(Action.DEVICE_STATE_LIST))
    found.denied = asking.denied
    pjsip, sip = _trunks(listed, settings, naming)
    peers = events.sip_peers(await asking.frames(Action.SIP_PEERS)) if sip else {}
    contacts: dict[str, dict[str, TrunkContact] | None] = {
        name: {peer.address: peer} if (peer := peers.get(name)) is not None else {} for name in sip
    }
    for name in pjsip[:_MOST_TRUNKS]:
        contacts[name] = await asking.contacts(name)
    found.passed_over = max(0, len(pjsip) - _MOST_TRUNKS)
    named = {written.rpartition("/")[2] for written in (*settings.trunks, *settings.peers)}
    # an endpoint's AOR of which nothing is told: func_pjsip_aor is not loaded
    found.readable = None not in contacts.values() and asking.aors_told is not False
    for name, known in contacts.items():
        if known or known is None or name in named:
            found.contacts[name] = known or {}
        else:
            found.bare.add(name)
    return found


def _trunks(
    listed: list[str], settings: AsteriskSettings, naming: Naming
) -> tuple[list[str], list[str]]:
    """Return the trunks of chan_pjsip and of chan_sip among the devices and the settings."""
    pjsip, sip = dict[str, None](), dict[str, None]()
    for device in listed:
        identity = naming.identity(device + _SUFFIX)
        if identity.kind is ChannelKind.TRUNK and device.startswith(_TECHNOLOGIES):
            (pjsip if device.startswith("PJSIP/") else sip)[identity.party] = None
    named = dict[str, None]()
    for written in (*settings.trunks, *settings.peers):
        technology, _, name = written.rpartition("/")
        if technology in {"", "PJSIP"} and name not in sip:
            named[name] = None
        elif technology == "SIP":
            sip[name] = None
    # those named come first: of many endpoints not all are asked for
    return list(named | pjsip), list(sip)


class _Asking:
    """Asks one question after the other: nobody waits for these answers."""

    def __init__(self, session: Session, timeout_s: float) -> None:
        self._session = session
        self._timeout_s = timeout_s
        self.denied = False
        self.aors_told: bool | None = None

    async def frames(self, action: Action) -> list[Frame]:
        """Return a list; empty if the PBX has none, or has not loaded what makes it."""
        try:
            return await self._session.ask(action, timeout_s=self._timeout_s)
        except AuthError:
            self.denied = True
        except (UnknownError, AnswerError):
            return []  # the module is not loaded, or there is nothing to list
        return []

    async def value(self, function: str) -> str:
        """Return what a dialplan function says, "" if it is not there or has nothing to say."""
        fields = {"Variable": function}
        try:
            frames = await self._session.ask(Action.GETVAR, fields, timeout_s=self._timeout_s)
        except AuthError:
            self.denied = True
            return ""
        return frames[0].get("Value")

    async def contacts(self, endpoint: str) -> dict[str, TrunkContact] | None:
        """Return an endpoint's contacts; None if it cannot be asked for them."""
        if not _SAFE.fullmatch(endpoint):
            return None
        aors = await self.value(f"PJSIP_ENDPOINT({endpoint},aors)")
        found: dict[str, TrunkContact] = {}
        for aor in filter(_SAFE.fullmatch, aors.split(",")):
            listed = await self.value(f"PJSIP_AOR({aor},contact)")
            if not self.aors_told:
                # every AOR has this option: one without a contact tells it all the same
                frequency = listed or await self.value(f"PJSIP_AOR({aor},qualify_frequency)")
                self.aors_told = bool(frequency)
            for contact in listed.split(",")[:_MOST_CONTACTS]:
                if _SAFE.fullmatch(contact):
                    one = await self._contact(contact)
                    found[one.address] = one
        if not aors and not await self.value(f"PJSIP_ENDPOINT({endpoint},context)"):
            return None
        return found

    async def _contact(self, contact: str) -> TrunkContact:
        status = events.contact_status(await self.value(f"PJSIP_CONTACT({contact},status)"))
        rtt = await self.value(f"PJSIP_CONTACT({contact},rtt)")
        return TrunkContact(
            address=await self.value(f"PJSIP_CONTACT({contact},uri)"),
            status=status,
            rtt_ms=events.round_trip(rtt) if status is ContactStatus.REACHABLE else None,
        )
