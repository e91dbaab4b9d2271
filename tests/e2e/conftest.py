"""A real Chromium in front of a running gateway page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright
from support.browser import ARGUMENTS, Desk, chromium
from support.components import missing
from support.web import WebBench, running_web


@pytest_asyncio.fixture(loop_scope="module")
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application with four people."""
    async with running_web(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    """Give the driver of the browser."""
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Give a browser; its absence fails the test and names what to install."""
    program = chromium()
    if program is None:
        missing("Chromium", "no chromium on the PATH; on Debian: apt-get install chromium")
    started = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
    yield started
    await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(bench: WebBench, browser: Browser) -> AsyncIterator[Desk]:
    """Give Anna's browser window in Italian, not signed in yet; no script error may occur in it."""
    context = await browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="it-IT", timezone_id="Europe/Rome"
    )
    window = Desk(await context.new_page(), bench)
    yield window
    await context.close()
    assert window.faults == []
