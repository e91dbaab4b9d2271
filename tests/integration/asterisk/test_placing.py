"""Test calls from a SIP account without a PBX: baresip places them, Asterisk is the carrier."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import UNPLUGGED
from support.components import missing
from support.sip_registrar import SipRegistrar, reply

from adapters.sip.baresip import tools
from adapters.sip.placing import SipMysteryCaller
from adapters.sip.settings import SipSettings
from gateway.core.errors import RejectedError
from gateway.core.mystery import MysteryOrder, Progress, ProgressKind
from gateway.core.trunks import TrunkRef
from gateway.runtime.clock import SystemClock

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
PATIENCE_S = 30.0


@dataclass(slots=True)
class Placed:
    """Who places calls from the account of the phone that is not plugged in; what was told."""

    caller: SipMysteryCaller
    at: Callable[[str], SipMysteryCaller]
    told: list[Progress] = field(default_factory=list)

    async def call(self, number: str, ring_s: float = 30.0) -> None:
        """Place a call; what an earlier one told is forgotten."""
        self.told.clear()
        order = MysteryOrder(
            channel=f"fdtest-{number}",
            trunk=TrunkRef(pbx="p", name="p"),
            number=number,
            caller_id="",
            ring_s=ring_s,
        )
        await self.caller.place(order, self.told.append)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that other programs bring about."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - a far end's affair
                await asyncio.sleep(0.02)

    async def heard(self, kind: ProgressKind) -> None:
        """Wait until this was told."""
        await self.until(lambda: any(one.kind is kind for one in self.told))

    def story(self) -> list[tuple[str, int | None]]:
        """Return what was told, in its order."""
        return [(one.kind.value, one.code) for one in self.told]


@pytest.fixture
async def placed(
    asterisk: AsteriskLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Placed]:
    """Give the account; afterwards no program and no file with its password is left."""
    found = await asyncio.to_thread(tools)
    if found is None:
        missing("baresip", "the package baresip-core is not installed")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def at(registrar: str) -> SipMysteryCaller:
        given = {"username": UNPLUGGED, "secret": f"phone-{UNPLUGGED}"}
        table = {"name": "p", "registrar": registrar, "listen": "127.0.0.1:5062", **given}
        return SipMysteryCaller(SipSettings.model_validate(table), SystemClock(), found)

    yield Placed(at(asterisk.addresses.pbx), at)
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(os.listdir, tmp_path):  # noqa: ASYNC110 - a program ends
            await asyncio.sleep(0.02)


async def test_call_is_followed_from_ringing_to_its_end(
    placed: Placed, driver: Driver, tmp_path: Path
) -> None:
    """180, 200, and an end by us that reaches the phone as one."""
    assert placed.caller.why_not() is None
    driver.phones["1001"].answers(after_s=0.5)
    await placed.call("1001")
    await placed.heard(ProgressKind.ANSWERED)
    await placed.caller.hang_up("fdtest-1001")
    assert placed.story() == [
        ("dialled", None),
        ("ringing", 180),
        ("answered", 200),
        ("ended", None),
    ]
    with pytest.raises(RejectedError):
        await placed.caller.hang_up("fdtest-1001")


async def test_digits_reach_the_menu(placed: Placed, driver: Driver, asterisk: AsteriskLab) -> None:
    """Key 3 of the main menu is Carla's phone."""
    driver.phones["1003"].only_rings()
    await placed.call("3000")
    await placed.heard(ProgressKind.ANSWERED)

    def rings() -> bool:
        with asterisk.ami() as ami:
            return "PJSIP/1003-" in ami.command("core show channels concise")

    await placed.caller.press("fdtest-3000", "3")
    await placed.until(rings)
    await placed.caller.hang_up("fdtest-3000")


async def test_program_that_dies_ends_the_call_in_words(placed: Placed, driver: Driver) -> None:
    """Nothing more is heard of the call: the run must not wait for it."""
    driver.phones["1001"].only_rings()
    await placed.call("1001")
    await placed.heard(ProgressKind.RINGING)
    (program,) = programs()
    os.kill(program, signal.SIGKILL)
    await placed.heard(ProgressKind.ENDED)
    assert "ended unexpectedly" in placed.told[-1].words.cause


def programs() -> list[int]:
    """Return the baresips that this process started."""
    listed = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [pid for file in listed for pid in file.read_text("ascii").split()]
    names = {pid: Path(f"/proc/{pid}/comm").read_text("ascii").strip() for pid in pids}
    return [int(pid) for pid, name in names.items() if name == "baresip"]


async def test_refusals_are_told_with_their_code(placed: Placed, driver: Driver) -> None:
    """Busy, nobody of that number, declined, rung for too long: each with what SIP said."""
    driver.phones["1001"].is_busy()
    await placed.call("1001")
    await placed.heard(ProgressKind.ENDED)
    assert placed.story() == [("dialled", None), ("ended", 486)]
    await placed.call("9999999")
    await placed.heard(ProgressKind.ENDED)
    assert placed.story()[-1] == ("ended", 404)
    async with SipRegistrar() as declines:
        declines.behave = lambda request: reply(request, 603)
        other = Placed(placed.at(declines.registrar), placed.at)
        await other.call("1001")
        await other.heard(ProgressKind.ENDED)
        assert other.story() == [("dialled", None), ("ended", 603)]
    driver.phones["1002"].only_rings()
    await placed.call("1002", ring_s=3.0)
    await placed.heard(ProgressKind.ENDED)
    assert placed.story() == [("dialled", None), ("ringing", 180), ("ended", None)]
