"""The trunk of a playback: registered at its carrier, which answers in a few milliseconds."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

Headers = dict[str, str]
TRUNK: Final = "carrier"
REGISTRATIONS: Final = "PJSIPShowRegistrationsOutbound"
_SERVER: Final = "sip:sip.carrier.example:5060"
_CONTACT: Final = f"{TRUNK}@@demo"
_FUNCTION: Final = re.compile(r"(PJSIP_[A-Z]+)\(([^,]+),(\w+)\)")
# What func_pjsip_endpoint, func_pjsip_aor and func_pjsip_contact say; rtt in microseconds.
_VALUES: Final[Mapping[tuple[str, str, str], str]] = MappingProxyType(
    {
        ("PJSIP_ENDPOINT", TRUNK, "aors"): TRUNK,
        ("PJSIP_ENDPOINT", TRUNK, "context"): "from-carrier",
        ("PJSIP_AOR", TRUNK, "contact"): _CONTACT,
        ("PJSIP_CONTACT", _CONTACT, "status"): "Reachable",
        ("PJSIP_CONTACT", _CONTACT, "rtt"): "21400",
        ("PJSIP_CONTACT", _CONTACT, "uri"): _SERVER,
    }
)


def value_of(variable: str) -> str:
    """Return what a dialplan function says of the trunk, "" for anything else."""
    asked = _FUNCTION.fullmatch(variable)
    return _VALUES.get((asked[1], asked[2], asked[3]), "") if asked is not None else ""


def registrations() -> Iterator[Headers]:
    """Yield what PJSIPShowRegistrationsOutbound lists."""
    yield {
        "ObjectType": "registration",
        "ObjectName": TRUNK,
        "ServerUri": _SERVER,
        "ClientUri": "sip:demo@sip.carrier.example",
        "Endpoint": TRUNK,
        "Status": "Registered",
    }


def devices() -> Iterator[Headers]:
    """Yield the trunk among the device states."""
    yield {"Device": f"PJSIP/{TRUNK}", "State": "NOT_INUSE"}
