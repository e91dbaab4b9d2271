"""Entries that follow records of a CRM: made, changed, linked, and taken out again."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection

from gateway.core.contact import Contact, ContactKind, ContactNumber
from gateway.store.contacts import (
    delete_contact,
    find_contacts,
    get_contact,
    last_change,
    save_contacts,
)
from gateway.store.database import Database
from gateway.store.mirrored import Absorbed, Mirrored, absorb, forget
from gateway.store.mirrored_rows import count_rows, stale_refs
from gateway.store.mirrored_states import MirrorState, Order, order, read_state, save_state

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PHONE = "+390612345678"
MOBILE = "+393331234567"


def record(ref: str, name: str, *numbers: str, company_ref: str | None = None) -> Mirrored:
    """Return a person's record."""
    entry = Contact(
        id="",
        crm="odoo",
        ref=ref,
        name=name,
        url=f"https://crm.example/{ref}",
        numbers=tuple(ContactNumber(raw=one, e164=one) for one in numbers),
    )
    return Mirrored(entry=entry, company_ref=company_ref)


def company(ref: str, name: str, *numbers: str) -> Mirrored:
    """Return a company's record."""
    made = record(ref, name, *numbers)
    entry = replace(made.entry, kind=ContactKind.COMPANY, name=None, company=name)
    return replace(made, entry=entry)


def only(conn: Connection, e164: str) -> Contact:
    """Return the one entry with a number."""
    (entry,) = find_contacts(conn, e164)
    return entry


async def take(db: Database, *found: Mirrored, sweep: int = 1) -> Absorbed:
    """Absorb records."""
    return await db.write(lambda conn: absorb(conn, "odoo", found, sweep=sweep))


async def drop(db: Database, *refs: str) -> Absorbed:
    """Forget records."""
    return await db.write(lambda conn: forget(conn, "odoo", refs, at=NOW))


async def test_a_record_becomes_an_entry_that_names_it(db: Database) -> None:
    """Writers link a call by crm and ref, without a second search."""
    done = await take(db, record("p,1", "Anna Verdi", PHONE))
    entry = await db.read(partial(only, e164=PHONE))
    assert done == Absorbed(added=1)
    assert (entry.crm, entry.ref, entry.url) == ("odoo", "p,1", "https://crm.example/p,1")


async def test_the_same_record_again_changes_nothing(db: Database) -> None:
    """A sweep over everyone must not make every page ask for everyone anew."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    before = await db.read(last_change)
    done = await take(db, record("p,1", "Anna Verdi", PHONE), sweep=2)
    assert not done.any
    assert await db.read(last_change) == before
    assert await db.read(partial(stale_refs, crm="odoo", sweep=2, limit=9)) == []


async def test_a_changed_record_changes_its_entry_and_leaves_what_people_added(
    db: Database,
) -> None:
    """The CRM knows the number, only people here know that somebody is a VIP."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    entry = await db.read(partial(only, e164=PHONE))
    own = ContactNumber(raw="+390299", e164="+390298765432", label="casa in montagna")
    edited = replace(entry, vip=True, numbers=(*entry.numbers, own))
    await db.write(lambda conn: save_contacts(conn, [edited]))
    done = await take(db, record("p,1", "Anna Verdi Bianchi", MOBILE))
    after = await db.read(partial(only, e164=MOBILE))
    assert done == Absorbed(changed=1)
    assert (after.name, after.vip) == ("Anna Verdi Bianchi", True)
    assert {one.e164 for one in after.numbers} == {MOBILE, "+390298765432"}
    assert await db.read(partial(find_contacts, e164=PHONE)) == ()


async def test_people_belong_to_their_company_once_it_is_here(db: Database) -> None:
    """A CRM tells changes in any order: who came before the company is put right afterwards."""
    anna = record("p,2", "Anna Verdi", MOBILE, company_ref="p,1")
    await take(db, anna)
    assert (await db.read(partial(only, e164=MOBILE))).company_id is None
    await take(db, company("p,1", "Studio Verdi", PHONE))
    await take(db, anna)
    home = await db.read(partial(only, e164=PHONE))
    assert (await db.read(partial(only, e164=MOBILE))).company_id == home.id


async def test_somebody_known_from_a_file_is_linked_not_doubled(db: Database) -> None:
    """Two entries for one person would make every call of theirs a tie."""
    known = Contact(
        id="csv-1", ref="17", name="Verdi Anna", numbers=(ContactNumber(raw="06", e164=PHONE),)
    )
    await db.write(lambda conn: save_contacts(conn, [known]))
    done = await take(db, record("p,1", "Anna Verdi", PHONE, MOBILE))
    entry = await db.read(partial(only, e164=PHONE))
    assert done == Absorbed(linked=1)
    assert (entry.id, entry.ref, entry.numbers) == ("csv-1", "17", known.numbers)
    assert [(one.crm, one.ref) for one in entry.references] == [("odoo", "p,1")]


async def test_the_same_person_in_two_crms_is_one_entry(db: Database) -> None:
    """Two CRMs must not make every caller a tie; either may lose its record."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    other = replace(record("c:9", "Verdi Anna", PHONE).entry, crm="hub")
    found = (Mirrored(entry=other),)
    await db.write(lambda conn: absorb(conn, "hub", found, sweep=1))
    entry = await db.read(partial(only, e164=PHONE))
    assert (entry.crm, [one.crm for one in entry.references]) == ("odoo", ["hub"])
    await drop(db, "p,1")
    left = await db.read(partial(only, e164=PHONE))
    assert (left.crm, [one.ref for one in left.references]) == (None, ["c:9"])


async def test_another_name_at_the_same_number_is_another_candidate(db: Database) -> None:
    """Who shares a telephone is not the same person: nobody chooses but an agent."""
    known = Contact(id="csv-1", name="Bruno Neri", numbers=(ContactNumber(raw="06", e164=PHONE),))
    await db.write(lambda conn: save_contacts(conn, [known]))
    await take(db, record("p,1", "Anna Verdi", PHONE))
    found = await db.read(partial(find_contacts, e164=PHONE))
    assert {one.name for one in found} == {"Anna Verdi", "Bruno Neri"}


async def test_a_deleted_record_takes_its_entry_along(db: Database) -> None:
    """A number that nobody has in the CRM any more must not show a name."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    assert await drop(db, "p,1", "p,never") == Absorbed(removed=1)
    assert await db.read(partial(find_contacts, e164=PHONE)) == ()
    assert await db.read(partial(count_rows, crm="odoo")) == 0


async def test_an_entry_that_people_edited_outlives_its_record(db: Database) -> None:
    """What people wrote here is theirs; only what named the record goes."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    entry = await db.read(partial(only, e164=PHONE))
    await db.write(lambda conn: save_contacts(conn, [replace(entry, at_risk=True)]))
    await take(db, record("p,1", "Anna Bianchi", PHONE))
    await drop(db, "p,1")
    after = await db.read(partial(only, e164=PHONE))
    assert (after.crm, after.ref, after.url, after.at_risk) == (None, None, None, True)


async def test_a_linked_entry_only_loses_the_reference(db: Database) -> None:
    """A contact from a file is the file's: the CRM never deletes it."""
    known = Contact(id="csv-1", name="Anna Verdi", numbers=(ContactNumber(raw="06", e164=PHONE),))
    await db.write(lambda conn: save_contacts(conn, [known]))
    await take(db, record("p,1", "Anna Verdi", PHONE))
    await drop(db, "p,1")
    assert await db.read(partial(only, e164=PHONE)) == known


async def test_a_record_that_comes_back_is_shown_again(db: Database) -> None:
    """Archiving by mistake is undone by a click in the CRM."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    await drop(db, "p,1")
    assert await take(db, record("p,1", "Anna Verdi", PHONE)) == Absorbed(added=1)
    assert (await db.read(partial(only, e164=PHONE))).name == "Anna Verdi"


async def test_somebody_erased_here_is_not_brought_back(db: Database) -> None:
    """Whoever asked to be erased must not come back with the next sweep."""
    await take(db, record("p,1", "Anna Verdi", PHONE))
    entry = await db.read(partial(only, e164=PHONE))
    await db.write(partial(delete_contact, identifier=entry.id, at=NOW))
    for sweep, name in ((2, "Anna Verdi"), (3, "Anna Bianchi")):
        await take(db, record("p,1", name, PHONE), sweep=sweep)
    await drop(db, "p,1")
    await take(db, record("p,1", "Anna Rossi", PHONE), sweep=4)
    assert await db.read(partial(get_contact, identifier=entry.id)) is None


async def test_what_a_sweep_did_not_see_is_stale(db: Database) -> None:
    """Deletions leave no trace in a CRM: they are what is not there any more."""
    await take(db, record("p,1", "Anna Verdi", PHONE), record("p,2", "Bruno Neri", MOBILE))
    await take(db, record("p,2", "Bruno Neri", MOBILE), sweep=2)
    assert await db.read(partial(stale_refs, crm="odoo", sweep=2, limit=9)) == ["p,1"]
    assert await db.read(partial(stale_refs, crm="other", sweep=2, limit=9)) == []


async def test_an_order_survives_the_progress_of_a_sweep(db: Database) -> None:
    """A person may order a sweep while the daemon notes how far it is."""
    await db.write(partial(order, crm="odoo", wanted=Order.CONFIRMED))
    state = MirrorState(crm="odoo", walk="17", sweep=3, seen=400, sweep_began_at=NOW)
    await db.write(partial(save_state, state=state))
    assert await db.read(partial(read_state, crm="odoo")) == replace(state, wanted=Order.CONFIRMED)
    assert await db.read(partial(read_state, crm="other")) == MirrorState(crm="other")
