"""The UDP port of a trunk: requests are answered and told here, responses are handed on."""

import base64
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from adapters.sip.caller import CallerSource, caller_of
from adapters.sip.front import Front, networks, response
from adapters.sip.message import SipMessage, read
from adapters.sip.process import tell
from adapters.sip.ringing import Action, Answer, Calls, End, Rings, Source, Stopped
from adapters.sip.shield import Shield

MOST_AT_ONCE: Final = 100
BUFFER: Final = 4 * 2**20


def new_tag() -> str:
    """Return a tag that nobody can guess (RFC 3261 19.3)."""
    return secrets.token_hex(6)


class Port:
    """What comes in from `allowed` and what goes out; `own` is set once it is known."""

    def __init__(self, config: dict[str, Any], allowed: list[str]) -> None:
        self._username = config["username"]
        self._source = CallerSource(config["caller"])
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.udp.bind(tuple(config["listen"]))
        self.udp.settimeout(0)
        self.own: Source = self.udp.getsockname()
        self.front = Front(networks(allowed), new_tag)
        self._shield = Shield(self.udp)
        self.calls = Calls(
            new_tag,
            ring_limit_s=config["ring_limit_s"],
            unexplained=End(config["unexplained"]),
            gives_up_s=config["gives_up_s"],
        )
        for one in config["calls"]:
            rings = Rings(
                call=one["call"],
                invite=read(base64.b64decode(one["invite"])),
                source=tuple(one["source"]),
                tag=one["tag"],
            )
            self.calls.take_over(rings, time.monotonic())

    def receive(self) -> Iterator[tuple[SipMessage, Source]]:
        """Serve the requests that are there and return the responses."""
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = self.udp.recvfrom(65_535)
            except (BlockingIOError, ConnectionError):
                return
            now = time.monotonic()
            message = self.front.admit(data, source, now)
            if isinstance(message, Answer):
                self._act([message])
            elif message is not None and message.status:
                yield message, source
            elif message is not None:
                self._act(self.calls.request(message, source, now), data)

    def allow(self, addresses: list[str]) -> None:
        """Let these in from now on, and nobody else."""
        self.front.allow(networks(addresses))
        self._shield.lower()

    def watch(self, now: float) -> None:
        """Have the kernel turn strangers away while there is a flood of them."""
        self._shield.look(self.front.dropped["stranger"], self.front.allowed, now)

    def tick(self, now: float) -> None:
        """Do what is due with the calls that ring."""
        self._act(self.calls.tick(now))

    def send(self, data: bytes, target: Source) -> None:
        """Send a datagram; a network that is away shows by the answers that do not come."""
        with suppress(OSError):
            self.udp.sendto(data, target)

    @property
    def dropped(self) -> dict[str, int]:
        """Count what was turned away: strangers, size, rate, form; refused INVITEs by status."""
        refused = {f"refused_{status}": count for status, count in self.calls.refused.items()}
        return {**self.front.dropped, **refused}

    def _act(self, actions: list[Action], data: bytes = b"") -> None:
        for action in actions:
            if isinstance(action, Answer):
                contact = f"sip:{self._username}@{self.own[0]}:{self.own[1]}"
                self.send(response(action, contact=contact), action.source)
            elif isinstance(action, Rings):
                self._tell_ringing(action, data)
            elif isinstance(action, Stopped):
                tell("stopped", call=action.call, end=action.end.value)

    def _tell_ringing(self, rings: Rings, data: bytes) -> None:
        caller = caller_of(rings.invite, account=self._username, source=self._source)
        tell(
            "rings",
            call=rings.call,
            number=caller.number,
            name=caller.name,
            withheld=caller.withheld,
            called=caller.called,
            attestation=caller.provenance.attestation,
            diverted_from=caller.provenance.diverted_from,
            diverted_reason=caller.provenance.diverted_reason,
            invite=base64.b64encode(data).decode("ascii"),
            source=list(rings.source),
            tag=rings.tag,
        )
