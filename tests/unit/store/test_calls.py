"""Calls in the store."""

from dataclasses import replace
from functools import partial

import pytest
from support.store import CUSTOMER, NOON, a_call, after, an_ended_call

from gateway.core.errors import UsageError
from gateway.core.ids import call_id
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    EndKind,
    Outcome,
    Party,
    Presentation,
    Transfer,
    TransferType,
)
from gateway.store.calls import (
    CallFilter,
    CallPage,
    call_for_channel,
    get_call,
    list_calls,
    live_calls,
    live_states,
    recent_callers,
    save_call,
)
from gateway.store.database import Database
from gateway.store.people import Role, User, add_user


async def save(db: Database, *records: CallRecord, state: bytes | None = b"state") -> list[bool]:
    """Save records one after the other."""
    return [await db.write(partial(save_call, record=one, state=state)) for one in records]


async def listed(db: Database, **wanted: object) -> CallPage:
    """Return one page."""
    wish = replace(CallFilter(), **wanted)  # type: ignore[arg-type]
    return await db.read(lambda conn: list_calls(conn, wish))


async def agent(db: Database, login: str, *places: tuple[str, str]) -> None:
    """Add an agent with extensions."""
    user = User(login=login, name=login, role=Role.AGENT, extensions=places)
    await db.write(lambda conn: add_user(conn, user, password_hash=None, now=NOON))


async def test_a_saved_call_is_read_back_equal(db: Database) -> None:
    """Every field of the public record survives, to the millisecond."""
    move = Transfer(
        type=TransferType.BLIND, from_party="1002", to_party="1005", completed=True, at=after(60)
    )
    record = an_ended_call(
        transfers=(move,), contact=ContactRef(id="c1", name="Studio Verdi"), ivr=("main",)
    )
    assert await save(db, record) == [True]
    assert await db.read(lambda conn: get_call(conn, record.id)) == record
    assert await db.read(lambda conn: get_call(conn, call_id("hq", "other"))) is None


async def test_live_calls_come_back_after_a_restart_and_ended_ones_do_not(
    db: Database, url: str
) -> None:
    """The table is restored from exactly the calls that were up, of this PBX only."""
    await save(db, a_call(1), a_call(2), a_call(3, pbx="branch"))
    await save(db, an_ended_call(2))
    await db.close()
    again = await Database.open(url)
    found = await again.read(lambda conn: live_states(conn, "hq"))
    records = await again.read(lambda conn: live_calls(conn, "hq"))
    await again.close()
    assert found == [(a_call(1).id, b"state")]
    assert records == (a_call(1),)


@pytest.mark.parametrize(
    ("stored", "late"),
    [
        (an_ended_call(), a_call()),
        (an_ended_call(), an_ended_call(complete=False, revision=5)),
        (an_ended_call(revision=2), an_ended_call(revision=1)),
        (an_ended_call(complete=False), a_call(complete=False)),
    ],
    ids=["live after ended", "incomplete", "older revision", "both incomplete"],
)
async def test_what_knows_less_does_not_replace_what_knows_more(
    db: Database, stored: CallRecord, late: CallRecord
) -> None:
    """A late retry, a take-over or a back-fill must not undo what a better witness wrote."""
    assert await save(db, stored, late) == [True, False]
    assert await db.read(lambda conn: get_call(conn, stored.id)) == stored


@pytest.mark.parametrize(
    ("stored", "better"),
    [
        (a_call(), an_ended_call()),
        (an_ended_call(complete=False, revision=1), an_ended_call()),
        (an_ended_call(complete=False, end=EndKind.UNSEEN), a_call()),
        (an_ended_call(), an_ended_call(revision=1, queue="sales")),
        (a_call(), a_call(queue="sales")),
        (a_call(), a_call(complete=False, queue="sales")),
        (a_call(), an_ended_call(complete=False, end=EndKind.UNSEEN)),
    ],
    ids=["ended", "complete", "complete, live", "amended", "updated", "after a gap", "end unseen"],
)
async def test_what_knows_more_replaces_what_knows_less(
    db: Database, stored: CallRecord, better: CallRecord
) -> None:
    """Each event brings the whole record; the last one is the truth."""
    assert await save(db, stored, better) == [True, True]
    assert await db.read(lambda conn: get_call(conn, stored.id)) == better


async def test_a_channel_leads_to_its_call_and_moves_with_a_merge(db: Database) -> None:
    """Back-fill looks for the call of a channel before it makes a new one."""
    first, second = a_call(1), a_call(2)
    for record, channels in ((first, ("17.1", "17.2")), (second, ("17.3",))):
        await db.write(partial(save_call, record=record, state=b"s", channels=channels))
    await db.write(partial(save_call, record=first, state=b"s", channels=("17.3",)))
    lookups = [("hq", "17.2"), ("hq", "17.3"), ("branch", "17.2"), ("hq", "17.9")]
    found = [
        await db.read(lambda conn, at=at: call_for_channel(conn, *at))  # type: ignore[misc]
        for at in lookups
    ]
    assert found == [first.id, first.id, None, None]


async def test_a_refused_record_still_teaches_its_channels(db: Database) -> None:
    """An incomplete witness may know a channel that the complete one never saw."""
    await save(db, an_ended_call())
    late = an_ended_call(complete=False)
    await db.write(partial(save_call, record=late, state=None, channels=("17.8",)))
    assert await db.read(lambda conn: call_for_channel(conn, "hq", "17.8")) == late.id


async def test_pages_follow_each_other_without_holes_or_repeats(db: Database) -> None:
    """Calls that began in the same instant must not fall between two pages."""
    records = [an_ended_call(number, started_at=after(number // 3)) for number in range(10)]
    await save(db, *records)
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = await listed(db, limit=3, cursor=cursor)
        seen += [record.linkedid for record in page.items]
        cursor = page.next
    assert cursor is None
    assert seen == [record.linkedid for record in reversed(records)]


@pytest.mark.parametrize("cursor", ["x", "MTIz", "é", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTox"])
async def test_a_cursor_of_somebody_else_is_refused(db: Database, cursor: str) -> None:
    """A client's mistake is the client's error, not ours."""
    with pytest.raises(UsageError, match="cursor"):
        await listed(db, cursor=cursor)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"number": CUSTOMER}, [3, 1]),
        ({"number": "201"}, [2]),
        ({"queue": "sales"}, [3]),
        ({"outcome": Outcome.ANSWERED}, [3, 1]),
        ({"direction": Direction.OUTBOUND}, [2]),
        ({"state": CallState.LIVE}, [2]),
        ({"contact": "c3"}, [3]),
        ({"since": after(2)}, [3, 2]),
        ({"until": after(2)}, [1]),
        ({"agent": "anna"}, [3, 1]),
        ({"agent": "bea"}, [2]),
        ({"agent": "nobody"}, []),
        ({"agent": "anna", "visible_to": "bea"}, []),
        ({"number": "x' OR 1=1 --"}, []),
    ],
)
async def test_a_list_holds_what_was_asked_for(
    db: Database, wanted: dict[str, object], expected: list[int]
) -> None:
    """Each filter of the public interface, alone."""
    await agent(db, "anna", ("", "1002"))
    await agent(db, "bea", ("hq", "1009"), ("branch", "1002"))
    outbound = a_call(
        2,
        direction=Direction.OUTBOUND,
        caller=Party(number="1009"),
        called=Called(number="201"),
        rung=(),
    )
    await save(
        db,
        an_ended_call(1),
        outbound,
        an_ended_call(3, queue="sales", contact=ContactRef(id="c3")),
    )
    page = await listed(db, **wanted)
    assert [record.linkedid for record in page.items] == [f"1795290244.{n}" for n in expected]


async def test_one_call_is_shown_only_to_those_who_took_part(db: Database) -> None:
    """The access rule lives in the query: a handler cannot forget it."""
    await agent(db, "anna", ("hq", "1003"))
    await agent(db, "carla", ("branch", "1003"))
    record = an_ended_call()
    await save(db, record)
    seen = {
        login: await db.read(lambda conn, login=login: get_call(conn, record.id, visible_to=login))  # type: ignore[misc]
        for login in ("anna", "carla")
    }
    assert seen == {"anna": record, "carla": None}


async def test_a_withheld_number_is_not_found_by_searching_for_it(db: Database) -> None:
    """Who guesses the number must not learn from the list that the guess is right."""
    hidden = Party(number="0612345678", e164=CUSTOMER, presentation=Presentation.WITHHELD)
    await save(db, an_ended_call(1, caller=hidden))
    assert (await listed(db, number=CUSTOMER)).items == ()


async def test_a_client_that_syncs_gets_each_change_once_merges_too(db: Database) -> None:
    """`updated_after` is in the order of changes; a merged call tells where it went."""
    await save(db, a_call(1), a_call(2), a_call(3))
    first = await listed(db, updated_after=0, limit=2)
    assert (len(first.items), first.next) == (2, str(first.last_change))
    merged = an_ended_call(1, outcome=None, merged_into=a_call(3).id)
    await save(db, merged)
    rest = await listed(db, updated_after=first.last_change)
    assert rest.items == (a_call(3), merged)
    assert rest.next is None
    nothing = await listed(db, updated_after=rest.last_change)
    assert (nothing.items, nothing.last_change) == ((), rest.last_change)


async def test_a_merged_call_is_not_listed_as_a_call(db: Database) -> None:
    """One conversation is one line in the list."""
    await save(db, an_ended_call(1, outcome=None, merged_into=a_call(2).id), a_call(2))
    assert (await listed(db)).items == (a_call(2),)


async def test_call_of_another_pbx_is_seen_by_whom_it_names_there(db: Database) -> None:
    """A call of headquarters that rang `branch:201` concerns 201 of the branch and nobody else."""
    await agent(db, "bruno", ("branch", "201"))
    await agent(db, "berta", ("", "201"))
    await agent(db, "carla", ("hq", "201"))
    call = replace(a_call(9), rung=(("branch:201",),))
    await save(db, call)
    for login, sees in (("bruno", True), ("berta", True), ("carla", False)):
        found = await listed(db, visible_to=login)
        assert bool(found.items) is sees, login


async def test_callers_of_the_newest_calls_are_known_by_root(db: Database) -> None:
    """A PBX whose clock was set back gives roots anew; another PBX's are nobody's business."""
    first, second = an_ended_call(), a_call(2)
    await save(db, first, second, a_call(3, pbx="branch"))
    known = await db.read(partial(recent_callers, pbx=first.pbx))
    assert dict(known) == {one.linkedid: one.caller.number for one in (first, second)}
    assert len(await db.read(partial(recent_callers, pbx=first.pbx, limit=1))) == 1
