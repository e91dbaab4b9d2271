"""What an Asterisk channel's name says: extension, trunk, relay, or nobody (DESIGN section 5)."""

import re
from typing import Final

from adapters.asterisk.settings import AsteriskSettings
from gateway.core.inputs import ChannelKind, Identity

# Channels that Asterisk makes for itself; what stands at their end is no person.
_NEVER: Final = frozenset(
    {
        "Surrogate",
        "AsyncGoto",
        "Announcer",
        "CBAnn",
        "CBRec",
        "Recorder",
        "Message",
        "Snoop",
        "Bridge",
        "MulticastRTP",
        "UnicastRTP",
        "OutgoingSpoolFailed",
        "Phantom",
        "Null",
    }
)
_RELAYS: Final = frozenset({"Local"})
_SUFFIX: Final = re.compile(r"-[0-9a-fA-F]{1,16}$")
# FreePBX wraps numbers of ring groups and follow-me: RG-600-1001, FMPR-1001, FMGL-1001#, LC-1001.
_WRAPPED: Final = re.compile(r"^(?:RG-\w+|FM[A-Z]*|LC)-([0-9*+]+)#?$")
_SIP_USER: Final = re.compile(r"sips?:([^@;>]*)")
# Numbers have no technology; what phones may be called is told by the pattern of `extensions`.
_PHONES: Final = "PJSIP/"
_CACHED: Final = 4_096


class Naming:
    """Reads channel names as one PBX's settings say; answers per device are remembered."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        self._devices: dict[str, tuple[ChannelKind, str, str]] = {}

    def identity(self, name: str) -> Identity:
        """Return what stands at the end of a channel of this name."""
        technology, slash, rest = name.partition("/")
        if technology in _RELAYS and slash:
            return self._relay(name, rest)
        device = _SUFFIX.sub("", name)
        known = self._devices.get(device)
        if known is None:
            known = self._classify(technology, device) if slash else _nobody()
            if len(self._devices) >= _CACHED:
                self._devices.clear()
            self._devices[device] = known
        kind, party, prefix = known
        return Identity(name=name, kind=kind, party=party, prefix=prefix)

    def _classify(self, technology: str, device: str) -> tuple[ChannelKind, str, str]:
        if technology in _NEVER or device.endswith((">", "@")):
            return _nobody()
        settings = self._settings
        endpoint = device.partition("/")[2]
        peer = settings.peers.get(endpoint)
        if peer is not None:
            return ChannelKind.TRUNK, endpoint, peer
        if settings.trunks and (endpoint in settings.trunks or device in settings.trunks):
            return ChannelKind.TRUNK, endpoint, ""
        match = settings.extensions.match(device)
        if match is not None:
            return ChannelKind.EXTENSION, self._fold(match.group(1)), ""
        if settings.trunks:
            return _nobody()
        return ChannelKind.TRUNK, endpoint, ""

    def _fold(self, device: str) -> str:
        """Return the extension that a device belongs to."""
        extension = self._settings.devices.get(device)
        if extension is not None:
            return extension
        for prefix in self._settings.device_prefixes:
            if device.startswith(prefix) and len(device) > len(prefix) + 1:
                return device[len(prefix) :]
        return device

    def _relay(self, name: str, rest: str) -> Identity:
        if name.endswith(">"):
            return Identity(name=name, kind=ChannelKind.NOBODY)
        base, semicolon, half = name.rpartition(";")
        if not semicolon:
            # As OriginateResponse names it when it failed: no suffix, no half.
            base, half = name, "1"
        target = rest.partition("@")[0]
        return Identity(
            name=name,
            kind=ChannelKind.RELAY,
            relay=base,
            half=2 if half == "2" else 1,
            target=self.folded(unwrap(target)),
        )

    def folded(self, number: str) -> str:
        """Return the extension that a number reaches if it names a device: 91201 is 201.

        Any other number stays as it is, also one outside that begins like a device.
        """
        is_device = number in self._settings.devices or (
            bool(self._settings.device_prefixes)
            and self._settings.extensions.match(f"{_PHONES}{number}") is not None
        )
        return self._fold(number) if is_device else number

    def device(self, name: str) -> str:
        """Return the extension of a device (`PJSIP/1001`, no suffix), "" if it is none."""
        identity = self.identity(name)
        return identity.party if identity.kind is ChannelKind.EXTENSION else ""


def _nobody() -> tuple[ChannelKind, str, str]:
    return ChannelKind.NOBODY, "", ""


def unwrap(number: str) -> str:
    """Return the number that a Local channel is made to reach."""
    match = _WRAPPED.match(number)
    return match.group(1) if match is not None else number


def dialled_number(dial_string: str) -> str:
    """Return the number in a DialBegin's DialString: what the Dial application was given.

    Forms: `333@trunk`, `trunk/333`, `trunk/sip:333@host:5060`, `sip:333@host`, `g0/333`.
    """
    if not dial_string:
        return ""
    match = _SIP_USER.search(dial_string)
    if match is not None:
        return match.group(1)
    last = dial_string.rpartition("/")[2]
    return last.partition("@")[0].partition(";")[0]


def forward_number(forward: str) -> str:
    """Return the number in a DialEnd's Forward: `1002`, `1002@context`, `Local/1002@context`."""
    text = forward.rpartition("/")[2]
    return text.partition("@")[0]
