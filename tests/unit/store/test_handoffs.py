"""Hand-off notes in the store: one for each author, found wherever their call went."""

from dataclasses import replace
from datetime import timedelta

from support.desk import START, inbound

from gateway.core.handoff import Handoff
from gateway.core.record import CallState
from gateway.store.calls import save_call
from gateway.store.database import Database
from gateway.store.handoffs import forget_handoffs, handoffs_of, put_handoff

NOTE = Handoff(
    at=START,
    by="anna",
    extension="1001",
    reason="Card refused",
    done="Restarted",
    wants="Before noon",
    note="two\nlines",
    said=("Booking code",),
    verified=True,
)


async def test_note_is_read_as_it_was_left(db: Database) -> None:
    """Every word of it."""
    call = inbound().id
    await db.write(lambda conn: put_handoff(conn, call, NOTE))
    assert await db.read(lambda conn: handoffs_of(conn, call)) == (NOTE,)


async def test_later_note_of_an_author_wins_and_an_older_one_does_not(db: Database) -> None:
    """Requests may overtake each other."""
    call = inbound().id
    later = replace(NOTE, at=START + timedelta(seconds=9), reason="Solved")
    await db.write(lambda conn: put_handoff(conn, call, later))
    await db.write(lambda conn: put_handoff(conn, call, NOTE))
    assert await db.read(lambda conn: handoffs_of(conn, call)) == (later,)
    taken_back = Handoff(at=START + timedelta(seconds=20), by="anna")
    await db.write(lambda conn: put_handoff(conn, call, taken_back))
    assert await db.read(lambda conn: handoffs_of(conn, call)) == ()


async def test_dialplan_adds_to_what_is_kept(db: Database) -> None:
    """After a restart the card has both, as before."""
    call = inbound().id
    code = Handoff(at=START, reason="Code 4711", said=("Code",))
    pin = Handoff(at=START + timedelta(seconds=5), said=("PIN",), verified=True)
    for told in (code, pin):
        await db.write(lambda conn, told=told: put_handoff(conn, call, told))  # type: ignore[misc]
    (kept,) = await db.read(lambda conn: handoffs_of(conn, call))
    assert (kept.reason, kept.said, kept.verified) == ("Code 4711", ("Code", "PIN"), True)


async def test_note_of_a_consultation_is_found_under_the_customers_call(db: Database) -> None:
    """The consultation became part of the call; nothing was copied."""
    call, consultation = inbound("1.1"), inbound("2.1")
    await db.write(lambda conn: save_call(conn, call, state=None))
    merged = replace(consultation, state=CallState.ENDED, merged_into=call.id)
    await db.write(lambda conn: save_call(conn, merged, state=None))
    own = replace(NOTE, at=START - timedelta(seconds=5), by="luca")
    await db.write(lambda conn: put_handoff(conn, call.id, own))
    await db.write(lambda conn: put_handoff(conn, consultation.id, NOTE))
    assert await db.read(lambda conn: handoffs_of(conn, call.id)) == (own, NOTE)


async def test_old_notes_are_forgotten(db: Database) -> None:
    """They are a colleague's words about a person: they go with the call facts."""
    call = inbound().id
    await db.write(lambda conn: put_handoff(conn, call, NOTE))
    assert await db.write(lambda conn: forget_handoffs(conn, START)) == 0
    assert await db.write(lambda conn: forget_handoffs(conn, START + timedelta(days=1))) == 1
    assert await db.read(lambda conn: handoffs_of(conn, call)) == ()
