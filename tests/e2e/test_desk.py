"""What an agent sees: the pop, its answer, its end, and nothing that is not true."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Route, expect
from support.browser import Desk
from support.desk import alerting, answered, closed, dialled, inbound

from gateway.core.events import CallEnded, CloseReason
from gateway.core.ids import effect_key
from gateway.core.matching import Contact
from gateway.core.ports import Effect, LinkPhase, LinkState, Receipt
from gateway.core.record import (
    CallRecord,
    CallState,
    EndedBy,
    Outcome,
    Party,
    Presentation,
    Seconds,
)
from gateway.desk.subscription import CloseCode
from gateway.store.calls import save_call
from gateway.store.database import Connection
from gateway.store.outbox import dead, delivered, enqueue, get_effect, lease

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def ring(desk: Desk, record: CallRecord, extension: str = "1001") -> None:
    """Let a phone ring."""
    handle = desk.bench.services.desk.handle
    handle(replace(dialled(record, extension), at=now()))
    handle(replace(alerting(record, extension), at=now()))


def calling(root: str = "1.1", **changes: object) -> CallRecord:
    """Return a call that began half a minute ago and rings at 1001."""
    known: dict[str, object] = {
        "started_at": now() - timedelta(seconds=30),
        "rung": (("1001",),),
    }
    return inbound(root, **(known | changes))


def talking(record: CallRecord, extension: str = "1001") -> CallRecord:
    """Return the record once somebody answered."""
    return replace(
        record,
        answered_by=extension,
        final_talker=extension,
        answered_at=now(),
        outcome=Outcome.ANSWERED,
    )


def over(record: CallRecord, ended_by: EndedBy = EndedBy.CALLER) -> CallRecord:
    """Return the record once it has ended."""
    talked = Seconds(talk=8.0) if record.answered_by else Seconds()
    return replace(record, state=CallState.ENDED, ended_by=ended_by, ended_at=now(), seconds=talked)


async def test_call_from_ring_to_receipt_is_one_card(desk: Desk) -> None:
    """Ring, reload, answer, end, CRM: always the same card in the same place."""
    await desk.open()
    record = calling()
    ring(desk, record)
    card = desk.cards
    await expect(card).to_have_count(1)
    await expect(card.get_by_role("heading", level=1)).to_have_text(
        "Marta BellandiOfficine Quercetta"
    )
    await expect(card.locator(".state")).to_contain_text("Squilla")
    await expect(card.locator(".state")).to_contain_text("Rispondere dal telefono")
    await expect(card.locator(".facts")).to_contain_text("+39\u00a0333\u00a0123\u00a04567")
    await expect(card.locator(".facts")).to_contain_text("Numero riconosciuto")
    await expect(card.locator(".cues")).to_contain_text("A rischioSegnato in rubrica")
    await expect(desk.page.locator("#alert")).to_have_text(
        "Squilla: Marta Bellandi, Officine Quercetta, coda Assistenza. "
        "A rischio. Prima cosa: ascoltare."
    )
    await expect(desk.page).to_have_title("● Marta Bellandi \u2013 Filodiretto")

    await desk.page.reload()
    await expect(desk.cards).to_have_count(1)
    await expect(card.locator(".state")).to_contain_text("Squilla")

    record = talking(record)
    desk.bench.services.desk.handle(replace(answered(record, "1001"), at=now()))
    await expect(card.locator(".state")).to_contain_text("In conversazione")
    await expect(card).to_have_class("call talk")

    record = over(record)
    await write(desk, record)
    desk.bench.services.desk.handle(CallEnded(at=now(), record=record))
    await expect(card.locator(".state")).to_contain_text("Risposta")
    await expect(card.locator(".job")).to_contain_text("Scritta in odoo alle", timeout=10_000)
    await expect(desk.page.locator("#recent")).to_contain_text("Scritta in odoo alle")
    await expect(desk.page.locator("#live-count")).to_have_text("0")
    await card.get_by_role("button", name="Chiudere").click()
    await expect(desk.cards).to_have_count(0)
    await expect(desk.page).to_have_title("Filodiretto")


async def test_answered_by_a_colleague_turns_to_one_line_and_leaves(desk: Desk) -> None:
    """The agent sees why the phone fell silent."""
    await desk.open()
    record = calling(rung=(("1001", "1002"),))
    ring(desk, record)
    await expect(desk.cards).to_have_count(1)
    record = talking(record, "1002")
    desk.bench.services.desk.handle(closed(record, "1001", CloseReason.ANSWERED_ELSEWHERE))
    await expect(desk.cards).to_contain_text("Ha risposto Luca Gatti")
    await expect(desk.cards.locator(".cues")).to_be_hidden()
    await expect(desk.cards).to_have_count(0, timeout=6_000)


async def test_colleagues_list_that_comes_late_puts_the_name_into_the_line(desk: Desk) -> None:
    """On a slow line the card may turn to its one line before the page knows who 1002 is."""
    known = asyncio.Event()

    async def slowly(route: Route) -> None:
        await known.wait()
        await route.continue_()

    await desk.page.route("**/api/v1/agents", slowly)
    await desk.open()
    record = calling(rung=(("1001", "1002"),))
    ring(desk, record)
    record = talking(record, "1002")
    desk.bench.services.desk.handle(closed(record, "1001", CloseReason.ANSWERED_ELSEWHERE))
    await expect(desk.cards).to_contain_text("Ha risposto 1002")
    known.set()
    await expect(desk.cards).to_contain_text("Ha risposto Luca Gatti")


async def test_caller_who_gave_up_is_told_with_the_time(desk: Desk) -> None:
    """A caller lost is seen, not just gone."""
    await desk.open()
    record = calling()
    ring(desk, record)
    await expect(desk.cards).to_have_count(1)
    record = replace(over(record), outcome=Outcome.ABANDONED)
    left = closed(record, "1001", CloseReason.CALLER_LEFT)
    desk.bench.services.desk.handle(replace(left, at=now()))
    desk.bench.services.desk.handle(CallEnded(at=now(), record=record))
    await expect(desk.cards).to_contain_text("Ha riagganciato dopo 0:3")
    await expect(desk.page.locator("#recent")).to_contain_text("Ha riagganciato in attesa")


async def test_hostile_names_are_text(desk: Desk) -> None:
    """A caller's name, a contact's name and a queue are shown as written and run nothing."""
    await desk.open()
    contact = Contact(id="c-9", name=HOSTILE, company=HOSTILE, owner=HOSTILE, url="javascript:1")
    desk.bench.directory.entries["+393331234567"] = (contact,)
    ring(desk, calling("1.1", queue=HOSTILE))
    stranger = Party(number="3339999999", e164="+393339999999", name=HOSTILE)
    ring(desk, calling("1.2", caller=stranger))
    await expect(desk.cards).to_have_count(2)
    await expect(desk.cards.first.locator("h1 bdi").first).to_have_text(HOSTILE)
    await expect(desk.cards.nth(1).locator(".facts")).to_contain_text(HOSTILE)
    assert await desk.page.locator("img[src=x], article script, article a").count() == 0
    assert "owned" not in (await desk.page.title()).replace(HOSTILE, "")
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_withheld_number_shows_nothing_of_the_caller(desk: Desk) -> None:
    """No number, no name, no guess."""
    await desk.open()
    hidden = Party(
        number="3331234567",
        e164="+393331234567",
        name="MARTA",
        presentation=Presentation.WITHHELD,
    )
    ring(desk, calling(caller=hidden))
    await expect(desk.cards.get_by_role("heading", level=1)).to_have_text("Numero nascosto")
    content = await desk.page.content()
    assert "MARTA" not in content
    assert "3331234567" not in content


async def test_two_calls_are_two_cards_and_typing_is_not_disturbed(desk: Desk) -> None:
    """The second call takes neither the first one's card nor the focus."""
    await desk.open()
    ring(desk, calling("1.1"))
    await expect(desk.cards).to_have_count(1)
    await desk.page.locator("#sign-out").focus()
    ring(desk, calling("1.2", caller=Party(number="0612345621", e164="+390612345621")))
    await expect(desk.cards).to_have_count(2)
    assert await desk.mark() == "sign-out"
    await expect(desk.cards.nth(1).get_by_role("heading", level=1)).to_contain_text("+39")
    await expect(desk.page.locator("#live li")).to_have_count(2)


async def test_call_of_somebody_else_is_not_shown(desk: Desk) -> None:
    """Luca's phone rings on Luca's page."""
    await desk.open()
    ring(desk, calling(rung=(("1002",),)), extension="1002")
    ring(desk, calling("1.2"))
    await expect(desk.cards).to_have_count(1)
    await expect(desk.page.locator("#live li")).to_have_count(1)


async def test_supervisor_sees_every_live_call(desk: Desk) -> None:
    """Who is responsible for a team sees what goes on."""
    await desk.open("sara")
    ring(desk, calling())
    await expect(desk.page.locator("#live li")).to_have_count(1)
    await expect(desk.cards).to_have_count(0)
    await expect(desk.page.locator("#idle")).to_contain_text(
        "Si vedono anche le chiamate dei colleghi"
    )


async def test_what_the_crm_refused_is_sent_again_by_whoever_may(desk: Desk) -> None:
    """The supervisor reads the cause and presses the button beside it; an agent has none."""
    record = over(talking(calling("5.1")))
    key = effect_key(record.id, "odoo", "call.ended", 0)

    def refused(conn: Connection) -> None:
        save_call(conn, record, state=None)
        enqueue(conn, effect_of(record))
        lease(conn, owner="w", now=now(), limit=1, lease_s=30, connectors=["odoo"])
        dead(conn, key, "The field is gone.")

    await desk.bench.db.write(refused)
    await desk.open("anna")
    await expect(desk.page.locator("#recent")).to_contain_text("The field is gone.")
    await expect(desk.page.get_by_role("button", name="Riprova")).to_have_count(0)
    await desk.page.context.clear_cookies()
    await desk.open("sara")
    await desk.page.get_by_role("button", name="Riprova").first.click()
    await expect(desk.page.locator("#status")).to_have_text("In attesa della ricevuta.")
    row = await desk.bench.db.read(lambda conn: get_effect(conn, key))
    assert row is not None
    assert (row.state.value, row.acted_by) == ("pending", "sara")


async def test_lost_connection_is_said_and_nothing_is_missed(desk: Desk) -> None:
    """Stale looks stale; what happened meanwhile is there when the page is back."""
    await desk.open()
    record = calling()
    ring(desk, record)
    await expect(desk.cards).to_have_count(1)
    await desk.page.context.set_offline(offline=True)
    await expect(desk.page.locator("#lost")).to_contain_text("Pagina scollegata dalle")
    await expect(desk.page.locator("#conn")).to_have_text("Scollegata")
    await expect(desk.page.locator("#desk")).to_have_class("desk stale")
    await expect(desk.cards.locator(".right")).to_contain_text("alle ")
    desk.bench.services.desk.handle(replace(answered(talking(record), "1001"), at=now()))
    await desk.page.context.set_offline(offline=False)
    await desk.online()
    await expect(desk.page.locator("#lost")).to_be_hidden()
    await expect(desk.cards.locator(".state")).to_contain_text("In conversazione")


async def test_page_that_was_closed_by_the_server_comes_back_by_itself(desk: Desk) -> None:
    """A restart of the gateway needs no hand on the mouse."""
    await desk.open()
    desk.bench.services.hub.close(CloseCode.GOING_AWAY)
    await expect(desk.page.locator("#conn")).to_have_text("Scollegata")
    await desk.online()
    ring(desk, calling())
    await expect(desk.cards).to_have_count(1)


async def test_signed_out_elsewhere_leads_to_the_door(desk: Desk) -> None:
    """No customer's name stays on the screen of who may not see it any more."""
    await desk.open()
    ring(desk, calling())
    await expect(desk.cards).to_have_count(1)
    desk.bench.services.hub.close(CloseCode.SIGNED_OUT)
    await expect(desk.page.locator("#signin-msg")).to_contain_text("La sessione è finita")
    assert "Bellandi" not in await desk.page.content()


async def test_sign_in_by_password_and_its_failure(desk: Desk) -> None:
    """The door says what was wrong and keeps what was typed."""
    await desk.open(None)
    await desk.page.get_by_role("textbox", name="Nome utente").fill("anna")
    await desk.page.get_by_label("Password").fill("wrong")
    await desk.page.locator("#by-password button").click()
    await expect(desk.page.locator("#signin-msg")).to_have_text(
        "Nome utente o password non riconosciuti."
    )
    await desk.page.get_by_label("Password").fill("correct horse battery")
    await desk.page.keyboard.press("Enter")
    await desk.online()
    await expect(desk.page.locator("#idle-title")).to_have_text("Tutto pronto, interno 1001")
    await desk.page.get_by_role("button", name="English").click()
    await expect(desk.page.locator("#idle-title")).to_have_text("All set, extension 1001")
    await desk.page.locator("#sign-out").click()
    await expect(desk.page.get_by_role("textbox", name="User name")).to_be_visible()


async def test_link_that_is_down_is_an_amber_banner_with_the_remedy(desk: Desk) -> None:
    """The page works but does not pretend to see calls."""
    await desk.open()
    down = LinkState(
        pbx="hq",
        phase=LinkPhase.DOWN,
        since=now(),
        cause="Refused.",
        remedy="Start Asterisk.",
        translated=(("it", "Rifiutato.", "Avviare Asterisk."),),
    )
    desk.bench.services.links.report(down)
    await expect(desk.page.locator("#links")).to_contain_text("Centralino «hq» non raggiungibile")
    await expect(desk.page.locator("#links")).to_contain_text("Avviare Asterisk.")
    desk.bench.services.links.report(replace(down, phase=LinkPhase.UP, cause="", remedy=""))
    await expect(desk.page.locator("#links")).to_be_hidden()
    await expect(desk.page.locator("#pbxs")).to_contain_text("Collegato")


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1440])
async def test_page_fits_any_width_without_sideways_scrolling(desk: Desk, width: int) -> None:
    """From a phone to a wide screen, and at 200 % zoom."""
    await desk.page.set_viewport_size({"width": width, "height": 800})
    await desk.open()
    ring(desk, calling())
    await expect(desk.cards).to_have_count(1)
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width
    await expect(desk.page.locator("#conn")).to_be_visible()


async def test_parts_of_the_card_keep_their_place_from_ring_to_talk(desk: Desk) -> None:
    """Nothing moves under the agent's eyes."""
    await desk.open()
    record = calling()
    ring(desk, record)
    await expect(desk.cards).to_have_count(1)
    before = await places(desk)
    record = talking(record)
    desk.bench.services.desk.handle(replace(answered(record, "1001"), at=now()))
    await expect(desk.cards).to_have_class("call talk")
    assert await places(desk) == before


async def places(desk: Desk) -> list[int]:
    """Return where name, first thing, cues and columns begin."""
    found = [
        await desk.cards.locator(part).bounding_box() for part in ("h1", ".first", ".cues", ".cols")
    ]
    return [round(box["y"]) for box in found if box is not None]


def effect_of(record: CallRecord) -> Effect:
    """Return what a CRM is told of a call, due now."""
    at = now()
    return Effect(
        key=effect_key(record.id, "odoo", "call.ended", 0),
        connector="odoo",
        kind="call.ended",
        ordinal=0,
        record=record,
        occurred_at=at,
        not_before=at,
    )


async def write(desk: Desk, record: CallRecord) -> None:
    """Store the call and have it written to the CRM."""
    db = desk.bench.db
    effect = effect_of(record)
    key, at = effect.key, effect.not_before
    await db.write(lambda conn: save_call(conn, record, state=None))
    await db.write(lambda conn: enqueue(conn, effect))
    await db.write(
        lambda conn: lease(conn, owner="w", now=at, limit=1, lease_s=30, connectors=["odoo"])
    )
    await db.write(lambda conn: delivered(conn, key, Receipt(external_id="7"), at))
