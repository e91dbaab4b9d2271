"""How far the mirror of each CRM is: where polls begin, where a sweep goes on, what was ordered."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from gateway.store.prepared import upsert
from gateway.store.schema import to_micros
from gateway.store.schema_mirrored import crm_mirrors

_SAVE = upsert("crm_mirrors", tuple(crm_mirrors.c.keys()), key=("crm",))
_BEGIN = upsert("crm_mirrors", ("crm",), key=("crm",))


class Order(StrEnum):
    """What was ordered; `confirmed` is a sweep that may delete very much.

    `look`: another node heard from the CRM that something changed.
    """

    NONE = ""
    LOOK = "look"
    SWEEP = "sweep"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorState:
    """One CRM's mirror; see `schema_mirrored` for what the columns mean."""

    crm: str
    cursor: str | None = None
    walk: str | None = None
    mark: str | None = None
    sweep: int = 0
    seen: int = 0
    sweep_began_at: datetime | None = None
    swept_at: datetime | None = None
    polled_at: datetime | None = None
    wanted: Order = Order.NONE


def read_state(conn: Connection, crm: str) -> MirrorState:
    """Return the state of a mirror, an empty one before its first sweep."""
    query = select(crm_mirrors).where(crm_mirrors.c.crm == crm)
    row = conn.execute(query).mappings().first()
    if row is None:
        return MirrorState(crm=crm)
    return MirrorState(**{**row, "wanted": Order(row["wanted"])})


def save_state(conn: Connection, state: MirrorState) -> None:
    """Keep everything but what people order meanwhile."""
    row: dict[str, str | int | None] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        row[field.name] = to_micros(value) if isinstance(value, datetime) else value
    row["wanted"] = read_state(conn, state.crm).wanted.value
    _SAVE.run(conn, row)


def order_look(conn: Connection, crm: str) -> None:
    """Note that the CRM says that something changed; a sweep that is ordered goes before."""
    _BEGIN.run(conn, {"crm": crm})
    mine = (crm_mirrors.c.crm == crm, crm_mirrors.c.wanted == Order.NONE.value)
    conn.execute(update(crm_mirrors).where(*mine).values(wanted=Order.LOOK.value))


def take_look(conn: Connection, crm: str) -> bool:
    """Take note of such a word; True if there was one."""
    mine = (crm_mirrors.c.crm == crm, crm_mirrors.c.wanted == Order.LOOK.value)
    return conn.execute(update(crm_mirrors).where(*mine).values(wanted="")).rowcount > 0


def order(conn: Connection, crm: str, wanted: Order) -> None:
    """Note what a person wants; the mirror takes it up within seconds."""
    _BEGIN.run(conn, {"crm": crm})
    statement = update(crm_mirrors).where(crm_mirrors.c.crm == crm)
    conn.execute(statement.values(wanted=wanted.value))
