"""Earlier calls and a CRM over REST: tried out, written once, contacts on demand."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.crm_records import answered
from support.web import WebBench, running_web

from crm_sync.http import GuardedHttp
from gateway.runtime.loading import Loaded, parse
from gateway.runtime.logbooks import Logbooks
from gateway.store import outbox
from gateway.store.calls import save_call
from gateway.web.services import Services

SECRET = "whsec_" + "A" * 43 + "="
YESTERDAY = datetime.now(UTC).replace(hour=9, minute=0) - timedelta(days=1)
DAY = YESTERDAY.date().isoformat()
CALL = answered(
    "e.1",
    started_at=YESTERDAY,
    answered_at=YESTERDAY + timedelta(seconds=4),
    ended_at=YESTERDAY + timedelta(seconds=94),
)


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Return a configuration with a webhook linked, whose policy asks people about contacts."""
    table = {
        "name": "hook",
        "kind": "webhook",
        "url": "https://crm.example.com/calls",
        "secret": SECRET,
        "policy": {"create": "ask"},
    }
    site = {"data_dir": str(tmp_path), "language": "en", "timezone": "UTC"}
    return parse({"gateway": site, "crm": [table]})


@pytest.fixture
async def linked(tmp_path: Path, loaded: Loaded) -> AsyncIterator[WebBench]:
    """Run the application with that CRM and one call of yesterday."""
    async with GuardedHttp(adapter="hook", allow_private=False) as http:

        def extend(services: Services) -> Services:
            books = Logbooks(loaded, services.db, services.clock, {"hook": http})
            return replace(services, earlier_calls=books)

        async with running_web(tmp_path, extend=extend) as bench:
            await bench.db.write(lambda conn: save_call(conn, CALL, state=None))
            yield bench


async def test_dry_run_shows_yesterday_and_writes_nothing(linked: WebBench) -> None:
    """An administrator sees what would be written, in words and call by call."""
    url = f"{linked.url}/api/v1/crms/hook/dry-run"
    assert (await linked.client.post(url, headers=linked.bearer("anna"))).status == 403
    answer = await linked.client.post(url, headers=linked.bearer("sara"))
    found = await answer.json()
    assert answer.status == 200, found
    assert found["policy"][0] == "Writes inbound, outbound calls, never internal ones."
    assert found["asked_crm"] is False
    [call] = found["calls"]
    assert (call["call_id"], call["match"], call["assignee"]) == (str(CALL.id), "none", "1002")
    assert call["title"] == "Call from Studio Verdi (+390612345678)"
    assert found["rates"] == [
        {"direction": "inbound", "exact": 0, "several": 0, "company": 0, "none": 1}
    ]
    [nobody] = found["unmatched"]
    assert nobody["calls"] == 1
    assert (await linked.db.read(outbox.list_effects)).items == ()
    unknown = f"{linked.url}/api/v1/crms/zoho/dry-run"
    answer = await linked.client.post(unknown, headers=linked.bearer("sara"))
    assert answer.status == 409
    assert "Known: hook" in await answer.text()


async def test_contact_is_made_where_an_agent_asks_for_it(linked: WebBench) -> None:
    """The CRM's policy leaves it to people, so a person's word makes the effect, once."""
    url = f"{linked.url}/api/v1/calls/{CALL.id}/contact"
    for _time in range(2):
        answer = await linked.client.post(url, json={"crm": "hook"}, headers=linked.bearer("anna"))
        assert answer.status == 202, await answer.text()
    [effect] = (await linked.db.read(outbox.list_effects)).items
    assert effect.kind == "contact.asked"
    assert linked.woken
    answer = await linked.client.post(url, json={"crm": "odoo"}, headers=linked.bearer("anna"))
    assert answer.status == 409


async def test_range_is_for_administrators_and_its_progress_for_overseers(
    linked: WebBench,
) -> None:
    """Writing a month into a CRM is not undone with a click."""
    url = f"{linked.url}/api/v1/crms/hook/log"
    said = {"from": DAY, "to": DAY}
    answer = await linked.client.post(url, json=said, headers=linked.bearer("sara"))
    assert answer.status == 403
    answer = await linked.client.get(url, params=said, headers=linked.bearer("sara"))
    assert (answer.status, (await answer.json())["states"]) == (200, {})
