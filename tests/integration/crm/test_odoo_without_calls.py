"""A real Odoo 14 without an object for phone calls: they stand in the history of their contact."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.crm_records import answered, effect, missed
from support.odoo_lab import OdooLab

from crm_sync.connectors.odoo.plugin import plugin
from crm_sync.http import GuardedHttp
from gateway.core.errors import TransientError
from gateway.core.ports import CrmWriter, Receipt
from gateway.core.record import CallRecord, Party, WrapUp
from gateway.core.writing import TaskPlan, WritePlan, plain_plan
from gateway.runtime.clock import SystemClock

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

CALL_TYPE = "Call"


@pytest.fixture(scope="module")
def plain(odoo: OdooLab) -> OdooLab:
    """Give an Odoo from whose database OCA's module was uninstalled (8 s)."""
    found = odoo.ask("ir.module.module", "search", [["name", "=", "crm_phonecall"]])
    odoo.ask("ir.module.module", "button_immediate_uninstall", found)
    return odoo


@pytest.fixture
async def writer(plain: OdooLab) -> AsyncIterator[CrmWriter]:
    """Give a writer with the settings of the lab."""
    table = {
        "name": "odoo",
        "kind": "odoo",
        "url": plain.url,
        "database": plain.database,
        "username": plain.username,
        "secret": plain.password,
        "allow_private": True,
    }
    async with GuardedHttp(adapter="odoo", allow_private=True) as http:
        yield plugin.open(plugin.settings_model.model_validate(table), http, SystemClock())


async def write(
    writer: CrmWriter, record: CallRecord, kind: str = "call.ended", plan: WritePlan | None = None
) -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at, plan=plan
    )


def history(lab: OdooLab, partner: int) -> list[dict[str, Any]]:
    """Return the calls in a contact's history, oldest first."""
    kept = [["model", "=", "res.partner"], ["res_id", "=", partner]]
    named = [*kept, ["mail_activity_type_id.name", "=", CALL_TYPE]]
    found: list[dict[str, Any]] = lab.ask("mail.message", "search_read", named, order="id")
    return found


async def test_call_stands_once_in_the_history_of_its_contact(
    plain: OdooLab, writer: CrmWriter
) -> None:
    """Sent again, by several at once, corrected: one entry, and what people wrote stays."""
    verdi = await asyncio.to_thread(
        lambda: plain.partners.create(name="Studio Verdi", phone="06 1234 5678")
    )
    first = await write(writer, answered("p.1"))
    again = await asyncio.gather(
        *(write(writer, answered("p.1")) for _ in range(4)), return_exceptions=True
    )
    assert all(isinstance(one, Receipt | TransientError) for one in again), again
    [entry] = await asyncio.to_thread(history, plain, verdi)
    assert entry["subject"] == "Chiamata ricevuta da Studio Verdi (+390612345678)"
    assert (entry["date"], entry["author_id"][1]) == ("2026-10-03 08:30:00", "Filodiretto")
    assert first.url == f"{plain.url}/web#id={verdi}&model=res.partner&view_type=form"
    edited = f"<p>Da richiamare</p>{entry['body']}"
    await asyncio.to_thread(plain.ask, "mail.message", "write", [entry["id"]], {"body": edited})
    noted = WrapUp(agent="anna", disposition="venduto", note="ok")
    await write(writer, answered("p.1", revision=1, wrap_ups=(noted,)), "call.updated")
    [entry] = await asyncio.to_thread(history, plain, verdi)
    assert "Da richiamare" in entry["body"]
    assert "venduto" in entry["body"]


async def test_strangers_call_and_task_stand_at_our_own_contact(
    plain: OdooLab, writer: CrmWriter
) -> None:
    """A call from a number nobody has is kept all the same, and somebody is told to call back."""
    stranger = Party(number="0699887766", e164="+390699887766")
    record = missed("p.2", caller=stranger)
    await write(writer, record)
    plan = replace(
        plain_plan(record, "task.missed"),
        task=TaskPlan(title="Richiamare", note="+39 06 99887766", due_on=date(2026, 10, 3)),
    )
    for _ in range(2):
        await write(writer, record, "task.missed", plan)
    [me] = await asyncio.to_thread(
        plain.ask, "res.users", "search_read", [["login", "=", plain.username]], ["partner_id"]
    )
    ours = me["partner_id"][0]
    assert len(await asyncio.to_thread(history, plain, ours)) == 1
    [task] = await asyncio.to_thread(
        plain.ask, "mail.activity", "search_read", [["res_id", "=", ours]], ["summary"]
    )
    assert task["summary"] == "Richiamare"


async def test_check_says_where_calls_will_stand(writer: CrmWriter) -> None:
    """Who installs Filodiretto must not look for a list of calls that this Odoo does not have."""
    assert "history of their contact" in await writer.probe()
