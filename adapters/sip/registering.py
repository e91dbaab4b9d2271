"""Between the library's REGISTERs and the registrar: repeats, 407s, what was granted, who else is.

No sockets and no time of its own; the child process feeds it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.sip.address import read_address
from adapters.sip.digest import Challenge, challenge_of
from adapters.sip.message import VERSION, SipMessage, header_parameters, read, written
from adapters.sip.ringing import T1_S, T2_S
from gateway.core.errors import PeerProtocolError

_UNAUTHORISED: Final = frozenset({401, 407})
_SUCCESS: Final = range(200, 300)
_PROVISIONAL: Final = range(100, 200)
_AUTHORIZATION: Final = re.compile(rb"^Authorization:", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The registrar accepted us for `expires_s`; `others` count the account's other contacts."""

    expires_s: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The registrar did not; `status` 0 means that it did not answer.

    `unknown_challenge`: it asks for a way of signing in that we do not have.
    """

    status: int
    min_expires_s: int = 0
    unknown_challenge: bool = False


@dataclass(slots=True)
class _Outstanding:
    data: bytes
    call_id: str
    cseq: int
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
    _tried: dict[str, int] = field(default_factory=dict)

    def sending(self, data: bytes, now: float) -> bytes:
        """Return a REGISTER of the library's as it is to be sent, and wait for its answer."""
        if self._proxy:
            data = _AUTHORIZATION.sub(b"Proxy-Authorization:", data)
        message = read(data)
        if _has_credentials(message):
            self._tried[message.call_id] = self._tried.get(message.call_id, 0) + 1
        self._waiting = _Outstanding(
            data, message.call_id, message.cseq[0], now + T1_S, now + self.answer_s
        )
        return data

    def challenge(self) -> Challenge:
        """Return what the registrar asked for last.

        Raises PeerProtocolError if it is nothing we know.
        """
        return challenge_of(self._challenges)

    def answered(self, message: SipMessage) -> tuple[bytes | None, Registered | Refused | None]:
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
            return self._challenged(message)
        self._tried.pop(message.call_id, None)
        if message.status in _SUCCESS:
            others = sum(not self.is_ours(one) for one in message.every("Contact"))
            verdict = Registered(expires_s=self._granted(message), others=others)
            return _plain(message, message.status), verdict
        return _plain(message, message.status), _refused(message)

    def _challenged(self, message: SipMessage) -> tuple[bytes | None, Refused | None]:
        self._proxy = message.status == 407  # noqa: PLR2004 - RFC 3261 21.4.8
        name = "Proxy-Authenticate" if self._proxy else "WWW-Authenticate"
        self._challenges = message.every(name)
        stale = any("stale=true" in one.lower().replace('"', "") for one in self._challenges)
        tried = self._tried.get(message.call_id, 0)
        if tried > 1 or (tried and not stale):
            return _plain(message, 401), _refused(message)
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


def query(username: str, server: str, own: str, *, call_id: str, branch: str, cseq: int) -> bytes:
    """Return a REGISTER without Contact: it only asks who is registered (RFC 3261 10.2.3)."""
    who = f"<sip:{username}@{server}>"
    headers = (
        ("Via", f"SIP/2.0/UDP {own};branch={branch};rport"),
        ("Max-Forwards", "70"),
        ("From", f"{who};tag={branch[-8:]}"),
        ("To", who),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} REGISTER"),
        ("Content-Length", "0"),
    )
    return written(f"REGISTER sip:{server} {VERSION}", headers)


def contact_place(contact: str) -> tuple[str, str]:
    """Return `host:port` and the instance that a Contact names."""
    address = read_address(contact)
    host = address.host if ":" in address.host else f"{address.host}:5060"
    return host, address.header.get("+sip.instance", "").strip('"<>').upper()


def _has_credentials(message: SipMessage) -> bool:
    return bool(message.get("Authorization") or message.get("Proxy-Authorization"))


def _refused(message: SipMessage) -> Refused:
    least = message.get("Min-Expires")
    return Refused(
        status=message.status,
        min_expires_s=int(least) if _is_number(least) else 0,
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
