"""When somebody is there, over REST."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from support.hours import ROME, office
from support.store import CUSTOMER, an_ended_call
from support.web import WebBench, running_web

from gateway.core.matching import Contact, ContactNumber
from gateway.core.record import Outcome, Seconds
from gateway.desk.missed import MissedDesk
from gateway.desk.promises import PromiseDesk
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.missed import MissedFilter, list_missed
from gateway.web.services import Services

pytestmark = pytest.mark.integration

BOOK = office(["Mon-Fri 09:00-18:00"])


def with_hours(services: Services) -> Services:
    """Give the office its hours."""
    desk = PromiseDesk(services.db, services.hub, services.roster, services.clock, BOOK)
    return replace(services, follow_ups=replace(services.follow_ups, promises=desk, calendars=BOOK))


@pytest.fixture
async def open_bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application of an office with hours."""
    async with running_web(tmp_path, extend=with_hours) as running:
        yield running


async def test_closed_moment_is_answered_with_the_next_opening(open_bench: WebBench) -> None:
    """Before a customer is promised a Sunday the agent sees that nobody is there."""
    now = datetime.now(ROME).replace(hour=12, minute=0, second=0, microsecond=0)
    sunday = now + timedelta(days=13 - now.weekday())
    monday = sunday.replace(hour=9) + timedelta(days=1)
    at = sunday.astimezone(UTC).isoformat().replace("+00:00", "Z")
    told = await (await open_bench.get(f"/api/v1/hours?at={at}", "anna")).json()
    assert (told["open"], told["calendar"], told["closes_at"]) == (False, "office", None)
    assert datetime.fromisoformat(told["opens_at"]) == monday
    answer = await open_bench.client.post(
        open_bench.url + "/api/v1/promises",
        json={"number": "+390612345678", "due_at": at, "text": "Offer"},
        headers=open_bench.bearer("anna"),
    )
    promise = await answer.json()
    assert answer.status == 201
    assert datetime.fromisoformat(promise["opens_at"]) == monday


async def test_without_a_calendar_it_is_always_open(bench: WebBench) -> None:
    """Who says nothing of hours is told nothing of them; a time without meaning is refused."""
    told = await (await bench.get("/api/v1/hours", "anna")).json()
    assert (told["open"], told["calendar"], told["opens_at"]) == (True, None, None)
    assert (await bench.get("/api/v1/hours?at=0001-01-01T00:00:00Z", "anna")).status == 422


async def test_call_missed_while_closed_is_marked_and_blamed_on_nobody(
    open_bench: WebBench,
) -> None:
    """In the list and on the customer's timeline, by the hours of the day it came."""
    now = datetime.now(ROME).replace(hour=12, minute=0, second=0, microsecond=0)
    sunday = now - timedelta(days=now.weekday() + 1)
    for number, at in enumerate((sunday, sunday - timedelta(days=2)), start=1):
        record = replace(
            an_ended_call(number),
            outcome=Outcome.MISSED,
            answered_by=None,
            final_talker=None,
            started_at=at.astimezone(UTC),
            answered_at=None,
            ended_at=at.astimezone(UTC) + timedelta(seconds=30),
            seconds=Seconds(ring=30.0),
        )
        await open_bench.db.write(partial(save_call, record=record, state=None))
    paola = Contact(id="c-1", name="Paola", numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),))
    await open_bench.db.write(lambda conn: save_contacts(conn, [paola]))
    desk = MissedDesk(
        open_bench.db,
        open_bench.services.hub,
        open_bench.services.roster,
        open_bench.services.clock,
        BOOK,
    )
    while await desk.step():
        pass
    page = await open_bench.db.read(
        partial(list_missed, wanted=MissedFilter(), now=datetime.now(UTC), calendars=BOOK)
    )
    (item,) = page.items
    hours = desk.told(item)["hours"]
    assert isinstance(hours, dict)
    assert (item.attempts, hours["closed_attempts"], item.waited_s) == (2, 1, 30.0)
    path = "/api/v1/contacts/c-1/timeline"
    told = (await (await open_bench.get(path, "anna")).json())["items"]
    assert [one["closed_hours"] for one in told] == [True, False]
