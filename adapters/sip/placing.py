"""`MysteryCaller` for a SIP account: baresip places the call, from the account that we register."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from adapters.sip.baresip import Baresip, Event, Outgoing, Tools
from adapters.sip.network import ANYWHERE, addresses_of, free_sip_port, route_to
from adapters.sip.settings import SipSettings
from gateway.core.errors import NotPossibleError, RejectedError, TransientError, UsageError
from gateway.core.inputs import Input
from gateway.core.mystery import MysteryOrder, Progress, ProgressKind
from gateway.core.ports import Clock
from gateway.core.trunks import NO_WORDS, Words

ADAPTER: Final = "sip"
PAUSE_S: Final = 0.4
GOODBYE_S: Final = 2.0
ATTEMPTS: Final = 3
MARGIN_S: Final = 30.0
_NUMBER: Final = re.compile(r"\+?[0-9*#]{1,40}")
_CODE: Final = re.compile(r"([1-6]\d\d) ")
# baresip's accounts have no way to write these in a parameter.
_UNWRITABLE: Final = re.compile(r"[;<>\"\s]")

_NO_PROGRAM: Final = (
    "No program that can place calls is installed.",
    "Install baresip (Debian and Ubuntu: apt install baresip-core), and restart.",
)
_NO_ACCOUNT: Final = (
    "This trunk has no account: its carrier only sends calls.",
    "Have it tried from another trunk, or by hand.",
)
_BAD_SECRET: Final = (
    "User name or password hold a character that the calling program cannot write.",
    "Have the provider give a password without spaces, quotes, semicolons and angle brackets.",
)
_NOT_STARTED: Final = (
    "The program that places calls does not start.",
    "Try it by hand: baresip -v. Its modules must be of the same version.",
)
_LOST: Final = Words(
    cause="The program that placed the call ended unexpectedly.",
    remedy="Start the test again; if it happens again, try by hand: baresip -v.",
    translated=(
        (
            "it",
            "Il programma che ha fatto la chiamata è terminato inaspettatamente.",
            "Avviare di nuovo la prova; se si ripete, provare a mano: baresip -v.",
        ),
    ),
)
ITALIAN: Final = {
    _NO_PROGRAM[0]: "Non è installato alcun programma che possa fare chiamate.",
    _NO_PROGRAM[1]: "Installare baresip (Debian e Ubuntu: apt install baresip-core) e riavviare.",
    _NO_ACCOUNT[0]: "Questa linea non ha un account: il fornitore manda soltanto chiamate.",
    _NO_ACCOUNT[1]: "Provarla da un'altra linea, oppure a mano.",
    _BAD_SECRET[0]: "Nome utente o password contengono un carattere che il programma di chiamata "
    "non può scrivere.",
    _BAD_SECRET[1]: "Farsi dare dal fornitore una password senza spazi, virgolette, punti e "
    "virgola e parentesi angolari.",
    _NOT_STARTED[0]: "Il programma che fa le chiamate non si avvia.",
    _NOT_STARTED[1]: "Provarlo a mano: baresip -v. I suoi moduli devono essere della stessa "
    "versione.",
}


class _Line:
    """One call: what the program tells of it, in the words of the port; each thing once."""

    def __init__(self, clock: Clock, told: Callable[[Progress], None], ring_s: float) -> None:
        self.program = Baresip(self._hear, self._lost)
        self.over = asyncio.Event()
        self._clock = clock
        self._told = told
        self._kinds: set[ProgressKind] = set()
        self._leaving = False
        self._limit = asyncio.get_running_loop().call_later(ring_s, self.hang_up)

    def hang_up(self) -> None:
        """Take the call back, or end it."""
        self._leaving = True
        self.program.command("hangup")

    def give_up(self) -> None:
        """Tell nothing of a call that never began."""
        self._limit.cancel()
        self._kinds.add(ProgressKind.ENDED)

    def _hear(self, event: Event) -> None:
        if event.get("response") and event.get("ok") is False:
            self._tell(ProgressKind.ENDED, words=_LOST)
        if event.get("class") != "call":
            return
        self._tell(ProgressKind.DIALLED)
        match event.get("type"):
            case "CALL_RINGING":
                self._tell(ProgressKind.RINGING, 180)
            case "CALL_PROGRESS":
                self._tell(ProgressKind.RINGING, 183)
            case "CALL_ESTABLISHED":
                self._limit.cancel()
                self._tell(ProgressKind.ANSWERED, 200)
            case "CALL_CLOSED":
                found = _CODE.match(str(event.get("param", "")))
                self._tell(ProgressKind.ENDED, int(found[1]) if found else None)
            case _:
                pass

    def _lost(self) -> None:
        self._tell(ProgressKind.ENDED, words=NO_WORDS if self._leaving else _LOST)

    def _tell(self, kind: ProgressKind, code: int | None = None, words: Words = NO_WORDS) -> None:
        if kind in self._kinds or ProgressKind.ENDED in self._kinds:
            return
        self._kinds.add(kind)
        if kind is ProgressKind.ENDED:
            self._limit.cancel()
            self.over.set()
            self.program.end()
        self._told(Progress(at=self._clock.now(), kind=kind, code=code, words=words))


class SipMysteryCaller:
    """Places test calls through one SIP account with the program that was `found`, if any."""

    def __init__(self, settings: SipSettings, clock: Clock, found: Tools | None) -> None:
        self._settings = settings
        self._clock = clock
        self._found = found
        self._lines: dict[str, _Line] = {}

    def why_not(self) -> NotPossibleError | None:
        """Return what is missing: the program, or an account to call from."""
        if not self._settings.registrar:
            return _not_possible(_NO_ACCOUNT)
        return _not_possible(_NO_PROGRAM) if self._found is None else None

    async def place(self, order: MysteryOrder, told: Callable[[Progress], None]) -> None:
        """Start the program and have it call; see the port for what is raised."""
        found, missing = self._found, self.why_not()
        if missing is not None or found is None:
            raise missing or _not_possible(_NO_PROGRAM)
        line = await self._started(found, order, told)
        self._lines = {key: one for key, one in self._lines.items() if not one.over.is_set()}
        self._lines[order.channel] = line

    async def _started(
        self, found: Tools, order: MysteryOrder, told: Callable[[Progress], None]
    ) -> _Line:
        """Start the program; a port that was free may be taken when it comes to listen there."""
        for left in reversed(range(ATTEMPTS)):
            call = await asyncio.to_thread(self._outgoing, order)
            line = _Line(self._clock, told, order.ring_s)
            try:
                await line.program.start(found, call)
            except OSError as error:
                line.give_up()
                if not left:
                    raise _transient(_NOT_STARTED) from error
            else:
                return line
        raise _transient(_NOT_STARTED)

    async def press(self, channel: str, digits: str) -> None:
        """Send each digit as a telephone event (RFC 4733)."""
        line = self._known(channel)
        for digit in digits:
            line.program.command("sndcode", digit)
            await asyncio.sleep(PAUSE_S)

    async def hang_up(self, channel: str) -> None:
        """End the call and the program; one that an earlier process started ends by itself."""
        line = self._known(channel)
        line.hang_up()
        with suppress(TimeoutError):  # the end of the program ends the call as well
            async with asyncio.timeout(GOODBYE_S):
                await line.over.wait()
        line.program.end()
        await line.program.ended()

    @property
    def hears(self) -> tuple[type[Input], ...]:
        """None: the program tells all of its call."""
        return ()

    def hear(self, item: Input) -> None:
        """Learn nothing."""

    def _known(self, channel: str) -> _Line:
        line = self._lines.get(channel)
        if line is None or line.over.is_set():
            raise RejectedError(
                "This call is not up any more.", adapter=ADAPTER, remedy="Start the test again."
            )
        return line

    def _outgoing(self, order: MysteryOrder) -> Outgoing:
        """Return what is to be called; looks at the name service and the password's file."""
        settings = self._settings
        if not _NUMBER.fullmatch(order.number):
            raise UsageError("This is no number that can be called.", remedy="Correct it.")
        login, password = settings.login or settings.username, settings.password()
        if any(_UNWRITABLE.search(one) for one in (settings.username, login, password)):
            raise _not_possible(_BAD_SECRET)
        host, port = settings.server
        try:
            own = settings.bind[0]
            own = route_to(addresses_of(host)[0]) if own == ANYWHERE else own
        except OSError as error:
            raise TransientError(
                "The registrar's name cannot be resolved.",
                adapter=ADAPTER,
                remedy="Check registrar in the [[trunk]], or the DNS of this machine.",
            ) from error
        where = f"{host}:{port}"
        return Outgoing(
            account=f"<sip:{settings.username}@{where}>;auth_user={login};auth_pass={password}"
            ";regint=0;audio_codecs=pcma,pcmu",
            uri=f"sip:{order.number.replace('#', '%23')}@{where}",
            own=f"{own}:{free_sip_port(own)}",
            limit_s=int(order.ring_s + order.longest_s + MARGIN_S),
        )


def _not_possible(words: tuple[str, str]) -> NotPossibleError:
    return NotPossibleError(words[0], adapter=ADAPTER, remedy=words[1])


def _transient(words: tuple[str, str]) -> TransientError:
    return TransientError(words[0], adapter=ADAPTER, remedy=words[1])
