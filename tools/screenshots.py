"""Makes the README's pictures from the real page in a real browser.

Run it as `PYTHONPATH=tests .venv/bin/python tools/screenshots.py`; it writes docs/images/*.png.
"""  # noqa: INP001 - a program, not a package

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, async_playwright, expect
from support.browser import ARGUMENTS, chromium
from support.desk import MARTA, alerting, answered, dialled, inbound
from support.web import WebBench, running_web

from gateway.core.events import CallEvent
from gateway.core.ids import effect_key
from gateway.core.ports import Effect, LinkPhase, LinkState, Receipt
from gateway.core.record import CallRecord, CallState, ContactRef, Outcome, Party, Seconds
from gateway.store.calls import save_call
from gateway.store.outbox import delivered, enqueue, lease

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
NOW: Final = datetime.now(UTC)


def ago(seconds: float) -> datetime:
    """Return a time in the past."""
    return NOW - timedelta(seconds=seconds)


def past(root: str, minutes: int, talked: float | None, **changes: Any) -> CallRecord:  # noqa: ANN401
    """Return a call that has ended."""
    by = "1001" if talked else None
    known: dict[str, Any] = {
        "state": CallState.ENDED,
        "queue": "Support",
        "outcome": Outcome.ANSWERED if talked else Outcome.ABANDONED,
        "rung": (("1001", "1002"),),
        "answered_by": by,
        "final_talker": by,
        "started_at": ago(minutes * 60 + (talked or 40)),
        "ended_at": ago(minutes * 60),
        "seconds": Seconds(talk=talked),
    }
    return inbound(root, **(known | changes))


async def written(bench: WebBench, record: CallRecord) -> None:
    """Store a call and have it written to the CRM."""
    at = record.ended_at or NOW
    key = effect_key(record.id, "Odoo", "call.ended", 0)
    effect = Effect(
        key=key,
        connector="Odoo",
        kind="call.ended",
        ordinal=0,
        record=record,
        occurred_at=at,
        not_before=at,
    )
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    await bench.db.write(lambda conn: enqueue(conn, effect))
    await bench.db.write(
        lambda conn: lease(conn, owner="w", now=NOW, limit=1, lease_s=30, connectors=["Odoo"])
    )
    later = at + timedelta(seconds=3)
    await bench.db.write(lambda conn: delivered(conn, key, Receipt(external_id="7"), later))


async def set_the_scene(bench: WebBench) -> None:
    """Make an ordinary morning: a few calls behind us, one in conversation, one ringing."""
    bench.services.links.report(LinkState(pbx="hq", phase=LinkPhase.UP, since=ago(9_000)))
    marta = ContactRef(id=MARTA.id, name=MARTA.name)
    stranger = Party(number="0612345690", e164="+390612345690")
    await written(bench, past("9.1", 31, 391, contact=marta))
    await written(bench, past("9.2", 18, None, caller=stranger))
    await written(
        bench, past("9.3", 6, 94, caller=Party(number="0299991234", e164="+390299991234"))
    )


def ring(bench: WebBench) -> None:
    """Let Marta call: she waited 42 s, and Anna's phone rings for the first time."""
    record = inbound(
        "1.1", started_at=ago(42), ivr=("main",), rung=(("1001", "1002"),), caller=CALLER
    )
    busy = inbound("1.2", started_at=ago(190), rung=(("1002",),), caller=OTHER, queue="Sales")
    busy = replace(busy, answered_by="1002", final_talker="1002", answered_at=ago(171))
    events: tuple[CallEvent, ...] = (
        answered(busy, "1002"),
        dialled(replace(record, queue="Support"), "1001"),
        alerting(replace(record, queue="Support"), "1001"),
    )
    for event in events:
        bench.services.desk.handle(replace(event, at=datetime.now(UTC)))


CALLER: Final = Party(number="3331234567", e164="+393331234567", name="MARTA B")
OTHER: Final = Party(number="0512223344", e164="+390512223344")


async def window(browser: Browser, bench: WebBench, *, width: int, dark: bool) -> Page:
    """Open a browser window as Anna."""
    context = await browser.new_context(
        viewport={"width": width, "height": 780},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        timezone_id="Europe/Rome",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(bench.url)
    await page.get_by_role("button", name="Sign in with a token").click()
    await page.get_by_label("Token").fill(bench.tokens["anna"])
    await page.locator("#by-token button").click()
    await expect(page.locator("#recent li")).to_have_count(3)
    return page


async def main() -> None:
    """Take the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with running_web(Path(folder)) as bench, async_playwright() as driver:
            await set_the_scene(bench)
            browser = await driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            wide = await window(browser, bench, width=1280, dark=False)
            dark = await window(browser, bench, width=1280, dark=True)
            phone = await window(browser, bench, width=360, dark=False)
            ring(bench)
            for name, page in (("pop", wide), ("pop-dark", dark), ("pop-phone", phone)):
                await expect(page.locator("article.call")).to_have_count(1)
                await page.wait_for_timeout(1_200)
                await page.screenshot(path=IMAGES / f"{name}.png")
            await browser.close()


asyncio.run(main())
