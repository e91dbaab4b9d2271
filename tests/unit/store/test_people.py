"""People and their phones."""

from dataclasses import replace
from functools import partial

import pytest
from support.store import NOON

from gateway.core.errors import UsageError
from gateway.store import people
from gateway.store.credentials import create_session, find_session
from gateway.store.database import Database
from gateway.store.people import LastAdminError, People, Role, User, put_user, set_disabled

ANNA = User(
    login="anna", name="Anna Bianchi", role=Role.AGENT, extensions=(("", "1001"), ("hq", "1002"))
)


async def add(db: Database, *users: User, password_hash: str | None = None) -> None:
    """Add people."""
    for user in users:
        work = partial(people.add_user, user=user, password_hash=password_hash, now=NOON)
        await db.write(work)


async def test_a_person_is_read_back_with_role_and_extensions(db: Database) -> None:
    """What the administrator typed is what the roster shows."""
    bea = User(login="bea", name="Bea", role=Role.PBX_ADMIN, disabled=True)
    await add(db, bea, ANNA)
    assert await db.read(people.list_users) == (ANNA, bea)
    assert await db.read(lambda conn: people.get_user(conn, "anna")) == ANNA
    assert await db.read(lambda conn: people.get_user(conn, "carla")) is None


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (ANNA, "taken"),
        (replace(ANNA, login=" anna"), "login"),
        (replace(ANNA, login="anna rossi"), "login"),
        (replace(ANNA, login=""), "login"),
        (replace(ANNA, login="new", extensions=(("hq", ""),)), "extension"),
    ],
)
async def test_a_person_who_cannot_be_is_refused(db: Database, user: User, words: str) -> None:
    """The refusal says what to change, and nothing of the attempt remains."""
    await add(db, ANNA)
    with pytest.raises(UsageError, match=words):
        await add(db, user)
    assert await db.read(people.list_users) == (ANNA,)


async def test_an_import_adds_new_people_and_updates_known_ones(db: Database) -> None:
    """Importing the same file twice changes nothing; a password set meanwhile stays."""
    await add(db, ANNA, password_hash="$hash")
    moved = replace(ANNA, role=Role.SUPERVISOR, extensions=(("", "1009"),))
    carla = User(login="carla", name="Carla", role=Role.AGENT)
    for _ in range(2):
        fresh = [
            await db.write(partial(people.put_user, user=user, now=NOON)) for user in (moved, carla)
        ]
    assert fresh == [False, False]
    assert await db.read(people.list_users) == (moved, carla)
    assert await db.read(lambda conn: people.password_hash_of(conn, "anna")) == "$hash"


async def test_disabling_somebody_ends_their_sessions_and_their_sign_in(db: Database) -> None:
    """Who has left the company is out at once, not after twelve hours."""
    await add(db, ANNA, password_hash="$hash")
    cookie = await db.write(lambda conn: create_session(conn, "anna", now=NOON))
    await db.write(lambda conn: people.set_disabled(conn, "anna", disabled=True))
    assert await db.read(lambda conn: find_session(conn, cookie, NOON)) is None
    assert await db.read(lambda conn: people.password_hash_of(conn, "anna")) is None
    await db.write(lambda conn: people.set_disabled(conn, "anna", disabled=False))
    assert await db.read(lambda conn: find_session(conn, cookie, NOON)) is None


async def test_the_last_administrator_stays_whoever_asks(db: Database) -> None:
    """Nobody could give the role to anybody any more: the command line and groups count, too."""
    first = User(login="root", name="Root", role=Role.ADMIN)
    demoted = replace(first, role=Role.AGENT)
    await db.write(lambda conn: put_user(conn, first, now=NOON))
    for change in (
        partial(set_disabled, login="root", disabled=True),
        partial(put_user, user=demoted, now=NOON),
        partial(put_user, user=replace(first, disabled=True), now=NOON),
    ):
        with pytest.raises(LastAdminError):
            await db.write(change)
    second = User(login="vera", name="Vera", role=Role.ADMIN)
    await db.write(lambda conn: put_user(conn, second, now=NOON))
    await db.write(partial(set_disabled, login="root", disabled=True))
    await db.write(partial(put_user, user=replace(demoted, disabled=True), now=NOON))


async def test_a_new_password_ends_the_sessions_of_the_old_one(db: Database) -> None:
    """A password is changed because somebody else may know it."""
    await add(db, ANNA)
    cookie = await db.write(lambda conn: create_session(conn, "anna", now=NOON))
    await db.write(lambda conn: people.set_password(conn, "anna", "$new"))
    assert await db.read(lambda conn: find_session(conn, cookie, NOON)) is None
    assert await db.read(lambda conn: people.password_hash_of(conn, "anna")) == "$new"


async def test_a_stronger_hash_replaces_the_weaker_one_but_no_newer_password(
    db: Database,
) -> None:
    """A sign-in that rehashes must not race with a change of the password."""
    await add(db, ANNA, password_hash="$weak")
    for old, new in (("$weak", "$strong"), ("$weak", "$late")):
        await db.write(partial(people.refresh_password_hash, login="anna", old=old, new=new))
    assert await db.read(lambda conn: people.password_hash_of(conn, "anna")) == "$strong"


@pytest.mark.parametrize(
    "change",
    [
        partial(people.set_disabled, login="x", disabled=True),
        partial(people.set_password, login="x", password_hash="$hash"),
    ],
)
async def test_changing_an_unknown_person_says_so(db: Database, change: partial[None]) -> None:
    """A typo in a login must not look like success."""
    with pytest.raises(UsageError, match="no such user"):
        await db.write(change)


def test_a_shared_phone_has_several_people_and_no_owner() -> None:
    """All of them see the pop; the call is credited to nobody by guesswork."""
    bea = User(login="bea", name="Bea", role=Role.AGENT, extensions=(("hq", "1002"),))
    gone = replace(bea, login="gone", disabled=True)
    everybody = People([gone, bea, ANNA])
    assert everybody.who_has("hq", "1002") == ("anna", "bea")
    assert everybody.extension_owner("hq", "1002") is None
    assert everybody.extension_owner("branch", "1001") == "anna"
    assert everybody.who_has("branch", "1002") == ()
    assert everybody.extensions_of("anna") == ANNA.extensions
    assert everybody.extensions_of("nobody") == ()


async def test_the_directory_in_memory_is_that_of_the_store(db: Database) -> None:
    """The pop asks memory; memory comes from here."""
    both = replace(ANNA, extensions=(("", "1001"), ("hq", "1001")))
    await add(db, both)
    everybody = await db.read(people.load_people)
    assert everybody.users == {"anna": both}
    assert everybody.who_has("hq", "1001") == ("anna",)
