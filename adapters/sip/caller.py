"""Who calls and who was called, from the headers of an INVITE (RFC 3323, 3325, 5806, 7044)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adapters.sip.address import Address, read_address
from adapters.sip.message import SipMessage
from adapters.sip.provenance import provenance_of
from gateway.core.provenance import NOTHING_SAID, Provenance

_HIDDEN: Final = frozenset({"anonymous", "unavailable", "restricted", "unknown", "private"})
# RFC 3323 and 3325: any of these asks that the caller be not shown.
_PRIVATE: Final = frozenset({"id", "user", "header", "full"})


class CallerSource(StrEnum):
    """Which header a trunk is believed for the caller's number (`[[trunk]] caller`)."""

    AUTO = "auto"
    ASSERTED = "asserted"
    REMOTE_PARTY = "remote-party"
    FROM = "from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and by which way: raw number and name, "" where unknown."""

    number: str
    name: str
    withheld: bool
    called: str
    provenance: Provenance = NOTHING_SAID


def caller_of(
    invite: SipMessage, *, account: str = "", source: CallerSource = CallerSource.AUTO
) -> Caller:
    """Read an INVITE from a trusted host; `account` is our own user name, which is no number."""
    sender = read_address(invite.get("From"))
    asserted = _asserted(invite)
    remote = [read_address(value) for value in invite.every("Remote-Party-ID")]
    remote = [one for one in remote if one.header.get("party", "calling") == "calling"]
    shown = _chosen(source, sender=sender, asserted=asserted, remote=remote)
    hidden = _private(invite) or _is_hidden(sender)
    hidden = hidden or (shown in remote and shown.header.get("privacy", "off") not in {"off", ""})
    return Caller(
        number="" if _is_hidden(shown) else shown.user,
        name=shown.display or (sender.display if not hidden else ""),
        withheld=hidden or _is_hidden(shown),
        called=_called(invite, account),
        provenance=provenance_of(invite, shown, (*asserted, sender)),
    )


def _asserted(invite: SipMessage) -> list[Address]:
    """Return the asserted identities, a telephone number first (RFC 3325: at most one of each)."""
    found = [read_address(value) for value in invite.every("P-Asserted-Identity")]
    return sorted(found, key=lambda one: not one.user.removeprefix("+").isdigit())


def _chosen(
    source: CallerSource, *, sender: Address, asserted: list[Address], remote: list[Address]
) -> Address:
    if source in {CallerSource.AUTO, CallerSource.ASSERTED} and asserted:
        return asserted[0]
    if source in {CallerSource.AUTO, CallerSource.REMOTE_PARTY} and remote:
        return remote[0]
    return sender


def _private(invite: SipMessage) -> bool:
    asked = {part.strip().lower() for part in invite.get("Privacy").replace(",", ";").split(";")}
    return bool(asked & _PRIVATE)


def _is_hidden(address: Address) -> bool:
    return address.user.lower() in _HIDDEN or address.host.lower().endswith("anonymous.invalid")


def _called(invite: SipMessage, account: str) -> str:
    """Return the number that was dialled, as far as the headers tell it."""
    history = [read_address(value) for value in invite.every("History-Info")]
    candidates = (
        read_address(invite.get("P-Called-Party-ID")),
        *history[:1],
        *(read_address(value) for value in invite.every("Diversion")[-1:]),
        read_address(invite.get("To")),
        read_address(f"<{invite.target}>"),
    )
    users = [one.user for one in candidates if one.user]
    return next((user for user in users if user != account), users[0] if users else "")
