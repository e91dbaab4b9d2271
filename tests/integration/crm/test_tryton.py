"""Tryton driven by configuration alone: conditions in base64url, notes on parties."""

import asyncio
import tomllib
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.crm_records import answered, effect
from support.crm_records import missed as unanswered
from support.tryton_lab import TrytonLab

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.http import GuardedHttp
from gateway.core.record import CallRecord, Party, WrapUp
from gateway.core.writing import Creation, plain_plan
from gateway.runtime.clock import SystemClock

pytestmark = [pytest.mark.integration, pytest.mark.exhaustive, pytest.mark.timeout(300)]

# read before a test's event loop runs, as the daemon reads its configuration before it starts
SHIPPED = (Path(__file__).parents[3] / "config" / "crm" / "tryton.toml").read_text("utf-8")
ZONE = ZoneInfo("UTC")


async def test_call_is_one_note_on_its_party(tryton: TrytonLab) -> None:
    """Written, written again, corrected: one note, found by the key in it; a stranger is made.

    Notes cannot be changed in Tryton, so a correction must neither fail nor make a second one.
    """
    [table] = tomllib.loads(SHIPPED)["crm"]
    del table["secret_file"]
    table |= {"url": f"{tryton.url}/crm", "secret": tryton.key, "allow_private": True}
    verdi = await asyncio.to_thread(tryton.add_party, "Studio Verdi", "+39 06 1234 5678")
    async with GuardedHttp(adapter="tryton", allow_private=True) as http:
        writer = RestWriter(RestSettings.model_validate(table), http, SystemClock())
        assert "it answers" in await writer.probe()
        for _ in range(2):
            await write(writer, answered("t.1"))
        noted = WrapUp(agent="anna", disposition="vendita", note="ok")
        await write(writer, answered("t.1", revision=1, wrap_ups=(noted,)), "call.updated")
        [note] = await asyncio.to_thread(tryton.notes, verdi)
        stranger = Party(number="+390655500009", e164="+390655500009", name="Nuovo")
        for number in range(2):
            await write(writer, unanswered(f"t.new.{number}", caller=stranger), made=True)
    assert note["message"].startswith("[Filodiretto]\nChiamata ricevuta da Studio Verdi (+39")
    parties = await asyncio.to_thread(tryton.ask, "GET", "party.party?f=name")
    [new] = [one["id"] for one in parties if one["name"] == "Nuovo"]
    assert len(await asyncio.to_thread(tryton.notes, new)) == 2


async def write(
    writer: RestWriter, record: CallRecord, kind: str = "call.ended", *, made: bool = False
) -> None:
    """Write one effect."""
    one = effect(record, connector="tryton", kind=kind, ordinal=record.revision)
    plan = replace(plain_plan(record, kind), creates=Creation.CONTACT if made else None)
    await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at, plan=plan
    )
