"""An account as a trunk: what its link says, as readings."""

import asyncio
from collections.abc import Callable
from typing import Final

from adapters.sip.settings import SipSettings
from gateway.core.ports import Clock, LinkPhase, LinkState
from gateway.core.trunks import (
    ContactStatus,
    RegistrationState,
    TrunkContact,
    TrunkFailure,
    TrunkKind,
    TrunkReading,
    TrunkRef,
    TrunkRegistration,
    TrunkTold,
    Words,
)

REGISTRATIONS: Final = {
    LinkPhase.UP: RegistrationState.REGISTERED,
    LinkPhase.DOWN: RegistrationState.UNREGISTERED,
    LinkPhase.REFUSED: RegistrationState.REJECTED,
}
UNREGISTERED: Final = Words(
    cause="This trunk does not register: only a call tells whether it works.",
    remedy="Have it tried from time to time by a call: see docs/mystery-calls.md.",
    translated=(
        (
            "it",
            "Questa linea non si registra: solo una chiamata dice se funziona.",
            "Farla provare ogni tanto con una chiamata: vedere docs/mystery-calls.md.",
        ),
    ),
)


class SipMonitor:
    """Implements `TrunkMonitor` for one account."""

    def __init__(self, settings: SipSettings, clock: Clock) -> None:
        self._clock = clock
        self._ref = TrunkRef(pbx=settings.name, name=settings.name)
        self._server = "{}:{}".format(*settings.server) if settings.registrar else ""
        self._state: LinkState | None = None
        self._failure: TrunkFailure | None = None
        self._changed = asyncio.Event()

    def heard(self, state: LinkState) -> None:
        """Take the link's new state."""
        self._state = state
        self._changed.set()

    async def run(self, emit: Callable[[TrunkTold], None]) -> None:
        """Tell each state that says something."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._state is not None and self._state.phase in REGISTRATIONS:
                emit(self._reading(self._state))

    def _reading(self, state: LinkState) -> TrunkReading:
        now = self._clock.now()
        words = Words(cause=state.cause, remedy=state.remedy, translated=state.translated)
        if state.phase is not LinkPhase.UP:
            self._failure = TrunkFailure(at=now, code=state.code, words=words)
        registers = bool(self._server)
        registration = TrunkRegistration(
            state=REGISTRATIONS[state.phase],
            server=self._server,
            since=state.since,
            expires_at=state.expires_at,
        )
        is_up = state.phase is LinkPhase.UP
        return TrunkReading(
            ref=self._ref,
            kind=TrunkKind.SIP,
            at=now,
            registration=registration if registers or not is_up else None,
            contacts=self._contacts(state),
            failure=self._failure,
            blind=UNREGISTERED if is_up and not registers else None,
            advice=words if is_up and words.cause else None,
        )

    def _contacts(self, state: LinkState) -> tuple[TrunkContact, ...]:
        """Return the registrar as the one who answers, and how long its last answer took."""
        if not self._server or state.rtt_ms is None:
            return ()
        reachable = ContactStatus.REACHABLE
        return (TrunkContact(address=self._server, status=reachable, rtt_ms=state.rtt_ms),)
