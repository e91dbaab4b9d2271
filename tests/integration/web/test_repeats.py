"""Idempotency-Key on any POST: done once, answered as often as it is asked."""

import asyncio
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientConnectionError
from support.web import WebBench

from gateway.core.contact import Contact
from gateway.store import repeats
from gateway.store.contact_edits import create_contact
from gateway.store.contacts import Stored
from gateway.store.database import Connection
from gateway.store.schema_repeats import repeats as table
from gateway.web.repeats import REPLAYED

CONTACTS = "/api/v1/contacts"
ENTRY = {"name": "Marta Bellandi"}


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    replayed: bool

    @property
    def kind(self) -> str:
        """Return the last word of a problem's type."""
        return str(self.body["type"].rpartition(":")[2])


async def post(
    bench: WebBench, body: object, key: str, login: str = "anna", path: str = CONTACTS
) -> Answer:
    """Send a POST under a key."""
    headers = bench.bearer(login) | {"Idempotency-Key": key}
    async with bench.client.post(bench.url + path, json=body, headers=headers) as answer:
        return Answer(
            answer.status, await answer.json(content_type=None), REPLAYED in answer.headers
        )


async def test_repeated_request_is_done_once_and_answered_again(bench: WebBench) -> None:
    """A client that lost the answer may simply ask again."""
    first, again = await post(bench, ENTRY, "k"), await post(bench, ENTRY, "k")
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert (first.replayed, again.replayed) == (False, True)
    assert len(await bench.items(CONTACTS)) == 1


async def test_repeated_answer_says_where_the_thing_is_as_the_first_did(bench: WebBench) -> None:
    """A client that goes on by Location and ETag must not fall over its own repetition."""
    headers = bench.bearer("anna") | {"Idempotency-Key": "k"}
    told = []
    for _ in range(2):
        async with bench.client.post(bench.url + CONTACTS, json=ENTRY, headers=headers) as answer:
            told.append((answer.status, answer.headers["Location"], answer.headers["ETag"]))
    assert told[0] == told[1]


async def test_other_request_under_the_key_is_a_mistake(bench: WebBench) -> None:
    """Another body or another address; keys of other people are theirs."""
    await post(bench, ENTRY, "k")
    other = await post(bench, {"name": "Someone"}, "k")
    assert (other.status, other.kind) == (422, "key-reused")
    elsewhere = await post(bench, {}, "k", path=f"/api/v1/outbox/{uuid4()}/retry")
    assert elsewhere.status == 403  # rights come first
    assert (await post(bench, {"name": "Someone"}, "k", "luca")).status == 201


async def test_failed_request_may_come_again_under_its_key(bench: WebBench) -> None:
    """What was not done promises nothing."""
    path = f"/api/v1/outbox/{uuid4()}/retry"
    for _ in range(2):
        answer = await post(bench, {}, "k", "sara", path)
        assert answer.status in {404, 409}
        assert answer.kind != "request-in-progress"


async def test_two_at_once_are_done_once(bench: WebBench) -> None:
    """A double click is one entry."""
    answers = await asyncio.gather(*(post(bench, ENTRY, "k") for _ in range(8)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert {answer.kind for answer in answers if answer.status == 409} <= {"request-in-progress"}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    assert len(await bench.items(CONTACTS)) == 1


async def test_request_that_a_crash_cut_off_is_not_done_again_unasked(bench: WebBench) -> None:
    """Nobody knows how far it came: a person looks."""
    await post(bench, ENTRY, "k")
    old = datetime.now(UTC) - timedelta(minutes=5)
    await bench.db.write(
        lambda conn: conn.execute(table.update().values(status=None, body=None, created_at=old))
    )
    answer = await post(bench, ENTRY, "k")
    assert (answer.status, answer.kind) == (409, "left-unfinished")


async def test_request_that_a_shutdown_cut_off_is_not_done_again_unasked(
    bench: WebBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store was given it does, also if nobody waits any more."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(conn: Connection, draft: Contact) -> Stored:
        begun.set()
        go_on.wait(20)
        return create_contact(conn, draft)

    monkeypatch.setattr("gateway.web.contacts.create_contact", slow)
    asked = asyncio.create_task(post(bench, ENTRY, "k"))
    assert await asyncio.to_thread(begun.wait, 20)
    for task in asyncio.all_tasks():  # as aiohttp does when its time to shut down is over
        if getattr(task.get_coro(), "__qualname__", "") == "RequestHandler.start":
            task.cancel()
    with pytest.raises(ClientConnectionError):
        await asked
    go_on.set()
    again = await post(bench, ENTRY, "k")
    assert (again.status, again.kind) == (409, "request-in-progress")
    assert len(await bench.items(CONTACTS)) == 1


async def test_key_is_forgotten_after_a_day(bench: WebBench) -> None:
    """And what was answered with it: another request may use it."""
    await post(bench, ENTRY, "k")
    old = datetime.now(UTC) - repeats.KEPT - timedelta(seconds=1)
    await bench.db.write(lambda conn: conn.execute(table.update().values(created_at=old)))
    assert (await post(bench, {"name": "Someone"}, "k")).status == 201


async def test_answer_with_a_secret_is_not_kept(bench: WebBench) -> None:
    """A new token is shown once, and is nowhere in the store."""
    body = {"label": "sync"}
    first = await post(bench, body, "k", path="/api/v1/tokens")
    assert first.status == 201, first.body
    again = await post(bench, body, "k", path="/api/v1/tokens")
    assert (again.status, again.kind) == (409, "answer-not-kept")
    rows = await bench.db.read(lambda conn: conn.execute(table.select()).all())
    assert [(row.status, row.body) for row in rows] == [(201, None)]


@pytest.mark.parametrize("key", ["", "k" * 201, "é"])
async def test_key_that_can_be_none_is_refused(bench: WebBench, key: str) -> None:
    """With the header's name."""
    answer = await post(bench, ENTRY, key)
    assert (answer.status, answer.kind) == (422, "invalid")
    assert answer.body["errors"][0]["parameter"] == "Idempotency-Key"
