"""What CRMs hear of earlier calls when their caller comes into the directory."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from support.crm_records import HandClock
from support.empty_store import open_store
from support.store import CUSTOMER, after, an_ended_call

from crm_sync import intake
from crm_sync.policies import all_effects
from crm_sync.policy import Interest, Policy
from gateway.core.contact import Contact, ContactNumber
from gateway.core.events import CallEnded
from gateway.core.record import CallRecord
from gateway.runtime.adoption import Adoption
from gateway.store import calls, contacts, outbox
from gateway.store.database import Connection, Database

HEARD, WRITTEN = an_ended_call(2), an_ended_call(1)
POLICIES = {
    "before": Policy(),
    "new": Policy(),
    "known": Policy(interest=Interest.KNOWN),
}


@pytest.fixture
async def told(tmp_path: Path) -> Sequence[tuple[str, str, str]]:
    """Adopt two calls, one of which the CRM "before" has; give what is in the outbox of them."""
    db = await open_store(tmp_path)
    clock = HandClock(after(600))
    adoption = Adoption(
        db,
        clock,
        effects=partial(all_effects, policies=POLICIES),
        on_effects=lambda: None,
        show=lambda _record: None,
    )

    def keep(conn: Connection, record: CallRecord) -> None:
        calls.save_call(conn, record, state=None)
        if record is WRITTEN:
            there = all_effects(CallEnded(at=after(91), record=record), {"before": Policy()})
            intake.put(conn, there[0])

    for record in (WRITTEN, HEARD):
        await db.write(partial(keep, record=record))
    await one_turn(db, adoption)
    page = await db.read(partial(outbox.list_effects, limit=50))
    rows = [(row.connector, row.record) for row in page.items]
    await db.close()
    return [
        (connector, str(record.linkedid), (record.contact and record.contact.name) or "")
        for connector, record in rows
        if record is not None
    ]


async def one_turn(db: Database, adoption: Adoption) -> None:
    """Let the caller become a contact and have it noticed."""
    zoe = Contact(id="zoe", name="Zoe", numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),))
    await db.write(lambda conn: contacts.save_contacts(conn, [zoe]) and None)
    await adoption._turn(0, 0)


async def test_crm_that_was_linked_later_gets_no_earlier_call_by_itself(
    told: Sequence[tuple[str, str, str]],
) -> None:
    """Its first people would bring a month of calls into it, which nobody has ordered."""
    assert [one for one in told if one[0] == "new"] == []


async def test_crm_that_has_the_call_is_told_whose_it_is(
    told: Sequence[tuple[str, str, str]],
) -> None:
    """And no other one."""
    assert [one for one in told if one[0] == "before"] == [("before", WRITTEN.linkedid, "Zoe")]


async def test_crm_that_wants_known_callers_gets_the_calls_of_one_who_has_become_known(
    told: Sequence[tuple[str, str, str]],
) -> None:
    """Until then they were none of its calls."""
    known = {one for one in told if one[0] == "known"}
    assert known == {("known", one.linkedid, "Zoe") for one in (WRITTEN, HEARD)}


async def test_adoption_that_is_broken_off_goes_on_where_it_was_and_amends_each_call_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand earlier calls take a while, in which a machine may lose its power."""
    monkeypatch.setattr("gateway.store.adoption.PAGE", 2)
    db = await open_store(tmp_path)
    records = [an_ended_call(number) for number in range(7)]
    for record in records:
        await db.write(partial(calls.save_call, record=record, state=None))
    zoe = Contact(id="zoe", name="Zoe", numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),))
    await db.write(lambda conn: contacts.save_contacts(conn, [zoe]) and None)
    shown: list[CallRecord] = []
    working: list[asyncio.Task[None]] = []

    def show(record: CallRecord) -> None:
        shown.append(record)
        if len(shown) in {2, len(records)}:  # a page of two is stored, or all of them are
            working[-1].cancel()

    for _life in range(2):
        adoption = Adoption(
            db,
            HandClock(after(600)),
            effects=lambda _event: (),
            on_effects=lambda: None,
            show=show,
        )
        working.append(asyncio.ensure_future(adoption.run()))
        with pytest.raises(asyncio.CancelledError):
            await working[-1]
    assert sorted(record.id for record in shown) == sorted(record.id for record in records)
    for record in records:
        kept = await db.read(partial(calls.get_call, call_id=record.id))
        assert kept is not None
        assert kept.contact is not None
        assert (kept.contact.name, kept.revision) == ("Zoe", record.revision + 1)
    await db.close()
