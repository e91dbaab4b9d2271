"""What a request asks for that we do not do: the answer that lets its sender do without."""

from dataclasses import dataclass
from typing import Final

from adapters.sip.address import SCHEME
from adapters.sip.message import SipMessage

# They change nothing for who only rings: what they are about begins with an answered call.
_HARMLESS: Final = frozenset(
    {"timer", "histinfo", "privacy", "resource-priority", "uui", "geolocation", "replaces"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A final answer to a request that cannot be served."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


def objection(message: SipMessage) -> Objection | None:
    """Return why a request is not served; None for one that is (RFC 3261 8.2.2).

    Never for ACK and CANCEL, which are not asked (8.2.2.3). `Max-Forwards: 0` is none: we are where
    it goes (RFC 4475 3.3.11).
    """
    if SCHEME.match(message.target.lstrip("<")) is None:
        return Objection(status=416, reason="Unsupported URI Scheme")
    unknown = [one for one in message.every("Require") if one.lower() not in _HARMLESS]
    if unknown:
        named = tuple(("Unsupported", one) for one in unknown)
        return Objection(status=420, reason="Bad Extension", headers=named)
    if message.method == "INVITE" and message.get("Replaces"):
        # RFC 3891 section 3: it can only mean an early dialog that was not begun by us.
        return Objection(status=481, reason="Nothing To Be Replaced")
    if message.method == "PRACK":
        # RFC 3262 section 3: no provisional answer of ours was a reliable one.
        return Objection(status=481, reason="Nothing To Be Acknowledged")
    return None
