"""Records the calls that `filodiretto demo` shows: `make samples`, as root.

Each is one real call on the lab's Asterisk, seen through the shipped observer user. Beside the
recording the far ends' truth is kept, for the test that replays it.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from support.asterisk_lab.driver import Driver
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.recording import Recording
from support.asterisk_lab.settings import Timing, did
from support.asterisk_lab.truth import Truth

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "adapters/asterisk/samples"
TRUTHS = ROOT / "tests/scenarios/samples"
# A telephone rings for as long as people are patient, but nobody watches a demonstration for long.
TIMING = Timing(ring_s=7, agent_s=5, queue_wait_s=40, menu_s=5)
LEAD_IN_S = 0.6
LEAD_OUT_S = 0.6

Play = Callable[[Driver], Awaitable[Truth]]


async def known_customer(driver: Driver) -> Truth:
    """Mario Bianchi calls Anna, who answers."""
    driver.phones["1001"].answers(after_s=3.5)
    call = await driver.call_in(caller="+393331234567", name="Mario Bianchi", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(6)
    await leg.hang_up()
    return await call.ended()


async def queue_second_agent(driver: Driver) -> Truth:
    """Studio Verdi calls support from a landline; Anna does not come, Bruno does."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].answers(after_s=2.5)
    call = await driver.call_in(
        caller="0612345678", name="Studio Verdi", did=did("2001"), queue="support"
    )
    await call.answered()
    await asyncio.sleep(5)
    await call.hang_up()
    return await call.ended()


async def abandoned_in_queue(driver: Driver) -> Truth:
    """Teresa Greco waits for support and gives up."""
    driver.phones["1001"].only_rings()
    driver.phones["1002"].only_rings()
    call = await driver.call_in(caller="+393402223344", did=did("2001"), queue="support")
    await call.rung_by("1001", "1002")
    await asyncio.sleep(4)
    await call.hang_up()
    return await call.ended()


async def blind_transfer(driver: Driver) -> Truth:
    """James Holloway calls from London; Anna hands him over to Carla."""
    driver.phones["1001"].answers(after_s=2.5)
    driver.phones["1003"].answers(after_s=2.5)
    call = await driver.call_in(caller="+442079460123", name="J HOLLOWAY", did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(4)
    await driver.blind_transfer(call, leg, "1003")
    colleague = await (await call.ringing("1003")).wait_up()
    await asyncio.sleep(4)
    await colleague.hang_up()
    return await call.ended()


async def unknown_caller(driver: Driver) -> Truth:
    """Somebody calls whom nobody knows yet."""
    driver.phones["1001"].answers(after_s=2.5)
    call = await driver.call_in(caller="+393475550199", did=did("1001"))
    await call.answered()
    await asyncio.sleep(4)
    await call.hang_up()
    return await call.ended()


async def withheld_number(driver: Driver) -> Truth:
    """Somebody calls without showing a number."""
    driver.phones["1001"].answers(after_s=2.5)
    call = await driver.call_in(caller=None, did=did("1001"))
    leg = await call.answered()
    await asyncio.sleep(3)
    await leg.hang_up()
    return await call.ended()


async def shared_number_missed(driver: Driver) -> Truth:
    """Let a switchboard that two contacts share call Anna, who is away."""
    driver.phones["1001"].only_rings()
    call = await driver.call_in(caller="0287654321", name="OFFICINE LOMB.", did=did("1001"))
    return await call.ended()


async def menu_then_queue(driver: Driver) -> Truth:
    """Marta Bellandi chooses support in the menu."""
    driver.phones["1001"].answers(after_s=2.5)
    driver.phones["1002"].answers(after_s=2.5)
    call = await driver.call_in(caller="+393285556677", did=did("3000"))
    await call.initiator.wait_up()
    await asyncio.sleep(2.5)
    await call.initiator.press("1")
    call.enters_queue("support")
    leg = await call.answered()
    await asyncio.sleep(4)
    await leg.hang_up()
    return await call.ended()


PLAYED: tuple[Play, ...] = (
    known_customer,
    queue_second_agent,
    blind_transfer,
    unknown_caller,
    abandoned_in_queue,
    menu_then_queue,
    withheld_number,
    shared_number_missed,
)


async def record(lab: AsteriskLab, play: Play, name: str) -> None:
    """Play one call and write its recording and its truth."""
    async with Driver(lab) as driver:
        async with Recording(lab) as recording:
            await recording.booted()
            await asyncio.sleep(LEAD_IN_S)
            truth = await play(driver)
            await driver.quiet()
            await asyncio.sleep(LEAD_OUT_S)
        size = recording.save(SAMPLES / name)
        text = json.dumps(truth.to_json(), indent=1, ensure_ascii=False)
        (TRUTHS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {truth.outcome}, {size} bytes\n")


def main() -> None:
    """Record all samples anew."""
    SAMPLES.mkdir(exist_ok=True)
    TRUTHS.mkdir(exist_ok=True)
    for number, play in enumerate(PLAYED, start=1):
        # A fresh telephone system for each: its queues begin with the same agent every time.
        with AsteriskLab(timing=TIMING) as lab:
            name = f"{number:02}-{play.__name__.replace('_', '-')}"
            asyncio.run(record(lab, play, name))


if __name__ == "__main__":
    main()
