"""Two people at two browsers and two telephones, one customer: what the desk is for."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, async_playwright, expect
from support.asterisk_lab.control import Office, open_office
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.browser import ARGUMENTS, Desk, chromium, new_window
from support.components import missing

from gateway.web.built import read_built

pytestmark = [pytest.mark.integration, pytest.mark.e2e, pytest.mark.timeout(120)]

CALLER = "+393331234567"
CONTACTS = "id,name,company,phone,at_risk\nC-17,Marta Bellandi,Officine Quercetta,333 1234567,yes\n"
SOON_MS = 20_000
# The page tries again every ten seconds at the latest; a busy machine takes its time to answer.
BACK_MS = 45_000
PATIENT_S = "60"


@asynccontextmanager
async def two_desks(url: str, *tokens: str) -> AsyncIterator[tuple[Desk, ...]]:
    """Open a browser for each token and sign in; no script may fail in any of them."""
    program = chromium()
    if program is None:
        missing("Chromium", "no chromium on the PATH; on Debian: apt-get install chromium")
    if await asyncio.to_thread(read_built) is None:
        missing("the built page", "run tools/desk.sh")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        desks = []
        for token in tokens:
            context = await new_window(browser)
            desk = Desk(await context.new_page(), url)
            desk.page.set_default_timeout(SOON_MS)
            await desk.open(token)
            desks.append(desk)
        yield tuple(desks)
        await browser.close()
        assert [desk.faults for desk in desks] == [[] for _ in desks]


async def test_customer_is_seen_handed_over_with_a_note_and_wrapped_up_in_two_browsers(
    driver: Driver, tmp_path: Path
) -> None:
    """Pop, note, hand-over, pop at the colleague, outcome, and all of it in the history."""
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS, encoding="utf-8")
    async with open_office(tmp_path, driver) as office:
        await asyncio.to_thread(office.daemon.command, "contacts", "import", str(file))
        await office.knows(CALLER)
        tokens = (office.tokens["anna"], office.tokens["bruno"])
        async with two_desks(office.daemon.url, *tokens) as (anna, bruno):
            driver.phones["1001"].answers(after_s=2.0)
            driver.phones["1002"].answers(after_s=3.0)
            call = await driver.call_in(caller=CALLER, did=did("1001"))
            hers, his = anna.card("Marta Bellandi"), bruno.card("Marta Bellandi")
            await expect(hers).to_contain_text("Squilla", timeout=SOON_MS)
            await expect(hers).to_contain_text("A rischio")
            await expect(hers).to_contain_text("In conversazione", timeout=SOON_MS)
            assert await bruno.cards.count() == 0
            await hers.get_by_label("Note della chiamata").fill("Fattura 2214 doppia")
            await expect(hers).to_contain_text("Salvata alle", timeout=SOON_MS)
            await hand_over(anna, "Bruno", "Vuole lo storno oggi")
            await expect(his).to_contain_text("Vuole lo storno oggi", timeout=SOON_MS)
            await expect(hers).to_contain_text("Passata a", timeout=SOON_MS)
            await expect(his).to_contain_text("In conversazione", timeout=SOON_MS)
            await his.get_by_label("Note della chiamata").fill("Storno fatto")
            await call.hang_up()
            await wrap_up(bruno)
            contact = (await office.knows(CALLER))["contact"]["id"]
            await bruno.go(f"/contacts/{contact}")
            history = bruno.page.get_by_role("main")
            for words in ("Fattura 2214 doppia", "Storno fatto", "Risolto"):
                await expect(history.get_by_text(words).first).to_be_visible(timeout=SOON_MS)


async def test_call_of_two_phones_goes_on_at_one_page_and_survives_the_death_of_the_daemon(
    driver: Driver, tmp_path: Path
) -> None:
    """Who answered is said to the other; kill -9 costs neither the card nor what is typed on it."""
    file = tmp_path / "contacts.csv"
    file.write_text(CONTACTS, encoding="utf-8")
    async with phones_ring_long(driver), open_office(tmp_path, driver) as office:
        await asyncio.to_thread(office.daemon.command, "contacts", "import", str(file))
        await office.knows(CALLER)
        tokens = (office.tokens["anna"], office.tokens["bruno"])
        async with two_desks(office.daemon.url, *tokens) as (anna, bruno):
            call = await driver.call_in(caller=CALLER, did=did("2003"))
            hers, his = anna.card("Marta Bellandi"), bruno.card("Marta Bellandi")
            for card in (hers, his):
                await expect(card).to_contain_text("Squilla", timeout=SOON_MS)
            await asyncio.gather(
                expect(hers).to_contain_text("Ha risposto Bruno", timeout=SOON_MS),
                (await call.ringing("1002")).answer(),
            )
            await expect(his).to_contain_text("In conversazione", timeout=SOON_MS)
            await expect(anna.cards).to_have_count(0, timeout=SOON_MS)
            note = his.get_by_label("Note della chiamata")
            await note.fill("Vuole lo storno")
            await expect(his).to_contain_text("Salvata alle", timeout=SOON_MS)

            await die_and_come_back(office, (anna, bruno), typing=note)
            await expect(his).to_contain_text("In conversazione", timeout=BACK_MS)
            await expect(note).to_have_value("Vuole lo storno oggi")
            await expect(note).to_be_focused()
            await expect(his).to_contain_text("Salvata alle", timeout=SOON_MS)
            await expect(bruno.cards).to_have_count(1)
            await expect(anna.cards).to_have_count(0)
            await call.hang_up()
            await wrap_up(bruno)
            (kept,) = (await office.get("/api/v1/calls"))["items"]
            assert [said["note"] for said in kept["wrap_ups"]] == ["Vuole lo storno oggi"]


async def die_and_come_back(office: Office, desks: tuple[Desk, ...], *, typing: Locator) -> None:
    """Kill the daemon, type on while it is away, and start it again at the address it had."""
    listen = office.daemon.url.partition("//")[2]
    config = office.daemon.config.read_text("utf-8")
    office.daemon.config.write_text(config.replace("127.0.0.1:0", listen), "utf-8")
    office.daemon.kill()
    for desk in desks:
        lost = desk.page.get_by_text("Pagina scollegata dalle").first
        await expect(lost).to_be_visible(timeout=SOON_MS)
        await expect(desk.page.get_by_role("banner")).to_contain_text("Scollegata")
    await typing.press("End")
    await desks[-1].page.keyboard.type(" oggi")
    await expect(desks[-1].cards).to_contain_text("Tenuta su questo computer", timeout=SOON_MS)
    await office.daemon.start()
    for desk in desks:
        await expect(desk.page.get_by_role("banner")).to_contain_text("In linea", timeout=BACK_MS)


@asynccontextmanager
async def phones_ring_long(driver: Driver) -> AsyncIterator[None]:
    """Let the telephone system ring longer than a busy machine takes to show it in two browsers."""
    before = (await driver.ami("Getvar", Variable="RING"))[0]["Value"]
    await driver.ami("Setvar", Variable="RING", Value=PATIENT_S)
    try:
        yield
    finally:
        await driver.ami("Setvar", Variable="RING", Value=before)


async def hand_over(desk: Desk, colleague: str, note: str) -> None:
    """Hand the call over at once, with a note."""
    card = desk.card("Marta Bellandi")
    await card.get_by_role("button", name=re.compile("^Passare")).first.click()
    whom = card.get_by_role("list", name="A chi")
    await whom.get_by_role("button", name=re.compile(colleague)).click()
    await card.get_by_label(re.compile("^Nota per")).fill(note)
    await card.get_by_role("button", name="Passare subito").click()


async def wrap_up(desk: Desk) -> None:
    """Say what the call was, in two clicks."""
    card = desk.card("Marta Bellandi")
    outcome = card.get_by_role("group", name="Com’è andata?").get_by_role("radio").first
    await expect(outcome).to_be_attached(timeout=SOON_MS)
    await outcome.check(force=True)
    await card.get_by_role("button", name=re.compile("^Salvare")).click()
    await expect(desk.page.get_by_role("status")).to_contain_text("Esito salvato", timeout=SOON_MS)
