"""Which variable of a channel holds the SIP Call-ID, by which two PBXs know the same call.

Readable with Getvar (write=reporting) on Asterisk 16 and 22, from the first event of a channel on.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CALL_ID: Final[Mapping[str, str]] = MappingProxyType(
    {"PJSIP": "CHANNEL(pjsip,call-id)", "SIP": "SIPCALLID"}
)


def call_id_variable(channel: str) -> str:
    """Return the variable to ask of a channel of this name; "" if its technology has no Call-ID."""
    return _CALL_ID.get(channel.partition("/")[0], "")
