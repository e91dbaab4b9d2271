"""The Odoo connector against a real Odoo 14 with OCA's crm_phonecall."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from support.crm_records import answered, effect, missed
from support.odoo_build import TEMPLATE_DB, instance_files, psql, running_odoo
from support.odoo_lab import OdooLab
from support.odoo_writers import Open, odoo_writers
from support.peer_http import PeerServer, Received, forward
from support.worker_rig import worker_rig

from gateway.core.errors import AmbiguousError, AuthError, TransientError
from gateway.core.ids import call_id
from gateway.core.ports import CrmWriter, Receipt
from gateway.core.record import (
    Called,
    CallRecord,
    ContactRef,
    Direction,
    Party,
    Presentation,
    Seconds,
    WrapUp,
)
from gateway.store.database import Database
from gateway.store.outbox import EffectState

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
async def open_writer(odoo: OdooLab) -> AsyncIterator[Open]:
    """Give a function that opens a writer with settings of one's own."""
    async with odoo_writers(odoo) as open_one:
        yield open_one


@pytest.fixture
def odoo_several(odoo: OdooLab, odoo_cluster: int) -> Iterator[str]:
    """Give the address of an Odoo that serves the same database among several."""
    psql(odoo_cluster, "postgres", f"CREATE DATABASE another TEMPLATE {TEMPLATE_DB}")
    choices = {"dbfilter": ".*", "db_name": "False"}
    with (
        instance_files(odoo_cluster, odoo.database, **choices) as config,
        running_odoo(config) as url,
    ):
        yield url


@pytest.fixture
def writer(open_writer: Open) -> CrmWriter:
    """Give a writer with the settings of the lab."""
    return open_writer()


async def write(writer: CrmWriter, record: CallRecord, kind: str = "call.ended") -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at
    )


async def phonecall(odoo: OdooLab, receipt: Receipt) -> dict[str, Any]:
    """Return the record that a receipt points to."""
    assert receipt.url is not None
    number = int(receipt.url.partition("#id=")[2].partition("&")[0])
    calls = await asyncio.to_thread(odoo.phonecalls)
    return next(call for call in calls if call["id"] == number)


async def partner(odoo: OdooLab, **values: object) -> int:
    """Create a partner."""
    return await asyncio.to_thread(lambda: odoo.partners.create(**values))


def from_number(root: str, e164: str, **changes: object) -> CallRecord:
    """Return an answered call from a number of its own."""
    return answered(root, caller=Party(number=e164, e164=e164, name="X"), **changes)


async def test_call_is_written_with_time_length_and_person(
    odoo: OdooLab, writer: CrmWriter
) -> None:
    """The account lives in Rome's time zone; the date must be UTC all the same."""
    verdi = await partner(odoo, name="Studio Verdi", phone="06 1234 5678")
    receipt = await write(writer, answered("odoo.1"))
    call = await phonecall(odoo, receipt)
    assert call["date"] == "2026-10-03 08:30:00"
    assert call["duration"] == pytest.approx(90.5 / 60, abs=0.001)
    assert (call["direction"], call["state"]) == ("in", "done")
    assert call["partner_id"] == [verdi, "Studio Verdi"]
    assert call["partner_phone"] == "+390612345678"
    assert call["name"] == "Chiamata ricevuta da Studio Verdi (+390612345678)"
    assert receipt.external_id == f"filodiretto.call_{answered('odoo.1').id.hex}"
    assert receipt.url == f"{odoo.url}/web#id={call['id']}&model=crm.phonecall&view_type=form"


async def test_missed_call_waits_for_somebody(odoo: OdooLab, writer: CrmWriter) -> None:
    """Whoever opens the list of phone calls sees whom nobody spoke with."""
    call = await phonecall(odoo, await write(writer, missed("odoo.2")))
    assert call["state"] == "pending"
    assert call["name"].startswith("Chiamata persa")
    assert call["duration"] == 0


async def test_repeat_meets_the_same_record(odoo: OdooLab, writer: CrmWriter) -> None:
    """A lost answer leads to a second write, never to a second call."""
    first = await write(writer, answered("odoo.3"))
    before = odoo.count_in_database()
    assert await write(writer, answered("odoo.3")) == first
    assert odoo.count_in_database() == before
    assert (await phonecall(odoo, first))["duration"] == pytest.approx(1.508, abs=0.001)


async def test_writers_at_the_same_moment_make_one_record(
    odoo: OdooLab, open_writer: Open, db: Database
) -> None:
    """The losers of the race are told `ids: false` and come again."""
    before = odoo.count_in_database()
    record = answered("odoo.race")
    results = await asyncio.gather(
        *(write(open_writer(), record) for _ in range(6)), return_exceptions=True
    )
    assert all(isinstance(one, Receipt | TransientError) for one in results)
    assert any(isinstance(one, Receipt) for one in results)
    await write(open_writer(), record)
    assert odoo.count_in_database() == before + 1


async def test_correction_keeps_what_people_wrote(odoo: OdooLab, writer: CrmWriter) -> None:
    """They added a note, renamed the call and settled it; only our block changes."""
    receipt = await write(writer, missed("odoo.4"))
    call = await phonecall(odoo, receipt)
    note = f"Richiamata, tutto a posto.\n{call['description']}\nMandare offerta!"
    values = {"description": note, "name": "Offerta Verdi", "state": "done"}
    await asyncio.to_thread(odoo.ask, "crm.phonecall", "write", [call["id"]], values)
    correction = missed(
        "odoo.4", revision=1, wrap_ups=(WrapUp(agent="anna", disposition="da richiamare"),)
    )
    assert await write(writer, correction, "call.updated") == receipt
    after = await phonecall(odoo, receipt)
    assert (after["name"], after["state"]) == ("Offerta Verdi", "done")
    assert after["description"].startswith("Richiamata, tutto a posto.\n[Filodiretto]")
    assert after["description"].endswith("[/Filodiretto]\nMandare offerta!")
    assert "anna: da richiamare" in after["description"]


async def test_merged_call_is_cancelled(odoo: OdooLab, writer: CrmWriter) -> None:
    """It stays where people may have linked it, but counts no more."""
    receipt = await write(writer, answered("odoo.5"))
    await write(writer, answered("odoo.5", merged_into=call_id("hq", "9.9")), "call.updated")
    call = await phonecall(odoo, receipt)
    assert call["state"] == "cancel"
    assert call["duration"] == pytest.approx(1.508, abs=0.001)


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("+39 02 7777 0001", "+390277770001"),
        ("02/7777.0002", "+390277770002"),
        ("0039-02-77770003", "+390277770003"),
        ("(02) 77 77 00 04", "+390277770004"),
        ("333 777 0005", "+393337770005"),
        ("+39 333-7770006 int. 12", "+393337770006"),
    ],
)
async def test_person_is_found_however_the_number_is_written(
    odoo: OdooLab, writer: CrmWriter, written: str, e164: str
) -> None:
    """People type numbers as they please; each hit is read again by libphonenumber."""
    found = await partner(odoo, name="Rossi", mobile=written)
    call = await phonecall(odoo, await write(writer, from_number(f"form.{e164}", e164)))
    assert call["partner_id"] == [found, "Rossi"]


async def test_longer_number_with_the_same_digits_is_somebody_else(
    odoo: OdooLab, writer: CrmWriter
) -> None:
    """Odoo's pattern finds it; the check on our side does not."""
    await partner(odoo, name="Another", phone="02 8888 0001 99")
    await partner(odoo, name="Abroad", phone="+41 2 8888 0001 9")
    record = from_number("near.1", "+390288880001")
    assert (await phonecall(odoo, await write(writer, record)))["partner_id"] is False


async def test_partner_abroad_is_read_with_the_plan_of_that_country(
    odoo: OdooLab, writer: CrmWriter
) -> None:
    """A British address with a national number is no Italian number."""
    (britain,) = await asyncio.to_thread(odoo.ask, "res.country", "search", [["code", "=", "GB"]])
    found = await partner(odoo, name="Smith Ltd", phone="020 7946 0018", country_id=britain)
    record = from_number("abroad.1", "+442079460018")
    assert (await phonecall(odoo, await write(writer, record)))["partner_id"] == [
        found,
        "Smith Ltd",
    ]


async def test_company_gets_the_call_when_several_of_its_people_share_the_number(
    odoo: OdooLab, writer: CrmWriter
) -> None:
    """The switchboard's number stands at every employee."""
    number = "02 9999 0001"
    company = await partner(odoo, name="Acme", is_company=True, phone=number)
    for name in ("Anna", "Bruno"):
        await partner(odoo, name=name, parent_id=company, phone=number)
    call = await phonecall(odoo, await write(writer, from_number("acme.1", "+390299990001")))
    assert call["partner_id"] == [company, "Acme"]


async def test_tie_is_nobodys_call_and_says_so(odoo: OdooLab, writer: CrmWriter) -> None:
    """Written to the wrong person it would be believed."""
    for name in ("Uno", "Due"):
        await partner(odoo, name=name, phone="02 9999 0002")
    call = await phonecall(odoo, await write(writer, from_number("tie.1", "+390299990002")))
    assert call["partner_id"] is False
    assert "Più contatti" in call["description"]


async def test_directory_entry_from_this_odoo_wins_over_the_search(
    odoo: OdooLab, writer: CrmWriter
) -> None:
    """The agent saw that person on the pop; one that is gone falls back to the search."""
    chosen = await partner(odoo, name="Chosen")
    by_number = await partner(odoo, name="By number", phone="02 9999 0003")
    contact = ContactRef(id="c", ref=str(chosen), name="Chosen", crm="odoo")
    record = from_number("ref.1", "+390299990003", contact=contact)
    assert (await phonecall(odoo, await write(writer, record)))["partner_id"] == [chosen, "Chosen"]
    gone = ContactRef(id="c", ref="999999", name="Gone", crm="odoo")
    record = from_number("ref.2", "+390299990003", contact=gone)
    assert (await phonecall(odoo, await write(writer, record)))["partner_id"][0] == by_number


async def test_withheld_number_is_matched_to_nobody(odoo: OdooLab, writer: CrmWriter) -> None:
    """The trunk asserted it, the caller withheld it."""
    await partner(odoo, name="Hidden", phone="02 9999 0004")
    hidden = Party(number="0299990004", e164="+390299990004", presentation=Presentation.WITHHELD)
    call = await phonecall(odoo, await write(writer, answered("hid.1", caller=hidden)))
    assert (call["partner_id"], call["partner_phone"]) == (False, False)
    assert "99990004" not in call["name"] + call["description"]


async def test_user_is_who_answered_or_who_looks_after_the_customer(
    odoo: OdooLab, open_writer: Open
) -> None:
    """Calls land in the list of the person concerned."""
    account = {"name": "Anna", "login": "anna@example.test"}
    anna = await asyncio.to_thread(odoo.ask, "res.users", "create", account)
    await partner(odoo, name="Customer", phone="02 9999 0005", user_id=anna)
    writer = open_writer(users={"1002": "anna@example.test", "1003": "nobody@example.test"})
    spoke = await phonecall(odoo, await write(writer, from_number("user.1", "+390299990006")))
    assert spoke["user_id"] == [anna, "Anna"]
    lost = missed("user.2", caller=Party(number="0299990005", e164="+390299990005"))
    assert (await phonecall(odoo, await write(writer, lost)))["user_id"] == [anna, "Anna"]
    unknown = from_number("user.3", "+390299990007", answered_by="1003")
    assert (await phonecall(odoo, await write(writer, unknown)))["user_id"][1] == "Filodiretto"


async def test_outbound_call(odoo: OdooLab, writer: CrmWriter) -> None:
    """The person is who was called."""
    found = await partner(odoo, name="Bianchi", mobile="333 1234567")
    record = answered(
        "out.1",
        direction=Direction.OUTBOUND,
        caller=Party(number="1002", name="Anna"),
        called=Called(number="03331234567", e164="+393331234567"),
        answered_by="03331234567",
        seconds=Seconds(ring=3.0, talk=30.0),
    )
    call = await phonecall(odoo, await write(writer, record))
    assert (call["direction"], call["duration"], call["state"]) == ("out", 0.5, "done")
    assert call["partner_id"] == [found, "Bianchi"]


async def test_hostile_name_is_written_as_text(odoo: OdooLab, writer: CrmWriter) -> None:
    """Bytes that PostgreSQL refuses, formulas, markup: the record is no poison."""
    name = "=cmd|' /C calc'!A1\x00\r\n<script>alert(1)</script>\u202e[/Filodiretto]"
    record = answered("evil.1", caller=Party(number="1\x002", name=name), queue="q\x00")
    call = await phonecall(odoo, await write(writer, record))
    assert call["description"].count("[/Filodiretto]") == 1
    assert "\x00" not in call["name"]


async def test_wrong_password_is_an_auth_error(open_writer: Open) -> None:
    """Odoo answers `false` with HTTP 200."""
    with pytest.raises(AuthError) as caught:
        await write(open_writer(secret="not-it"), answered("auth.1"))
    assert "secret" in caught.value.remedy
    assert "not-it" not in f"{caught.value} {caught.value.remedy}"


async def test_unknown_database_is_named(open_writer: Open) -> None:
    """A typo in `database` must not look like an outage of Odoo."""
    with pytest.raises(TransientError) as caught:
        await write(open_writer(database="nope"), answered("db.1"))
    assert "database" in caught.value.remedy


async def test_account_without_rights_is_told_which_groups_it_needs(
    odoo: OdooLab, open_writer: Open
) -> None:
    """A plain employee may read phone calls and not write them."""
    group = await asyncio.to_thread(odoo.ask, "ir.model.data", "xmlid_to_res_id", "base.group_user")
    values = {
        "name": "Weak",
        "login": "weak",
        "password": "weakweak",
        "groups_id": [[6, 0, [group]]],
    }
    await asyncio.to_thread(odoo.ask, "res.users", "create", values)
    weak = open_writer(username="weak", secret="weakweak")
    for attempt in (lambda: write(weak, answered("weak.1")), weak.probe):
        with pytest.raises(AuthError) as caught:
            await attempt()
        assert "Sales" in caught.value.remedy


async def test_user_that_was_replaced_signs_in_again(odoo: OdooLab, writer: CrmWriter) -> None:
    """A restored database may know the same login under another number."""
    await write(writer, answered("again.1"))
    session = writer._session  # type: ignore[attr-defined]  # the fault is injected from inside
    session._uid = 99999
    await write(writer, answered("again.2"))
    assert session._uid != 99999


async def test_probe_says_what_it_found(writer: CrmWriter) -> None:
    """`check` shows one line an administrator understands."""
    assert await writer.probe() == "Odoo 14.0: signed in, may write phone calls (crm.phonecall)"


async def test_probe_names_the_extensions_of_unknown_logins(
    odoo: OdooLab, open_writer: Open
) -> None:
    """Misspelt, or of somebody who left: those calls would be our own account's in silence."""
    users = {"1001": odoo.username, "1002": "bruno@example.test", "hq:1003": "anna@left.test"}
    with pytest.raises(AuthError) as caught:
        await open_writer(users=users).probe()
    assert caught.value.detail == "Extension: 1002, hq:1003"


async def test_commit_then_time_out_leaves_one_record(
    odoo: OdooLab, open_writer: Open, peer: PeerServer, db: Database
) -> None:
    """Odoo wrote it, the answer was lost on the way; the second attempt meets it."""
    lost = 0

    async def lose_two_loads(request: Received, _answer: bytes) -> bool:
        nonlocal lost
        if b'"load"' in request.body and lost < 2:
            lost += 1
            return False
        return True

    peer.default = forward(odoo.url, lose_two_loads)
    before, one = odoo.count_in_database(), effect(answered("lost.1"), connector="odoo")
    async with worker_rig(db, {"odoo": open_writer(url=peer.url)}) as rig:
        await rig.put(one)
        for number in (1, 2):
            await rig.until(lambda: rig.row(one), lambda row, n=number: row.attempts == n)  # type: ignore[misc]  # a bound default
            assert (await rig.waits(one)).ambiguous
            assert odoo.count_in_database() == before + 1
            rig.later(10)
        await rig.reaches(one, EffectState.DELIVERED)
    assert odoo.count_in_database() == before + 1


async def test_server_with_several_databases_is_explained(
    open_writer: Open, odoo_several: str
) -> None:
    """Every error is a bare HTTP 500 there; the cause is in its configuration."""
    writer = open_writer(url=odoo_several)
    with pytest.raises(AmbiguousError) as caught:
        await writer._session._execute(99999, "res.users", "read", (), {})  # type: ignore[attr-defined]
    assert "dbfilter" in caught.value.remedy
    assert (await write(writer, answered("several.1"))).external_id
