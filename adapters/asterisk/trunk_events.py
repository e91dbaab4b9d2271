"""What AMI tells of trunks: registrations, contacts, chan_sip's peers; frames in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.asterisk.codec import Frame
from gateway.core.trunks import ContactStatus, RegistrationState, TrunkContact

REGISTRY: Final = "Registry"
CONTACT: Final = "ContactStatus"
PEER: Final = "PeerStatus"
WATCHED: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType(
    dict.fromkeys(
        (
            b"Registry",
            b"ContactStatus",
            b"PeerStatus",
            b"FullyBooted",
            b"Shutdown",
            b"OutboundRegistrationDetail",
            b"OutboundRegistrationDetailComplete",
            b"DeviceStateChange",
            b"DeviceStateListComplete",
            b"RegistryEntry",
            b"RegistrationsComplete",
            b"PeerEntry",
            b"PeerlistComplete",
        ),
        (),
    )
)
# res_pjsip_outbound_registration and chan_sip each have their own words.
_STATES: Final = {
    "registered": RegistrationState.REGISTERED,
    "unregistered": RegistrationState.UNREGISTERED,
    "stopped": RegistrationState.UNREGISTERED,
    "request sent": RegistrationState.UNREGISTERED,
    "auth. sent": RegistrationState.UNREGISTERED,
    "timeout": RegistrationState.UNREGISTERED,
    "unregistering": RegistrationState.UNREGISTERED,
    "rejected": RegistrationState.REJECTED,
    "failed": RegistrationState.REJECTED,
    "no authentication": RegistrationState.REJECTED,
}
_CONTACTS: Final = {
    "reachable": ContactStatus.REACHABLE,
    "avail": ContactStatus.REACHABLE,
    "lagged": ContactStatus.REACHABLE,
    "unreachable": ContactStatus.UNREACHABLE,
    "unavail": ContactStatus.UNREACHABLE,
    "nonqualified": ContactStatus.UNMONITORED,
    "unmonitored": ContactStatus.UNMONITORED,
}
GONE: Final = "Removed"
_USEC: Final = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration at a registrar; `client` and `server` are its SIP addresses.

    `name` is its section in pjsip.conf, `endpoint` the trunk it names (`line = yes`), often "".
    """

    name: str
    client: str
    server: str
    state: RegistrationState
    endpoint: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What a Registry event names it by."""
        return self.client, self.server


def registration_state(word: str) -> RegistrationState:
    """Return what a Status or State header means."""
    return _STATES.get(word.lower(), RegistrationState.UNKNOWN)


def contact_status(word: str) -> ContactStatus:
    """Return what a ContactStatus header, or the function PJSIP_CONTACT, means."""
    return _CONTACTS.get(word.lower(), ContactStatus.UNKNOWN)


def round_trip(microseconds: str) -> float | None:
    """Return milliseconds; None for the 0 of a contact that was not reached."""
    if not microseconds.isascii() or not microseconds.isdigit():
        return None
    return int(microseconds) / _USEC or None


def milliseconds(text: str) -> float | None:
    """Return chan_sip's whole milliseconds; None for the -1 of a peer that was not reached."""
    return float(text) if text.isascii() and text.isdigit() else None


def pjsip_registrations(frames: Iterable[Frame]) -> list[Registration]:
    """Read PJSIPShowRegistrationsOutbound; the passwords in its other events never get here."""
    return [
        Registration(
            name=frame.get("ObjectName"),
            client=frame.get("ClientUri"),
            server=frame.get("ServerUri"),
            state=registration_state(frame.get("Status")),
            endpoint=frame.get("Endpoint"),
        )
        for frame in frames
        if frame.name == "OutboundRegistrationDetail"
    ]


def sip_registrations(frames: Iterable[Frame]) -> list[Registration]:
    """Read SIPshowregistry (chan_sip); it names the account and the host."""
    return [
        Registration(
            name=frame.get("Host"),
            client=frame.get("Username"),
            server=frame.get("Host"),
            state=registration_state(frame.get("State")),
        )
        for frame in frames
        if frame.name == "RegistryEntry"
    ]


def sip_peers(frames: Iterable[Frame]) -> dict[str, TrunkContact]:
    """Read SIPpeers (chan_sip): `OK (12 ms)`, `LAGGED (3000 ms)`, `UNREACHABLE`, `Unmonitored`."""
    found = {}
    for frame in frames:
        if frame.name != "PeerEntry":
            continue
        word, _, rest = frame.get("Status").partition(" ")
        status = ContactStatus.REACHABLE if word == "OK" else contact_status(word)
        rtt = milliseconds(rest.strip("()").removesuffix(" ms"))
        address = f"{frame.get('IPaddress')}:{frame.get('IPport')}"
        found[frame.get("ObjectName")] = TrunkContact(address=address, status=status, rtt_ms=rtt)
    return found


def devices(frames: Iterable[Frame]) -> list[str]:
    """Read DeviceStateList: names like `PJSIP/carrier`."""
    return [frame.get("Device") for frame in frames if frame.name == "DeviceStateChange"]


def host_of(address: str) -> str:
    """Return the host in a SIP address: `sip:acct@sip.example:5060;transport=udp`."""
    rest = address.rpartition("@")[2]
    for scheme in ("sip:", "sips:"):
        rest = rest.removeprefix(scheme)
    return rest.partition(";")[0].partition(":")[0].lower()


def place_of(address: str) -> str:
    """Return host and port in a SIP address, for people."""
    rest = address.rpartition("@")[2]
    for scheme in ("sip:", "sips:"):
        rest = rest.removeprefix(scheme)
    return rest.partition(";")[0]
