"""The second AMI link: signed in as the control user, kept up, and never sending anything twice."""

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.backoff import Backoff
from adapters.asterisk.codec import Frame
from adapters.asterisk.session import NO_FIELDS, Session, open_session
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    FilodirettoError,
    TransientError,
)
from gateway.core.ports import Clock

HEARD: Final[Mapping[bytes, tuple[bytes, ...]]] = {
    b"FullyBooted": (),
    b"OriginateResponse": (),
    b"Shutdown": (),
}

log = structlog.get_logger(__name__)


class ControlLink:
    """One connection of the control user, made again as often as it is lost.

    `heard` is told every OriginateResponse. `commands` are the actions that this user may send, as
    the PBX lists them; None until it was asked.
    """

    def __init__(
        self,
        settings: AsteriskSettings,
        clock: Clock,
        *,
        heard: Callable[[Frame], None],
        rng: random.Random | None = None,
    ) -> None:
        self._settings = settings
        self._limits = settings.link
        self._clock = clock
        self._heard = heard
        self._backoff = Backoff(self._limits, rng or random.Random())  # noqa: S311  # jitter
        self._session: Session | None = None
        self.commands: frozenset[str] | None = None
        self.trouble: FilodirettoError = faults.control_starting()

    @property
    def is_up(self) -> bool:
        """Whether actions can be sent now."""
        return self._session is not None

    async def run(self) -> None:
        """Connect and reconnect until cancelled; an outage is logged once."""
        while True:
            error, pause = await self._one_link()
            if type(error) is not type(self.trouble) or error.message != self.trouble.message:
                log.warning("ami.control_down", pbx=self._settings.name, cause=error.message)
            self.trouble = error
            await asyncio.sleep(pause)

    async def _one_link(self) -> tuple[FilodirettoError, float]:
        """Hold one connection as long as it lasts; return its end and the pause that follows."""
        try:
            async with open_session(
                self._settings,
                self._clock,
                on_frames=self._arrived,
                wanted=HEARD,
                account=self._settings.control,
            ) as session:
                self._backoff.signed_in()
                await self._hold(session)
        except FilodirettoError as error:
            return self._backoff.after(error)
        raise AssertionError  # pragma: no cover  # holding ends only with an error

    async def _hold(self, session: Session) -> None:
        self.commands = await self._ask_commands(session)
        self._session = session
        self._backoff.succeeded()
        log.info("ami.control_up", pbx=self._settings.name)
        try:
            await session.hold(self._limits)
        finally:
            self._session = None

    async def _ask_commands(self, session: Session) -> frozenset[str] | None:
        """Return what this user may send; None if the PBX does not tell."""
        try:
            answer = await session.ask(
                Action.LIST_COMMANDS, timeout_s=self._limits.snapshot_timeout_s
            )
        except AdapterError:
            return None
        return frozenset(key for key, _ in answer[0].items())

    def _arrived(self, frames: list[Frame]) -> FilodirettoError | None:
        """Hand on what became of our calls; called by the protocol, so it must not raise."""
        for frame in frames:
            if frame.name == "OriginateResponse":
                try:
                    self._heard(frame)
                except Exception:
                    log.exception("ami.control_listener_failed", pbx=self._settings.name)
            elif frame.name == "Shutdown":
                self._backoff.going_down()
                return faults.shutting_down()
        return None

    async def send(
        self, action: Action, fields: Mapping[str, str] = NO_FIELDS, *, timeout_s: float
    ) -> Frame:
        """Send an action once and return the PBX's answer, be it good or bad.

        Raises TransientError if there is no link (nothing went out), AmbiguousError if the link
        ended or nothing came back in time, UsageError for a value that must not go on the wire.
        """
        session = self._session
        if session is None:
            raise faults.no_control(self.trouble)
        answer = session.send(action, fields)
        if answer.done() and isinstance(answer.exception(), TransientError):
            # the connection was gone before anything was written
            raise faults.no_control(self.trouble)
        done, _ = await asyncio.wait([answer], timeout=timeout_s)
        if not done:
            raise faults.no_answer()
        try:
            return answer.result()[0]
        except AmbiguousError:
            raise
        except FilodirettoError:
            raise faults.no_answer() from None
