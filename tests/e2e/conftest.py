"""A real Chromium in front of a running gateway page."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright
from support.browser import ARGUMENTS, Desk, chromium, new_window
from support.components import missing
from support.ringing import known_past
from support.web import WebBench, running_web

from gateway.core.history import Background
from gateway.desk.handoffs import HandoffDesk
from gateway.desk.pops import PopDesk, Recall
from gateway.web.built import read_built
from gateway.web.services import Services

MARTA_ID = "c-1"


def _with_past(services: Services) -> Services:
    """Let the desk know what was before with Marta."""

    def recall(contact: str | None, _e164: str | None, _at: object, tell: Recall) -> None:
        tell(known_past() if contact == MARTA_ID else Background(), None)

    desk = PopDesk(
        services.hub,
        services.roster.who_has,
        services.find,
        overseers=services.roster.overseers,
        past=recall,
    )
    return replace(services, desk=desk, handoffs=HandoffDesk(services.db, desk))


@pytest_asyncio.fixture(loop_scope="module")
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application with four people, and a past with Marta."""
    if await asyncio.to_thread(read_built) is None:
        missing("the built page", "run tools/desk.sh")
    async with running_web(tmp_path, extend=_with_past) as running:
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
    """Give a browser window in Italian, nobody signed in; no script error may occur in it."""
    context = await new_window(browser)
    window = Desk(await context.new_page(), bench.url)
    yield window
    await context.close()
    assert window.faults == []
