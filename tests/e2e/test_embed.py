"""The desk within a CRM's own page, on another site: its own session, and what the two tell."""

from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, expect
from support.browser import Desk, new_window
from support.ringing import Calls, calling
from support.web import PASSWORD, running_web

from gateway.web.services import WebOptions

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "config/embed"
SITE = WebOptions(version="0.0.0-test", frame_ancestors=("http://localhost:*",))


async def test_page_of_another_site_shows_the_desk_and_is_told_of_its_calls(
    browser: Browser, tmp_path: Path
) -> None:
    """The shipped example: sign-in inside the frame, a pop in it, and the news outside of it."""
    crm = web.Application()
    crm.router.add_static("/", EXAMPLE)
    runner = web.AppRunner(crm, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    context = await new_window(browser)
    try:
        async with running_web(tmp_path, options=SITE) as bench:
            window = Desk(await context.new_page(), bench.url)
            await window.page.goto(f"http://localhost:{port}/example.html?desk={bench.url}")
            frame, said = window.page.frame_locator("iframe"), window.page.get_by_role("list")
            await frame.get_by_label("Nome utente").fill("anna")
            await frame.get_by_label("Password", exact=True).fill(PASSWORD)
            await frame.get_by_label("Password", exact=True).press("Enter")
            await expect(said.first).to_contain_text('ready: {"login":"anna"')
            await Calls(bench).ring(calling())
            await expect(frame.get_by_role("article", name="Marta Bellandi")).to_be_visible()
            await expect(said.first).to_contain_text('"state":"offered"')
            (cookie,) = await context.cookies(bench.url)
            assert (cookie["name"], cookie["sameSite"]) == ("filodiretto-embedded", "None")
            own = Desk(await context.new_page(), bench.url)
            await own.page.goto(bench.url)
            await expect(own.page.get_by_label("Nome utente")).to_be_visible()
            assert window.faults + own.faults == []
    finally:
        await context.close()
        await runner.cleanup()
