"""What a call's page says of its way into a CRM: why it waits or was refused, and again."""

import pytest
from playwright.async_api import expect
from support.browser import Desk
from support.crm_records import answered, effect
from support.web import WebBench

from gateway.store.calls import save_call
from gateway.store.database import Connection
from gateway.store.outbox import EffectState, dead, enqueue, get_effect, lease, retry_at

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

RECORD = answered("e2e.receipts")
WAITS, REFUSED = (effect(RECORD, connector=crm) for crm in ("odoo", "zoho"))
PASSWORD = "Odoo does not know this account. Check username and secret in its [[crm]] table."
FIELD = "Zoho refused a value of this call. (Reason) Look at required fields."


def in_trouble(conn: Connection) -> None:
    """Store a call that one CRM has refused and another is not told of for now."""
    save_call(conn, RECORD, state=None)
    for one in (WAITS, REFUSED):
        enqueue(conn, one)
    now = WAITS.not_before
    lease(conn, owner="w", now=now, limit=2, lease_s=30, connectors=["odoo", "zoho"])
    retry_at(conn, WAITS.key, now, PASSWORD)
    dead(conn, REFUSED.key, FIELD)


async def test_reason_and_remedy_are_on_the_page_and_a_click_writes_it_again(
    desk: Desk, bench: WebBench
) -> None:
    """Whoever looks for a call in the CRM and misses it asks here first."""
    await bench.db.write(in_trouble)
    await desk.open(bench.tokens["sara"], f"/calls/{RECORD.id}")
    await expect(desk.page.get_by_text(PASSWORD)).to_be_visible()
    await expect(desk.page.get_by_text(FIELD)).to_be_visible()
    again = desk.page.get_by_role("button", name="Scrivere di nuovo")
    await expect(again).to_have_count(1)
    await again.click()
    await expect(again).to_have_count(0)
    row = await bench.db.read(lambda conn: get_effect(conn, REFUSED.key))
    assert row is not None
    assert row.state is EffectState.PENDING
