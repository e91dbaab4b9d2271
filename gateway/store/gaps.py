"""Link gaps: from when to when a PBX was not heard, and what became of the calls in between."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, literal, select, tuple_, update

from gateway.store.counters import get_meta, set_meta
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.schema import Instant, from_micros, link_gaps, to_micros

MAX_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One gap; `to_at` is None while it lasts.

    `source`: what closed it (`snapshot`, `cdr`, `cel`, "" while open). `recovered` is the number
    of calls back-filled; `unknown` tells that calls may have begun and ended in it unseen.
    """

    id: int
    pbx: str
    from_at: datetime
    to_at: datetime | None
    source: str
    recovered: int
    unknown: bool


def open_gap(conn: Connection, pbx: str, from_at: datetime) -> int:
    """Note that from now on calls of `pbx` are not seen; an open gap of it is continued."""
    query = select(link_gaps.c.id).where(link_gaps.c.pbx == pbx, link_gaps.c.to_at.is_(None))
    found = conn.execute(query).scalar()
    if found is not None:
        return int(found)
    statement = insert(link_gaps).values(
        pbx=pbx, from_at=from_at, source="", recovered=0, unknown=True
    )
    return int(conn.execute(statement.returning(link_gaps.c.id)).scalar_one())


def close_gap(
    conn: Connection,
    pbx: str,
    to_at: datetime,
    *,
    source: str,
    recovered: int = 0,
    unknown: bool = True,
) -> bool:
    """Close the open gap of a PBX; False if there is none."""
    statement = update(link_gaps).where(link_gaps.c.pbx == pbx, link_gaps.c.to_at.is_(None))
    values = {"to_at": to_at, "source": source, "recovered": recovered, "unknown": unknown}
    return conn.execute(statement.values(values)).rowcount > 0


def unresolved_gaps(conn: Connection, pbx: str) -> tuple[Gap, ...]:
    """Return the gaps of a PBX that have ended and of which calls may be unknown, oldest first."""
    query = (
        select(link_gaps)
        .where(
            link_gaps.c.pbx == pbx, link_gaps.c.to_at.is_not(None), link_gaps.c.unknown.is_(True)
        )
        .order_by(link_gaps.c.from_at, link_gaps.c.id)
        .limit(MAX_PAGE)
    )
    return tuple(_gap(row) for row in conn.execute(query))


def add_recovered(
    conn: Connection, gap_id: int, *, source: str, recovered: int, unknown: bool
) -> None:
    """Note that calls of a gap were found: by what, how many more, and whether some may be left."""
    statement = update(link_gaps).where(link_gaps.c.id == gap_id)
    count = link_gaps.c.recovered + recovered
    conn.execute(statement.values(source=source, recovered=count, unknown=unknown))


def list_gaps(
    conn: Connection,
    *,
    pbx: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
) -> tuple[Gap, ...]:
    """Return gaps, the newest first; with `since` those that had not ended by then."""
    return gap_page(conn, pbx=pbx, since=since, limit=limit)[0]


def gap_page(
    conn: Connection,
    *,
    pbx: str | None = None,
    since: datetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> tuple[tuple[Gap, ...], str | None]:
    """Return a page of `list_gaps` and the cursor of the next one; raises CursorError."""
    limit = max(1, min(limit, MAX_PAGE))
    query = select(link_gaps).order_by(link_gaps.c.from_at.desc(), link_gaps.c.id.desc())
    if cursor is not None:
        micros, last = read_cursor(cursor, int, int)
        before = tuple_(literal(from_micros(int(micros)), Instant()), literal(int(last)))
        query = query.where(tuple_(link_gaps.c.from_at, link_gaps.c.id) < before)
    if pbx is not None:
        query = query.where(link_gaps.c.pbx == pbx)
    if since is not None:
        query = query.where(link_gaps.c.to_at.is_(None) | (link_gaps.c.to_at >= since))
    found = [_gap(row) for row in conn.execute(query.limit(limit + 1))]
    page = tuple(found[:limit])
    if len(found) <= limit:
        return page, None
    return page, write_cursor(to_micros(page[-1].from_at), page[-1].id)


def mark_seen(conn: Connection, pbx: str, at: datetime) -> None:
    """Remember until when a PBX was followed: after a crash the gap begins there."""
    set_meta(conn, f"seen:{pbx}", str(to_micros(at)))


def last_seen(conn: Connection, pbx: str) -> datetime | None:
    """Return until when a PBX was followed, None if it never was."""
    value = get_meta(conn, f"seen:{pbx}")
    return None if value is None else from_micros(int(value))


def _gap(row: Row[tuple[int, str, datetime, datetime | None, str, int, bool]]) -> Gap:
    return Gap(
        id=row.id,
        pbx=row.pbx,
        from_at=row.from_at,
        to_at=row.to_at,
        source=row.source,
        recovered=row.recovered,
        unknown=row.unknown,
    )
