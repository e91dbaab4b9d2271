"""Import of CSV files into the store: what is stored, reported and repeated."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest

from gateway.core.errors import UsageError
from gateway.core.matching import Contact
from gateway.core.numbers import NumberPlan
from gateway.store import contacts
from gateway.store.csv_source import TOO_MANY_CELLS
from gateway.store.database import Database
from gateway.store.drafts import NO_NUMBER, NO_WEB_ADDRESS, NOBODY, NOT_YES_OR_NO, TWICE
from gateway.store.importing import (
    ImportReport,
    Note,
    Progress,
    Wishes,
    import_csv,
    import_file,
)
from gateway.store.seen_ids import SeenIds

PLAN = NumberPlan("IT")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store in a file of its own."""
    database = await Database.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield database
    await database.close()


async def everybody(store: Database) -> dict[str | None, Contact]:
    """Return all entries by name or company."""
    found, _ = await store.read(partial(contacts.list_contacts, limit=1_000))
    return {contact.display_name: contact for contact in found}


async def load(store: Database, text: str) -> ImportReport:
    """Import a text."""
    return await import_csv(store, text.encode(), plan=PLAN)


async def test_the_same_file_again_changes_nothing(store: Database) -> None:
    """A nightly import is the normal case."""
    text = 'id,name,phone,tags,note\nC-1,Anna,06 12345678,"a,b",x\nC-2,Bruno,3331234567,,\n'
    report = await load(store, text)
    assert (report.rows, report.imported, report.updated, report.unchanged) == (2, 2, 0, 0)
    report = await load(store, text)
    assert (report.rows, report.imported, report.updated, report.unchanged) == (2, 0, 0, 2)


async def test_rows_without_id_are_found_again_by_who_and_number(store: Database) -> None:
    """Most exports have no id; importing twice must not double the directory."""
    text = "name,phone,email\nAnna Verdi,06 12345678,a@x.example\nBruno,3331234567,\n"
    await load(store, text)
    report = await load(store, text.replace("a@x", "b@x"))
    assert (report.imported, report.updated, report.unchanged) == (0, 1, 1)
    report = await load(store, text.replace("06 1234", "+39 06/1234"))
    assert report.imported == 0
    assert len(await everybody(store)) == 2


async def test_the_same_id_updates(store: Database) -> None:
    """The id of the CRM or ERP says who it is, whatever else has changed."""
    await load(store, "id;name;phone\nC-1;Anna Verdi;0612345678\n")
    report = await load(store, "id;name;phone\nC-1;Anna Bianchi;3331234567\n")
    assert (report.imported, report.updated) == (0, 1)
    (anna,) = (await everybody(store)).values()
    assert (anna.name, anna.numbers[0].e164) == ("Anna Bianchi", "+393331234567")


async def test_a_cell_that_was_emptied_empties_the_entry_and_no_column_leaves_it(
    store: Database,
) -> None:
    """`In arrears: yes` must go when the file no longer says so, and stay if it never does."""
    await load(store, "id;name;phone;owner;debts;city\nC-1;Anna;0612345678;bruno;yes;Roma\n")
    await load(store, "id;name;phone;owner;debts\nC-1;Anna;0612345678;;\n")
    (anna,) = (await everybody(store)).values()
    assert (anna.owner, anna.fields) == (None, {"city": "Roma"})
    await load(store, "id;name;phone\nC-1;Anna;0612345678\n")
    assert (await everybody(store))["Anna"] == anna


@pytest.mark.parametrize("preview", [True, False])
async def test_a_second_row_of_the_same_entry_is_refused(store: Database, *, preview: bool) -> None:
    """The later row must not silently undo the first; a preview says the same as the import."""
    text = (
        "id;name;phone\nC-2;Zoe;021234567\nC-2;Zora;021234568\n;Ugo;0612345678\n;Ugo;0612345678\n"
    )
    wishes = Wishes(preview=preview)
    report = await import_file(store, text.encode(), plan=PLAN, wishes=wishes)
    assert (report.imported, report.updated, report.unchanged, report.refused) == (2, 0, 0, 2)
    assert report.refusals == (Note(line=3, reason=TWICE), Note(line=5, reason=TWICE))
    assert all("phone2" in note.remedy for note in report.refusals)
    assert set(await everybody(store)) == (set() if preview else {"Zoe", "Ugo"})


async def test_a_card_that_comes_twice_is_refused_the_second_time(store: Database) -> None:
    """Telephones export a person once for each account, under one UID."""
    card = "BEGIN:VCARD\nVERSION:3.0\nUID:u-1\nFN:{}\nTEL:0612345678\nEND:VCARD\n"
    report = await load(store, card.format("Zoe") + card.format("Zora"))
    assert (report.imported, report.refusals) == (1, (Note(line=7, reason=TWICE),))
    assert set(await everybody(store)) == {"Zoe"}


def test_seen_ids_are_told_apart_while_the_table_grows() -> None:
    """The second row of an entry may come millions of rows after the first."""
    seen = SeenIds()
    ids = [str(uuid5(NAMESPACE_OID, str(no))) for no in range(5_000)]
    assert all(seen.add(one) for one in ids)
    assert not any(seen.add(one) for one in ids)
    assert len(seen) == 5_000


async def test_refused_rows_and_warnings_name_line_and_reason(store: Database) -> None:
    """The administrator finds the row in the file; the others are imported."""
    report = await load(
        store,
        "name,company,phone,vip,url\n"  # 1
        "Anna,,0612345678,,\n"  # 2
        "\n"  # 3
        ",,0612345678,,\n"  # 4
        "Bruno,,,,\n"  # 5
        '"Two\nlines",,3331234567,maybe,\n'  # 6 and 7
        "Carla,,3331234568,,javascript:alert(1)\n"  # 8
        "Verdi, Dario,,3331234569,,x\n"  # 9
        "Elena,,3331234560,no\n",  # 10
    )
    assert (report.rows, report.imported, report.refused, report.warned) == (7, 5, 2, 3)
    assert report.refusals == (
        Note(line=4, reason=NOBODY),
        Note(line=9, reason=TOO_MANY_CELLS),
    )
    assert report.warnings == (
        Note(line=5, reason=NO_NUMBER),
        Note(line=6, reason=NOT_YES_OR_NO),
        Note(line=8, reason=NO_WEB_ADDRESS),
    )
    assert set(await everybody(store)) == {"Anna", "Bruno", "Two lines", "Carla", "Elena"}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("name,company\nAnna,Verdi\n", "no column of telephone numbers"),
        ("Anna,0612345678\nBruno,3331234567\n", "names no column"),
        ("<html><body>Sign in</body></html>\n", "names no column"),
        ('[{"name": "Anna", "phone": "0612345678"}]\n', "JSON"),
        ('{"phone": "0612345678"}', "JSON"),
        ("", "empty"),
    ],
)
async def test_a_file_of_another_kind_is_refused_and_nothing_stored(
    store: Database, text: str, cause: str
) -> None:
    """The wrong file is the commonest mistake."""
    with pytest.raises(UsageError) as caught:
        await load(store, text)
    assert cause in caught.value.message
    assert caught.value.remedy
    assert await store.read(contacts.count_contacts) == 0


async def test_progress_is_told_up_to_the_last_byte(store: Database, tmp_path: Path) -> None:
    """A large import shows that it lives, and how far it is."""
    path = tmp_path / "many.csv"
    path.write_text(
        "name,phone\n" + "".join(f"Name {number},3331{number:06}\n" for number in range(1_500))
    )
    size = path.stat().st_size
    told: list[Progress] = []
    report = await import_csv(store, path, plan=PLAN, progress=told.append)
    assert report.imported == 1_500
    assert [step.rows for step in told] == sorted({step.rows for step in told})
    assert len(told) > 3
    assert told[-1] == Progress(rows=1_500, bytes_done=size, bytes_total=size)


async def test_notes_are_kept_up_to_a_limit_and_counted_beyond_it(store: Database) -> None:
    """A file without a single good row must not fill the memory with complaints."""
    report = await load(store, "name,phone\n" + ",3331234567\n" * 3_000)
    assert (report.rows, report.refused, len(report.refusals)) == (3_000, 3_000, 1_000)


async def test_the_entries_of_a_crm_do_not_mix_with_our_own(store: Database) -> None:
    """The same id in two systems means two people."""
    await load(store, "id,name,phone\n1,Anna,0612345678\n")
    await import_csv(store, b"id,name,phone\n1,Bruno,3331234567\n", plan=PLAN, crm="odoo")
    people = await everybody(store)
    assert (people["Anna"].crm, people["Bruno"].crm) == (None, "odoo")
