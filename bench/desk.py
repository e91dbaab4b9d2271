"""How soon a person can work on the page: the desk of the demo in a real Chromium, beside a floor.

    python bench/desk.py [--rounds 5]

`cold` is a browser that never saw the page, `warm` the same one again, in ms from the address to a
search field that takes what is typed while the event stream is open. The floor is an empty page of
the same browser with one field and no network. As wall time, on whatever else the machine does.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import ARGUMENTS, chromium, new_window

FILODIRETTO: Final = Path(sys.executable).with_name("filodiretto")
FLOOR: Final = "data:text/html,<!doctype html><title>floor</title><input type=search autofocus>"


@asynccontextmanager
async def demo() -> AsyncIterator[tuple[str, str, str]]:
    """Run the demo and give its address, and one person's login and password."""
    process = await asyncio.create_subprocess_exec(
        FILODIRETTO,
        "demo",
        "--json",
        "--listen",
        "127.0.0.1:0",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        person = told["users"][0]
        yield told["url"], person["login"], person["password"]
    finally:
        process.terminate()
        await process.wait()


async def ready(page: Page, url: str) -> float:
    """Open an address; return the ms until its search field takes a letter."""
    began = time.perf_counter()
    await page.goto(url)
    field = page.get_by_role("searchbox").or_(page.locator("input[type=search]")).first
    await field.fill("a")
    if url.startswith("http"):
        online = page.get_by_text("In linea", exact=True)
        await expect(online.first).to_be_visible()
    took = (time.perf_counter() - began) * 1_000
    await field.fill("")
    return took


async def one_round(browser: Browser, url: str, login: str, password: str) -> dict[str, float]:
    """Measure one new browser of a person who signed in before."""
    context = await new_window(browser)
    page = await context.new_page()
    floor = await ready(page, FLOOR)
    answer = await context.request.post(
        f"{url}/api/v1/session",
        data={"username": login, "password": password},
        headers={"Origin": url, "X-Filodiretto": "1"},
    )
    assert answer.ok, await answer.text()
    cold = await ready(page, url)
    warm = await ready(page, url)
    await context.close()
    return {"floor": floor, "cold": cold, "warm": warm}


async def measure(rounds: int) -> None:
    """Print the medians, and each as a ratio to the floor."""
    path = chromium()
    if path is None:
        sys.exit("there is no Chromium: on Debian, apt-get install chromium")
    async with demo() as (url, login, password), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        found = [await one_round(browser, url, login, password) for _ in range(rounds)]
        await browser.close()
    floor = statistics.median(one["floor"] for one in found)
    for name in ("floor", "cold", "warm"):
        value = statistics.median(one[name] for one in found)
        print(f"{name:>6} {value:7.0f} ms  {value / floor:5.1f} x floor")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(measure(parser.parse_args().rounds))
