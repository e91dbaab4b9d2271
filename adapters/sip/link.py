"""One trunk: a child process is kept, watched, killed and started again; its tale is translated."""

import asyncio
import json
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from adapters.sip import faults
from adapters.sip.faults import Fault
from adapters.sip.ringing import End
from adapters.sip.settings import SipSettings
from adapters.sip.translate import Ringing, Translator
from gateway.core.errors import ConfigError
from gateway.core.events import Query
from gateway.core.inputs import Input, LinkDown, QueryAnswer
from gateway.core.ports import Clock, LinkPhase, LinkState
from gateway.core.provenance import Attestation, DiversionReason, Provenance

log = structlog.get_logger(__name__)

SILENCE_S: Final = 3.0
START_S: Final = 10.0
FIRST_PAUSE_S: Final = 1.0
MOST_PAUSE_S: Final = 60.0
REFUSED_PAUSE_S: Final = 600.0
MOST_WISH_S: Final = 3600.0
MOST_LINE: Final = 256 * 1024
Event = dict[str, Any]


class SipSource:
    """Implements `PbxSource` for a SIP account; `report` is told every change, in words."""

    def __init__(
        self,
        settings: SipSettings,
        clock: Clock,
        *,
        report: Callable[[LinkState], None],
        rng: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._report = report
        self._rng = rng or random.Random()  # noqa: S311 - jitter, no secret
        self._translator = Translator(settings.name, settings.rings)
        self._carried: dict[str, Event] = {}
        self._emit: Callable[[Input], None] = lambda _item: None
        self._state: LinkState | None = None
        self._up = False
        self._silent = False
        self._asked = False
        self._failures = 0
        self._expires_s = settings.expires_s
        self._resolving = False
        self._fault: Fault | None = None
        self._facts: Event = {}
        self._answer: Event = {}
        self.dropped: dict[str, int] = {}

    def ask(self, query: Query) -> None:
        """Answer that there is nobody to ask."""
        self._emit(QueryAnswer(at=self._clock.now(), query_id=query.id, value=None))

    async def run(self, emit: Callable[[Input], None]) -> None:
        """Follow the trunk until cancelled."""
        self._emit = emit
        self._tell(LinkPhase.CONNECTING)
        while True:
            self._fault, self._facts = None, {}
            was_up = await self._one_process()
            pause = self._pause(was_up=was_up)
            if pause > 0 or self._fault is not faults.STOPPED:
                self._down(pause)
            await asyncio.sleep(pause)

    def _pause(self, *, was_up: bool) -> float:
        """Return how long to wait; a process that worked is replaced at once."""
        fault = self._fault
        if was_up:
            self._failures = 0
            if fault is faults.STOPPED:
                return 0.0
        self._failures += 1
        if fault is not None and fault.refused:
            return REFUSED_PAUSE_S if self._failures > 1 else self._rng.uniform(5.0, 15.0)
        most = min(MOST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(self._failures, 16))
        wish = min(float(self._facts.get("retry_after_s", 0)), MOST_WISH_S)
        return wish + self._rng.uniform(0.0, most)

    async def ask_once(self) -> tuple[Fault | None, Event]:
        """Have one child look at the registrar and end."""
        self._fault, self._facts = None, {}
        await self._one_process(probe=True)
        worked = self._asked and self._fault is faults.STOPPED
        return (None if worked else self._fault), dict(self._facts)

    async def _one_process(self, *, probe: bool = False) -> bool:
        """Keep one child until it ends or falls silent; True if it was registered."""
        try:
            password = await asyncio.to_thread(self._settings.password)
        except ConfigError:
            self._fault = faults.SECRET
            return False
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "adapters.sip.child",
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # each thread's would count as memory
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MOST_LINE,
        )
        registered = False
        try:
            stdin, stdout = _pipes(process)
            stdin.write((json.dumps(self._config(password, probe=probe)) + "\n").encode())
            registered = await self._hear(stdout)
        except ValueError:
            log.warning("sip.line_too_long", trunk=self._settings.name)
        finally:
            await _end(process, patience=0.0 if self._silent else SILENCE_S)
        return registered

    def _config(self, password: str, *, probe: bool = False) -> Event:
        settings = self._settings
        return {
            "listen": settings.bind,
            "server": settings.server,
            "username": settings.username,
            "login": settings.login,
            "password": password,
            "expires_s": self._expires_s,
            "allow_from": list(settings.allow_from),
            "shared": settings.shared,
            "caller": settings.caller.value,
            "ring_limit_s": settings.ring_limit_s,
            "gives_up_s": settings.gives_up_s,
            "unexplained": (
                End.ELSEWHERE if settings.plain_cancel == "answered" else End.LEFT
            ).value,
            "calls": [
                {key: one[key] for key in ("call", "invite", "source", "tag")}
                for one in self._carried.values()
            ],
            "probe": probe,
        }

    async def _hear(self, tale: asyncio.StreamReader) -> bool:
        """Take its lines until it ends or is silent for too long."""
        registered = self._silent = self._resolving = False
        patience = START_S
        self._fault = faults.STOPPED
        while True:
            try:
                async with asyncio.timeout(patience):
                    line = await tale.readline()
            except TimeoutError:
                self._silent = True
                if self._resolving:
                    self._fault = faults.NAME
                log.warning("sip.child_silent", trunk=self._settings.name, seconds=patience)
                return registered
            if not line:
                return registered
            event = json.loads(line)
            self._resolving = event["event"] == "resolving"
            patience = START_S if self._resolving else SILENCE_S
            registered = self._take(event) or registered

    def _take(self, event: Event) -> bool:
        """Take one thing the child tells; True once it works."""
        now = self._clock.now()
        match event["event"]:
            case "alive":
                self._note_dropped(event["dropped"], event["strangers"])
            case "rings":
                self._carried[event["call"]] = event
                self._say(self._translator.began(_ringing(event, now)))
            case "stopped":
                self._carried.pop(event["call"], None)
                self._say(self._translator.stopped(event["call"], End(event["end"]), now))
            case "registered" | "listening":
                self._works(event, now)
                return True
            case "refused":
                self._refused(event)
            case "moved":
                log.info("sip.moved", trunk=self._settings.name, why=event["why"])
            case "contacts":
                self._asked, self._facts = True, {"others": event["others"]}
            case "occupied":
                self._fault, self._facts = faults.OCCUPIED, {"others": event["others"]}
            case "failed":
                self._fault = faults.NAME if event["why"] == "name" else faults.PORT
            case _:
                pass
        return False

    def _refused(self, event: Event) -> None:
        if event["min_expires_s"] > self._expires_s:
            self._expires_s = min(event["min_expires_s"], 86_400)
        self._fault = faults.of_status(event["status"])
        if event["unknown_challenge"]:
            self._fault = faults.CHALLENGE
        elif event["for_ever"]:
            self._fault = faults.FOR_EVER
        self._facts = {key: event[key] for key in ("status", "elsewhere", "retry_after_s")}

    def _say(self, items: list[Input]) -> None:
        for item in items:
            self._emit(item)

    def _note_dropped(self, dropped: dict[str, int], strangers: list[str]) -> None:
        if dropped and dropped != self.dropped:
            log.info("sip.dropped", trunk=self._settings.name, hosts=strangers, **dropped)
            self.dropped = dropped

    def _works(self, event: Event, now: datetime) -> None:
        if not self._up:
            self._up = True
            self._emit(self._translator.snapshot(now))
            log.info("sip.trunk_up", trunk=self._settings.name)
        self._answer = event
        others = event.get("others", 0)
        self._tell(LinkPhase.UP, _SHARED if others and not self._settings.shared else None)

    def _down(self, pause: float) -> None:
        """Say that calls are no longer seen here, and why."""
        if self._up:
            self._up = False
            self._emit(LinkDown(at=self._clock.now()))
        fault = self._fault or faults.STOPPED
        phase = LinkPhase.REFUSED if fault.refused else LinkPhase.DOWN
        self._tell(phase, fault, pause=pause)

    def _tell(
        self, phase: LinkPhase, fault: Fault | None = None, *, pause: float | None = None
    ) -> None:
        now, old = self._clock.now(), self._state
        state = LinkState(
            pbx=self._settings.name,
            phase=phase,
            since=old.since if old is not None and old.phase is phase else now,
            cause=fault.cause.format(**self._facts) if fault else "",
            remedy=fault.remedy if fault else "",
            next_try_at=None if pause is None else now + timedelta(seconds=pause),
            translated=(
                (("it", fault.cause_it.format(**self._facts), fault.remedy_it),) if fault else ()
            ),
            code=(self._facts.get("status") or None) if fault else None,
            rtt_ms=self._answer.get("rtt_ms") if phase is LinkPhase.UP else None,
            expires_at=self._expires_at(now) if phase is LinkPhase.UP else None,
        )
        if old is None or (old.phase, old.cause) != (state.phase, state.cause):
            level = log.warning if phase in {LinkPhase.DOWN, LinkPhase.REFUSED} else log.debug
            level("sip.link_state", pbx=state.pbx, phase=phase.value, cause=state.cause)
        self._state = state
        self._report(state)

    def _expires_at(self, now: datetime) -> datetime | None:
        seconds = self._answer.get("expires_s", 0)
        return now + timedelta(seconds=seconds) if seconds else None


_SHARED: Final = Fault(
    cause="Another phone has registered with this account since.",
    remedy="Give Filodiretto an account of its own, or set shared = true.",
    cause_it="Nel frattempo un altro telefono si è registrato con questo account.",
    remedy_it="Dare a Filodiretto un account proprio, oppure scrivere shared = true.",
)


def _ringing(event: Event, now: datetime) -> Ringing:
    return Ringing(
        call=event["call"],
        number=event["number"],
        name=event["name"],
        withheld=event["withheld"],
        called=event["called"],
        began_at=now,
        provenance=Provenance(
            attestation=Attestation(event["attestation"]) if event["attestation"] else None,
            diverted_from=event["diverted_from"],
            diverted_reason=(
                DiversionReason(event["diverted_reason"]) if event["diverted_reason"] else None
            ),
        ),
    )


def _pipes(
    process: asyncio.subprocess.Process,
) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if process.stdin is None or process.stdout is None:  # pragma: no cover  # asked for above
        raise RuntimeError
    return process.stdin, process.stdout


async def ask_registrar(settings: SipSettings, clock: Clock) -> tuple[Fault | None, Event]:
    """Ask who is registered, without registering: why that failed, or None and the facts."""
    return await SipSource(settings, clock, report=lambda _state: None).ask_once()


async def _end(process: asyncio.subprocess.Process, *, patience: float) -> None:
    """Let a child sign off; one that does not end within its time is killed."""
    if process.returncode is None and process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
        try:
            async with asyncio.timeout(patience):
                await process.wait()
        except TimeoutError:
            process.kill()
    await process.wait()
