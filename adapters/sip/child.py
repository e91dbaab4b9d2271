"""The process that holds a trunk's port: `python -m adapters.sip.child`.

Configuration is one line of JSON on stdin, what happens is one line of JSON each on stdout. When
stdin closes it signs off and ends. It has limits of its own and may be killed at any moment.
"""

import json
import os
import queue
import secrets
import selectors
import socket
import sys
import threading
import time
from typing import Any, Final

from adapters.sip.account import Account
from adapters.sip.asking import Asking
from adapters.sip.message import SipMessage
from adapters.sip.network import ANYWHERE, addresses_of, looked_up, route_to
from adapters.sip.phone import ANSWER_S, LibrarySocket, Phone
from adapters.sip.port import Port
from adapters.sip.process import leave, limit, tell
from adapters.sip.registering import Refused, Registered, Registering, contact_place, seen_at
from adapters.sip.ringing import Source
from adapters.sip.visiting import Visit
from adapters.sip.whereabouts import LOOK_UP_EVERY_S, Whereabouts

BEAT_S: Final = 0.5
TURN_S: Final = 0.1
SIGN_OFF_S: Final = 2.0


class Child:
    """One trunk's port, from the first REGISTER to the last."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._name, self._server_port = config["server"]
        found = addresses_of(self._name) if self._name else []
        self._registrar: Source | None = (found[0], self._server_port) if found else None
        self._port = Port(config, config["allow_from"] or found)
        self._where = self._whereabouts(config["listen"][0], found)
        self._port.own = (self._where.own, self._port.own[1])
        self._own = f"{self._port.own[0]}:{self._port.own[1]}"
        self._account = self._account_of(config)
        self._registering = Registering(self._is_ours, ANSWER_S)
        self._library = LibrarySocket(self._send_register)
        self._phone: Phone | None = None
        self._asking = Asking(config["username"], self._name, self._own, secrets.token_hex(12))
        self._looked_up: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        self._stopping_at: float | None = None

    def _whereabouts(self, host: str, found: list[str]) -> Whereabouts:
        registrar = found[0] if found else ""
        if host != ANYWHERE or not registrar:
            return Whereabouts(registrar, host, addresses=found)
        return Whereabouts(registrar, route_to(registrar), route_to, found)

    def _account_of(self, config: dict[str, Any]) -> Account:
        return Account(
            server=self._name,
            port=self._server_port,
            username=config["username"],
            login=config["login"] or config["username"],
            password=config["password"],
            own_ip=self._port.own[0],
            own_port=self._port.own[1],
            expires_s=config["expires_s"],
        )

    def _is_ours(self, contact: str) -> bool:
        place, whose = contact_place(contact)
        return place == self._own or whose in {self._account.instance, self._account.line.upper()}

    def run(self) -> None:
        """Serve until stdin closes, the registrar refuses or the library gives up."""
        if self._registrar is not None:
            self._phone = Phone(self._account, self._library, self._registering.challenge)
            if not self._visited(self._registrar):
                return
            threading.Thread(target=self._phone.start, daemon=True).start()
            threading.Thread(target=self._look_up, daemon=True).start()
        else:
            tell("contacts", others=0)
            if self._config["probe"]:
                return
            tell("listening", own=list(self._port.own))
        self._serve()

    def _visited(self, registrar: Source) -> bool:
        """Look who else registers with the account before we take its place (decision 6)."""
        visit = Visit(self._account, self._own, self._registering, self._port, registrar)
        verdict = visit.ask()
        if isinstance(verdict, Refused):
            self._say_refused(verdict)
            return False
        tell("contacts", others=verdict.others)
        if verdict.others and not self._config["shared"]:
            tell("occupied", others=verdict.others)
            return False
        if self._config["probe"]:
            return False
        visit.remove(tuple(one for one in verdict.ours if contact_place(one)[0] != self._own))
        return True

    # -- the turns of the loop

    def _serve(self) -> None:
        waiting = selectors.DefaultSelector()
        waiting.register(self._port.udp, selectors.EVENT_READ)
        waiting.register(sys.stdin, selectors.EVENT_READ)
        beat_at = 0.0
        while True:
            for key, _events in waiting.select(TURN_S):
                if key.fileobj is self._port.udp:
                    for message, source in self._port.receive():
                        self._take_response(message, source)
                elif not os.read(sys.stdin.fileno(), 4096):
                    waiting.unregister(sys.stdin)
                    self._sign_off()
            now = time.monotonic()
            self._port.tick(now)
            if not self._registration_goes_on(now):
                return
            if now >= beat_at:
                beat_at = now + BEAT_S
                self._port.watch(now)
                self._tell_alive()
            if self._stopping_at is not None and now >= self._stopping_at:
                return

    def _tell_alive(self) -> None:
        tell(
            "alive",
            dropped=self._port.dropped,
            ringing=len(self._port.calls),
            strangers=[host for host, _ in self._port.front.strangers.most_common(3)],
        )

    def _take_response(self, message: SipMessage, source: Source) -> None:
        if self._registrar is None or source[0] != self._registrar[0]:
            self._port.front.dropped["answer"] += 1
            return
        now = time.monotonic()
        took_s = self._asking.answered(message, now)
        if took_s is not None:
            self._tell_reached("reached", took_s, status=message.status)
            self._note_seen(seen_at(message))
            return
        data, verdict = self._registering.answered(message, now)
        if data is None:
            return
        if isinstance(verdict, Registered) and self._phone is not None and not self._stopping_at:
            self._registered(verdict, self._phone)
        self._library.put(data)
        self._say_refused(verdict)

    def _registered(self, verdict: Registered, phone: Phone) -> None:
        if verdict.expires_s:
            phone.granted(verdict.expires_s)
        self._port.calls.alone = self._config["shared"] and verdict.others == 0
        self._tell_reached(
            "registered", verdict.took_s, expires_s=verdict.expires_s, others=verdict.others
        )
        self._note_seen(verdict.seen)

    def _note_seen(self, address: str) -> None:
        if self._where.seen(address):
            self._start_again("seen")

    def _tell_reached(self, event: str, took_s: float, **facts: object) -> None:
        host, port = self._registrar or ("", 0)
        tell(event, server=f"{host}:{port}", rtt_ms=round(took_s * 1000, 1), **facts)

    # -- registration

    def _send_register(self, data: bytes) -> None:
        if self._registrar is not None:
            sent = self._registering.sending(data, time.monotonic())
            self._port.send(sent, self._registrar)

    def _say_refused(self, verdict: Registered | Refused | None) -> None:
        if isinstance(verdict, Refused) and not self._stopping_at:
            tell(
                "refused",
                status=verdict.status,
                min_expires_s=verdict.min_expires_s,
                unknown_challenge=verdict.unknown_challenge,
                for_ever=verdict.for_ever,
                elsewhere=verdict.elsewhere,
                retry_after_s=verdict.retry_after_s,
            )
            leave(1)  # the parent starts us again

    def _registration_goes_on(self, now: float) -> bool:
        if self._registrar is None or self._phone is None:
            return True
        again, verdict = self._registering.tick(now)
        if again is not None:
            self._port.send(again, self._registrar)
        self._say_refused(verdict)
        question = self._asking.due(now)
        if question is not None:
            self._port.send(question, self._registrar)
        self._follow_moves(now)
        return not self._phone.failed

    def _follow_moves(self, now: float) -> None:
        """Let new servers of the registrar's name in; start again where we or it have moved."""
        while not self._looked_up.empty():
            if self._where.found(self._looked_up.get()) and not self._config["allow_from"]:
                self._port.allow(self._where.addresses)
        if self._where.moved(now):
            self._start_again("own")
        if self._where.registrar_moved:
            self._start_again("registrar")
        if self._asking.silent:
            self._start_again("silent")

    def _start_again(self, why: str) -> None:
        """Make room for a process that begins anew; the parent knows what rings."""
        if self._stopping_at is None:
            tell("moved", why=why)
            leave()

    def _look_up(self) -> None:
        while self._stopping_at is None:
            time.sleep(LOOK_UP_EVERY_S)
            self._looked_up.put(looked_up(self._name))

    def _sign_off(self) -> None:
        self._stopping_at = time.monotonic() + (SIGN_OFF_S if self._phone is not None else 0.0)
        if self._phone is not None:
            phone = self._phone

            def sign_off() -> None:
                phone.stop()
                self._stopping_at = time.monotonic()

            threading.Thread(target=sign_off, daemon=True).start()


def main() -> None:
    """Read the configuration and serve; what stops us is told in one line."""
    limit()
    config = json.loads(sys.stdin.readline())
    if config["server"][0]:
        tell("resolving")  # a name service that is away may take longer than we are waited for
    try:
        Child(config).run()
    except socket.gaierror:
        tell("failed", why="name")
    except OSError as error:
        tell("failed", why="port", errno=error.errno)
    leave()


if __name__ == "__main__":
    main()
