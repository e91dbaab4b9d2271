"""What the card tells beside who it is: the note, what is open, said and past; and what it asks."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect
from support.browser import Desk
from support.desk import MARTA, alerting, answered, dialled, inbound
from support.web import WebBench, running_web

from gateway.core.events import CallEnded
from gateway.core.handoff import Handoff
from gateway.core.history import Background, MissedCustomer, Promise, TimelineItem, TimelineKind
from gateway.core.history import Channel as By
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    Outcome,
    Party,
    Seconds,
    WrapUp,
)
from gateway.desk.handoffs import HandoffDesk
from gateway.desk.pops import PopDesk, Recall
from gateway.store.calls import get_call, save_call
from gateway.web.services import Services

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]

HOSTILE = "<img src=x onerror=\"document.title='owned'\">" + "\u4f60" * 40 + "x" * 70


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def known_past() -> Background:
    """Return a customer's past: a promise not kept, a caller who gave up, a call and a mail."""
    promise = Promise(
        id="p-1",
        contact_id="c-1",
        e164=None,
        text="Storno fattura 2214",
        due_at=now() - timedelta(hours=17),
        made_by="luca",
        made_at=now() - timedelta(days=2),
    )
    missed = MissedCustomer(
        id="m-1",
        contact_id="c-1",
        e164="+393331234567",
        attempts=2,
        first_at=now() - timedelta(hours=5),
        last_at=now() - timedelta(minutes=22),
        longest_wait_s=250.0,
        last_outcome=Outcome.ABANDONED,
        claimed_by="luca",
    )
    call = TimelineItem(
        kind=TimelineKind.CALL,
        id="0d7d3b4e-7e4b-5f0e-9a44-0d7d3b4e7e4b",
        at=now() - timedelta(days=1),
        channel=By.CALL,
        outcome=Outcome.ANSWERED,
        talk_s=391.0,
        wrap_ups=(WrapUp(agent="luca", note="Addebito doppio confermato.", at=now()),),
    )
    mail = TimelineItem(
        kind=TimelineKind.INTERACTION,
        id="1d7d3b4e-7e4b-5f0e-9a44-0d7d3b4e7e4b",
        at=now() - timedelta(days=3),
        channel=By.MAIL,
        subject="Invia l\u2019estratto conto",
    )
    return Background(items=(call, mail), promises=(promise,), missed=missed)


@pytest_asyncio.fixture(loop_scope="module")
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give an application whose store knows what was before with Marta."""

    def recall(contact: str | None, _e164: str | None, _at: datetime, tell: Recall) -> None:
        tell(known_past() if contact == MARTA.id else Background(), None)

    def with_past(services: Services) -> Services:
        desk = PopDesk(
            services.hub,
            services.roster.who_has,
            services.find,
            overseers=services.roster.overseers,
            past=recall,
        )
        return replace(services, desk=desk, handoffs=HandoffDesk(services.db, desk))

    async with running_web(tmp_path, extend=with_past) as running:
        yield running


async def ring(desk: Desk, root: str = "1.1", **changes: object) -> CallRecord:
    """Let Anna's phone ring with a call that is stored, as a daemon does."""
    known: dict[str, object] = {"started_at": now() - timedelta(seconds=30), "rung": (("1001",),)}
    record = inbound(root, **(known | changes))
    await desk.bench.db.write(lambda conn: save_call(conn, record, state=None))
    handle = desk.bench.services.desk.handle
    handle(replace(dialled(record, "1001"), at=now()))
    handle(replace(alerting(record, "1001"), at=now()))
    await expect(desk.cards).to_have_count(1)
    return record


async def clickable(desk: Desk) -> None:
    """Wait until the card takes clicks: one in the first 400 ms was meant for something else."""
    seen = await desk.page.evaluate("performance.now()")
    async with asyncio.timeout(10):
        while True:
            if await desk.page.evaluate("performance.now()") > seen + 450:
                return
            await asyncio.sleep(0.02)


async def hand_over(desk: Desk, record: CallRecord, **note: object) -> None:
    """Let Luca leave a note with a call."""
    left = Handoff(at=now(), by="luca", extension="1002", **note)  # type: ignore[arg-type]
    await desk.bench.services.handoffs.leave(record.id, left)


async def test_what_was_before_is_told_and_an_apology_made_is_ticked_off(desk: Desk) -> None:
    """Open, past and who is on it stand in their places; what was ticked is not asked for again."""
    await desk.open()
    await ring(desk)
    card = desk.cards
    await expect(card.locator(".first h2")).to_have_text("A rischio. Prima cosa: scusarsi")
    await expect(card.locator(".first q")).to_contain_text("Ci scusi: dovevamo richiamarla")
    await expect(card.locator(".open li").first).to_contain_text("Storno fattura 2214")
    await expect(card.locator(".open li").first).to_contain_text("Promessa non mantenuta")
    await expect(card.locator(".open li").nth(1)).to_contain_text(
        "Da richiamare, 2 chiamate senza risposta"
    )
    await expect(card.get_by_text("Addebito doppio confermato.")).to_be_visible()
    await expect(card.get_by_text("Invia l\u2019estratto conto")).to_be_visible()
    busy = card.locator("section", has_text="Se ne sta occupando")
    await expect(busy).to_contain_text("Luca Gatti")
    await clickable(desk)
    await card.get_by_role("button", name="Scuse fatte").click()
    await expect(card.locator(".known")).to_contain_text("Scuse fatte · Anna Moro oggi")
    await expect(card.locator(".first h2")).to_have_text("A rischio. Prima cosa: ascoltare")
    await expect(card.get_by_role("button", name="Scuse fatte")).to_have_count(0)


async def test_note_of_a_colleague_is_the_first_thing_with_what_need_not_be_asked(
    desk: Desk,
) -> None:
    """Reason, done, wants, the verified identity and what was said are on the card as it rings."""
    stranger = Party(number="0612345678", e164="+390612345678")
    record = inbound("2.1", caller=stranger)
    await desk.bench.db.write(lambda conn: save_call(conn, record, state=None))
    desk.bench.services.desk.handle(replace(answered(record, "1002"), at=now()))
    await hand_over(
        desk,
        record,
        reason="I pagamenti falliscono dalle 9",
        done="riavviata la pagina",
        wants="prenotazioni entro mezzogiorno",
        note="Codice 05.\nTre ospiti persi.",
        said=("Codice di prenotazione",),
        verified=True,
    )
    await desk.open()
    await ring(desk, "2.1", caller=stranger)
    band = desk.cards.locator(".first")
    await expect(desk.cards.locator(".st")).to_contain_text("Passata da un collega, squilla")
    await expect(band.locator("h2")).to_have_text(
        "Nota di Luca Gatti: I pagamenti falliscono dalle 9"
    )
    await expect(band).to_contain_text("Fatto: riavviata la pagina")
    await expect(band).to_contain_text("Vuole: prenotazioni entro mezzogiorno")
    await expect(band).to_contain_text("Identità verificata")
    await expect(band).to_contain_text("da Luca Gatti, ")
    await expect(desk.cards.locator(".known")).to_contain_text("Codice di prenotazione")
    await expect(desk.cards.locator(".left")).to_have_text("Codice 05.\nTre ospiti persi.")
    await desk.page.locator(".top").get_by_role("button", name="English").click()
    await expect(band).to_contain_text("Identity verified")
    await expect(band).to_contain_text("Done: riavviata la pagina")


async def test_consultation_shows_the_customer_on_hold_and_who_speaks_first(desk: Desk) -> None:
    """Whoever is consulted answers a colleague and reads about the customer."""
    held = inbound("3.1", answered_by="1002", final_talker="1002", answered_at=now())
    await desk.bench.db.write(lambda conn: save_call(conn, held, state=None))
    desk.bench.services.desk.handle(replace(answered(held, "1002"), at=now()))
    await hand_over(desk, held, reason="Chiede lo storno")
    await desk.open()
    await ring(
        desk,
        "3.2",
        direction=Direction.INTERNAL,
        caller=Party(number="1002", name="Luca Gatti"),
        called=Called(number="1001"),
        trunk=None,
        queue=None,
    )
    card = desk.cards
    await expect(card.get_by_role("heading", level=1)).to_contain_text("Marta Bellandi")
    await expect(card.locator(".state")).to_contain_text("Prima parla Luca Gatti (1002)")
    await expect(card.locator(".facts")).to_contain_text("Numero riconosciuto")
    await expect(card.locator(".facts")).not_to_contain_text("Collega")
    await expect(card.locator(".first h2")).to_have_text("Nota di Luca Gatti: Chiede lo storno")


async def test_outcome_and_note_are_kept_and_a_note_not_saved_holds_the_card(desk: Desk) -> None:
    """Two clicks after the call; what was typed is lost by nothing but the agent's own hand."""
    await desk.open()
    record = await ring(desk)
    record = replace(
        record,
        answered_by="1001",
        final_talker="1001",
        answered_at=now(),
        outcome=Outcome.ANSWERED,
    )
    desk.bench.services.desk.handle(replace(answered(record, "1001"), at=now()))
    note = desk.cards.get_by_label("Note della chiamata")
    await note.fill("Storno approvato")
    over = replace(
        record,
        state=CallState.ENDED,
        ended_by=EndedBy.CALLER,
        ended_at=now(),
        seconds=Seconds(talk=8.0),
    )
    await desk.bench.db.write(lambda conn: save_call(conn, over, state=None))
    desk.bench.services.desk.handle(CallEnded(at=now(), record=over))
    await expect(desk.cards.get_by_role("heading", name="Com\u2019è andata?")).to_be_visible()
    await expect(note).to_have_value("Storno approvato")
    choice = desk.cards.get_by_role("group", name="Com\u2019è andata?").get_by_role("button").first
    await clickable(desk)
    await choice.click()
    await expect(choice).to_have_attribute("aria-pressed", "true")
    await desk.cards.get_by_role("button", name="Salvare").click()
    await expect(desk.cards.locator(".saved")).to_contain_text("Salvata alle")
    kept = await desk.bench.db.read(lambda conn: get_call(conn, record.id))
    assert kept is not None
    (said,) = kept.wrap_ups
    assert (said.agent, said.note) == ("anna", "Storno approvato")
    assert said.disposition is not None


@pytest.mark.parametrize("width", [360, 1440])
async def test_hostile_words_of_colleagues_are_text_and_fit(desk: Desk, width: int) -> None:
    """Whoever wrote a note, a promise or a mail runs nothing and pushes nothing off the screen."""
    await desk.page.set_viewport_size({"width": width, "height": 800})
    await desk.open()
    record = await ring(desk)
    words = dict.fromkeys(("reason", "done", "wants"), HOSTILE)
    await hand_over(desk, record, **words, note=HOSTILE * 20, said=(HOSTILE,), verified=True)
    await expect(desk.cards.locator(".first h2")).to_contain_text("<img src=x")
    await expect(desk.cards.locator(".left")).to_contain_text("<img src=x")
    assert await desk.page.locator("article img").count() == 0
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width
    cut = await desk.page.evaluate(
        "[...document.querySelectorAll('article *')].filter(n => n.getClientRects().length"
        " && n.getBoundingClientRect().right > innerWidth + 1 && !n.closest('.cut')).length"
    )
    assert cut == 0
