"""Calls that are up before and after a gap, and what happened to them in between."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.chroot import LabUnavailableError
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.plays.consulting import leg_unheld
from support.asterisk_lab.plays.moments import now
from support.asterisk_lab.recalled import (
    eventually,
    history_toml,
    prepared,
    records,
    resolved,
    sqlite_url,
)
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import Truth, differences
from support.components import missing
from support.daemon import Daemon
from support.relay import Relay

from gateway.core.record import CallRecord, Direction, EndKind

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

HANDED_OVER, HELD = "+393331234567", "+390612345678"
LINK = "link = { backoff_first_s = 0.1, backoff_most_s = 0.3 }\n"
SOON_S = 0.7


@pytest.fixture
def lab() -> Iterator[AsteriskLab]:
    """Give a telephone system that writes SQLite, nothing written yet."""
    try:
        with AsteriskLab(history=True) as running:
            yield running
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


def tables(lab: AsteriskLab, network: Relay, **history: str) -> str:
    """Return the `[[pbx]]` of a lab behind a network."""
    text = history_toml(lab, **history)
    text = text.replace(f'host = "{lab.addresses.pbx}"', f'host = "{network.host}"')
    return text.replace(f"port = {AMI_PORT}", f"port = {network.port}") + LINK


async def heard(daemon: Daemon, token: str, count: int) -> None:
    """Wait until the daemon follows so many calls that are answered or wait."""

    async def ask() -> bool:
        page = await daemon.get("/api/v1/calls?state=live", token)
        return len(page["items"]) == count

    await eventually(ask)


async def played(driver: Driver, network: Relay, daemon: Daemon, token: str) -> list[Truth]:
    """Let two calls go through a gap: one is handed over, the other held, all inside it."""
    phones = driver.phones
    for number in ("1001", "1003", "1004"):
        phones[number].answers(after_s=0.4)
    call = await driver.call_in(caller=HANDED_OVER, did=did("1001"))
    leg = await call.answered()
    other = await driver.call_in(caller=HELD, did=did("1004"))
    holding = await other.answered()
    await heard(daemon, token, 2)
    network.unplug()
    waiting_since = now()
    await holding.hold()
    asking = await driver.consult(leg, "1003")
    colleague = await asking.answered()
    await asyncio.sleep(SOON_S)
    await driver.join(call, leg, asking, kind="attended")
    await leg_unheld(leg)
    await asyncio.sleep(max(SOON_S, waiting_since + 3 - now()))
    await holding.unhold()
    await asyncio.sleep(SOON_S)
    network.plug()
    await resolved(daemon, token, source=False)
    await asyncio.sleep(SOON_S)
    await colleague.hang_up()
    await other.hang_up()
    return [await call.ended(), await other.ended()]


async def found(
    lab: AsteriskLab, folder: Path, **history: str
) -> tuple[list[Truth], list[CallRecord]]:
    """Return what happened and what is stored of it."""
    async with Relay(lab.addresses.pbx, AMI_PORT) as network, Driver(lab) as driver:
        daemon, token = await prepared(folder, tables(lab, network, **history))
        async with daemon:
            truths = await played(driver, network, daemon, token)

            async def ask() -> list[CallRecord]:
                told = await records(daemon, token, 2, complete="cel" in history)
                # a CDR of the consultation does not tell what it became part of
                kept = [one for one in told if one.direction is not Direction.INTERNAL]
                # what AMI told in full is looked up in the history as well, a moment later
                asked = "cel" not in history or all("cel" in one.sources for one in kept)
                return kept if asked and len(kept) == len(truths) else []

            kept = await eventually(ask)
    return truths, kept


async def test_what_happened_to_live_calls_inside_a_gap_comes_back_from_cel(
    tmp_path: Path, lab: AsteriskLab
) -> None:
    """A consultation that was joined is part of its call, and who was on hold was on hold."""
    truths, kept = await found(lab, tmp_path, cel=sqlite_url(lab))
    assert len(kept) == len(truths)
    told = zip(truths, kept, strict=True)
    assert [line for truth, record in told for line in differences(truth, record)] == []
    assert {record.end for record in kept} == {EndKind.SEEN}


@pytest.mark.parametrize("source", ["cdr", "none"])
async def test_what_nobody_knows_of_live_calls_inside_a_gap_is_null(
    tmp_path: Path, lab: AsteriskLab, source: str
) -> None:
    """Who talks at the end is plain; since when, and who was on hold how long, is not."""
    history = {"cdr": sqlite_url(lab)} if source == "cdr" else {}
    _truths, kept = await found(lab, tmp_path, **history)
    handed_over = kept[0]
    assert (handed_over.final_talker, handed_over.answered_by) == ("1003", "1001")
    assert (handed_over.complete, handed_over.seconds.hold) == (False, None)
