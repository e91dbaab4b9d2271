"""The visit to the registrar before we register: who is there, and what of ours is out of date."""

import secrets
import selectors
import time

from adapters.sip.account import Account
from adapters.sip.message import SipMessage
from adapters.sip.port import Port
from adapters.sip.process import tell
from adapters.sip.registering import Refused, Registered, Registering, query
from adapters.sip.ringing import Source
from gateway.core.errors import PeerProtocolError

TURN_S = 0.1


class Visit:
    """Asks with REGISTERs of our own; calls that come meanwhile are served."""

    def __init__(
        self, account: Account, own: str, registering: Registering, port: Port, registrar: Source
    ) -> None:
        self._account = account
        self._own = own
        self._registering = registering
        self._port = port
        self._registrar = registrar
        self._call_id = secrets.token_hex(16)
        self._cseq = 0

    def ask(self, remove: tuple[str, ...] = ()) -> Registered | Refused:
        """Return who is registered, once those to remove are not any more."""
        self._send(remove)
        while True:
            for message in self._answers():
                data, verdict = self._registering.answered(message, time.monotonic())
                if verdict is not None:
                    return verdict
                if data is not None:
                    self._send(remove, signed=True)
            now = time.monotonic()
            self._port.tick(now)
            again, silence = self._registering.tick(now)
            if silence is not None:
                return silence
            if again is not None:
                self._port.send(again, self._registrar)

    def remove(self, contacts: tuple[str, ...]) -> None:
        """Take contacts of ours off the list: calls to where we were would ring for nobody."""
        if contacts:
            self.ask(contacts)  # a registrar that does not want to lets them run out

    def _send(self, remove: tuple[str, ...], *, signed: bool = False) -> None:
        self._cseq += 1
        asked = query(
            self._account.username,
            self._account.server,
            self._own,
            call_id=self._call_id,
            branch=f"z9hG4bK{secrets.token_hex(12)}",
            cseq=self._cseq,
            remove=remove,
        )
        if signed:
            asked = self._with_credentials(asked)
        self._port.send(self._registering.sending(asked, time.monotonic()), self._registrar)

    def _with_credentials(self, data: bytes) -> bytes:
        uri = f"sip:{self._account.server}"
        try:
            answer = self._account.authorization(self._registering.challenge(), uri)
        except PeerProtocolError:
            return data
        return data.replace(
            b"\r\nContent-Length", f"\r\nAuthorization: {answer}\r\nContent-Length".encode(), 1
        )

    def _answers(self) -> list[SipMessage]:
        waiting = selectors.DefaultSelector()
        waiting.register(self._port.udp, selectors.EVENT_READ)
        if not waiting.select(TURN_S):
            tell("alive", dropped={}, ringing=0, strangers=[])
        return [
            message for message, source in self._port.receive() if source[0] == self._registrar[0]
        ]
