"""BottleCRM driven by configuration alone: the very table that `config/crm` ships."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.bottle_lab import BottleLab
from support.crm_records import answered, effect, missed
from support.peer_http import PeerServer, Received, forward

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.http import GuardedHttp
from gateway.core.errors import AmbiguousError, AuthError
from gateway.core.ports import Receipt, Tier
from gateway.core.record import CallRecord, Party, WrapUp
from gateway.core.writing import Creation, TaskPlan, plain_plan
from gateway.runtime.clock import SystemClock

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

# read before a test's event loop runs, as the daemon reads its configuration before it starts
SHIPPED = (Path(__file__).parents[3] / "config" / "crm" / "bottlecrm.toml").read_text("utf-8")
ZONE = ZoneInfo("UTC")
Open = Callable[..., RestWriter]


def settings_of(url: str, **changes: object) -> RestSettings:
    """Return the shipped table at this address."""
    [table] = tomllib.loads(SHIPPED)["crm"]
    del table["secret_file"]
    whole = {**table, "url": url, "allow_private": True, "rate_per_s": 1000, **changes}
    return RestSettings.model_validate(whole)


@pytest.fixture
async def open_writer(bottle: BottleLab) -> AsyncIterator[Open]:
    """Give a function that opens a writer, at another address or with another secret perhaps."""
    async with GuardedHttp(adapter="bottle", allow_private=True) as http:

        def open_one(url: str = bottle.url, secret: str = bottle.token) -> RestWriter:
            return RestWriter(settings_of(url, secret=secret), http, SystemClock())

        yield open_one


def call(made: Callable[..., CallRecord], root: str, e164: str, **changes: object) -> CallRecord:
    """Return a call of an hour ago: this CRM refuses what lies in the future."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    party = Party(number=e164, e164=e164, name="Studio Verdi")
    record = made(root, caller=party, started_at=began, **changes)
    talked = timedelta(seconds=(record.seconds.talk or 0) + 4)
    return replace(record, answered_at=None, ended_at=began + talked)


async def write(
    writer: RestWriter, record: CallRecord, kind: str = "call.ended", **plan: object
) -> Receipt:
    """Write one effect."""
    one = effect(record, connector="bottle", kind=kind, ordinal=record.revision)
    return await writer.write(
        record,
        idempotency_key=one.key,
        kind=kind,
        occurred_at=one.occurred_at,
        plan=replace(plain_plan(record, kind), **plan),  # type: ignore[arg-type]  # by name
    )


async def test_call_is_once_on_the_right_person_also_after_a_lost_answer(
    bottle: BottleLab, open_writer: Open, peer: PeerServer
) -> None:
    """The CRM takes a repeated POST for a second call; only the person's list shows the first."""
    verdi = await asyncio.to_thread(bottle.add_contact, "Studio Verdi", "+390612345678")
    await asyncio.to_thread(bottle.add_contact, "Altri", "+390612345679")
    lost: list[str] = []

    async def lose_the_first(request: Received, _answer: bytes) -> bool:
        is_call = request.method == "POST" and request.path == "/api/interactions/"
        if is_call:
            lost.append(request.path)
        return not is_call or len(lost) > 1

    peer.default = forward(bottle.url, lose_the_first)
    record = call(answered, "bottle.1", "+390612345678")
    with pytest.raises(AmbiguousError):
        await write(open_writer(peer.url), record)
    receipt = await write(open_writer(peer.url), record)
    [made] = await asyncio.to_thread(bottle.calls)
    assert (made["contact_id"], made["id"]) == (verdi, receipt.external_id)
    assert (made["direction"], made["outcome"]) == ("inbound", "connected")
    assert made["duration_seconds"] == 90
    assert datetime.fromisoformat(made["occurred_at"]) == record.started_at
    assert made["subject"] == "Chiamata ricevuta da Studio Verdi srl (+390612345678)"
    assert plugin.capabilities_of(settings_of(bottle.url, secret="x")).tier is Tier.B


async def test_correction_replaces_our_part_only(bottle: BottleLab, open_writer: Open) -> None:
    """What people wrote around it, and their title, stay."""
    await asyncio.to_thread(bottle.add_contact, "Rossi", "+390655500001")
    writer, record = open_writer(), call(answered, "bottle.2", "+390655500001")
    receipt = await write(writer, record)
    path = f"/api/interactions/{receipt.external_id}/"
    before = await asyncio.to_thread(
        bottle.ask, "GET", f"/api/interactions/?contact={await _of(bottle, 'Rossi')}"
    )
    body = f"Sentito.\n{before['interactions'][0]['body']}\nRichiamare."
    await asyncio.to_thread(bottle.ask, "PATCH", path, {"subject": "Reclamo", "body": body})
    noted = WrapUp(agent="anna", disposition="vendita", note="ok")
    await write(writer, replace(record, revision=1, wrap_ups=(noted,)), "call.updated")
    after = next(
        one for one in await asyncio.to_thread(bottle.calls) if one["id"] == receipt.external_id
    )
    assert after["subject"] == "Reclamo"
    assert after["body"].startswith("Sentito.\n[Filodiretto]")
    assert after["body"].endswith("[/Filodiretto]\nRichiamare.")
    assert "vendita: ok" in after["body"]


async def test_stranger_becomes_one_contact_and_the_missed_call_one_task(
    bottle: BottleLab, open_writer: Open
) -> None:
    """Neither answer has an id: the contact is searched for, the task found by its mark."""
    record = call(missed, "bottle.3", "+390655500002")
    task = TaskPlan(title="Richiamare Studio Verdi", note="Ha chiamato.", due_on=None)
    for _ in range(2):
        await write(open_writer(), record, creates=Creation.CONTACT)
        await write(open_writer(), record, "task.missed", task=task)
    contacts = await asyncio.to_thread(bottle.contacts)
    [contact] = [one for one in contacts if one["phone"] == "+390655500002"]
    calls = await asyncio.to_thread(bottle.calls)
    [made] = [one for one in calls if one["contact_id"] == contact["id"]]
    assert made["outcome"] == "no_answer"
    [todo] = await asyncio.to_thread(bottle.tasks)
    assert todo["title"].startswith("Richiamare Studio Verdi (")
    assert todo["status"] == "New"


async def test_its_people_come_into_the_directory(bottle: BottleLab) -> None:
    """The shipped table lists them, page by page, with the reference that the writer reads."""
    contact = await asyncio.to_thread(bottle.add_contact, "Neri", "+390655500003")
    async with GuardedHttp(adapter="bottle", allow_private=True) as http:
        settings = settings_of(bottle.url, secret=bottle.token)
        directory = plugin.open_directory(settings, http, SystemClock())
        assert directory is not None
        page = await directory.everyone("")
        entries = list(page.entries)
        while page.more:
            page = await directory.everyone(page.cursor)
            entries += page.entries
    [neri] = [one for one in entries if one.ref == f"person:{contact}"]
    assert (neri.name, neri.numbers[0].raw) == ("Neri srl", "+390655500003")


async def test_refused_token_is_an_auth_error(open_writer: Open) -> None:
    """It answers 403, not 401."""
    with pytest.raises(AuthError):
        await open_writer(secret="bcrm_pat_wrong").probe()


async def _of(bottle: BottleLab, name: str) -> str:
    contacts = await asyncio.to_thread(bottle.contacts)
    return str(next(one["id"] for one in contacts if one["first_name"] == name))
