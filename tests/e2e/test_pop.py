"""What an agent sees of a call: the pop, its answer, its end, and nothing that is not true."""

import re
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import expect
from support.browser import Desk
from support.desk import closed
from support.ringing import Calls, calling, now, over
from support.web import WebBench

from gateway.core.events import CallEnded, CloseReason
from gateway.core.handoff import Handoff
from gateway.core.matching import Contact
from gateway.core.record import Outcome, Party, Presentation
from gateway.store.calls import get_call

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

EVIL = "<img src=x onerror=\"alert('owned')\"><script>alert('owned')</script>"
LONG = "\u202e" + EVIL + "\u0645\u0631\u062d\u0628\u0627 \U0001f4a5" + "x" * 4_000
STRANGER = Party(number="0612345621", e164="+390612345621")


@pytest_asyncio.fixture(loop_scope="module")
async def calls(bench: WebBench) -> Calls:
    """Give calls that ring."""
    return Calls(bench)


async def test_call_from_ring_to_outcome_is_one_card(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """Ring, reload, answer, note, end, two clicks: the same card; what was typed is kept."""
    await desk.open(bench.tokens["anna"])
    record = await calls.ring(calling())
    card = desk.card("Marta Bellandi")
    await expect(card).to_contain_text("Squilla")
    await expect(card).to_contain_text("Rispondere dal telefono")
    await expect(card).to_contain_text("Numero riconosciuto")
    band = card.get_by_role("region", name="Prima cosa: Marta Bellandi")
    await expect(band).to_contain_text("A rischio. Prima cosa: scusarsi")
    await expect(card).to_contain_text("Storno fattura 2214")
    await expect(card).to_contain_text("Addebito doppio confermato.")
    await expect(desk.page.get_by_role("alert")).to_contain_text("Squilla: Marta Bellandi")
    await expect(desk.page).to_have_title("\u25cf Marta Bellandi \u2013 Filodiretto")

    await desk.page.reload()
    await expect(card).to_contain_text("Squilla")
    record = await calls.answer(record)
    await expect(card).to_contain_text("In conversazione")
    note = card.get_by_label("Note della chiamata")
    await note.fill("Storno approvato")
    await expect(card).to_contain_text("Salvata alle")
    await expect(band.get_by_role("button", name="Scuse fatte")).to_be_enabled()
    await band.get_by_role("button", name="Scuse fatte").click()
    await expect(band).not_to_contain_text("Prima cosa: scusarsi")

    await calls.end(record)
    await expect(note).to_have_value("Storno approvato")
    await card.get_by_role("radio", name="Resolved").check(force=True)
    await card.get_by_role("button", name=re.compile("^Salvare")).click()
    await expect(desk.page.get_by_role("status")).to_contain_text("Esito salvato")
    kept = await bench.db.read(lambda conn: get_call(conn, record.id))
    assert kept is not None
    (said,) = kept.wrap_ups
    assert (said.agent, said.note, said.disposition) == ("anna", "Storno approvato", "Resolved")


async def test_answered_by_a_colleague_turns_to_one_line_and_leaves(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """The agent sees why the phone fell silent."""
    await desk.open(bench.tokens["anna"])
    record = await calls.ring(calling(rung=(("1001", "1002"),)))
    await expect(desk.cards).to_have_count(1)
    record = replace(record, answered_by="1002", final_talker="1002", outcome=Outcome.ANSWERED)
    bench.services.desk.handle(closed(record, "1001", CloseReason.ANSWERED_ELSEWHERE))
    await expect(desk.cards).to_contain_text("Ha risposto Luca Gatti")
    await expect(desk.cards).to_have_count(0, timeout=15_000)


async def test_caller_who_gave_up_is_told(desk: Desk, bench: WebBench, calls: Calls) -> None:
    """A caller lost is seen, not just gone."""
    await desk.open(bench.tokens["anna"])
    record = await calls.ring(calling())
    await expect(desk.cards).to_have_count(1)
    record = replace(over(record), outcome=Outcome.ABANDONED)
    left = closed(record, "1001", CloseReason.CALLER_LEFT)
    bench.services.desk.handle(replace(left, at=now()))
    bench.services.desk.handle(CallEnded(at=now(), record=record))
    await expect(desk.cards).to_contain_text("Ha riagganciato dopo 0:")


@pytest.mark.parametrize("width", [360, 1440])
async def test_hostile_words_are_text_and_stay_on_the_screen(
    desk: Desk, bench: WebBench, calls: Calls, width: int
) -> None:
    """Names of 4 000 characters, right to left, with scripts: nothing runs, nothing is pushed."""
    await desk.page.set_viewport_size({"width": width, "height": 800})
    await desk.open(bench.tokens["anna"])
    hostile = Contact(id="c-9", name=LONG, company=LONG, owner=LONG, url="javascript:alert(1)")
    bench.directory.entries["+393331234567"] = (hostile,)
    record = await calls.ring(calling("1.1", queue=EVIL))
    await calls.ring(calling("1.2", caller=replace(STRANGER, name=LONG)))
    note = Handoff(at=now(), by="luca", extension="1002", reason=EVIL, wants=EVIL, note=EVIL * 20)
    await bench.services.handoffs.leave(record.id, note)
    await expect(desk.cards).to_have_count(2)
    await expect(desk.cards.first).to_contain_text("<img src=x")
    assert await desk.page.locator("img[src=x], main script").count() == 0
    assert await desk.page.locator("a[href^='javascript']").count() == 0
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_withheld_number_shows_nothing_of_the_caller(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """No number, no name, no guess."""
    await desk.open(bench.tokens["anna"])
    hidden = Party(
        number="3331234567",
        e164="+393331234567",
        name="MARTA",
        presentation=Presentation.WITHHELD,
    )
    await calls.ring(calling(caller=hidden))
    await expect(desk.cards.get_by_role("heading", level=1)).to_have_text("Numero nascosto")
    content = await desk.page.content()
    assert "MARTA" not in content
    assert "3331234567" not in content


async def test_five_calls_are_five_cards_and_typing_is_not_disturbed(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """Who is writing about one customer goes on writing, whatever rings."""
    await desk.open(bench.tokens["anna"])
    await calls.answer(await calls.ring(calling("1.1")))
    note = desk.card("Marta Bellandi").get_by_label("Note della chiamata")
    await note.press_sequentially("Vuole ")
    for no in range(2, 6):
        other = Party(number=f"061234562{no}", e164=f"+39061234562{no}")
        await calls.ring(calling(f"1.{no}", caller=other))
    await expect(desk.cards).to_have_count(5)
    await desk.page.keyboard.type("lo storno")
    await expect(note).to_have_value("Vuole lo storno")
    await expect(note).to_be_focused()
    live = desk.page.get_by_role("complementary").get_by_role("region", name="In corso")
    await expect(live.get_by_role("listitem")).to_have_count(5)


async def test_call_of_somebody_else_is_not_shown(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """Luca's phone rings on Luca's page only."""
    await desk.open(bench.tokens["anna"])
    await calls.ring(calling(rung=(("1002",),)), extension="1002")
    await calls.ring(calling("1.2", caller=STRANGER))
    await expect(desk.cards).to_have_count(1)
    await expect(desk.cards.get_by_role("heading", level=1)).to_contain_text("+39")
