"""pyVoIP, kept to what it does well: an account registered, refreshed and signed off again.

It gets a socket of ours instead of a real one, so that nothing but the registrar's answers can be
taken for the answer to a REGISTER (SIP.md, decision 3); calls never reach it. Its threads are not
daemons and block: it lives in a child process that can be killed.
"""

import secrets
import socket
from collections.abc import Callable
from typing import Final, cast

# The library's modules import each other in a circle: only this one may be the first.
from pyVoIP.VoIP.VoIP import SIP, PhoneStatus, VoIPPhone

from adapters.sip.account import Account
from adapters.sip.digest import Challenge

# Longer than Timer F would have it is of no use: a registrar that is silent that long is away.
ANSWER_S: Final = 16


class LibrarySocket:
    """The only socket the library sees: what it sends goes to `send`, it reads what we put in."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._inside, self._outside = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def put(self, data: bytes) -> None:
        """Let the library read one datagram."""
        self._outside.send(data)

    def fileno(self) -> int:
        """Return what `select` waits on."""
        return self._inside.fileno()

    def recv(self, size: int) -> bytes:
        """Return one datagram."""
        return self._inside.recv(size)

    def sendto(self, data: bytes, _address: object) -> None:
        """Hand over what is to go out; we know better where to."""
        self._send(data)

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Block or not in `recv`."""
        self._inside.setblocking(flag)

    def close(self) -> None:
        """Close both ends."""
        self._inside.close()
        self._outside.close()


class _Client(SIP.SIPClient):
    """The library's client, with our socket, an honest digest and Call-IDs of its own."""

    account: Account
    library: LibrarySocket
    challenge: Callable[[], Challenge]

    def start(self) -> None:
        """Register; there is nothing to receive but the answers to that."""
        self.NSD = True
        self.s = self.out = cast("socket.socket", self.library)
        self.register()

    def gen_call_id(self) -> str:
        """Return a new Call-ID: the library's are the same after every start."""
        return f"{secrets.token_hex(16)}@{self.myIP}"

    def gen_first_response(self, deregister: bool = False) -> str:  # noqa: FBT001, FBT002
        """Mark the contact as ours, for registrars that keep no instance."""
        return self._marked(super().gen_first_response(deregister))

    def gen_register(self, request: SIP.SIPMessage, deregister: bool = False) -> str:  # noqa: FBT001, FBT002
        """Answer a challenge as the registrar asks for it (RFC 7616), not only as in RFC 2069."""
        text = self._marked(super().gen_register(request, deregister))
        answer = self.account.authorization(self.challenge(), f"sip:{self.server}")
        head = [line for line in text.split("\r\n") if line and not line.startswith("Authoriz")]
        return "\r\n".join((*head, f"Authorization: {answer}", "", ""))

    def _marked(self, text: str) -> str:
        return text.replace(";transport=UDP>", f";transport=UDP;line={self.account.line}>", 1)


class Phone(VoIPPhone):
    """One registered account; `start` and `stop` block and belong into a thread."""

    def __init__(
        self, account: Account, library: LibrarySocket, challenge: Callable[[], Challenge]
    ) -> None:
        server, username = account.server, account.username
        super().__init__(server, account.port, username, account.password, myIP=account.own_ip)
        client = _Client(
            server,
            account.port,
            username,
            account.password,
            phone=self,
            myIP=account.own_ip,
            myPort=account.own_port,
            callCallback=self.callback,
            fatalCallback=self.fatal,
        )
        client.account, client.library, client.challenge = account, library, challenge
        client.default_expires = account.expires_s
        client.register_timeout = ANSWER_S
        client.urnUUID = account.instance
        self.sip = client

    def callback(self, request: SIP.SIPMessage) -> None:
        """Hear of a final answer to REGISTER: there is nothing to do about a call."""

    def granted(self, seconds: int) -> None:
        """Refresh as the registrar grants, not as we asked; not more than every 10 s."""
        self.sip.default_expires = max(seconds, 15)

    @property
    def failed(self) -> bool:
        """Whether the library has given up."""
        return bool(self.get_status() == PhoneStatus.FAILED)
