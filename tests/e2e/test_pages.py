"""Every page, in either theme and at any width: readable by everybody, nothing off the screen."""

from importlib.resources import files

import pytest
from playwright.async_api import Browser, Page, expect
from support.browser import Desk, new_window
from support.desk import MARTA
from support.ringing import Calls, calling
from support.web import WebBench

from gateway.store.contacts import save_contacts

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

PAGES = ("/", "/missed", "/contacts", "/calls", "/promises", "/colleagues", "/profile")
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# What cannot be told from the page alone is left to people; the rest of axe's rules all count.
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ").slice(0, 300)}`)"""


async def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on a page, with where."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN_AXE)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_page_and_no_card_violates_a_rule_of_accessibility(
    bench: WebBench, browser: Browser, theme: str
) -> None:
    """People read with their ears, with keys, and with little contrast."""
    await bench.db.write(lambda conn: save_contacts(conn, [MARTA]))
    context = await new_window(browser, theme=theme)
    desk, calls = Desk(await context.new_page(), bench.url), Calls(bench)
    found: dict[str, list[str]] = {}
    await desk.page.goto(bench.url)
    await expect(desk.page.get_by_label("Nome utente")).to_be_visible()
    found["door"] = await violations(desk.page)
    await desk.sign_in(bench.tokens["anna"])
    for path in PAGES:
        await desk.go(path)
        await expect(desk.page.get_by_role("heading", level=1).first).to_be_visible()
        found[path] = await violations(desk.page)
    await desk.go("/")
    record = await calls.ring(calling())
    await expect(desk.card("Marta Bellandi")).to_contain_text("Squilla")
    found["ringing"] = await violations(desk.page)
    record = await calls.answer(record)
    await expect(desk.card("Marta Bellandi")).to_contain_text("In conversazione")
    found["talking"] = await violations(desk.page)
    await calls.end(record)
    await expect(desk.page.get_by_text("Com’è andata?").first).to_be_visible()
    found["outcome"] = await violations(desk.page)
    await context.close()
    assert {where: what for where, what in found.items() if what} == {}
    assert desk.faults == []


async def test_no_page_scrolls_sideways_from_a_phone_to_a_wide_screen(
    desk: Desk, bench: WebBench
) -> None:
    """Also at 200 % zoom, which is half the width."""
    await desk.open(bench.tokens["anna"])
    await Calls(bench).ring(calling())
    too_wide = []
    for path in PAGES:
        await desk.go(path)
        await expect(desk.page.get_by_role("heading", level=1).first).to_be_visible()
        for width in (320, 720, 1024, 1440, 1920):
            await desk.page.set_viewport_size({"width": width, "height": 800})
            wide = await desk.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                too_wide.append((path, width, wide))
        await desk.page.set_viewport_size({"width": 1440, "height": 900})
    assert too_wide == []
