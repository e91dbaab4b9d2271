"""Every page, in either theme and at any width: readable by everybody, nothing off the screen."""

import pytest
from playwright.async_api import Browser, expect
from support.accessibility import too_wide, violations
from support.browser import Desk, new_window
from support.desk import MARTA
from support.ringing import Calls, calling
from support.web import WebBench

from gateway.store.contacts import save_contacts

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

PAGES = ("/", "/missed", "/contacts", "/calls", "/promises", "/colleagues", "/profile")


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
    found = {}
    for path in PAGES:
        await desk.go(path)
        await expect(desk.page.get_by_role("heading", level=1).first).to_be_visible()
        found[path] = await too_wide(desk.page)
    assert {path: wide for path, wide in found.items() if wide} == {}
