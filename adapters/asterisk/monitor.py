"""Looks after the trunks of one Asterisk, on a link of its own that hears nothing of calls."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

import structlog

from adapters.asterisk import faults
from adapters.asterisk.backoff import Backoff
from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.session import Session, open_session
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.trunk_book import TrunkBook
from adapters.asterisk.trunk_events import WATCHED
from adapters.asterisk.trunk_look import look
from gateway.core.errors import FilodirettoError
from gateway.core.ports import Clock, LinkPhase, LinkState
from gateway.core.trunks import TrunkTold
from gateway.core.trunkwords import LINK_DOWN

log = structlog.get_logger(__name__)

CLASSES = "system"
LOOK_AGAIN_S = 30.0


class AsteriskMonitor:
    """Implements `TrunkMonitor` over AMI.

    It signs in only while the link that follows calls is up: a wrong password is tried by that one
    alone, so that fail2ban counts it once. Events (Registry, ContactStatus) are told at once; the
    lists are asked for when it signs in, then every `trunks_every_s`, and 30 s after an event of
    something unknown at the earliest.
    """

    def __init__(
        self, settings: AsteriskSettings, clock: Clock, *, rng: random.Random | None = None
    ) -> None:
        self._settings = settings
        self._limits = settings.link
        self._clock = clock
        self._naming = Naming(settings)
        self._backoff = Backoff(self._limits, rng or random.Random())  # noqa: S311  # jitter
        self._book = TrunkBook(settings.name)
        self._followed = asyncio.Event()
        self._unknown = asyncio.Event()
        self._passed_over = 0
        self._emit: Callable[[TrunkTold], None] = lambda _told: None

    def heard(self, state: LinkState) -> None:
        """Note whether the link that follows calls is up."""
        if state.phase is LinkPhase.UP:
            self._followed.set()
        else:
            self._followed.clear()

    async def run(self, emit: Callable[[TrunkTold], None]) -> None:
        """Connect and reconnect until cancelled; without a link every trunk is unknown."""
        self._emit = emit
        while True:
            await self._followed.wait()
            error, pause = await self._one_link()
            log.info("ami.trunks_unseen", pbx=self._settings.name, cause=error.message)
            self._tell(blind=True)
            await asyncio.sleep(pause)

    async def _one_link(self) -> tuple[FilodirettoError, float]:
        """Hold one connection as long as it lasts; return its end and the pause that follows."""
        try:
            async with open_session(
                self._settings,
                self._clock,
                on_frames=self._arrived,
                wanted=WATCHED,
                events=CLASSES,
            ) as session:
                self._backoff.signed_in()
                await session.hold(self._limits, self._look_after(session))
        except FilodirettoError as error:
            return self._backoff.after(error)
        raise AssertionError  # pragma: no cover  # holding ends only with an error

    async def _look_after(self, session: Session) -> None:
        while True:
            self._unknown.clear()
            found = await look(session, self._settings, self._naming)
            if found.passed_over != self._passed_over:
                self._passed_over = found.passed_over
                log.warning(
                    "ami.trunks_passed_over", pbx=self._settings.name, endpoints=found.passed_over
                )
            self._book.take(found, self._clock.now())
            self._tell()
            self._backoff.succeeded()
            await asyncio.sleep(LOOK_AGAIN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.trunks_every_s - LOOK_AGAIN_S):
                    await self._unknown.wait()

    def _arrived(self, frames: list[Frame]) -> FilodirettoError | None:
        """Take events; called by the protocol, so it neither waits nor raises."""
        now = self._clock.now()
        for frame in frames:
            if frame.name == "Shutdown":
                self._backoff.going_down()
                return faults.shutting_down()
            if not self._book.hear(frame, now):
                self._unknown.set()
        self._tell()
        return None

    def _tell(self, *, blind: bool = False) -> None:
        for told in self._book.told(self._clock.now(), blind=LINK_DOWN if blind else None):
            self._emit(told)
