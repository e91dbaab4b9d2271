"""Takes the pictures of the documentation from the real page: `make shots`.

Plays the demonstration, signs Anna in, and photographs what she sees into docs/images.
"""  # noqa: INP001 - a program, not a package

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ROOT / "docs/images"
FILODIRETTO: Final = Path(sys.executable).with_name("filodiretto")
SIZE: Final = ViewportSize(width=1440, height=900)
TALL: Final = ViewportSize(width=1440, height=1180)
PHONE: Final = ViewportSize(width=360, height=780)
SLOW_MS: Final = 60_000
NOTE: Final = "Invoice 2214 charged twice. Wants the refund confirmed by mail today."


@asynccontextmanager
async def demo() -> AsyncIterator[dict[str, Any]]:
    """Run the demonstration in English and give what its first line says."""
    process = await asyncio.create_subprocess_exec(
        FILODIRETTO, "demo", "--listen", "127.0.0.1:0", "--json",
        stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    try:
        yield json.loads(await process.stdout.readline() if process.stdout else "")
    finally:
        process.send_signal(signal.SIGINT)
        await process.wait()


async def take(page: Page, name: str) -> None:
    """Write one picture."""
    path = IMAGES / f"{name}.png"
    await page.screenshot(path=path, animations="disabled", caret="hide")
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


async def both(page: Page, name: str) -> None:
    """Write a picture in either theme."""
    await take(page, name)
    await page.emulate_media(color_scheme="dark")
    await take(page, f"{name}-dark")
    await page.emulate_media(color_scheme="light")


async def sign_in(page: Page, told: dict[str, Any], login: str = "anna") -> None:
    """Open the desk as somebody."""
    known = next(user for user in told["users"] if user["login"] == login)
    await page.context.request.post(
        f"{told['url']}/api/v1/session",
        headers={"Origin": told["url"]},
        data={"username": login, "password": known["password"]},
    )
    await page.goto(told["url"])


async def call(page: Page) -> Locator:
    """Photograph Marta's call from the first ring to the outcome; return its card."""
    card = page.get_by_role("main").get_by_role("article", name="Marta Bellandi")
    await expect(card).to_contain_text("Third call in 3 days")
    await both(page, "desk")
    await expect(card).to_contain_text("In conversation")
    await card.get_by_role("button", name="Apology made").click()
    await card.get_by_label("Call notes").fill(NOTE)
    await expect(card).to_contain_text("Saved")
    await card.get_by_role("button", name=re.compile("^Transfer")).first.click()
    await card.get_by_role("list").get_by_role("button", name=re.compile("Bruno")).click()
    await take(page, "desk-transfer")
    await page.keyboard.press("Escape")
    await page.set_viewport_size(PHONE)
    await take(page, "desk-phone")
    await page.set_viewport_size(SIZE)
    await card.get_by_role("button", name="Hang up").click()
    await expect(card.get_by_role("button", name="Save and be available")).to_be_visible()
    await card.get_by_role("radio").first.check(force=True)
    await take(page, "desk-outcome")
    return card


async def trunk(page: Page, told: dict[str, Any]) -> None:
    """Photograph the trunk as the supervisor sees it, with what it did the day before."""
    await sign_in(page, told, "sara")
    await page.set_viewport_size(TALL)
    await page.goto(f"{told['url']}/trunks/demo:carrier")
    main = page.get_by_role("main")
    await expect(main.get_by_role("region", name="Steps of a call")).to_contain_text("works")
    await expect(main.get_by_role("region", name="Past alarms")).to_contain_text("lasted")
    await both(page, "trunk")
    await page.set_viewport_size(SIZE)


async def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    async with demo() as told, async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport=SIZE,
            locale="en-GB",
            timezone_id="Europe/Rome",
            reduced_motion="reduce",
        )
        page = await context.new_page()
        page.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        await sign_in(page, told)
        card = await call(page)
        await card.get_by_role("link", name=re.compile("history")).click()
        await expect(page).to_have_url(re.compile("/contacts/"))
        await expect(page.get_by_role("main").get_by_text(NOTE)).to_be_visible()
        await both(page, "desk-history")
        await page.goto(f"{told['url']}/missed")
        await expect(page.get_by_role("main")).to_contain_text("Teresa Greco")
        await take(page, "desk-missed")
        await trunk(page, told)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
