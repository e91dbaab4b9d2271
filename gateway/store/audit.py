"""The audit log: who signed in, saw, called, exported, changed rights, erased; append-only.

Each row's hash covers the row and the hash of the row before it, and the last number is kept
apart, so that a row changed, taken out or cut off at the end is found by `verify`. Rows older than
12 months are forgotten from the beginning; the hash of the last one forgotten stays.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select

from gateway.store.counters import get_meta, last_change, next_change, set_meta
from gateway.store.schema import to_micros
from gateway.store.schema_people import audit_log

SEQUENCE: Final = "audit"
ANCHOR: Final = "audit.anchor"
MAX_PAGE: Final = 500
CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What somebody did: `actor` is a login ("" for nobody known), `subject` an id or a login.

    `action` is a dotted word such as `session.started`; `detail` holds a few facts without
    personal data of callers.
    """

    at: datetime
    actor: str
    action: str
    subject: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What `list_audit` is asked for; None does not restrict, `before` is the cursor."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One stored entry with its place in the chain."""

    no: int
    entry: AuditEntry
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """One page, newest first; `next` is the `before` of the following one."""

    items: tuple[AuditRow, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """How many rows were verified, and the number of the first that does not fit (None: all do)."""

    rows: int
    broken_at: int | None


def append(conn: Connection, entries: Iterable[AuditEntry]) -> None:
    """Append entries in order; in the transaction of the change they tell of, where there is one.

    Drawing the numbers locks their counter, so that of two nodes one waits for the other.
    """
    waiting = tuple(entries)
    if not waiting:
        return
    last = next_change(conn, SEQUENCE, count=len(waiting))
    first = last - len(waiting) + 1
    previous = _hash_before(conn, first)
    rows = []
    for no, entry in enumerate(waiting, first):
        detail = orjson.dumps(dict(entry.detail), option=orjson.OPT_SORT_KEYS).decode()
        previous = _chained(previous, no, entry, detail)
        rows.append(
            {
                "no": no,
                "at": entry.at,
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "detail": detail,
                "hash": previous,
            }
        )
    conn.execute(insert(audit_log), rows)


def list_audit(conn: Connection, wanted: AuditFilter) -> AuditPage:
    """Return one page, newest first."""
    limit = max(1, min(wanted.limit, MAX_PAGE))
    column = audit_log.c
    query = select(audit_log).order_by(column.no.desc()).limit(limit + 1)
    equal = {
        column.actor: wanted.actor,
        column.action: wanted.action,
        column.subject: wanted.subject,
    }
    query = query.where(*(key == value for key, value in equal.items() if value is not None))
    if wanted.since is not None:
        query = query.where(column.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(column.at < wanted.until)
    if wanted.before is not None:
        query = query.where(column.no < wanted.before)
    rows = conn.execute(query).all()
    items = tuple(
        AuditRow(
            no=row.no,
            hash=row.hash,
            entry=AuditEntry(
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                detail=orjson.loads(row.detail),
            ),
        )
        for row in rows[:limit]
    )
    return AuditPage(items=items, next=items[-1].no if len(rows) > limit else None)


def verify(conn: Connection) -> ChainVerdict:
    """Recompute the chain from its beginning; reads a few thousand rows at a time.

    What is appended meanwhile is left for the next time.
    """
    expected = last_change(conn, SEQUENCE)
    no, previous = _anchor(conn)
    count = 0
    while rows := _chunk(conn, no, expected):
        for row in rows:
            if row.no != no + 1:
                return ChainVerdict(rows=count, broken_at=no + 1)
            entry = AuditEntry(at=row.at, actor=row.actor, action=row.action, subject=row.subject)
            previous = _chained(previous, row.no, entry, row.detail)
            if previous != row.hash:
                return ChainVerdict(rows=count, broken_at=row.no)
            no, count = row.no, count + 1
    return ChainVerdict(rows=count, broken_at=None if no == expected else no + 1)


def forget_before(conn: Connection, at: datetime) -> int:
    """Forget the rows from before `at`, at the beginning of the chain only; return how many."""
    column = audit_log.c
    # in the order of the key, so that it stops at the first row that is kept
    kept = select(column.no).where(column.at >= at).order_by(column.no).limit(1)
    end = conn.execute(kept).scalar()
    last = conn.execute(select(func.max(column.no))).scalar() if end is None else end - 1
    row = conn.execute(select(column.no, column.hash).where(column.no == last)).first()
    if row is None:
        return 0
    set_meta(conn, ANCHOR, f"{row.no}:{row.hash}")
    return conn.execute(delete(audit_log).where(column.no <= row.no)).rowcount


def _chunk(conn: Connection, after: int, until: int) -> Sequence[Row[tuple[object, ...]]]:
    column = audit_log.c
    return conn.execute(
        select(audit_log)
        .where(column.no > after, column.no <= until)
        .order_by(column.no)
        .limit(CHUNK)
    ).all()


def _chained(previous: str, no: int, entry: AuditEntry, detail: str) -> str:
    content = [
        previous, no, to_micros(entry.at), entry.actor, entry.action, entry.subject, detail
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(content)).hexdigest()


def _hash_before(conn: Connection, no: int) -> str:
    found = conn.execute(select(audit_log.c.hash).where(audit_log.c.no == no - 1)).scalar()
    return _anchor(conn)[1] if found is None else str(found)


def _anchor(conn: Connection) -> tuple[int, str]:
    """Return number and hash of the last row that was forgotten, (0, "") if none was."""
    number, _, written = (get_meta(conn, ANCHOR) or "0:").partition(":")
    return int(number), written
