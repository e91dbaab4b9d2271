"""A contact that comes into the directory later gets the calls that came before."""

from functools import partial

import pytest
from support.store import CUSTOMER, a_call, an_ended_call

from gateway.core.contact import Contact, ContactKind, ContactNumber
from gateway.core.record import CallRecord, MatchKind, Party, Presentation
from gateway.store import adoption, calls, contacts
from gateway.store.database import Database

OWNED = "11111111-1111-4111-8111-111111111111"


def person(number: str = CUSTOMER, name: str = "Anna Verdi", **more: object) -> Contact:
    """Return an entry with one number."""
    return Contact(
        id=contacts.contact_id(ref=None, name=name, company=None, number=number),
        name=name,
        numbers=(ContactNumber(raw=number, e164=number),),
        **more,  # type: ignore[arg-type] # the tests name real fields
    )


async def keep(db: Database, *records: CallRecord) -> None:
    """Store calls."""
    for record in records:
        await db.write(partial(calls.save_call, record=record, state=None))


async def adopt_all(db: Database) -> list[CallRecord]:
    """Give all calls that are due to their contacts, page by page."""
    until = await db.read(contacts.last_change)
    due = await db.read(partial(adoption.numbers_due, after=0, until=until))
    found: list[CallRecord] = []
    for e164 in due:
        after: int | None = 0
        while after is not None:
            page = await db.write(partial(adoption.adopt, e164=e164, after=after))
            found += page.records
            after = page.next
    return found


async def test_earlier_calls_get_the_contact_once(db: Database) -> None:
    """Whoever syncs by change number sees them again, with the contact, and only once."""
    await keep(db, *(an_ended_call(number) for number in range(adoption.PAGE + 5)))
    before = await db.read(partial(calls.list_calls, wanted=calls.CallFilter(updated_after=0)))
    await db.write(partial(contacts.save_contacts, entries=[person()]))
    adopted = await adopt_all(db)
    assert len(adopted) == adoption.PAGE + 5
    assert await adopt_all(db) == []
    wanted = calls.CallFilter(updated_after=before.last_change, limit=500)
    page = await db.read(partial(calls.list_calls, wanted=wanted))
    assert {record.contact.name for record in page.items if record.contact} == {"Anna Verdi"}
    assert {record.revision for record in adopted} == {1}
    theirs = calls.CallFilter(contact=person().id, limit=500)
    assert len((await db.read(partial(calls.list_calls, wanted=theirs))).items) == len(adopted)


async def test_hidden_live_foreign_and_named_calls_stay_as_they_are(db: Database) -> None:
    """A caller who hid the number must not be uncovered by a new entry."""
    other = person("+393331234567", "Bruno").id
    named = an_ended_call(4)
    hidden = Party(number="0612345678", e164=CUSTOMER, presentation=Presentation.WITHHELD)
    await keep(db, an_ended_call(1, caller=hidden), a_call(2))
    await db.write(partial(contacts.save_contacts, entries=[person("+393331234567", "Bruno")]))
    await keep(db, an_ended_call(3, caller=Party(number="3331234567", e164="+393331234567")))
    assert [record.contact.id for record in await adopt_all(db) if record.contact] == [other]
    await db.write(partial(contacts.save_contacts, entries=[person()]))
    assert await adopt_all(db) == []
    await keep(db, named)
    assert len(await adopt_all(db)) == 1


async def test_several_people_adopt_nothing_and_a_person_takes_over_from_a_company(
    db: Database,
) -> None:
    """A tie is never written; where only the firm was known, the person is news."""
    await keep(db, an_ended_call(1))
    firm = Contact(
        id=OWNED,
        kind=ContactKind.COMPANY,
        company="Verdi Spa",
        numbers=(ContactNumber(raw="06 1234*", e164="+39061234*"),),
    )
    await db.write(partial(contacts.save_contacts, entries=[firm]))
    (first,) = await adopt_all(db)
    assert first.contact is not None
    assert (first.contact.id, first.contact.match) == (OWNED, MatchKind.COMPANY)
    await db.write(partial(contacts.save_contacts, entries=[person(), person(name="Zoe")]))
    assert await adopt_all(db) == []
    at = first.started_at
    assert at is not None
    zoe = person(name="Zoe").id
    await db.write(partial(contacts.delete_contact, identifier=zoe, at=at))
    (second,) = await adopt_all(db)
    assert second.contact is not None
    assert (second.contact.name, second.contact.match) == ("Anna Verdi", MatchKind.EXACT)


@pytest.mark.parametrize("change", [0, 12])
async def test_how_far_it_has_come_is_remembered(db: Database, change: int) -> None:
    """A restart goes on where the last run stopped."""
    await db.write(partial(adoption.set_adopted_until, change=change))
    assert await db.read(adoption.adopted_until) == change
