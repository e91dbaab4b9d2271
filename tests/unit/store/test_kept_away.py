"""Who was erased and is to stay away: no file and no CRM brings them back, and nobody reads who."""

from functools import partial

from sqlalchemy import select
from support.crm_records import HandClock
from support.memory_directory import person
from support.store import CUSTOMER
from support.zoe import LATER, OTHER, ZOE, fill

from crm_sync.mirror.absorber import Absorber
from gateway.core.numbers import NumberPlan
from gateway.store import erasing, kept_away
from gateway.store.contacts import find_contacts
from gateway.store.database import Connection, Database
from gateway.store.drafts import AWAY
from gateway.store.erasing import Erased
from gateway.store.import_tally import ImportReport
from gateway.store.importing import Wishes, import_file
from gateway.store.schema_kept_away import kept_away as table
from gateway.store.sealing import Sealer

FILE = f"id,name,phone\nZ-1,Zoe,{CUSTOMER}\nI-1,Ivo,{OTHER}\n"


async def erase(db: Database, sealer: Sealer) -> None:
    """Erase Zoe, who is to stay away."""
    found = await db.read(partial(erasing.person_of_contact, contact_id=ZOE.id))

    def note(conn: Connection, _done: Erased) -> None:
        kept_away.keep_away(conn, sealer, found, at=LATER)

    await erasing.erase(db, found, now=LATER, note=note)


async def imported(db: Database, sealer: Sealer) -> ImportReport:
    """Import the file as the command does."""
    wishes = Wishes(away=await kept_away.away(db, sealer))
    return await import_file(db, FILE.encode(), plan=NumberPlan("IT"), wishes=wishes)


async def test_file_does_not_bring_them_back_until_they_are_let_in(db: Database) -> None:
    """Under another id too: the number tells; the others of the file come in."""
    sealer = Sealer()
    await db.write(fill)
    await erase(db, sealer)
    report = await imported(db, sealer)
    assert (report.refused, [note.reason for note in report.refusals]) == (1, [AWAY])
    assert report.refusals[0].remedy
    assert await db.read(partial(find_contacts, e164=CUSTOMER)) == ()
    assert await db.read(partial(find_contacts, e164=OTHER)) != ()
    readmit = partial(kept_away.readmit, sealer=sealer, contact_id=None, e164=CUSTOMER)
    assert [await db.write(readmit), await db.write(readmit)] == [2, 0]
    assert (await imported(db, sealer)).imported == 1
    assert len(await db.read(partial(find_contacts, e164=CUSTOMER))) == 1


async def test_crm_does_not_bring_them_back(db: Database) -> None:
    """Somebody made a new record there; the mirror takes it for nobody."""
    sealer = Sealer()
    await db.write(fill)
    await erase(db, sealer)
    absorber = Absorber(
        "crm", "IT", db=db, clock=HandClock(), on_change=lambda: None,
        away=partial(kept_away.away, db, sealer),
    )  # fmt: skip
    entries, nobody = await absorber.read([person(1, "Zoe", CUSTOMER), person(2, "Ivo", OTHER)])
    assert ([one.entry.name for one in entries], nobody) == (["Ivo"], ("person:1",))


async def test_hashes_tell_nothing_without_the_key_of_the_installation(db: Database) -> None:
    """A copy of the database alone must not be a list of those who asked to be forgotten."""
    await db.write(fill)
    await erase(db, Sealer())
    rows = await db.read(lambda conn: conn.execute(select(table.c.hash)).scalars().all())
    assert len(rows) == 2
    assert all(len(one) == 64 and CUSTOMER not in one for one in rows)
    assert (await imported(db, Sealer())).refused == 0
