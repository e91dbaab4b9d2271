"""Jobs that one node does at a time: taken and held by leases in the store."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from gateway.store.prepared import Prepared
from gateway.store.schema import to_micros
from gateway.store.schema_turns import turns

_HOLD: Final = Prepared(
    "INSERT INTO turns (job, owner, until) VALUES (:job, :owner, :until) "
    "ON CONFLICT (job) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE turns.owner = excluded.owner OR turns.until <= :now"
)


def hold(conn: Connection, job: str, owner: str, *, now: datetime, until: datetime) -> bool:
    """Take a job or hold it on; False if it is another's, whose lease has not run out."""
    asked: dict[str, str | int] = {
        "job": job,
        "owner": owner,
        "now": to_micros(now),
        "until": to_micros(until),
    }
    return _HOLD.run(conn, asked) > 0


def is_free(conn: Connection, job: str, owner: str, *, now: datetime) -> bool:
    """Tell whether `hold` would succeed, without writing."""
    row = conn.execute(select(turns).where(turns.c.job == job)).first()
    return row is None or row.owner == owner or row.until <= now
