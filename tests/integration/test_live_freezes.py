"""The daemon is stopped for seconds while a real Asterisk goes on: times are right, or unknown."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.asterisk_lab.chroot import LabUnavailableError
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.recalled import eventually, history_toml, prepared, resolved, sqlite_url
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import differences
from support.components import missing
from support.daemon import Daemon

from gateway.core.record import CallRecord, EndedBy, EndKind, Outcome
from gateway.core.record_reading import from_json

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CALLER = "+393331234567"
SECOND = "+390612345678"
FROZEN_S = 4.0
# Who hangs up in the moment of the answer has talked with nobody.
TALK_S = 0.7


@pytest.fixture
def lab() -> Iterator[AsteriskLab]:
    """Give a telephone system that writes its history."""
    try:
        with AsteriskLab(history=True) as running:
            yield running
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


@pytest.fixture
async def hands(lab: AsteriskLab) -> AsyncIterator[Driver]:
    """Give the hands of everybody."""
    async with Driver(lab) as driver:
        yield driver


@contextmanager
def frozen(daemon: Daemon) -> Iterator[None]:
    """Stop the daemon, and let it go on."""
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        daemon.process.send_signal(signal.SIGCONT)


async def ended(daemon: Daemon, token: str, count: int, *, complete: bool) -> list[CallRecord]:
    """Wait for so many ended calls, in the order they were placed."""

    async def ask() -> list[CallRecord]:
        page = await daemon.get("/api/v1/calls?state=ended&limit=100", token)
        found = [from_json(item) for item in page["items"]]
        fit = [one for one in found if one.complete is complete]
        return fit if len(fit) >= count else []

    return sorted(await eventually(ask), key=lambda one: one.caller.number != CALLER)


async def test_calls_that_go_on_while_the_daemon_is_frozen_have_no_invented_times(
    tmp_path: Path, hands: Driver
) -> None:
    """What happened is known from what had to wait; when it happened is not, and is not guessed."""
    daemon, chief = await prepared(tmp_path, history_toml(hands.lab))
    async with daemon:
        hands.phones["1001"].answers(after_s=0.3)
        first = await hands.call_in(caller=CALLER, did=did("1001"))
        await first.answered()
        await eventually(lambda: daemon.get("/api/v1/calls?state=live", chief))
        await asyncio.sleep(TALK_S)
        with frozen(daemon):
            await first.hang_up()
            await first.ended()
            hands.phones["1002"].answers(after_s=0.3)
            second = await hands.call_in(caller=SECOND, did=did("1002"))
            await second.answered()
            await asyncio.sleep(TALK_S)
            await second.hang_up()
            await second.ended()
            await asyncio.sleep(FROZEN_S)
        one, two = await ended(daemon, chief, 2, complete=False)
        gaps = await resolved(daemon, chief, source=False)
    for record in (one, two):
        assert (record.outcome, record.end) == (Outcome.ANSWERED, EndKind.SEEN)
        assert record.ended_by is EndedBy.CALLER
        assert (record.ended_at, record.seconds.talk, record.seconds.hold) == (None, None, None)
    assert (one.answered_by, two.answered_by) == ("1001", "1002")
    assert one.answered_at is not None
    assert (two.answered_at, two.seconds.ring) == (None, None)
    assert len(gaps) == 1
    assert gaps[0]["unknown"] is True


async def test_history_gives_the_times_that_a_frozen_daemon_missed(
    tmp_path: Path, hands: Driver
) -> None:
    """The rows that Asterisk wrote meanwhile make the records whole, under the same ids."""
    daemon, chief = await prepared(tmp_path, history_toml(hands.lab, cel=sqlite_url(hands.lab)))
    async with daemon:
        hands.phones["1001"].answers(after_s=0.3)
        first = await hands.call_in(caller=CALLER, did=did("1001"))
        await first.answered()
        await asyncio.sleep(TALK_S)
        with frozen(daemon):
            await first.hang_up()
            truths = [await first.ended()]
            hands.phones["1002"].answers(after_s=0.3)
            second = await hands.call_in(caller=SECOND, did=did("1002"))
            await second.answered()
            await asyncio.sleep(TALK_S)
            await second.hang_up()
            truths.append(await second.ended())
            await asyncio.sleep(FROZEN_S)
        found = await ended(daemon, chief, 2, complete=True)
        gaps = await resolved(daemon, chief)
    assert [differences(*pair) for pair in zip(truths, found, strict=True)] == [[], []]
    assert {record.sources for record in found} == {("ami", "cel")}
    assert (gaps[0]["source"], gaps[0]["unknown"]) == ("cel", False)
