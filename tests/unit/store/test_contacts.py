"""The directory's tables: saving, finding, deleting, and the numbers of its changes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from gateway.core.matching import Contact, ContactKind, ContactNumber
from gateway.core.numbers import NumberPlan
from gateway.core.record import MatchKind
from gateway.store import contacts, look_up
from gateway.store.contact_edits import NamelessError, NoSuchCompanyError, change_contact
from gateway.store.contacts import Saved
from gateway.store.database import Database

PLAN = NumberPlan("IT")
AT = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store in a file of its own."""
    database = await Database.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield database
    await database.close()


def entry(ref: str, number: str = "0612345678", name: str = "Anna Verdi") -> Contact:
    """Return an entry as the import makes it."""
    return Contact(
        id=contacts.contact_id(ref=ref, name=name, company=None, number=None),
        ref=ref,
        name=name,
        company="Studio Verdi",
        email="anna@verdi.example",
        language="it",
        formality="formal",
        owner="bruno",
        tags=("gold", "2026"),
        vip=True,
        at_risk=False,
        url="https://crm.example/1",
        fields={"città": "Roma"},
        numbers=(
            ContactNumber(raw=number, e164=PLAN.parse(number).e164),
            ContactNumber(raw="201", label="phone2"),
        ),
    )


async def test_a_saved_entry_comes_back_whole(store: Database) -> None:
    """The card shows every column of the file."""
    anna = entry("C-1")
    assert await store.write(partial(contacts.save_contacts, entries=[anna])) == [Saved.IMPORTED]
    assert await store.read(partial(contacts.get_contact, identifier=anna.id)) == anna
    assert await store.read(partial(contacts.find_contacts, e164="+390612345678")) == (anna,)


async def test_saving_the_same_again_changes_nothing(store: Database) -> None:
    """A nightly import must not make every mirror copy everything."""
    await store.write(partial(contacts.save_contacts, entries=[entry("C-1")]))
    before = await store.read(contacts.last_change)
    again = await store.write(partial(contacts.save_contacts, entries=[entry("C-1")]))
    assert again == [Saved.UNCHANGED]
    assert await store.read(contacts.last_change) == before


async def test_the_same_ref_updates_and_the_old_number_finds_nobody(store: Database) -> None:
    """A customer who changed number must not be shown for the stranger who has it now."""
    await store.write(partial(contacts.save_contacts, entries=[entry("C-1")]))
    moved = entry("C-1", number="3331234567")
    assert await store.write(partial(contacts.save_contacts, entries=[moved])) == [Saved.UPDATED]
    assert await store.read(partial(contacts.find_contacts, e164="+390612345678")) == ()
    assert await store.read(partial(contacts.find_contacts, e164="+393331234567")) == (moved,)


async def test_an_entry_with_a_known_ref_keeps_its_id(store: Database) -> None:
    """A contact first made by hand is the same when the file brings it."""
    by_hand = replace(entry("C-1"), id="11111111-1111-4111-8111-111111111111")
    await store.write(partial(contacts.save_contacts, entries=[by_hand]))
    from_file = entry("C-1", name="Anna Bianchi")
    assert await store.write(partial(contacts.save_contacts, entries=[from_file])) == [
        Saved.UPDATED
    ]
    assert await store.read(contacts.count_contacts) == 1
    found = await store.read(partial(contacts.get_contact, identifier=by_hand.id))
    assert found == replace(from_file, id=by_hand.id)


async def test_the_same_id_twice_in_one_batch_leaves_the_last(store: Database) -> None:
    """A file may list a customer twice; the batch must not break on it."""
    first, second = entry("C-1"), entry("C-1", name="Anna Bianchi")
    saved = await store.write(partial(contacts.save_contacts, entries=[first, second]))
    assert saved == [Saved.IMPORTED, Saved.UPDATED]
    assert await store.read(partial(contacts.get_contact, identifier=first.id)) == second


async def test_a_deleted_entry_leaves_only_a_tombstone_and_can_come_back(store: Database) -> None:
    """Erasure empties the row; the mirror learns of it by a change of its own."""
    anna = entry("C-1")
    await store.write(partial(contacts.save_contacts, entries=[anna]))
    before = await store.read(contacts.last_change)
    assert await store.write(partial(contacts.delete_contact, identifier=anna.id, at=AT))
    assert not await store.write(partial(contacts.delete_contact, identifier=anna.id, at=AT))
    assert await store.read(partial(contacts.get_contact, identifier=anna.id)) is None
    assert await store.read(partial(contacts.find_contacts, e164="+390612345678")) == ()
    (change,) = await store.read(
        partial(contacts.changes, after=before, until=before + 1, limit=10)
    )
    assert (change.contact_id, change.contact) == (anna.id, None)
    assert await store.write(partial(contacts.save_contacts, entries=[anna])) == [Saved.IMPORTED]
    assert await store.read(partial(contacts.get_contact, identifier=anna.id)) == anna


async def test_changes_have_numbers_of_their_own_in_order(store: Database) -> None:
    """A reader that stops in the middle of a page goes on without hole or double."""
    entries = [entry(f"C-{number}") for number in range(5)]
    await store.write(partial(contacts.save_contacts, entries=entries))
    first = await store.read(partial(contacts.changes, after=0, until=5, limit=3))
    rest = await store.read(partial(contacts.changes, after=first[-1].number, until=5, limit=3))
    assert [change.number for change in first + rest] == [1, 2, 3, 4, 5]
    assert [change.contact for change in first + rest] == entries
    assert await store.read(contacts.last_change) == 5


async def test_a_page_leads_to_the_next_one(store: Database) -> None:
    """The list of the page and of REST is read in pieces."""
    entries = [entry(f"C-{number}") for number in range(5)]
    await store.write(partial(contacts.save_contacts, entries=entries))
    page, after = await store.read(partial(contacts.list_contacts, limit=3))
    assert after is not None
    rest, end = await store.read(partial(contacts.list_contacts, after=after, limit=3))
    assert end is None
    assert [found.id for found in page + rest] == sorted(found.id for found in entries)


async def test_find_explains_each_step(store: Database) -> None:
    """`contacts find` tells an administrator why somebody is or is not shown."""
    firm = Contact(
        id="22222222-2222-4222-8222-222222222222",
        kind=ContactKind.COMPANY,
        company="Studio Verdi",
        numbers=(ContactNumber(raw="06 12345678", e164="+390612345678"),),
    )
    await store.write(partial(contacts.save_contacts, entries=[entry("C-1"), firm]))
    result = await store.read(partial(look_up.explain, written="0039 06 12345678", plan=PLAN))
    assert result.kind is MatchKind.EXACT
    assert result.steps == (
        "0039 06 12345678 is +390612345678 in international form.",
        "The directory has 1 people and 1 companies with +390612345678.",
        "Anna Verdi is the only person with this number: a person goes before a company.",
    )
    short = await store.read(partial(look_up.explain, written="201", plan=PLAN))
    assert short.kind is MatchKind.NONE


async def test_a_number_that_cannot_be_read_is_named_when_nobody_is_found(store: Database) -> None:
    """`No number ends so` would send an administrator past the entry to be corrected."""
    odd = replace(entry("C-1"), numbers=(ContactNumber(raw="tel. 06 1234-5678 (casa)"),))
    await store.write(partial(contacts.save_contacts, entries=[odd]))
    result = await store.read(partial(look_up.explain, written="0612345678", plan=PLAN))
    assert result.steps[-1] == (
        "1 entries have a number that ends in 345678, such as tel. 06 1234-5678 (casa): "
        "correct it there if it is the same."
    )


async def test_an_edit_that_leaves_neither_name_nor_company_is_refused(store: Database) -> None:
    """A card of nobody would pop, and no search would find it again."""
    anna = entry("C-1")
    await store.write(partial(contacts.save_contacts, entries=[anna]))
    nobody = partial(replace, name=None, company=None)
    with pytest.raises(NamelessError):
        await store.write(partial(change_contact, identifier=anna.id, edit=nobody))
    kept = await store.write(
        partial(change_contact, identifier=anna.id, edit=partial(replace, name=None))
    )
    assert kept is not None
    assert kept.contact.display_name == "Studio Verdi"


async def test_a_person_whose_company_is_gone_can_be_edited(store: Database) -> None:
    """Files name companies that they do not bring, and people delete them."""
    anna = replace(entry("C-1"), company_id="gone")
    await store.write(partial(contacts.save_contacts, entries=[anna]))
    edit = partial(replace, vip=False)
    edited = await store.write(partial(change_contact, identifier=anna.id, edit=edit))
    assert edited is not None
    assert (edited.contact.vip, edited.contact.company_id) == (False, "gone")
    moved = partial(replace, company_id="nowhere")
    with pytest.raises(NoSuchCompanyError):
        await store.write(partial(change_contact, identifier=anna.id, edit=moved))
