"""A small registrar on loopback for what a real one cannot be made to do."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from adapters.sip.message import SipMessage, header_parameters, read
from adapters.sip.registering import uri_of

CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
Place = tuple[str, int]
Behaviour = Callable[[SipMessage], bytes | None]


def reply(request: SipMessage, status: int, *lines: str, received: str = "") -> bytes:
    """Return an answer to a request."""
    via = request.every("Via")[0] + (f";received={received}" if received else "")
    named = (("Via", via), *((key, request.get(key)) for key in ("From", "To", "Call-ID", "CSeq")))
    head = [f"SIP/2.0 {status} Said", *(f"{key}: {value}" for key, value in named)]
    return "\r\n".join([*head, *lines, "Content-Length: 0", "", ""]).encode()


class SipRegistrar(asyncio.DatagramProtocol):
    """`async with SipRegistrar() as one:` challenges once, then registers; `behave` changes that.

    `contacts` are the URIs that are registered, in their order; what came is in
    `requests`, and in `answers` by status.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.place: Place = (host, port)
        self.behave: Behaviour = self.registers
        self.requests: list[SipMessage] = []
        self.answers: list[int] = []
        self.contacts: list[str] = []
        self.received = ""
        self.expires_s = 60
        self.peer: Place = ("", 0)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, self.place)
        self.place = self.transport.get_extra_info("sockname")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.transport.close()

    @property
    def registrar(self) -> str:
        """Where it is, as a `[[trunk]]` says it."""
        return f"{self.place[0]}:{self.place[1]}"

    def count(self, method: str) -> int:
        """Count the requests of a method."""
        return sum(one.method == method for one in self.requests)

    def send(self, data: bytes) -> None:
        """Send to who registered last."""
        self.transport.sendto(data, self.peer)

    def datagram_received(self, data: bytes, addr: Place) -> None:
        """Take what came; an empty line keeps a way open and asks nothing."""
        if not data.strip():
            return
        if data.startswith(b"SIP/2.0 "):
            self.answers.append(int(data.split(b" ", 2)[1]))
            return
        message = read(data)
        self.requests.append(message)
        self.peer = addr
        said = self.behave(message)
        if said is not None:
            self.transport.sendto(said, addr)

    def registers(self, request: SipMessage) -> bytes:
        """Challenge, then keep or remove contacts and list them all."""
        if request.method != "REGISTER":
            return reply(request, 200)
        if not request.get("Authorization"):
            return reply(request, 401, CHALLENGE, received=self.received)
        for contact in request.every("Contact"):
            uri = uri_of(contact)
            self.contacts = [one for one in self.contacts if one != uri]
            gone = header_parameters(contact).get("expires", request.get("Expires")) == "0"
            self.contacts += [] if gone else [uri]
        listed = [f"Contact: <{uri}>;expires={self.expires_s}" for uri in self.contacts]
        return reply(request, 200, *listed, received=self.received)
