"""What is kept about a person, as one document: whole, of them alone, and nothing forgotten."""

import json
from dataclasses import replace
from functools import partial

from support.store import CUSTOMER, a_call, after, an_ended_call
from support.zoe import LATER, OTHER, SECRET, ZOE, fill, of_ivo

from gateway.store import erasing, exporting
from gateway.store.calls import save_call
from gateway.store.database import Database
from gateway.store.erasing import Person
from gateway.store.erasure_registry import TABLES
from gateway.store.exporting import LEFT_OUT, OF_CALLS, OF_PERSON, columns_of
from gateway.store.mirrored import Mirrored, absorb


def test_whatever_holds_personal_data_is_exported_or_said_why_not() -> None:
    """Whoever adds a table or a column decides what a person who asks is told of it."""
    shown = {*OF_PERSON, *OF_CALLS}
    for name, told in TABLES.items():
        personal = told.personal.split()
        if name in LEFT_OUT:
            assert (name in shown, LEFT_OUT[name] != "") == (False, True), name
        elif personal:
            assert name in shown, name
            missing = [one for one in personal if one not in columns_of(name)]
            assert all(f"{name}.{one}" in LEFT_OUT for one in missing), (name, missing)
            assert not set(told.staff.split()) & set(columns_of(name)), name


async def test_export_has_everything_of_a_person_and_nothing_of_others(db: Database) -> None:
    """Each row once, though contact and call may both lead to it."""
    await db.write(fill)
    person = await db.read(partial(erasing.person_of_number, e164=CUSTOMER))
    made = await exporting.export(db, person, now=LATER)
    document = json.loads(exporting.as_json(made.document))
    kept = document["kept"]
    counted = {name: len(rows) for name, rows in kept.items() if rows}
    assert counted == {
        "calls": 4, "wrap_ups": 1, "handoffs": 1, "ticks": 1, "outbox": 1, "contacts": 1,
        "contact_numbers": 1, "number_marks": 1, "interactions": 1, "promises": 2,
    }  # fmt: skip
    assert (made.calls, made.others) == (4, 10)
    [entry], [note] = kept["contacts"], kept["wrap_ups"]
    assert (entry["name"], entry["fields"]) == (ZOE.name, {"note": SECRET})
    assert (note["note"], "login" in note) == (SECRET, False)
    assert {call["record"]["id"] for call in kept["calls"]} >= {str(an_ended_call(0).id)}
    assert document["person"]["numbers"] == [CUSTOMER]
    text = json.dumps(kept)
    for others in (OTHER, str(of_ivo().id), "Ivo"):
        assert others not in text
    assert document["left_out"].keys() == LEFT_OUT.keys()


async def test_export_by_a_number_alone_also_while_a_call_is_up(db: Database) -> None:
    """Unlike erasing it need not wait; nobody has to be in the directory for it."""
    await db.write(partial(save_call, record=a_call(1), state=b"x"))
    made = await exporting.export(db, Person(numbers=(CUSTOMER,)), now=after(10))
    assert (made.calls, made.document["made_at"]) == (1, "2026-11-02T12:00:10.000Z")


async def test_export_names_the_records_in_crms(db: Database) -> None:
    """Who asks what we know also wants to know who else has it."""
    found = Mirrored(entry=replace(ZOE, crm="odoo", ref="person:15"))
    await db.write(partial(absorb, crm="odoo", found=[found], sweep=1))
    person = await db.read(partial(erasing.person_of_number, e164=CUSTOMER))
    made = await exporting.export(db, person, now=LATER)
    kept = json.loads(exporting.as_json(made.document))["kept"]
    assert [(one["crm"], one["ref"]) for one in kept["crm_people"]] == [("odoo", "person:15")]
