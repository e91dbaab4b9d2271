"""The far end of a trunk on UDP: registers who asks, answers OPTIONS, dies, returns, refuses."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

USER: Final = "acct"
PASSWORD: Final = "right-password"
REALM: Final = "far"
NONCE: Final = "0123456789abcdef"
_COPIED: Final = re.compile(r"(?i)(via|v|from|f|call-id|i|cseq):")
_TO: Final = re.compile(r"(?i)(to|t):")
_CONTACT: Final = re.compile(r"(?i)(contact|m):")


class FarTrunk(asyncio.DatagramProtocol):
    """A provider's server; `alive` False is one that is gone, `password` what it accepts."""

    def __init__(self, password: str) -> None:
        self.alive = True
        self.password = password
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer REGISTER and OPTIONS as RFC 3261 has it."""
        text = data.decode()
        method = text.partition(" ")[0]
        if self.alive and self._transport is not None and method in {"REGISTER", "OPTIONS"}:
            status = 200 if method == "OPTIONS" or self._knows(text) else 401
            self._transport.sendto(_answer(text, status), addr)

    def _knows(self, text: str) -> bool:
        found = re.search(r"(?m)^Authorization: *Digest (.*?)\r?$", text)
        if found is None:
            return False
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', found[1]))
        secret = _md5(f"{USER}:{REALM}:{self.password}")
        asked = _md5(f"REGISTER:{given['uri']}")
        return bool(given["response"] == _md5(f"{secret}:{NONCE}:{asked}"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - RFC 2617 wants it


def _answer(text: str, status: int) -> bytes:
    lines = text.partition("\r\n\r\n")[0].split("\r\n")[1:]
    copied = [line for line in lines if _COPIED.match(line)]
    to = next(line for line in lines if _TO.match(line))
    more = [f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5']
    if status == 200:
        more = [*(line for line in lines if _CONTACT.match(line)), "Expires: 60"]
    head = [f"SIP/2.0 {status} As asked", *copied, f"{to};tag=far", *more, "Content-Length: 0"]
    return ("\r\n".join(head) + "\r\n\r\n").encode()


@asynccontextmanager
async def far_trunk(host: str, *, password: str = PASSWORD) -> AsyncIterator[FarTrunk]:
    """Listen on the SIP port of an address."""
    far = FarTrunk(password)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: far, local_addr=(host, 5060))
    try:
        yield far
    finally:
        transport.close()
