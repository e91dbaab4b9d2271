"""Who counts as people in a real Odoo 14: companies, persons, leads, and who does not."""

import asyncio
from typing import Any

import pytest
from support.odoo_lab import OdooLab

from crm_sync.connectors.odoo.plugin import plugin
from crm_sync.http import GuardedHttp
from crm_sync.mirror.translate import Translator
from gateway.core.contact import ContactKind
from gateway.core.crm import CrmDirectory
from gateway.runtime.clock import SystemClock
from gateway.store.mirrored import Mirrored

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


async def make(odoo: OdooLab, model: str, **values: object) -> int:
    """Create a record as people do."""
    return int(await asyncio.to_thread(odoo.ask, model, "create", values))


async def everyone(directory: CrmDirectory) -> dict[str, Mirrored]:
    """Return everybody as the mirror keeps them, by ref."""
    found: dict[str, Mirrored] = {}
    cursor, more = "", True
    while more:
        page = await directory.everyone(cursor)
        kept, _nobody = Translator("odoo", "IT").entries(page.entries)
        found |= {one.ref: one for one in kept}
        cursor, more = page.cursor, page.more
    return found


async def test_people_are_read_with_company_country_and_address_and_others_are_not(
    odoo: OdooLab,
) -> None:
    """Whoever may ring is in; addresses, employees' homes and leads of known people are not."""
    germany = (await asyncio.to_thread(odoo.ask, "res.country", "search", [["code", "=", "DE"]]))[0]
    firm = await make(odoo, "res.partner", name="Verdi srl", is_company=True, phone="02 5550 1001")
    anna = await make(
        odoo, "res.partner", name="Anna", parent_id=firm, mobile="333 5550101", country_id=germany
    )
    karl = await make(odoo, "res.partner", name="Karl", phone="030 5550102", country_id=germany)
    bill = await make(
        odoo, "res.partner", name="Fatture", parent_id=firm, type="invoice", phone="02 5550 1003"
    )
    mute = await make(odoo, "res.partner", name="Senza Telefono")
    lead = await make(
        odoo, "crm.lead", name="Preventivo", contact_name="Elena", phone="06 5550 1004"
    )
    known = await make(odoo, "crm.lead", name="Altro", partner_id=firm, phone="06 5550 1005")
    table: dict[str, Any] = {
        "name": "odoo",
        "kind": "odoo",
        "url": odoo.url,
        "database": odoo.database,
        "username": odoo.username,
        "secret": odoo.password,
        "allow_private": True,
    }
    settings = plugin.settings_model.model_validate(table)
    async with GuardedHttp(adapter="odoo", allow_private=True) as http:
        directory = plugin.open_directory(settings, http, SystemClock())
        assert directory is not None
        found = await everyone(directory)
        elena = await directory.find("+390655501004")
        cursor = await directory.mark()
        await asyncio.to_thread(odoo.ask, "crm.lead", "write", [lead], {"partner_id": karl})
        page = await directory.changed(cursor)
        gone = [*page.gone]
        while page.more:
            page = await directory.changed(page.cursor)
            gone += page.gone
    assert found[f"res.partner,{firm}"].entry.kind is ContactKind.COMPANY
    assert found[f"res.partner,{anna}"].company_ref == f"res.partner,{firm}"
    assert [one.e164 for one in found[f"res.partner,{karl}"].entry.numbers] == ["+49305550102"]
    assert found[f"crm.lead,{lead}"].entry.name == "Elena"
    assert not {f"res.partner,{bill}", f"res.partner,{mute}", f"crm.lead,{known}"} & found.keys()
    assert [one.ref for one in elena] == [f"crm.lead,{lead}"]
    assert f"crm.lead,{lead}" in gone
