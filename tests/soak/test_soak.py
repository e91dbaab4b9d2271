"""The real daemon on a live Asterisk under the random walk while everything around it breaks.

`make soak MINUTES=5 RATE=20`; the short form belongs to `make test-all`.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.excerpt import save_excerpt
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.ledger import Trouble, Verdict, judge, tell
from support.asterisk_lab.recording import Recording
from support.asterisk_lab.walk import Walk
from support.daemon import Daemon
from support.relay import Relay

from gateway.core.record import CallRecord, CallState
from gateway.core.record_reading import from_json
from gateway.store.people import Role

pytestmark = [pytest.mark.integration, pytest.mark.exhaustive, pytest.mark.timeout(3600)]

SHORT_MINUTES, SHORT_RATE = 1.0, 4.0
UNPLUGGED_S = 3.0
# Rows of the history may come late, or wait for a database that is kept busy.
SETTLED_S = 90.0
# Parts of the whole time at which something breaks.
SCHEDULE = (
    (0.12, "kill"), (0.27, "cut"), (0.40, "kill"), (0.55, "restart"), (0.70, "cut"), (0.84, "kill"),
)  # fmt: skip
# A call that ends within this time of an outage may have been told too late.
MARGIN_S = 3.0


class Soak:
    """One run: the parts, what breaks when, and what was stored in the end."""

    def __init__(self, daemon: Daemon, driver: Driver, network: Relay, walk: Walk) -> None:
        self.troubles: list[Trouble] = []
        self.recordings: list[Recording] = []
        self._stack = AsyncExitStack()
        self._daemon, self._driver, self._network, self._walk = daemon, driver, network, walk

    async def trouble(self, seconds: float) -> None:
        """Break one thing after the other."""
        began = time.monotonic()
        for part, kind in SCHEDULE:
            await asyncio.sleep(max(0.0, began + part * seconds - time.monotonic()))
            acts: dict[str, Callable[[], Awaitable[None]]] = {
                "kill": self._kill,
                "cut": self._cut,
                "restart": self._restart,
            }
            began_at = time.time()
            await acts[kind]()
            # a restart is over for everybody at once: its margin would only excuse
            margin_s = 0.0 if kind == "restart" else MARGIN_S
            self.troubles.append(
                Trouble(kind=kind, began_at=began_at - margin_s, ended_at=time.time() + margin_s)
            )

    async def _kill(self) -> None:
        await asyncio.to_thread(self._daemon.kill)
        await self._daemon.start()

    async def _cut(self) -> None:
        self._network.unplug()
        await asyncio.sleep(UNPLUGGED_S)
        self._network.plug()

    async def _restart(self) -> None:
        self._walk.pause()
        await asyncio.sleep(0.5)
        await self._driver.restart_pbx()
        await self.record()
        self._walk.go_on()

    async def record(self) -> None:
        """Record the stream from now on, undisturbed by what is done to the daemon."""
        recording = Recording(self._driver.lab)
        self.recordings.append(await self._stack.enter_async_context(recording))
        await recording.booted()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)


async def records(daemon: Daemon, token: str) -> list[CallRecord]:
    """Return every call that the daemon has stored."""
    found: list[CallRecord] = []
    cursor = ""
    while True:
        page = await daemon.get(f"/api/v1/calls?limit=200{cursor}", token)
        found += [from_json(item) for item in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def settled(daemon: Daemon, token: str, count: int) -> list[CallRecord]:
    """Wait until nothing is live any more and as many calls are told as were made, or too long."""
    end = time.monotonic() + SETTLED_S
    while True:
        found = await records(daemon, token)
        live = sum(one.state is CallState.LIVE for one in found)
        own = sum(one.merged_into is None for one in found)
        if (not live and own >= count) or time.monotonic() > end:
            return found
        await asyncio.sleep(1.0)


def tables(lab: AsteriskLab, network: Relay) -> str:
    """Return the `[[pbx]]` of the lab behind the network, with its history."""
    host, port = f'host = "{lab.addresses.pbx}"', f"port = {AMI_PORT}"
    text = pbx_toml(lab).replace(host, f'host = "{network.host}"')
    text = text.replace(port, f"port = {network.port}")
    link = "link = { backoff_first_s = 0.1, backoff_most_s = 0.5 }"
    cel = f'cel = {{ url = "sqlite:///{lab.pbx.home / "log/master.db"}" }}'
    return f'{text}timezone = "UTC"\n{link}\n{cel}\n'


async def test_every_call_is_stored_once_and_right_whatever_breaks(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """The daemon is killed three times, its link cut twice, Asterisk restarted: nothing is lost."""
    minutes = pytestconfig.getoption("--minutes") or SHORT_MINUTES
    rate = pytestconfig.getoption("--rate") or SHORT_RATE
    seed = pytestconfig.getoption("--seed") or secrets.randbelow(1_000_000)
    verdict, told = await soak(tmp_path, minutes * 60, rate, seed)
    (tmp_path / "verdict.txt").write_text(told, encoding="utf-8")
    sys.stdout.write(f"{told}\n")
    # Far ends that wait in vain for Asterisk prove nothing, and do not know what they saw.
    slow = len(verdict.far_ends_failed) + verdict.never_arrived
    assert slow <= verdict.placed / 50, f"This machine is too slow for {rate} calls/s.\n{told}"
    assert len(verdict.crossed) <= verdict.placed / 1000, told
    assert not verdict.lost, told
    assert not verdict.doubled, told
    assert not verdict.wrong, told


async def soak(folder: Path, seconds: float, rate: float, seed: int) -> tuple[Verdict, str]:
    """Run it and return what became of the calls, and the figures in words."""
    with AsteriskLab(history=True) as lab:
        async with (
            Relay(lab.addresses.pbx, AMI_PORT) as network,
            Driver(lab, media=False) as driver,
            Daemon(folder, tables(lab, network)) as daemon,
        ):
            token = await daemon.token("boss", role=Role.SUPERVISOR)
            walk = Walk(driver, seed=seed, rate=rate)
            async with Soak(daemon, driver, network, walk) as run:
                await run.record()
                async with asyncio.TaskGroup() as group:
                    group.create_task(walk.seconds(seconds))
                    group.create_task(run.trouble(seconds))
                await walk.over()
                found = await settled(daemon, token, len(walk.walked))
            streams = [recording.so_far() for recording in run.recordings]
    verdict = judge(walk.walked, found, run.troubles, [ami for ami, _ in streams])
    for number, linkedid in verdict.to_look_at:
        for part, (ami, idx) in enumerate(streams):
            save_excerpt(ami, idx, linkedid, folder / f"{number}-{part}")
    figures = {"seed": seed, "calls_a_second": round(walk.placed / seconds, 1)}
    return verdict, tell(verdict, **figures)
