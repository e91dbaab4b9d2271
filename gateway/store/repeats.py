"""Requests with an Idempotency-Key: taken once, finished with their answer, or released."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from gateway.store.schema_repeats import repeats

KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRequest:
    """A request that came before; `status` is None until it is done."""

    fingerprint: str
    status: int | None
    body: str | None
    headers: Mapping[str, str]
    created_at: datetime


def take(
    conn: Connection, request_hash: str, *, fingerprint: str, now: datetime
) -> KnownRequest | None:
    """Store a new request; return the earlier one under the same key if there is one."""
    rows = repeats.c
    conn.execute(delete(repeats).where(rows.created_at < now - KEPT))
    row = conn.execute(select(repeats).where(rows.hash == request_hash)).first()
    if row is not None:
        return KnownRequest(
            fingerprint=row.fingerprint,
            status=row.status,
            body=row.body,
            headers=orjson.loads(row.headers) if row.headers else {},
            created_at=row.created_at,
        )
    conn.execute(insert(repeats).values(hash=request_hash, fingerprint=fingerprint, created_at=now))
    return None


def finish(
    conn: Connection,
    request_hash: str,
    *,
    status: int,
    body: str | None,
    headers: Mapping[str, str],
) -> None:
    """Keep the answer of a request that was done, with the headers that belong to it."""
    done = update(repeats).where(repeats.c.hash == request_hash)
    kept = orjson.dumps(dict(headers)).decode() if headers else None
    conn.execute(done.values(status=status, body=body, headers=kept))


def release(conn: Connection, request_hash: str) -> None:
    """Forget a request that was not done: it may come again under the same key."""
    conn.execute(delete(repeats).where(repeats.c.hash == request_hash))
