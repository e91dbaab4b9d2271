"""The process that holds a trunk's port: `python -m adapters.sip.child`.

Configuration is one line of JSON on stdin, what happens is one line of JSON each on stdout. When
stdin closes it signs off and ends. It has limits of its own and may be killed at any moment.
"""

import base64
import json
import os
import resource
import secrets
import selectors
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Final

from adapters.sip.account import Account
from adapters.sip.caller import CallerSource, caller_of
from adapters.sip.front import Front, networks, response
from adapters.sip.message import SipMessage, read
from adapters.sip.phone import ANSWER_S, LibrarySocket, Phone
from adapters.sip.registering import Refused, Registered, Registering, contact_place, query
from adapters.sip.ringing import Action, Answer, Calls, Rings, Source, Stopped
from gateway.core.errors import PeerProtocolError

MEMORY: Final = 256 * 2**20
FILES: Final = 64
BEAT_S: Final = 0.5
TURN_S: Final = 0.1
KEEPALIVE_S: Final = 25.0
SIGN_OFF_S: Final = 2.0
MOST_AT_ONCE: Final = 100


def limit() -> None:
    """Bound what this process can take from the machine; a flood must not slow the pops."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    threading.stack_size(512 * 1024)
    with suppress(OSError):
        os.nice(5)


def tell(event: str, **facts: object) -> None:
    """Write one line for the parent; without a parent there is nothing left to do."""
    try:
        sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        os._exit(0)


class Child:
    """One trunk's port, from the first REGISTER to the last."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        host, port = config["listen"]
        self._server, self._server_port = config["server"]
        self._registrar: Source | None = None
        if self._server:
            self._registrar = _resolved(self._server, self._server_port)
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
        self._udp.bind((host, port))
        self._udp.settimeout(0)
        self._own = (self._own_ip(host), self._udp.getsockname()[1])
        allowed = config["allow_from"] or ([self._registrar[0]] if self._registrar else [])
        self._front = Front(networks(allowed))
        self._calls = Calls(lambda: secrets.token_hex(6), ring_limit_s=config["ring_limit_s"])
        self._phone: Phone | None = None
        self._library = LibrarySocket(self._send_register)
        self._registering = Registering(self._is_ours, ANSWER_S)
        self._stopping_at: float | None = None
        self._source = CallerSource(config["caller"])
        self._instance = ""

    def _own_ip(self, host: str) -> str:
        if host != "0.0.0.0" or self._registrar is None:  # noqa: S104 - asked for by configuration
            return str(host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(self._registrar)
            return str(probe.getsockname()[0])

    def _is_ours(self, contact: str) -> bool:
        place, instance = contact_place(contact)
        return place == f"{self._own[0]}:{self._own[1]}" or (
            bool(instance) and instance == f"URN:UUID:{self._instance}"
        )

    def run(self) -> None:
        """Serve until stdin closes, the registrar refuses or the library gives up."""
        for one in self._config["calls"]:
            invite = read(base64.b64decode(one["invite"]))
            self._calls.take_over(invite, tuple(one["source"]), one["tag"], time.monotonic())
        if self._registrar is not None:
            account = self._account()
            self._instance = account.instance
            self._phone = Phone(account, self._library, self._registering.challenge)
            if not self._ask_who_is_there(account):
                return
            threading.Thread(target=self._phone.start, daemon=True).start()
        else:
            tell("contacts", others=0)
            if self._config["probe"]:
                return
            tell("listening", own=list(self._own))
        self._serve()

    def _account(self) -> Account:
        return Account(
            server=self._server,
            port=self._server_port,
            username=self._config["username"],
            login=self._config["login"] or self._config["username"],
            password=self._config["password"],
            own_ip=self._own[0],
            own_port=self._own[1],
            expires_s=self._config["expires_s"],
        )

    # -- the turns of the loop

    def _serve(self) -> None:
        waiting = selectors.DefaultSelector()
        waiting.register(self._udp, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        beat_at = keep_at = 0.0
        while True:
            ready = waiting.select(TURN_S)
            for key, _events in ready:
                if key.fileobj is self._udp:
                    self._receive()
                elif not os.read(sys.stdin.fileno(), 4096):
                    waiting.unregister(sys.stdin)
                    self._sign_off()
            now = time.monotonic()
            self._act(self._calls.tick(now))
            if not self._registration_goes_on(now):
                return
            if now >= beat_at:
                beat_at = now + BEAT_S
                tell("alive", dropped=dict(self._front.dropped), ringing=len(self._calls))
            if now >= keep_at and self._registrar is not None:
                keep_at = now + KEEPALIVE_S
                self._send(b"\r\n\r\n", self._registrar)
            if self._stopping_at is not None and now >= self._stopping_at:
                return

    def _receive(self) -> None:
        for _ in range(MOST_AT_ONCE):
            try:
                data, source = self._udp.recvfrom(65_535)
            except (BlockingIOError, ConnectionError):
                return
            now = time.monotonic()
            message = self._front.admit(data, source, now)
            if message is None:
                continue
            if message.status:
                self._take_response(message, source)
            else:
                self._act(self._calls.request(message, source, now), data)

    def _act(self, actions: list[Action], data: bytes = b"") -> None:
        for action in actions:
            if isinstance(action, Answer):
                contact = f"sip:{self._config['username']}@{self._own[0]}:{self._own[1]}"
                self._send(response(action, contact=contact), action.source)
            elif isinstance(action, Rings):
                self._tell_ringing(action, data)
            elif isinstance(action, Stopped):
                tell("stopped", call=action.call_id, end=action.end.value)

    def _tell_ringing(self, rings: Rings, data: bytes) -> None:
        caller = caller_of(rings.invite, account=self._config["username"], source=self._source)
        tell(
            "rings",
            call=rings.invite.call_id,
            number=caller.number,
            name=caller.name,
            withheld=caller.withheld,
            called=caller.called,
            invite=base64.b64encode(data).decode("ascii"),
            source=list(rings.source),
            tag=self._calls.tag_of(rings.invite.call_id),
        )

    # -- registration

    def _send_register(self, data: bytes) -> None:
        if self._registrar is not None:
            self._send(self._registering.sending(data, time.monotonic()), self._registrar)

    def _take_response(self, message: SipMessage, source: Source) -> None:
        if self._registrar is None or source[0] != self._registrar[0]:
            self._front.dropped["answer"] += 1
            return
        data, verdict = self._registering.answered(message)
        if data is None:
            return
        if isinstance(verdict, Registered) and self._phone is not None and not self._stopping_at:
            if verdict.expires_s:
                self._phone.granted(verdict.expires_s)
            self._calls.alone = self._config["shared"] and verdict.others == 0
            tell("registered", expires_s=verdict.expires_s, others=verdict.others)
        self._library.put(data)
        self._say_refused(verdict)

    def _say_refused(self, verdict: Registered | Refused | None) -> None:
        if isinstance(verdict, Refused) and not self._stopping_at:
            tell(
                "refused",
                status=verdict.status,
                min_expires_s=verdict.min_expires_s,
                unknown_challenge=verdict.unknown_challenge,
            )
            os._exit(1)  # the library's threads would block; the parent starts us again

    def _registration_goes_on(self, now: float) -> bool:
        again, verdict = self._registering.tick(now)
        if again is not None and self._registrar is not None:
            self._send(again, self._registrar)
        self._say_refused(verdict)
        return self._phone is None or not self._phone.failed

    def _ask_who_is_there(self, account: Account) -> bool:
        """Look who else registers with the account before we take its place (decision 6)."""
        cseq, call_id = 1, secrets.token_hex(16)
        own = f"{self._own[0]}:{self._own[1]}"
        asked: bytes | None = None
        verdict: Registered | Refused | None = None
        now = time.monotonic()
        while verdict is None:
            if asked is None:
                branch = f"z9hG4bK{secrets.token_hex(12)}"
                asked = query(
                    account.username, account.server, own, call_id=call_id, branch=branch, cseq=cseq
                )
                if cseq > 1:
                    asked = self._with_credentials(account, asked)
                self._send_register(asked)
            message = self._next_response()
            now = time.monotonic()
            if message is not None:
                data, verdict = self._registering.answered(message)
                if data is not None and verdict is None:
                    cseq, asked = cseq + 1, None
            else:
                again, verdict = self._registering.tick(now)
                if again is not None and self._registrar is not None:
                    self._send(again, self._registrar)
        if isinstance(verdict, Registered):
            tell("contacts", others=verdict.others)
            if verdict.others and not self._config["shared"]:
                tell("occupied", others=verdict.others)
                return False
            return not self._config["probe"]
        self._say_refused(verdict)
        return False

    def _with_credentials(self, account: Account, data: bytes) -> bytes:
        try:
            answer = account.authorization(self._registering.challenge(), f"sip:{account.server}")
        except PeerProtocolError:
            return data
        return data.replace(
            b"\r\nContent-Length", f"\r\nAuthorization: {answer}\r\nContent-Length".encode(), 1
        )

    def _next_response(self) -> SipMessage | None:
        waiting = selectors.DefaultSelector()
        waiting.register(self._udp, selectors.EVENT_READ)
        if not waiting.select(TURN_S):
            tell("alive", dropped={}, ringing=0)
            return None
        try:
            data, source = self._udp.recvfrom(65_535)
        except (BlockingIOError, ConnectionError):
            return None
        message = self._front.admit(data, source, time.monotonic())
        if message is None or not message.status:
            if message is not None:
                self._act(self._calls.request(message, source, time.monotonic()), data)
            return None
        return message if self._registrar and source[0] == self._registrar[0] else None

    def _sign_off(self) -> None:
        self._stopping_at = time.monotonic() + (SIGN_OFF_S if self._phone is not None else 0.0)
        if self._phone is not None:
            phone = self._phone

            def leave() -> None:
                phone.stop()
                self._stopping_at = time.monotonic()

            threading.Thread(target=leave, daemon=True).start()

    def _send(self, data: bytes, target: Source) -> None:
        with suppress(OSError):  # a network that is away shows by the answers that do not come
            self._udp.sendto(data, target)


def _resolved(host: str, port: int) -> Source:
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)
    address = found[0][4]
    return str(address[0]), int(address[1])


def main() -> None:
    """Read the configuration and serve; what stops us is told in one line."""
    limit()
    config = json.loads(sys.stdin.readline())
    try:
        Child(config).run()
    except socket.gaierror:
        tell("failed", why="name")
    except OSError as error:
        tell("failed", why="port", errno=error.errno)
    sys.stdout.flush()
    os._exit(0)  # the library's threads are not daemons


if __name__ == "__main__":
    main()
