"""Gaps, marks and change numbers."""

import asyncio

from support.store import NOON, after

from gateway.store import counters, gaps
from gateway.store.database import Database
from gateway.store.gaps import Gap


async def test_a_gap_lasts_until_it_is_closed_and_tells_what_is_unknown(db: Database) -> None:
    """The page says "14:02 to 14:09, calls unknown" where there was silence."""
    first = await db.write(lambda conn: gaps.open_gap(conn, "hq", NOON))
    again = await db.write(lambda conn: gaps.open_gap(conn, "hq", after(5)))
    assert again == first
    other = await db.write(lambda conn: gaps.open_gap(conn, "branch", after(1)))
    closed = await db.write(
        lambda conn: gaps.close_gap(conn, "hq", after(60), source="snapshot", recovered=2)
    )
    assert closed
    assert await db.read(gaps.list_gaps) == (
        Gap(
            id=other, pbx="branch", from_at=after(1), to_at=None, source="", recovered=0,
            unknown=True,
        ),
        Gap(
            id=first, pbx="hq", from_at=NOON, to_at=after(60), source="snapshot", recovered=2,
            unknown=True,
        ),
    )  # fmt: skip


async def test_closing_what_is_not_open_does_nothing(db: Database) -> None:
    """The first connection of a new installation ends no gap."""
    assert not await db.write(lambda conn: gaps.close_gap(conn, "hq", NOON, source="snapshot"))


async def test_gaps_are_filtered_by_pbx_and_by_what_still_mattered_then(db: Database) -> None:
    """A day's report holds the gaps that touch that day."""
    for pbx, start, end in (("hq", 0, 10), ("hq", 20, 30), ("branch", 0, 40)):
        await db.write(lambda conn, p=pbx, s=start: gaps.open_gap(conn, p, after(s)))  # type: ignore[misc]
        await db.write(
            lambda conn, p=pbx, e=end: gaps.close_gap(conn, p, after(e), source="cdr")  # type: ignore[misc]
        )
    await db.write(lambda conn: gaps.open_gap(conn, "hq", after(50)))
    of_hq = await db.read(lambda conn: gaps.list_gaps(conn, pbx="hq"))
    late = await db.read(lambda conn: gaps.list_gaps(conn, since=after(35)))
    assert [gap.from_at for gap in of_hq] == [after(50), after(20), NOON]
    assert [(gap.pbx, gap.from_at) for gap in late] == [("hq", after(50)), ("branch", NOON)]
    assert len(await db.read(lambda conn: gaps.list_gaps(conn, limit=1))) == 1


async def test_until_when_a_pbx_was_followed_survives_a_crash(db: Database) -> None:
    """After kill -9 nobody says "link down": the gap begins at the last mark."""
    assert await db.read(lambda conn: gaps.last_seen(conn, "hq")) is None
    for seconds in (1, 2):
        await db.write(lambda conn, s=seconds: gaps.mark_seen(conn, "hq", after(s)))  # type: ignore[misc]
    assert await db.read(lambda conn: gaps.last_seen(conn, "hq")) == after(2)


async def test_change_numbers_grow_without_repeats(db: Database) -> None:
    """Whoever remembers the last one he saw misses nothing."""
    assert await db.read(lambda conn: counters.last_change(conn, "calls")) == 0
    numbers = await asyncio.gather(
        *(db.write(lambda conn: counters.next_change(conn, "calls")) for _ in range(20))
    )
    assert numbers == list(range(1, 21))
    assert await db.write(lambda conn: counters.next_change(conn, "contacts", count=100)) == 100
    assert await db.read(lambda conn: counters.last_change(conn, "calls")) == 20
