"""Between the library's REGISTERs and the registrar: repeats, 407s, what was granted, who else is.

No sockets and no time of its own; the child process feeds it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.sip.address import read_address
from adapters.sip.digest import Challenge, challenge_of
from adapters.sip.message import VERSION, SipMessage, header_parameters, read, written
from adapters.sip.ringing import T1_S, T2_S
from gateway.core.errors import PeerProtocolError

_UNAUTHORISED: Final = frozenset({401, 407})
_SUCCESS: Final = range(200, 300)
_PROVISIONAL: Final = range(100, 200)
_ELSEWHERE: Final = range(300, 400)
_AUTHORIZATION: Final = re.compile(rb"^Authorization:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The registrar accepted us for `expires_s`; `others` count the account's other contacts.

    `ours` are the URIs of those that are ours. `seen` is where the registrar sees us (RFC 3581),
    "" if it does not say. `took_s` is how long its answer took.
    """

    expires_s: int
    others: int
    ours: tuple[str, ...] = ()
    seen: str = ""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The registrar did not; `status` 0 means that it did not answer.

    `unknown_challenge`: it asks for a way of signing in that we do not have. `for_ever`: it asks
    again and again, each time because our answer is said to be stale. `elsewhere` is the server
    that we are sent to, `retry_after_s` its wish.
    """

    status: int
    min_expires_s: int = 0
    unknown_challenge: bool = False
    for_ever: bool = False
    elsewhere: str = ""
    retry_after_s: int = 0


@dataclass(slots=True)
class _Outstanding:
    data: bytes
    call_id: str
    cseq: int
    signed: bool
    sent_at: float
    again_at: float
    until: float
    pause_s: float = T1_S


@dataclass(slots=True)
class Registering:
    """One account's registration; `is_ours` tells our own contact from other phones'."""

    is_ours: Callable[[str], bool]
    answer_s: float
    leaving: bool = False
    _waiting: _Outstanding | None = None
    _challenges: tuple[str, ...] = ()
    _proxy: bool = False
    _tried: int = 0

    def sending(self, data: bytes, now: float) -> bytes:
        """Return a REGISTER of the library's as it is to be sent, and wait for its answer."""
        if self._proxy:
            data = _AUTHORIZATION.sub(b"Proxy-Authorization:", data)
        message = read(data)
        signed = bool(message.get("Authorization") or message.get("Proxy-Authorization"))
        self._tried += signed
        self._waiting = _Outstanding(
            data, message.call_id, message.cseq[0], signed, now, now + T1_S, now + self.answer_s
        )
        return data

    def challenge(self) -> Challenge:
        """Return what the registrar asked for last.

        Raises PeerProtocolError if it is nothing we know.
        """
        return challenge_of(self._challenges)

    def answered(
        self, message: SipMessage, now: float
    ) -> tuple[bytes | None, Registered | Refused | None]:
        """Take a response: what the library shall read, and what it means, if it is final.

        (None, None) for one that answers nothing we asked.
        """
        waiting = self._waiting
        if waiting is None or (message.call_id, message.cseq) != (
            waiting.call_id,
            (waiting.cseq, "REGISTER"),
        ):
            return None, None
        if message.status in _PROVISIONAL:
            return None, None  # it is alive; the library would only wait for the next one
        self._waiting = None
        if message.status in _UNAUTHORISED:
            return self._challenged(message, signed=waiting.signed)
        self._tried = 0
        if message.status in _SUCCESS:
            return _plain(message, message.status), self._registered(message, now - waiting.sent_at)
        return _plain(message, message.status), _refused(message)

    def _registered(self, message: SipMessage, took_s: float) -> Registered:
        contacts = message.every("Contact")
        ours = tuple(uri_of(one) for one in contacts if self.is_ours(one))
        return Registered(
            expires_s=self._granted(message),
            others=len(contacts) - len(ours),
            ours=ours,
            seen=seen_at(message),
            took_s=took_s,
        )

    def _challenged(
        self, message: SipMessage, *, signed: bool
    ) -> tuple[bytes | None, Refused | None]:
        self._proxy = message.status == 407  # noqa: PLR2004 - RFC 3261 21.4.8
        name = "Proxy-Authenticate" if self._proxy else "WWW-Authenticate"
        self._challenges = message.every(name)
        stale = any("stale=true" in one.lower().replace('"', "") for one in self._challenges)
        if signed and (self._tried > 1 or not stale):
            self._tried = 0
            return _plain(message, 401), Refused(status=message.status, for_ever=stale)
        try:
            self.challenge()
        except PeerProtocolError:
            return _plain(message, 401), Refused(status=message.status, unknown_challenge=True)
        return _plain(message, 401), None

    def _granted(self, message: SipMessage) -> int:
        for contact in message.every("Contact"):
            expires = header_parameters(contact).get("expires", "")
            if self.is_ours(contact) and _is_number(expires):
                return int(expires)
        expires = message.get("Expires")
        return int(expires) if _is_number(expires) else 0

    def tick(self, now: float) -> tuple[bytes | None, Refused | None]:
        """Return a REGISTER to be sent again (RFC 3261 17.1.2), or that nobody answers."""
        waiting = self._waiting
        if waiting is None:
            return None, None
        if now >= waiting.until:
            self._waiting = None
            return None, Refused(status=0)
        if now < waiting.again_at:
            return None, None
        waiting.pause_s = min(2 * waiting.pause_s, T2_S)
        waiting.again_at = now + waiting.pause_s
        return waiting.data, None


def query(
    username: str,
    server: str,
    own: str,
    *,
    call_id: str,
    branch: str,
    cseq: int,
    remove: tuple[str, ...] = (),
) -> bytes:
    """Return a REGISTER that asks who is registered (RFC 3261 10.2.3), and adds nobody.

    The contacts to `remove` are taken off the list first (10.2.2).
    """
    who = f"<sip:{username}@{server}>"
    headers = (
        ("Via", f"SIP/2.0/UDP {own};branch={branch};rport"),
        ("Max-Forwards", "70"),
        ("From", f"{who};tag={branch[-8:]}"),
        ("To", who),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} REGISTER"),
        *(("Contact", f"<{uri}>;expires=0") for uri in remove),
        ("Content-Length", "0"),
    )
    return written(f"REGISTER sip:{server} {VERSION}", headers)


def seen_at(answer: SipMessage) -> str:
    """Return the address that the answering server sees us at, "" if it does not say (RFC 3581)."""
    return header_parameters(answer.every("Via")[0]).get("received", "")


def uri_of(contact: str) -> str:
    """Return the URI of a Contact, without name and parameters of the header."""
    inside = contact.partition("<")[2].partition(">")[0]
    return inside or contact.partition(";")[0].strip()


def contact_place(contact: str) -> tuple[str, str]:
    """Return `host:port` that a Contact names, and whose it is: its instance or its line."""
    address = read_address(contact)
    bare = address.host.rpartition("]")[2]  # an IPv6 address has colons of its own
    host = address.host if ":" in bare else f"{address.host}:5060"
    instance = address.header.get("+sip.instance", "").strip('"<>').upper()
    return host, instance.removeprefix("URN:UUID:") or address.uri.get("line", "").upper()


def _refused(message: SipMessage) -> Refused:
    least = message.get("Min-Expires")
    wish = message.get("Retry-After").partition(";")[0].partition("(")[0].strip()
    contacts = message.every("Contact") if message.status in _ELSEWHERE else ()
    return Refused(
        status=message.status,
        min_expires_s=int(least) if _is_number(least) else 0,
        retry_after_s=int(wish) if _is_number(wish) else 0,
        elsewhere=read_address(contacts[0]).host[:80] if contacts else "",
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("4294967295")


def _plain(message: SipMessage, status: int) -> bytes:
    """Write a response so that the library cannot stumble over it."""
    headers = (
        ("Via", message.every("Via")[0]),
        ("From", "<sip:us@invalid>;tag=1"),
        ("To", "<sip:us@invalid>;tag=2"),
        ("Call-ID", message.call_id),
        ("CSeq", message.get("CSeq")),
        ("WWW-Authenticate", 'Digest realm="-", nonce="-"'),
        ("Content-Length", "0"),
    )
    return written(f"{VERSION} {status} Answer", headers)
