"""What policies ask of a real Odoo 14: one record from the ring on, tasks, contacts, deals."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.crm_records import MORNING, HandClock, answered, ended, missed
from support.odoo_lab import OdooLab
from support.worker_rig import PATIENT

from crm_sync import intake
from crm_sync.connectors.odoo.link import OdooWriter
from crm_sync.connectors.odoo.plugin import plugin
from crm_sync.http import GuardedHttp
from crm_sync.planning import Planner
from crm_sync.policies import effects
from crm_sync.policy import Create, Moment, Policy, TaskPolicy
from crm_sync.wording import Wording
from crm_sync.worker import Worker, WorkerOptions
from gateway.core.events import CallEvent, LegAnswered, LegDialled
from gateway.core.ports import CrmWriter
from gateway.core.record import CallRecord, CallState, MatchKind, Party
from gateway.core.writing import Creation, plain_plan
from gateway.runtime.clock import SystemClock
from gateway.store import calls, outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

ROME = ZoneInfo("Europe/Rome")
Deliver = Callable[[Policy, Sequence[CallEvent]], Any]


@pytest.fixture
async def writer(odoo: OdooLab) -> AsyncIterator[OdooWriter]:
    """Give the connector with the settings of the lab."""
    async with GuardedHttp(adapter="odoo", allow_private=True) as http:
        table = {
            "name": "odoo",
            "kind": "odoo",
            "url": odoo.url,
            "database": odoo.database,
            "username": odoo.username,
            "secret": odoo.password,
            "allow_private": True,
            "users": {"1002": odoo.username},
        }
        yield OdooWriter(plugin.settings_model.model_validate(table), http, SystemClock())


@pytest.fixture
def deliver(writer: OdooWriter, db: Database) -> Deliver:
    """Give a function that stores events' effects by a policy and delivers them one event at once.

    It returns the outbox rows of the calls, oldest first.
    """

    async def one(policy: Policy, events: Sequence[CallEvent]) -> list[outbox.StoredEffect]:
        rows: list[outbox.StoredEffect] = []
        for event in events:
            rows = await _delivered(db, writer, policy, event)
        return rows

    return one


async def _delivered(
    db: Database, writer: CrmWriter, policy: Policy, event: CallEvent
) -> list[outbox.StoredEffect]:
    """Store what an event means, as the pipeline does, and run the worker until all is settled."""
    told = effects(event, connector="odoo", policy=policy)
    await db.write(lambda conn: calls.save_call(conn, event.record, state=None, channels=()))
    await db.write(lambda conn: [intake.put(conn, effect) for effect in told])
    wording = Wording("odoo", policy, zone=ROME, language="it")
    planner = Planner(policy, wording, own=lambda _e164: None, zone=ROME)
    worker = Worker(
        db,
        {"odoo": (plugin.capabilities, writer)},
        HandClock(MORNING + timedelta(hours=1)),
        "a",
        lambda _effect, _receipt: None,
        options=WorkerOptions(breaker=PATIENT),
        planners={"odoo": planner},
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        rows = await _settled(db, event.record)
        worker.stop()
    return rows


async def _settled(db: Database, record: CallRecord) -> list[outbox.StoredEffect]:
    for _ in range(4000):
        page = await db.read(lambda conn: outbox.list_effects(conn, call_id=record.id))
        if all(row.settled_at is not None for row in page.items):
            return list(reversed(page.items))
        await asyncio.sleep(0.01)
    raise AssertionError([(row.kind, row.state, row.cause) for row in page.items])


def _live(record: CallRecord) -> CallRecord:
    return answered(
        str(record.linkedid),
        state=CallState.LIVE,
        answered_by=None,
        final_talker=None,
        outcome=None,
        answered_at=None,
        ended_at=None,
    )


async def test_ring_answer_and_end_are_one_record(odoo: OdooLab, deliver: Deliver) -> None:
    """The desk sees the call while it rings; people count it once."""
    last = answered("policy.1")
    live = _live(last)
    ring = LegDialled(at=MORNING, record=live, extension="1002", ring_no=1)
    talk = LegAnswered(at=MORNING, record=live, extension="1002", ring_no=1)
    rows = await deliver(Policy(when=Moment.RING), [ring])
    [call] = await asyncio.to_thread(_calls_named, odoo, last)
    assert call["state"] == "open"
    assert call["name"] == "Chiamata in arrivo da Studio Verdi (+390612345678)"
    rows = await deliver(Policy(when=Moment.RING), [talk, ended(last)])
    assert [(row.kind, row.state) for row in rows] == [
        ("call.started", EffectState.DELIVERED),
        ("call.answered", EffectState.DELIVERED),
        ("call.ended", EffectState.DELIVERED),
    ]
    [call] = await asyncio.to_thread(_calls_named, odoo, last)
    assert (call["state"], call["duration"]) == ("done", pytest.approx(90.5 / 60, abs=0.001))
    assert call["name"].startswith("Chiamata ricevuta da Studio Verdi")


async def test_missed_call_is_a_task_of_the_customers_owner(
    odoo: OdooLab, deliver: Deliver
) -> None:
    """Somebody has to call back, once, and it is who looks after the customer."""
    admin = await asyncio.to_thread(odoo.ask, "res.users", "search", [["login", "=", "admin"]])
    bianchi = await asyncio.to_thread(
        lambda: odoo.partners.create(name="Bianchi", phone="06 555 0101", user_id=admin[0])
    )
    caller = Party(number="+39065550101", e164="+39065550101")
    record = missed("policy.2", caller=caller)
    policy = Policy(task=TaskPolicy(wanted=True, due_days=1))
    rows = await deliver(policy, [ended(record), ended(record)])
    assert [(row.kind, row.state) for row in rows] == [
        ("call.ended", EffectState.DELIVERED),
        ("task.missed", EffectState.DELIVERED),
    ]
    [task] = await asyncio.to_thread(
        odoo.ask,
        "mail.activity",
        "search_read",
        [["res_model", "=", "res.partner"], ["res_id", "=", bianchi]],
    )
    assert task["user_id"][0] == admin[0]
    assert task["summary"] == "Richiamare +39065550101"
    assert task["date_deadline"] == "2026-10-04"


async def test_dry_run_names_person_and_user_and_writes_nothing(
    odoo: OdooLab, writer: OdooWriter
) -> None:
    """What the administrator is shown is what would be written."""
    await asyncio.to_thread(lambda: odoo.partners.create(name="Neri", phone="06 555 0404"))
    record = answered("policy.7", caller=Party(number="+39065550404", e164="+39065550404"))
    before = await asyncio.to_thread(odoo.count_in_database)
    seen = await writer.preview(record, plan=plain_plan(record, "call.ended"))
    assert (seen.match, seen.person) == (MatchKind.EXACT, "Neri")
    assert seen.title == "Chiamata ricevuta da Neri (+39065550404)"
    assert seen.assignee is not None
    assert await asyncio.to_thread(odoo.count_in_database) == before


async def test_stranger_who_is_not_reached_becomes_one_lead(
    odoo: OdooLab, deliver: Deliver
) -> None:
    """Each call of one unknown number is on the same lead."""
    caller = Party(number="+39065550202", e164="+39065550202", name="Nuova Ditta")
    policy = Policy(create=Create.MISSED, create_as=Creation.LEAD)
    for root in ("policy.3", "policy.4"):
        await deliver(policy, [ended(missed(root, caller=caller))])
    leads = await asyncio.to_thread(
        odoo.ask, "crm.lead", "search_read", [["phone", "=", "+39065550202"]]
    )
    assert [lead["name"] for lead in leads] == ["Nuova Ditta"]
    made = [
        (await asyncio.to_thread(_calls_named, odoo, missed(root)))[0]["opportunity_id"][0]
        for root in ("policy.3", "policy.4")
    ]
    assert made == [leads[0]["id"]] * 2


async def test_only_open_deal_of_the_customer_is_linked(odoo: OdooLab, deliver: Deliver) -> None:
    """With two open deals nobody can tell which one the call was about."""
    rossi = await asyncio.to_thread(lambda: odoo.partners.create(name="Rossi", phone="06 555 0303"))
    caller = Party(number="+39065550303", e164="+39065550303")

    def deal(name: str) -> int:
        values = {"name": name, "type": "opportunity", "partner_id": rossi}
        return int(odoo.ask("crm.lead", "create", values))

    first = await asyncio.to_thread(deal, "Sito")
    await deliver(Policy(), [ended(answered("policy.5", caller=caller))])
    await asyncio.to_thread(deal, "Rete")
    await deliver(Policy(), [ended(answered("policy.6", caller=caller))])
    [one] = await asyncio.to_thread(_calls_named, odoo, answered("policy.5"))
    [two] = await asyncio.to_thread(_calls_named, odoo, answered("policy.6"))
    assert (one["opportunity_id"][0], two["opportunity_id"]) == (first, False)


def _calls_named(odoo: OdooLab, record: CallRecord) -> list[dict[str, Any]]:
    pointers = odoo.ask(
        "ir.model.data", "search_read", [["name", "=", f"call_{record.id.hex}"]], ["res_id"]
    )
    numbers = {one["res_id"] for one in pointers}
    return [call for call in odoo.phonecalls() if call["id"] in numbers]
