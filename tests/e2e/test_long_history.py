"""A customer of whom very much is known: the page shows a part, and more of it when asked."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from sqlalchemy import insert
from support.browser import Desk
from support.ringing import calling, now, over, talking
from support.web import WebBench

from gateway.core.contact import Contact, ContactNumber
from gateway.core.record import CallRecord, Party
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.database import Connection
from gateway.store.schema_history import interactions

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

NUMBERS = tuple(f"+39333{7_000_000 + no}" for no in range(60))
GIULIA = Contact(
    id="5f0e9a44-0000-5000-8000-000000000060",
    name="Giulia Centralini",
    numbers=tuple(ContactNumber(raw=number, e164=number) for number in NUMBERS),
)
ENTRIES = 10_000
CALLS = 40
MAILS = ENTRIES - CALLS
AT_ONCE = 100
# More than all the calls: they are spread over the newest entries.
PAGES = 8


def fill(conn: Connection) -> None:
    """Store the contact, calls, and so many mails that nobody would send them one by one."""
    save_contacts(conn, [GIULIA])
    for no in range(CALLS):
        save_call(conn, a_call(no), state=None)
    rows = [
        {
            "id": f"3d7d3b4e-7e4b-5f0e-9a44-{no:012}",
            "source": "mail",
            "channel": "mail",
            "direction": "inbound",
            "at": now() - timedelta(hours=no + 1),
            "contact_id": GIULIA.id,
            "subject": f"Ordine {no}",
        }
        for no in range(MAILS)
    ]
    conn.execute(insert(interactions), rows)


def a_call(no: int) -> CallRecord:
    """Return a call that was, from one number of theirs after the other."""
    number = NUMBERS[no]
    began = now() - timedelta(hours=7 * no + 1, minutes=30)
    caller = Party(number=number, e164=number)
    return over(talking(calling(f"9.{no}", caller=caller, started_at=began)))


async def test_customer_with_sixty_numbers_and_ten_thousand_entries_is_a_page_like_others(
    desk: Desk, bench: WebBench
) -> None:
    """It opens with what is newest, more comes when asked, filters work, nothing is pushed off."""
    await bench.db.write(fill)
    await desk.open(bench.tokens["anna"], f"/contacts/{GIULIA.id}")
    page = desk.page
    await expect(page.get_by_role("heading", level=1)).to_have_text("Giulia Centralini")
    history = page.get_by_role("region", name="Storia", exact=True)
    entries = history.get_by_role("listitem")
    await expect(entries).to_have_count(AT_ONCE)
    await expect(history).to_contain_text("Ordine 0")
    more = history.get_by_role("button", name="Mostrare altri")
    for pages in range(2, PAGES + 1):
        await more.click()
        await expect(entries).to_have_count(pages * AT_ONCE)
    await expect(history).to_contain_text(f"{PAGES * AT_ONCE} voci mostrate, ce ne sono altre")

    filters = history.get_by_role("group", name="Quali voci")
    await filters.get_by_role("button", name="Chiamate").click()
    await expect(entries).to_have_count(CALLS)
    await filters.get_by_role("button", name="Scritto").click()
    await expect(entries).to_have_count(PAGES * AT_ONCE - CALLS)
    await filters.get_by_role("button", name="Tutto").click()
    await expect(entries).to_have_count(PAGES * AT_ONCE)

    details = page.get_by_role("region", name="Anagrafica")
    numbers = details.get_by_text("+39")
    await expect(numbers).to_have_count(5)
    await details.get_by_role("button", name="Mostrare altri 55 numeri").click()
    await expect(numbers).to_have_count(len(NUMBERS))
    await nothing_is_off_the_screen(desk)
    await page.get_by_role("link", name="Modificare").click()
    await expect(page.get_by_label(f"Numero {len(NUMBERS)}", exact=True)).to_be_visible()
    await nothing_is_off_the_screen(desk)


async def nothing_is_off_the_screen(desk: Desk) -> None:
    """No width from a phone's on needs to be scrolled sideways."""
    for width in (320, 1024, 1440):
        await desk.page.set_viewport_size({"width": width, "height": 900})
        assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width, width
