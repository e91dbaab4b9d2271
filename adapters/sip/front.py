"""What comes in at the trunk's port: strangers are turned away before anything is read.

Source allow-list, size and rate come first (RELIABILITY, D8); what remains is read tolerantly, and
answers go back where the request came from, with its own headers word by word (RFC 3261 8.2.6).
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from adapters.sip.message import (
    VERSION,
    FlawedRequestError,
    SipMessage,
    header_parameters,
    read,
    written,
)
from adapters.sip.ringing import Answer, Source
from gateway.core.errors import PeerProtocolError

MOST_BYTES: Final = 16 * 1024
RATE: Final = 200.0
BURST: Final = 400.0
MOST_SOURCES: Final = 256
MOST_STRANGERS: Final = 16
ALLOW: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY, UPDATE, INFO, MESSAGE"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Return what `allow_from` names."""
    return tuple(ipaddress.ip_network(value) for value in values)


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


@dataclass(slots=True)
class Front:
    """The gate of one port. `dropped` counts what was turned away: stranger, size, rate, form.

    `strangers` counts some of the hosts that are not allowed, so that a forgotten one is found.
    """

    allowed: tuple[Network, ...]
    new_tag: Callable[[], str]
    dropped: Counter[str] = field(default_factory=Counter)
    strangers: Counter[str] = field(default_factory=Counter)
    _known: dict[str, bool] = field(default_factory=dict)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def allow(self, allowed: tuple[Network, ...]) -> None:
        """Let these in from now on, and nobody else."""
        self.allowed = allowed
        self._known.clear()

    def admit(self, data: bytes, source: Source, now: float) -> SipMessage | Answer | None:
        """Return the message, None if it is turned away; a keep-alive is nobody's fault.

        A request that lacks something gets the answer that says so.
        """
        if not self._lets_in(data, source[0], now):
            return None
        try:
            return read(data)
        except FlawedRequestError as error:
            self.dropped["form"] += 1
            return self._said_so(error, source)
        except PeerProtocolError:
            self.dropped["form"] += 1
            return None

    def _lets_in(self, data: bytes, host: str, now: float) -> bool:
        if not self._is_allowed(host):
            self.dropped["stranger"] += 1
            if host in self.strangers or len(self.strangers) < MOST_STRANGERS:
                self.strangers[host] += 1
            return False
        if not data.strip(b"\r\n\0 "):
            return False
        if len(data) > MOST_BYTES:
            self.dropped["size"] += 1
            return False
        if not self._has_room(host, now):
            self.dropped["rate"] += 1
            return False
        return True

    def _said_so(self, error: FlawedRequestError, source: Source) -> Answer | None:
        if error.request.method == "ACK":
            return None  # RFC 3261 17: an ACK is never answered
        return Answer(
            request=error.request,
            source=source,
            status=error.status,
            reason=error.reason,
            tag=self.new_tag(),
        )

    def _is_allowed(self, host: str) -> bool:
        known = self._known.get(host)
        if known is None:
            address = ipaddress.ip_address(host)
            known = any(address in network for network in self.allowed)
            if len(self._known) >= MOST_SOURCES:
                self._known.clear()
            self._known[host] = known
        return known

    def _has_room(self, host: str, now: float) -> bool:
        bucket = self._buckets.get(host)
        if bucket is None:
            if len(self._buckets) >= MOST_SOURCES:
                self._buckets.clear()
            bucket = self._buckets[host] = _Bucket(BURST, now)
        bucket.level = min(BURST, bucket.level + (now - bucket.at) * RATE)
        bucket.at = now
        if bucket.level < 1.0:
            return False
        bucket.level -= 1.0
        return True


def response(answer: Answer, *, contact: str) -> bytes:
    """Write an answer: Via, From, To, Call-ID and CSeq are the request's own."""
    request, (host, port) = answer.request, answer.source
    to = request.get("To")
    if to and "tag" not in header_parameters(to):
        to = f"{to};tag={answer.tag}"
    vias = list(request.every("Via"))
    vias[0] = _received(vias[0], host, port)
    headers = (
        *(("Via", via) for via in vias),
        *(("Record-Route", route) for route in request.every("Record-Route")),
        ("From", request.get("From")),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.get("CSeq")),
        ("Contact", f"<{contact}>"),
        ("Allow", ALLOW),
        *answer.headers,
        ("Content-Length", "0"),
    )
    told = tuple((name, value) for name, value in headers if value)
    return written(f"{VERSION} {answer.status} {answer.reason}", told)


def _received(via: str, host: str, port: int) -> str:
    """Say where the request came from (RFC 3581)."""
    parts = via.split(";")
    kept = [
        part for part in parts[1:] if part.partition("=")[0].strip() not in {"rport", "received"}
    ]
    extra = [f"received={host}", *([f"rport={port}"] if len(kept) < len(parts) - 1 else [])]
    return ";".join((parts[0], *kept, *extra))
