"""The desk by keyboard: search, every action by name, the list of keys; and what is seen of it."""

import pytest
import pytest_asyncio
from playwright.async_api import expect
from support.browser import Desk
from support.ringing import Calls, calling
from support.web import WebBench

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def calls(bench: WebBench) -> Calls:
    """Give calls that ring."""
    return Calls(bench)


async def test_customer_is_found_and_opened_without_the_mouse(desk: Desk, bench: WebBench) -> None:
    """The one field finds by name, its list is walked by arrows, and Enter goes there."""
    await desk.open(bench.tokens["anna"])
    page = desk.page
    await page.keyboard.press("/")
    field = page.get_by_role("search").get_by_role("combobox")
    await expect(field).to_be_focused()
    await page.keyboard.type("zzz")
    await expect(page.get_by_role("option", name="Cercare «zzz»")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk.url}/contacts?q=zzz")
    await page.keyboard.press("/")
    await page.keyboard.type("06 1234 5678")
    await expect(page.get_by_role("option").first).to_contain_text("Chiamare")
    await page.keyboard.press("Escape")
    await expect(field).not_to_be_focused()


async def test_every_place_is_reached_by_its_name_and_panels_give_the_focus_back(
    desk: Desk, bench: WebBench
) -> None:
    """Ctrl-K finds by the beginnings of words; Esc does nothing but close."""
    await desk.open(bench.tokens["anna"])
    page = desk.page
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("combobox", name="Scrivere che cosa fare")).to_be_focused()
    await page.keyboard.type("pro")
    await expect(page.get_by_role("option", name="Andare a: Profilo")).to_be_visible()
    await page.keyboard.type("filo")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{desk.url}/profile")
    await page.get_by_role("link", name="Scrivania").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Tasti")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("link", name="Scrivania")).to_be_focused()


async def test_call_that_rings_on_another_page_is_one_key_away(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """The page one works on stays; strip, title and alert say who rings, and C goes there."""
    await desk.open(bench.tokens["anna"], "/profile")
    page = desk.page
    await calls.ring(calling())
    await expect(page.get_by_role("complementary", name="Riepilogo")).to_contain_text(
        "Marta Bellandi"
    )
    await expect(page.get_by_role("alert").first).to_contain_text("Squilla: Marta Bellandi")
    await expect(page).to_have_title("● Marta Bellandi \u2013 Filodiretto")
    await expect(page).to_have_url(f"{desk.url}/profile")
    await page.keyboard.press("c")
    await expect(desk.card("Marta Bellandi")).to_be_visible()


async def test_second_tab_has_the_call_too_and_a_reload_keeps_it(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """What the page shows is what the gateway knows, whichever window asks."""
    await desk.open(bench.tokens["anna"])
    await calls.answer(await calls.ring(calling()))
    second = Desk(await desk.page.context.new_page(), desk.url)
    await second.go("/")
    await expect(second.card("Marta Bellandi")).to_contain_text("In conversazione")
    await desk.page.reload()
    await expect(desk.card("Marta Bellandi")).to_contain_text("In conversazione")
    await expect(desk.cards).to_have_count(1)
    assert second.faults == []
