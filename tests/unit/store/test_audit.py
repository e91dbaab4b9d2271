"""The audit log: append-only, chained, forgotten from its beginning only."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from support.store import NOON

from gateway.store.audit import (
    AuditEntry,
    AuditFilter,
    append,
    forget_before,
    list_audit,
    verify,
)
from gateway.store.database import Connection, Database
from gateway.store.schema_people import audit_log


def entries(count: int, first: int = 0) -> list[AuditEntry]:
    """Return entries, a minute apart."""
    return [
        AuditEntry(
            at=NOON + timedelta(minutes=number),
            actor="anna",
            action="contacts.seen",
            subject=f"c-{number}",
            detail={"number": number},
        )
        for number in range(first, first + count)
    ]


async def test_chain_holds_over_batches_and_pages(db: Database) -> None:
    """What several transactions wrote is one chain, read page by page without a gap."""
    await db.write(lambda conn: append(conn, entries(3)))
    await db.write(lambda conn: append(conn, entries(2, first=3)))
    verdict = await db.read(verify)
    assert (verdict.rows, verdict.broken_at) == (5, None)
    page = await db.read(lambda conn: list_audit(conn, AuditFilter(limit=3)))
    assert [row.no for row in page.items] == [5, 4, 3]
    rest = await db.read(lambda conn: list_audit(conn, AuditFilter(limit=3, before=page.next)))
    assert [row.no for row in rest.items] == [2, 1]
    assert rest.next is None
    one = await db.read(lambda conn: list_audit(conn, AuditFilter(subject="c-4")))
    assert [row.entry for row in one.items] == entries(1, first=4)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        (update(audit_log).where(audit_log.c.no == 3).values(actor="luca"), 3),
        (update(audit_log).where(audit_log.c.no == 2).values(detail='{"number":9}'), 2),
        (delete(audit_log).where(audit_log.c.no == 4), 4),
        (delete(audit_log).where(audit_log.c.no == 5), 5),
        (delete(audit_log).where(audit_log.c.no == 1), 1),
    ],
    ids=["changed", "detail", "taken-out", "cut-at-the-end", "cut-at-the-beginning"],
)
async def test_tampering_is_found(db: Database, statement: object, broken_at: int) -> None:
    """Somebody who can write to the database still cannot hide what was written."""
    await db.write(lambda conn: append(conn, entries(5)))
    await db.write(lambda conn: conn.execute(statement) and None)  # type: ignore[call-overload]
    assert (await db.read(verify)).broken_at == broken_at


async def test_old_entries_are_forgotten_and_the_rest_still_verifies(db: Database) -> None:
    """After a year the beginning goes; the hash of its last row stays as an anchor."""
    await db.write(lambda conn: append(conn, entries(5)))
    gone = await db.write(lambda conn: forget_before(conn, NOON + timedelta(minutes=2)))
    assert gone == 2
    await db.write(lambda conn: append(conn, entries(1, first=5)))
    verdict = await db.read(verify)
    assert (verdict.rows, verdict.broken_at) == (4, None)
    assert await db.write(lambda conn: forget_before(conn, NOON + timedelta(days=1))) == 4
    await db.write(lambda conn: append(conn, entries(1, first=6)))
    assert (await db.read(verify)).rows == 1


async def test_entry_of_a_change_that_fails_is_not_written(db: Database) -> None:
    """It tells of what was done; the numbers go on without a hole."""

    def fails(conn: Connection) -> None:
        append(conn, entries(1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await db.write(fails)
    await db.write(lambda conn: append(conn, entries(1)))
    assert (await db.read(verify)).rows == 1
