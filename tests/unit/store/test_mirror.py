"""The local copy of the directory that the pop reads."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from gateway.core.errors import StoreError
from gateway.core.marks import Mark, MarkKind
from gateway.core.matching import Contact, ContactKind, ContactNumber
from gateway.core.numbers import NumberPlan
from gateway.core.record import MatchKind
from gateway.store import contacts, look_up, marks
from gateway.store.database import Database
from gateway.store.drafts import read_numbers
from gateway.store.mirror import PATIENCE_S, Mirror, MirrorBusy
from gateway.store.mirror_search import Search

AT = datetime(2026, 1, 7, 12, 0, tzinfo=UTC)
VERDI = "+390612345678"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store in a file of its own."""
    database = await Database.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield database
    await database.close()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give look-ups up after seconds: five milliseconds pass on a busy machine without any work."""
    monkeypatch.setattr("gateway.store.mirror.PATIENCE_S", 10.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the mirror lies."""
    return tmp_path / "data" / "mirror.db"


def entry(ref: str, *numbers: str, name: str = "Anna Verdi") -> Contact:
    """Return an entry with numbers in E.164."""
    return Contact(
        id=contacts.contact_id(ref=ref, name=None, company=None, number=None),
        ref=ref,
        name=name,
        tags=("gold",),
        fields={"città": "Roma"},
        numbers=tuple(ContactNumber(raw=number, e164=number) for number in numbers),
    )


async def save(store: Database, *entries: Contact) -> None:
    """Save entries in the store."""
    await store.write(partial(contacts.save_contacts, entries=entries))


async def test_before_the_first_copy_the_mirror_is_busy(store: Database, path: Path) -> None:
    """To say that nobody has the number would be a lie while the copy is still being made."""
    mirror = await Mirror.open(path, store=store)
    with pytest.raises(MirrorBusy):
        mirror.find(VERDI)
    await mirror.refresh()
    assert mirror.ready
    assert mirror.find(VERDI) == ()
    await mirror.close()


async def test_the_copy_answers_with_whole_entries(store: Database, path: Path) -> None:
    """The pop shows what the directory holds, fields and tags included."""
    anna = entry("C-1", VERDI, "+393331234567")
    bruno = entry("C-2", VERDI, name="Bruno")
    await save(store, anna, bruno, entry("C-3", "+41446681800"))
    mirror = await Mirror.open(path, store=store)
    assert await mirror.refresh() == 3
    assert mirror.find(VERDI) == (anna, bruno)
    assert mirror.find("+393331234567") == (anna,)
    assert mirror.match(NumberPlan("IT").parse("0612345678")).kind is MatchKind.SEVERAL
    assert mirror.match(NumberPlan("IT").parse("anonymous")).kind is MatchKind.NONE
    await mirror.close()


@pytest.mark.parametrize("written", ["", "+", "0612345678", "+39x", "+³⁹", "+" + "9" * 40])
async def test_what_is_no_e164_finds_nobody(store: Database, path: Path, written: str) -> None:
    """The pop path must not raise on a strange key."""
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    assert mirror.find(written) == ()
    await mirror.close()


async def test_refresh_brings_inserts_updates_and_deletions(store: Database, path: Path) -> None:
    """A number that moved to another customer must not show the old one."""
    anna, bruno = entry("C-1", VERDI, "+393331234567"), entry("C-2", "+41446681800")
    await save(store, anna, bruno)
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    assert await mirror.refresh() == 0
    moved, new = entry("C-1", "+393331234567", "+390299991001"), entry("C-3", VERDI, name="Carla")
    await save(store, moved, new)
    await store.write(partial(contacts.delete_contact, identifier=bruno.id, at=AT))
    assert await mirror.refresh() == 3
    assert mirror.find(VERDI) == (new,)
    assert mirror.find("+393331234567") == (moved,)
    assert mirror.find("+390299991001") == (moved,)
    assert mirror.find("+41446681800") == ()
    await mirror.close()


async def test_many_changes_are_copied_page_by_page(store: Database, path: Path) -> None:
    """A page limit must neither lose nor repeat an entry, at first copy and afterwards."""
    for start in (0, 1_000, 2_000):
        numbers = range(start, start + 1_000)
        await save(store, *(entry(f"C-{number}", f"+3933312{number:05}") for number in numbers))
    mirror = await Mirror.open(path, store=store)
    assert await mirror.refresh() == 3_000
    for start in (1_500, 2_500):
        numbers = range(start, start + 1_000)
        await save(store, *(entry(f"C-{number}", f"+3934912{number:05}") for number in numbers))
    assert await mirror.refresh() == 2_000
    for number in range(3_500):
        assert len(mirror.find(f"+3933312{number:05}")) == (number < 1_500)
        assert len(mirror.find(f"+3934912{number:05}")) == (number >= 1_500)
    await mirror.close()


async def test_the_next_start_reads_the_file_and_not_the_store(store: Database, path: Path) -> None:
    """The first pop after a restart must not wait for a copy of a million contacts."""
    anna = entry("C-1", VERDI)
    await save(store, anna)
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    await mirror.close()
    again = await Mirror.open(path, store=store)
    assert again.find(VERDI) == (anna,)
    assert await again.refresh() == 0
    await again.close()


def overwrite_with_noise(path: Path) -> None:
    """Make the file no database at all."""
    path.write_bytes(b"noise" * 10_000)


def damage_the_pages(path: Path) -> None:
    """Keep the header and break the rest, as a failing disk does."""
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)


def pretend_another_version(path: Path) -> None:
    """Write the version of a layout that we do not know."""
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA user_version = 999")
    conn.close()


def cut_short(path: Path) -> None:
    """Leave half of the file, as a full disk does."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    "spoil",
    [overwrite_with_noise, damage_the_pages, pretend_another_version, cut_short, Path.unlink],
)
async def test_an_unusable_file_is_made_anew(store: Database, path: Path, spoil: object) -> None:
    """The mirror is a copy: nobody should have to repair it by hand."""
    assert callable(spoil)
    anna = entry("C-1", VERDI)
    await save(store, anna, *(entry(f"X-{n}", f"+3933300{n:05}") for n in range(300)))
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    await mirror.close()
    spoil(path)
    again = await Mirror.open(path, store=store)
    try:
        again.find(VERDI)
    except MirrorBusy:
        assert not again.ready
    await again.refresh()
    await again.refresh()
    assert again.ready
    assert again.find(VERDI) == (anna,)
    assert len(again.find("+393330000299")) == 1
    await again.close()


async def test_a_store_restored_from_a_backup_is_followed(tmp_path: Path, path: Path) -> None:
    """The change numbers went back: what the mirror has may never have happened."""
    new = await Database.open(f"sqlite:///{tmp_path / 'new.db'}")
    await save(new, entry("C-1", VERDI), entry("C-2", "+41446681800"))
    mirror = await Mirror.open(path, store=new)
    await mirror.refresh()
    await mirror.close()
    await new.close()
    old = await Database.open(f"sqlite:///{tmp_path / 'old.db'}")
    await save(old, entry("C-1", "+390299991001"))
    again = await Mirror.open(path, store=old)
    await again.refresh()
    assert again.find(VERDI) == ()
    assert len(again.find("+390299991001")) == 1
    await again.close()
    await old.close()


async def test_the_reader_never_waits_for_a_lock_and_never_writes(
    store: Database, path: Path
) -> None:
    """The pop path may not wait, not even a millisecond (RELIABILITY rule 3)."""
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    assert mirror._reader is not None
    reader = mirror._reader.conn
    assert reader.execute("PRAGMA busy_timeout").fetchone() == (0,)
    assert reader.execute("PRAGMA query_only").fetchone() == (1,)
    assert reader.isolation_level is None
    await mirror.close()


async def test_find_goes_on_while_a_change_is_being_written(store: Database, path: Path) -> None:
    """An import of a million rows must not blind the agents."""
    anna = entry("C-1", VERDI)
    await save(store, anna)
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    writer.execute("DELETE FROM numbers")
    assert mirror.find(VERDI) == (anna,)
    writer.execute("ROLLBACK")
    writer.close()
    await mirror.close()


async def test_a_slow_answer_is_given_up(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look-up that takes too long must not hold up the calls behind it."""
    await save(store, entry("C-1", VERDI))
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    endless = (
        "WITH RECURSIVE n(i) AS (VALUES(?) UNION ALL SELECT i + 1 FROM n) SELECT max(i), '' FROM n"
    )
    with monkeypatch.context() as slow:
        slow.setattr("gateway.store.mirror.PATIENCE_S", PATIENCE_S)
        slow.setattr("gateway.store.mirror_reader.LOOK_UP", endless)
        with pytest.raises(MirrorBusy):
            mirror.find(VERDI)
    assert len(mirror.find(VERDI)) == 1
    await mirror.close()


async def test_a_number_shared_by_thousands_is_cut(store: Database, path: Path) -> None:
    """A placeholder number in every row of a file must not stall the loop."""
    await save(store, *(entry(f"C-{number}", VERDI) for number in range(2_000)))
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    assert len(mirror.find(VERDI)) == 50
    await mirror.close()


async def test_an_erased_person_leaves_no_bytes_behind(store: Database, path: Path) -> None:
    """Erasure means the copy too, its log included."""
    anna = entry("C-1", VERDI, name="Annunziata Zuccarelli")
    await save(store, entry("C-2", VERDI, name="Bruno"))
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    await save(store, anna)
    await mirror.refresh()
    await store.write(partial(contacts.delete_contact, identifier=anna.id, at=AT))
    await mirror.refresh()
    for file in path.parent.iterdir():
        assert b"Zuccarelli" not in file.read_bytes()
    await mirror.close()


async def test_a_folder_that_cannot_be_written_says_so(store: Database, tmp_path: Path) -> None:
    """The administrator learns what is wrong; pops go out without a contact."""
    (tmp_path / "data").write_text("a file where the folder should be")
    mirror = await Mirror.open(tmp_path / "data" / "mirror.db", store=store)
    with pytest.raises(StoreError):
        await mirror.refresh()
    with pytest.raises(MirrorBusy):
        mirror.find(VERDI)
    await mirror.close()


async def test_the_file_is_for_the_service_user_alone(store: Database, path: Path) -> None:
    """It holds every customer's name and number."""
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    await save(store, entry("C-1", VERDI))
    await mirror.refresh()
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0
    await mirror.close()


async def test_ranges_spellings_choices_and_own_numbers_are_asked_in_the_copy(
    store: Database, path: Path
) -> None:
    """The pop says the same as the store, in at most three statements."""
    firm = Contact(
        id="firm",
        company="Verdi",
        kind=ContactKind.COMPANY,
        numbers=(ContactNumber(raw="06 1234*", e164="+39061234*"),),
    )
    miswritten = entry("C-2", "+39755123456", name="Bruno")
    foreign = replace(entry("C-3", name="Urs"), numbers=(ContactNumber(raw="044 668 18 00"),))
    await save(store, firm, miswritten, foreign, entry("C-4", VERDI), entry("C-5", VERDI))
    mark = Mark(kind=MarkKind.CHOICE, e164=VERDI, by="anna", at=AT, contact_id="firm")
    mirror = await Mirror.open(
        path, store=store, own=lambda e164: "Sales" if e164 == "+390299991001" else None
    )
    await mirror.refresh()
    plan = NumberPlan("IT")

    async def kinds() -> list[tuple[MatchKind, str | None]]:
        numbers = ("0612349999", "0755123456", "+41446681800", "0299991001", "0612345678")
        found = [mirror.match(plan.parse(number)) for number in numbers]
        stored = [
            await store.read(partial(look_up.find, number=plan.parse(number), own=mirror._own))
            for number in numbers
        ]
        assert [(one.kind, one.contact) for one in found] == [
            (one.kind, one.contact) for one in stored
        ]
        return [(one.kind, one.contact.id if one.contact else None) for one in found]

    several = MatchKind.SEVERAL, None
    rest = [(MatchKind.COMPANY, "firm"), several, several, (MatchKind.NONE, None)]
    assert await kinds() == [*rest, several]
    await store.write(partial(marks.set_mark, mark=mark))
    await mirror.refresh()
    assert await kinds() == [*rest, (MatchKind.EXACT, "firm")]
    await store.write(partial(contacts.delete_contact, identifier="firm", at=AT))
    await mirror.refresh()
    assert (await kinds())[-1] == several
    await mirror.close()


async def test_a_search_finds_words_without_accents_and_goes_on_page_by_page(
    store: Database, path: Path
) -> None:
    """People type the beginning of a surname, without its accent."""
    people = [entry(f"C-{no}", f"+39333{no:07}", name=f"Nicolò Rossi{no}") for no in range(5)]
    await save(store, *people)
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    first = await mirror.search(Search(text="nicolo ross", limit=3))
    assert first.next is not None
    rest = await mirror.search(Search(text="nicolo ross", limit=3, after=first.next))
    assert ({one.id for one in first.entries + rest.entries}, rest.next) == (
        {one.id for one in people},
        None,
    )
    by_number = await mirror.search(Search(prefix="+393330000003*"))
    assert [one.name for one in by_number.entries] == ["Nicolò Rossi3"]
    assert (await mirror.search(Search(text="  "))).entries == ()
    await mirror.close()


@pytest.mark.parametrize("written", ["669812346", "06 6981*"])
async def test_a_search_by_number_finds_what_has_no_certain_form(
    store: Database, path: Path, written: str
) -> None:
    """Who is told to correct an entry looks for it by the number that it shows."""
    numbers, _ = read_numbers([("phone", written)], NumberPlan("IT"))
    await save(store, replace(entry("C-1"), numbers=numbers))
    mirror = await Mirror.open(path, store=store)
    await mirror.refresh()
    for typed in (written.removesuffix("*") + "*", "066981*", "+3906698*"):
        prefix = NumberPlan("IT").prefix(typed)
        found = await mirror.search(Search(prefix=prefix))
        assert [one.ref for one in found.entries] == ["C-1"], typed
    assert (await mirror.search(Search(prefix="+390671*"))).entries == ()
    await mirror.close()
