"""What the page says of its own connection: stale looks stale, and nothing is missed."""

from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect
from support.browser import Desk
from support.ringing import Calls, calling, now
from support.web import WebBench

from gateway.core.ports import LinkPhase, LinkState
from gateway.core.record import Party
from gateway.desk.subscription import CloseCode
from gateway.store.credentials import end_other_sessions

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(loop_scope="module")
async def calls(bench: WebBench) -> Calls:
    """Give calls that ring."""
    return Calls(bench)


async def test_network_that_is_lost_is_said_and_what_happened_meanwhile_is_there_after_it(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """The banner names the time; the note stays; the answer is on the card when it is back."""
    await desk.open(bench.tokens["anna"])
    record = await calls.ring(calling())
    note = desk.card("Marta Bellandi").get_by_label("Note della chiamata")
    await note.fill("Vuole lo storno")
    await desk.page.context.set_offline(offline=True)
    await expect(desk.page.get_by_text("Pagina scollegata dall").first).to_be_visible()
    await expect(desk.page.get_by_role("banner")).to_contain_text("Scollegata")
    await calls.answer(record)
    await desk.page.context.set_offline(offline=False)
    await desk.online()
    await expect(desk.card("Marta Bellandi")).to_contain_text("In conversazione")
    await expect(note).to_have_value("Vuole lo storno")


async def test_page_comes_back_by_itself_after_the_gateway_went_away(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """A restart of the gateway needs no hand on the mouse."""
    await desk.open(bench.tokens["anna"])
    bench.services.hub.close(CloseCode.GOING_AWAY)
    await expect(desk.page.get_by_text("Pagina scollegata dall").first).to_be_visible()
    await desk.online()
    await calls.ring(calling())
    await expect(desk.cards).to_have_count(1)


async def test_who_is_writing_when_the_gateway_comes_back_as_another_goes_on_writing(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """A restarted gateway tells everything anew; the field and what is typed in it stay."""
    await desk.open(bench.tokens["anna"])
    await calls.answer(await calls.ring(calling()))
    note = desk.card("Marta Bellandi").get_by_label("Note della chiamata")
    await note.press_sequentially("Vuole ")
    bench.services.hub.epoch = "e2"
    bench.services.hub.close(CloseCode.GOING_AWAY)
    await expect(desk.page.get_by_text("Pagina scollegata dall").first).to_be_visible()
    await desk.page.keyboard.type("lo ")
    await desk.online()
    await expect(desk.card("Marta Bellandi")).to_contain_text("In conversazione")
    await desk.page.keyboard.type("storno")
    await expect(note).to_have_value("Vuole lo storno")
    await expect(note).to_be_focused()
    await expect(desk.cards).to_have_count(1)


async def test_page_that_is_opened_during_the_call_has_the_note_that_was_saved_on_another(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """Who goes on writing in a second window must not write over what the first one has saved."""
    await desk.open(bench.tokens["anna"])
    await calls.answer(await calls.ring(calling()))
    card = desk.card("Marta Bellandi")
    await card.get_by_label("Note della chiamata").fill("Vuole lo storno")
    await expect(card).to_contain_text("Salvata alle")
    second = Desk(await desk.page.context.new_page(), desk.url)
    await second.go("/")
    card = second.card("Marta Bellandi")
    await expect(card.get_by_label("Note della chiamata")).to_have_value("Vuole lo storno")
    await expect(card).to_contain_text("Salvata alle")
    assert second.faults == []


async def test_revoked_session_leads_to_the_door_at_once_in_every_tab(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """No customer's name stays on the screen of who may not see it any more."""
    await desk.open(bench.tokens["anna"])
    second = Desk(await desk.page.context.new_page(), bench.url)
    await second.go("/")
    await calls.ring(calling())
    for tab in (desk, second):
        await expect(tab.card("Marta Bellandi")).to_be_visible()
    await bench.db.write(lambda conn: end_other_sessions(conn, "anna", keep=None))
    await bench.watch.check_all()
    for tab in (desk, second):
        await expect(tab.page.get_by_label("Nome utente")).to_be_visible()
        await expect(tab.page.get_by_role("main")).to_contain_text("La sessione è finita")
        content = await tab.page.content()
        assert "Bellandi" not in content
    assert second.faults == []


async def test_link_that_is_down_is_said_with_its_remedy(desk: Desk, bench: WebBench) -> None:
    """The page works but does not pretend to see calls."""
    await desk.open(bench.tokens["anna"])
    down = LinkState(
        pbx="hq",
        phase=LinkPhase.DOWN,
        since=now(),
        cause="Refused.",
        remedy="Start Asterisk.",
        translated=(("it", "Rifiutato.", "Avviare Asterisk."),),
    )
    bench.services.links.report(down)
    await expect(desk.page.get_by_text("Centralino «hq» non raggiungibile").first).to_be_visible()
    await expect(desk.page.get_by_text("Avviare Asterisk.").first).to_be_visible()
    bench.services.links.report(replace(down, phase=LinkPhase.UP, cause="", remedy=""))
    banner = desk.page.get_by_text("Rifiutato.")
    await expect(banner).to_have_count(0)


async def test_clock_that_is_an_hour_off_shows_no_false_times(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """Times run by the gateway's clock: a call that just rings has not rung for an hour."""
    await desk.page.clock.install(time=now() + timedelta(hours=1))
    await desk.open(bench.tokens["anna"])
    stranger = Party(number="0612345621", e164="+390612345621")
    await calls.ring(calling(caller=stranger, started_at=now()))
    await expect(desk.cards).to_contain_text("Squilla")
    text = await desk.cards.inner_text()
    assert "1:0" not in text.partition("Rispondere")[0]


async def test_browser_without_notifications_and_sound_pops_all_the_same(
    desk: Desk, bench: WebBench, calls: Calls
) -> None:
    """An embedded or old browser lacks them; the page says so in the profile and works."""
    await desk.page.context.add_init_script(
        "delete window.Notification; delete window.AudioContext; delete window.webkitAudioContext;"
    )
    await desk.open(bench.tokens["anna"])
    await calls.ring(calling())
    await expect(desk.card("Marta Bellandi")).to_contain_text("Squilla")
