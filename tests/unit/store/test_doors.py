"""Set-up links, phones for a day, teams' sights, second factors and imports of people."""

from datetime import timedelta

import pyotp
import pytest
from support.store import NOON, a_call, after, an_ended_call

from gateway.core.errors import UsageError
from gateway.desk.roster import Roster
from gateway.store.calls import CallFilter, get_call, list_calls, save_call
from gateway.store.credentials import create_session, end_session, fingerprint
from gateway.store.database import Connection, Database
from gateway.store.desks import TakenError, held_desks, settle_desks, sit
from gateway.store.people import Role, User, add_user, configure_extensions, get_user, list_users
from gateway.store.people_import import put_people, read_people
from gateway.store.setup_links import LinkOverError, create_setup_link, use_setup_link
from gateway.store.sight import Sight
from gateway.store.teams import Team, memberships
from gateway.store.totp import STEP_S, step_of

ANNA = User(login="anna", name="Anna", role=Role.AGENT, extensions=(("", "1001"),))
LUCA = User(login="luca", name="Luca", role=Role.AGENT, extensions=(("", "1009"),))
SARA = User(login="sara", name="Sara", role=Role.SUPERVISOR)
BOSS = User(login="boss", name="Boss", role=Role.ADMIN)


def people(conn: Connection) -> None:
    """Add three people."""
    for user in (ANNA, LUCA, SARA):
        add_user(conn, user, password_hash=None, now=NOON)


async def test_set_up_link_works_once_for_fifteen_minutes(db: Database) -> None:
    """Whoever finds it later in a log gets nothing."""
    first = await db.write(lambda conn: create_setup_link(conn, now=NOON))
    second = await db.write(lambda conn: create_setup_link(conn, now=NOON))

    async def use(secret: str, minutes: float) -> None:
        now = NOON + timedelta(minutes=minutes)
        await db.write(lambda conn: use_setup_link(conn, secret, BOSS, password_hash="x", now=now))

    for secret, minutes in ((first, 1), (second, 15), ("guess", 1)):
        with pytest.raises(LinkOverError):
            await use(secret, minutes)
    await use(second, 14.9)
    with pytest.raises(LinkOverError):
        await use(second, 14.9)
    with pytest.raises(UsageError):
        await db.write(lambda conn: create_setup_link(conn, now=NOON))


async def test_phone_is_held_as_long_as_the_session(db: Database) -> None:
    """Who signs out, or forgets to for half an hour, leaves the phone to the next one."""
    await db.write(people)
    secret = await db.write(lambda conn: create_session(conn, "anna", now=NOON))

    def take(conn: Connection, login: str, extension: str, *, over: bool = False) -> None:
        session = fingerprint(secret) if login == "anna" else None
        until = NOON + timedelta(hours=12)
        sit(
            conn, login, pbx="", extension=extension, session=session, now=NOON, until=until,
            take_over=over,
        )  # fmt: skip

    with pytest.raises(TakenError):
        await db.write(lambda conn: take(conn, "anna", "1009"))  # luca's own
    await db.write(lambda conn: take(conn, "anna", "2001"))
    with pytest.raises(TakenError):
        await db.write(lambda conn: take(conn, "luca", "2001"))
    held = await db.read(lambda conn: held_desks(conn, NOON))
    assert [(desk.login, desk.extension) for desk in held] == [("anna", "2001")]
    roster = Roster()
    roster.replace(await db.read(list_users), desks=held)
    assert roster.who_has("hq", "2001") == ("anna",)
    assert roster.extensions_of("anna") == (("", "2001"), ("", "1001"))
    late = NOON + timedelta(minutes=31)
    assert await db.read(lambda conn: held_desks(conn, late)) == ()
    await db.write(lambda conn: end_session(conn, secret))
    assert await db.write(lambda conn: settle_desks(conn, NOON)) == 1
    await db.write(lambda conn: take(conn, "luca", "2001"))
    await db.write(lambda conn: take(conn, "anna", "2001", over=True))


async def test_calls_of_a_held_phone_are_seen_only_from_then_on(db: Database) -> None:
    """Sitting down at a phone must not open the history of whoever sat there before."""
    await db.write(people)
    before = an_ended_call(1, rung=(("2001",),), answered_by="2001", final_talker="2001")
    during = a_call(200, rung=(("2001",),))
    await db.write(lambda conn: save_call(conn, before, state=None) and None)
    await db.write(lambda conn: save_call(conn, during, state=b"x") and None)
    await db.write(
        lambda conn: sit(
            conn, "anna", pbx="", extension="2001", session=None, now=after(150),
            until=after(4000),
        )
    )  # fmt: skip
    mine = await db.read(lambda conn: list_calls(conn, CallFilter(visible_to="anna")))
    assert [record.id for record in mine.items] == [during.id]
    assert await db.read(lambda conn: get_call(conn, before.id, visible_to="anna")) is None


async def test_supervisor_sees_the_calls_of_members_and_queues_only(db: Database) -> None:
    """The other team's customers are none of their business."""
    await db.write(people)
    members = an_ended_call(1, queue="support")
    queue = an_ended_call(2, rung=(("1500",),), queue="sales", answered_by="1500",
                          final_talker="1500")  # fmt: skip
    other = an_ended_call(3, rung=(("1009",),), queue="other", answered_by="1009",
                          final_talker="1009")  # fmt: skip
    for record in (members, queue, other):
        await db.write(lambda conn, record=record: save_call(conn, record, state=None) and None)  # type: ignore[misc]
    teams = (Team(name="vendite", queues=(("", "sales"),), members=("anna", "sara")),)
    roster = Roster(await db.read(list_users), teams)
    sight = roster.sight("sara", Role.SUPERVISOR)
    seen = await db.read(lambda conn: list_calls(conn, CallFilter(visible_to=sight)))
    assert {record.id for record in seen.items} == {members.id, queue.id}
    assert roster.overseers() == frozenset()
    assert [bool(roster.overseers(record)) for record in (members, queue, other)] == [
        True, True, False,
    ]  # fmt: skip
    assert roster.oversees_phone("sara", "hq", "1001")
    assert not roster.oversees_phone("sara", "hq", "1009")
    assert Roster(await db.read(list_users)).sight("sara", Role.SUPERVISOR) is None
    assert roster.sight("boss", Role.ADMIN) == Sight(logins=frozenset({"boss"}))
    assert roster.sight("p", Role.PRIVACY) == Sight()


async def test_configured_extensions_come_and_go_with_the_configuration(db: Database) -> None:
    """What people were given by hand stays."""
    await db.write(people)
    wanted = {("hq", "1003"): ("anna", "nobody"), ("", "1001"): ("anna",)}
    missing = await db.write(lambda conn: configure_extensions(conn, wanted))
    assert missing == ("nobody",)
    found = await db.read(lambda conn: get_user(conn, "anna"))
    assert found is not None
    assert found.extensions == (("", "1001"), ("hq", "1003"))
    await db.write(lambda conn: configure_extensions(conn, {}))
    found = await db.read(lambda conn: get_user(conn, "anna"))
    assert found == ANNA


PEOPLE = b"""Nome utente;Nome;Ruolo;Interno;Gruppo
anna;Anna Rossi;agente;1001 hq:1002;Vendite
luca;Luca;supervisore;1001;Vendite, Post vendita
;Nessuno;agente;1;
x y;Pia;agente;;
ugo;Ugo;capo;;
anna;Ancora;agente;;
zoe;Zoe;agente;12 0\xe8;
"""


async def test_import_takes_what_it_can_and_names_the_rest(db: Database) -> None:
    """Fifty people in one go: a mistake in one row must not hold up the others."""
    found = read_people(PEOPLE)
    report = await db.write(lambda conn: put_people(conn, found, {}, now=NOON))
    assert (report.added, report.changed) == (("anna", "luca"), ())
    assert [refusal.line for refusal in report.refused] == [4, 5, 6, 7, 8]
    again = await db.write(lambda conn: put_people(conn, found, {}, now=NOON))
    assert again.unchanged == ("anna", "luca")
    assert await db.read(memberships) == (
        ("Post vendita", "luca"), ("Vendite", "anna"), ("Vendite", "luca"),
    )  # fmt: skip
    anna = await db.read(lambda conn: get_user(conn, "anna"))
    assert anna is not None
    assert anna.extensions == (("", "1001"), ("hq", "1002"))


async def test_import_does_not_take_the_last_administrator_away(db: Database) -> None:
    """Else nobody could repair it."""
    await db.write(lambda conn: add_user(conn, BOSS, password_hash=None, now=NOON))
    found = read_people(b"login,role\nboss,agent\n")
    report = await db.write(lambda conn: put_people(conn, found, {}, now=NOON))
    assert (report.changed, len(report.refused)) == ((), 1)


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_code_counts_within_one_step_of_drift(drift: int) -> None:
    """A telephone's clock is never exact (RFC 6238 section 6)."""
    secret, now = pyotp.random_base32(), 1_795_300_000
    code = pyotp.TOTP(secret).at(now + drift * STEP_S)
    assert step_of(secret, f"{code[:3]} {code[3:]}", now) == now // STEP_S + drift


def test_older_codes_and_nonsense_do_not_count() -> None:
    """Two steps are too many, and fullwidth digits are no digits here."""
    secret, now = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59
    assert step_of(secret, "287082", now) == 1  # RFC 6238, appendix B
    fullwidth = "".join(chr(ord(digit) + 0xFEE0) for digit in "287082")
    for code in (pyotp.TOTP(secret).at(now + 90), "", "12345", fullwidth, "abcdef", "0" * 99):
        assert step_of(secret, code, now) is None
