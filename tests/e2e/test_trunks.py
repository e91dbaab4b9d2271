"""Trunks on the page: what fails and what to do, a test call step by step, a form to install."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect
from support.accessibility import too_wide, violations
from support.browser import Desk, new_window
from support.components import missing
from support.ringing import now
from support.trunk_stories import (
    BACKUP,
    CARRIER,
    NUMBER,
    caller_of,
    connected,
    met,
    refused,
    remember,
    show,
    with_trunks,
    works,
)
from support.web import WebBench, running_web

from gateway.core.mystery import Mark, MysterySeconds, RunState
from gateway.core.mystery_words import CHANGED, TOO_LONG, named
from gateway.core.trunks import AlarmKind, TrunkAlarm
from gateway.web.built import read_built

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

TRUNK = "/trunks/hq:carrier"
PAGES = ("/trunks", TRUNK, "/trunks/systems/hq", "/trunks/configure")
RINGS = (Mark.RINGING, "squilla dopo 1,2 s", True)
PERSON = (Mark.PERSON, "risponde una persona", True)


@pytest_asyncio.fixture(loop_scope="module")
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application with a telephone system and two trunks that work."""
    if await asyncio.to_thread(read_built) is None:
        missing("the built page", "run tools/desk.sh")
    async with running_web(tmp_path, extend=with_trunks) as running:
        running.services.links.report(connected())
        show(running, works(), works(BACKUP, registration=None, limit=None))
        yield running


def part(desk: Desk, name: str) -> Locator:
    """Return a part of the page by its name."""
    return desk.page.get_by_role("main").get_by_role("region", name=name, exact=True)


def rail(desk: Desk) -> Locator:
    """Return where one can go."""
    return desk.page.get_by_role("navigation", name="Principale")


async def test_trunk_that_goes_down_is_said_with_its_step_its_cause_and_its_remedy(
    desk: Desk, bench: WebBench
) -> None:
    """Whoever looks after it need not look anywhere else."""
    await desk.open(bench.tokens["paula"], "/trunks")
    row = part(desk, "Linee").get_by_role("row", name="carrier")
    await expect(row).to_contain_text("Funziona")
    show(bench, refused(works()))
    await expect(row).to_contain_text("Fuori servizio")
    await expect(row).to_contain_text("Il registrar non accetta la registrazione")
    await expect(rail(desk).get_by_role("link", name="Linee")).to_contain_text(": 1")
    await row.get_by_role("link", name="carrier").click()
    steps = part(desk, "Passi di una chiamata")
    await expect(steps.get_by_role("listitem").nth(1)).to_contain_text("non riuscito")
    await expect(steps.get_by_role("heading", level=2)).to_contain_text("Il registrar non accetta")
    await expect(steps).to_contain_text("Confrontare la sezione auth")
    await expect(steps).to_contain_text("ritenta da solo")
    await expect(part(desk, "Che cosa manca intanto")).to_contain_text("funzionano: backup")
    show(bench, works())
    await expect(steps.get_by_role("heading", level=2)).to_have_text("La linea funziona")
    await expect(part(desk, "Che cosa manca intanto")).to_have_count(0)


async def test_history_is_there_as_figures_for_who_does_not_see_the_graph(
    desk: Desk, bench: WebBench
) -> None:
    """The same points stand in a table; faults are listed with how long they lasted."""
    await remember(bench)
    await desk.open(bench.tokens["paula"], TRUNK)
    history = part(desk, "Andamento")
    await expect(history).to_contain_text("del tempo osservato")
    await history.get_by_text("Le stesse cifre in tabella").click()
    table = history.get_by_role("table")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("Funziona")
    await expect(table.get_by_role("row", name="Fuori servizio").first).to_contain_text("non noto")
    await expect(part(desk, "Storia degli allarmi")).to_contain_text("durata 50")
    await history.get_by_role("button", name="90 giorni").click()
    await expect(history).to_contain_text("del tempo osservato")


async def test_test_call_is_asked_for_in_place_and_its_steps_appear(
    desk: Desk, bench: WebBench
) -> None:
    """One press asks, the second calls, once; the rest comes by itself, and says what changed."""
    await desk.open(bench.tokens["paula"], TRUNK)
    calls, tester = part(desk, "Chiamata di prova"), caller_of(bench)
    await calls.get_by_role("button", name="Fare una chiamata di prova").click()
    await expect(calls).to_contain_text("Chiamare +39 02 9999 2001?")
    await calls.get_by_role("button", name="Non chiamare").click()
    assert tester.begun == []
    await calls.get_by_role("button", name="Fare una chiamata di prova").click()
    await calls.get_by_role("button", name="Chiamare ora").dblclick()
    await expect(calls.get_by_role("button", name="Fare una chiamata di prova")).to_be_disabled()
    (run,) = tester.begun
    await tester.tell(met(run, RunState.RUNNING, RINGS))
    await expect(calls).to_contain_text("squilla dopo 1,2 s")
    await expect(calls).not_to_contain_text("risponde una persona")
    over = met(run, RunState.CHANGED, RINGS, PERSON)
    took = MysterySeconds(post_dial_delay=1.2, to_answer=5.0, to_person=19.4)
    await tester.tell(replace(over, seconds=took, words=CHANGED))
    await expect(calls).to_contain_text("risponde una persona")
    await expect(calls).to_contain_text("La chiamata è andata diversamente dal solito.")
    await expect(calls).to_contain_text("Fino a una persona19\u00a0s")
    await expect(calls.get_by_role("button", name="Fare una chiamata di prova")).to_be_enabled()


async def test_each_of_several_tests_is_offered_and_named(desk: Desk, bench: WebBench) -> None:
    """The nightly one failed: a later one that passes does not make the trunk look well."""
    tester = caller_of(bench)
    tester.tests = [("day", NUMBER, None), ("night", NUMBER, RunState.FAILED)]
    alarm = TrunkAlarm(kind=AlarmKind.TEST, since=now(), words=named(TOO_LONG, "night"))
    show(bench, works(alarms=(alarm,)))
    await desk.open(bench.tokens["paula"], TRUNK)
    calls = part(desk, "Chiamata di prova")
    for name, state in (("night", RunState.FAILED), ("day", RunState.PASSED)):
        await calls.get_by_role("button", name=f"Fare la prova «{name}»").click()
        await expect(calls).to_contain_text(f"Prova «{name}» · Chiamare")
        await calls.get_by_role("button", name="Chiamare ora").click()
        await expect(calls).to_contain_text("in corso")
        run = tester.begun[-1]
        assert run.test == name
        await tester.tell(met(run, state, RINGS))
        await expect(calls.get_by_role("button", name="Fare la prova «day»")).to_be_enabled()
    await expect(calls.get_by_role("listitem").filter(has_text="riuscita").first).to_contain_text(
        "day"
    )
    steps = part(desk, "Passi di una chiamata")
    await expect(steps.get_by_role("heading", level=2)).to_contain_text("Prova «night»: ")
    last = steps.get_by_role("list").first.get_by_role("listitem").last
    await expect(last).to_contain_text("night: non riuscita")
    # between one and two o'clock it is "dall’1:04"
    since = re.compile(r"Prova non riuscita \(night\) dall(e |’1:)")
    await expect(desk.page.get_by_role("main")).to_contain_text(since)


async def test_form_gives_sections_and_says_that_nothing_was_written(
    desk: Desk, bench: WebBench
) -> None:
    """A mistake stands at its field; then there is text to copy, and that the PBX said nothing."""
    await desk.open(bench.tokens["paula"], "/trunks/configure")
    page = desk.page
    await page.get_by_label("Nome della linea (necessario)").fill("fornitore")
    await page.get_by_role("button", name="Preparare il testo").click()
    await expect(page.get_by_text("Qualche campo è da correggere")).to_be_visible()
    server = page.get_by_label("Server")
    await expect(server.first).to_have_attribute("aria-invalid", "true")
    await server.first.fill("sip.fornitore.example")
    await page.get_by_label("Nome utente").first.fill("0299991001")
    await page.get_by_role("button", name="Preparare il testo").click()
    made = part(desk, "Testo da installare")
    await expect(made).to_contain_text("Nulla è stato scritto sul centralino.")
    await expect(made).to_contain_text("server_uri = sip:sip.fornitore.example")
    await expect(made.get_by_role("button", name="Copiare il testo per pjsip.conf")).to_be_visible()
    await expect(part(desk, "Che cosa dice il centralino")).to_be_visible()


async def test_agents_see_no_trunks_and_supervisors_place_no_call(
    desk: Desk, bench: WebBench
) -> None:
    """Trunks are for who looks after them, and to be seen by who must know."""
    await desk.open(bench.tokens["anna"], TRUNK)
    await expect(desk.page.get_by_role("heading", level=1)).to_contain_text("non è per il ruolo")
    await expect(rail(desk).get_by_role("link", name="Chiamate")).to_be_visible()
    await expect(rail(desk).get_by_role("link", name="Linee")).to_have_count(0)
    await desk.open(bench.tokens["sara"], TRUNK)
    await expect(rail(desk).get_by_role("link", name="Linee")).to_be_visible()
    await expect(part(desk, "Chiamata di prova")).to_contain_text("chi amministra il centralino")
    await expect(desk.page.get_by_role("button", name="Fare una chiamata")).to_have_count(0)
    await desk.go("/trunks/configure")
    await expect(desk.page.get_by_role("heading", level=1)).to_contain_text("non è per il ruolo")
    await desk.open(bench.tokens["paula"], "/trunks/hq:backup")
    await expect(part(desk, "Chiamata di prova")).to_contain_text("Questa linea non ha una prova.")


async def test_who_looks_after_the_telephone_system_is_asked_and_shown_only_what_is_theirs(
    desk: Desk, bench: WebBench
) -> None:
    """Nobody is told of no customers where nobody may ask for them, and nothing is refused."""
    refusals: list[str] = []
    desk.page.on("response", lambda one: refusals.append(one.url) if one.status == 403 else None)
    await desk.open(bench.tokens["paula"])
    await expect(desk.page).to_have_url(f"{bench.url}/trunks")
    await expect(part(desk, "Linee").get_by_role("row", name="carrier")).to_be_visible()
    await expect(rail(desk).get_by_role("link")).to_have_text(["Linee"])
    await expect(desk.page.get_by_role("complementary").get_by_role("link")).to_have_count(0)
    await expect(desk.page.get_by_role("search")).to_have_count(0)
    await desk.page.keyboard.press("Control+k")
    await expect(desk.page.get_by_role("option", name="Linee")).to_be_visible()
    await expect(desk.page.get_by_role("option", name="Richiamare")).to_have_count(0)
    for path in (*PAGES, "/colleagues", "/profile"):
        await desk.go(path)
        await expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
        await desk.page.wait_for_load_state("networkidle")
    assert refusals == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_trunk_pages_are_readable_by_everybody_at_any_width(
    bench: WebBench, browser: Browser, theme: str
) -> None:
    """Axe finds nothing, and nothing is off the screen, also while a trunk is down."""
    show(bench, refused(works()))
    await remember(bench)
    context = await new_window(browser, theme=theme)
    desk = Desk(await context.new_page(), bench.url)
    await desk.sign_in(bench.tokens["paula"])
    run = await caller_of(bench).start(str(CARRIER), test=None, by="paula")
    await caller_of(bench).tell(met(run, RunState.FAILED, RINGS, PERSON))
    found: dict[str, object] = {}
    for path in PAGES:
        await desk.go(path)
        await expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
        if path == TRUNK:
            await desk.page.get_by_text("Le stesse cifre in tabella").click()
            await expect(desk.page.get_by_text("squilla dopo 1,2 s")).to_be_visible()
        if path == PAGES[-1]:
            await expect(desk.page.get_by_role("button", name="Preparare")).to_be_visible()
        found[path] = [*await violations(desk.page), *await too_wide(desk.page)]
    await context.close()
    assert {where: what for where, what in found.items() if what} == {}
    assert desk.faults == []
