"""An account's link becomes readings of a trunk: registered, refused with its SIP code, blind."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.desk import TurnedClock

from adapters.sip.monitor import UNREGISTERED, SipMonitor
from adapters.sip.settings import SipSettings
from gateway.core.ports import LinkPhase, LinkState
from gateway.core.trunks import HealthRules, RegistrationState, TrunkReading, TrunkState, TrunkTold
from gateway.core.trunkwatch import judged

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ACCOUNT = {"name": "provider", "registrar": "sip.example.com", "username": "us", "secret": "s"}


async def told(settings: Mapping[str, object], *states: LinkState) -> list[TrunkReading]:
    """Return what the monitor says after each state of the link."""
    monitor = SipMonitor(SipSettings.model_validate(settings), TurnedClock())
    heard = asyncio.Queue[TrunkTold]()
    found = []
    async with asyncio.TaskGroup() as group:
        running = group.create_task(monitor.run(heard.put_nowait))
        for state in states:
            monitor.heard(state)
            reading = await heard.get()
            assert isinstance(reading, TrunkReading)
            found.append(reading)
        running.cancel()
    return found


def link(phase: LinkPhase, cause: str = "", code: int | None = None) -> LinkState:
    """Return a state of the link."""
    return LinkState(
        pbx="provider", phase=phase, since=START, cause=cause, remedy=cause and "Do.", code=code
    )


async def test_registration_is_the_links_and_its_refusal_has_the_code() -> None:
    """What the registrar answered is known here, unlike behind a PBX."""
    up, refused, again = await told(
        ACCOUNT,
        link(LinkPhase.UP),
        link(LinkPhase.REFUSED, "Not accepted (SIP 401).", 401),
        link(LinkPhase.UP),
    )
    assert judged(up, 0, HealthRules())[0] is TrunkState.UP
    assert up.registration is not None
    assert up.registration.server == "sip.example.com:5060"
    assert refused.registration is not None
    assert refused.registration.state is RegistrationState.REJECTED
    assert refused.failure is not None
    assert refused.failure.code == 401
    state, words = judged(refused, 0, HealthRules())
    assert (state, words.cause) == (TrunkState.DOWN, "Not accepted (SIP 401).")
    assert again.failure == refused.failure, "the last failure stays to be read"
    assert judged(again, 0, HealthRules())[0] is TrunkState.UP


@pytest.mark.parametrize("phase", [LinkPhase.CONNECTING, LinkPhase.SYNCING])
async def test_state_that_says_nothing_is_not_told(phase: LinkPhase) -> None:
    """Before the first answer nothing is known, and nothing is guessed."""
    monitor = SipMonitor(SipSettings.model_validate(ACCOUNT), TurnedClock())
    heard: list[TrunkTold] = []
    async with asyncio.TaskGroup() as group:
        running = group.create_task(monitor.run(heard.append))
        monitor.heard(link(phase))
        for _turn in range(5):
            await asyncio.sleep(0)
        running.cancel()
    assert heard == []


async def test_account_without_a_registration_is_unknown_while_it_listens() -> None:
    """Only a call tells whether calls arrive; a port that cannot be used is down all the same."""
    listening, down = await told(
        {"name": "provider", "allow_from": ["192.0.2.0/24"]},
        link(LinkPhase.UP),
        link(LinkPhase.DOWN, "The port cannot be used."),
    )
    assert judged(listening, 0, HealthRules()) == (TrunkState.UNKNOWN, UNREGISTERED)
    assert judged(down, 0, HealthRules())[0] is TrunkState.DOWN


async def test_registrar_that_answered_is_a_contact_with_its_round_trip() -> None:
    """Each registration is a measurement: nothing has to be asked for it."""
    state = replace(link(LinkPhase.UP), rtt_ms=12.5, expires_at=START + timedelta(seconds=120))
    up, down = await told(ACCOUNT, state, link(LinkPhase.DOWN, "Silent."))
    assert [(one.address, one.rtt_ms) for one in up.contacts] == [("sip.example.com:5060", 12.5)]
    assert up.registration is not None
    assert up.registration.expires_at == state.expires_at
    assert down.contacts == ()
