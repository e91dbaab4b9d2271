"""Everything that is kept about a person, as one document: for whoever asks what we know of them.

Built upon `erasure_registry`: what erasing finds, an export shows, unless a reason stands here. A
test fails for a table or column with personal data that is neither.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, false, or_, select

from gateway.core.record import time_json
from gateway.store.database import Database
from gateway.store.erasing import STEP, Person, calls_of, names, others_of
from gateway.store.erasure_registry import ELSEWHERE, TABLES
from gateway.store.payloads import NOTICES
from gateway.store.tables import metadata

FORMAT: Final = "filodiretto-person-1"

LEFT_OUT: Final[Mapping[str, str]] = {
    "call_channels": "the PBX's own names of the channels of calls, which stand in calls",
    "call_parties": "an index of the numbers that stand in the records of calls",
    "repeats": "answers of the last day, kept for requests that are repeated: they tell what "
    "stands here already, and are not kept by person",
    "calls.table_state": "what following a live call needs; empty once it is over",
    "outbox.record": "the call, promise or missed customer as it stands here",
}
# Numbers of rows, of changes and of walks: they say nothing of anybody.
_INTERNAL: Final = frozenset({"no", "change", "call_no", "digest", "sweep"})
_JSON: Final = frozenset({"record", "tags", "fields", "refs", "queues", "lines"})

Where = Callable[[Table, Person], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is kept, table by table; `calls` and `others` count rows for the audit log."""

    document: Mapping[str, object]
    calls: int
    others: int


def _by_contact(table: Table, person: Person) -> ColumnElement[bool]:
    if person.contact_id is None:
        return false()
    return table.c["id" if table.name == "contacts" else "contact_id"] == person.contact_id


def _by_number(table: Table, person: Person) -> ColumnElement[bool]:
    return or_(table.c.e164.in_(person.numbers), _by_contact(table, person))


def _notices(table: Table, person: Person) -> ColumnElement[bool]:
    return and_(table.c.kind.in_(NOTICES), names(person))


def _others(table: Table, person: Person) -> ColumnElement[bool]:
    return next(where for one, where in others_of(person) if one is table)


# What hangs on the person, and what on the calls in which they took part (by the column there).
OF_PERSON: Final[Mapping[str, Where]] = {
    "contacts": _by_contact,
    "contact_numbers": _by_contact,
    "crm_people": _by_contact,
    "number_marks": _by_number,
    "interactions": _others,
    "promises": _others,
    "missed_customers": _others,
    "ticks": _others,
    "outbox": _notices,
}
OF_CALLS: Final[Mapping[str, str]] = {
    "calls": "id",
    "wrap_ups": "call_id",
    "handoffs": "call_id",
    "ticks": "call_id",
    "outbox": "call_id",
    "control_requests": "call_id",
    "missed_withheld": "call_id",
}


def columns_of(name: str) -> tuple[str, ...]:
    """Return what an export shows of a table: nothing that is of the people who work here."""
    told = f"{TABLES[name].personal} {TABLES[name].plain}".split()
    return tuple(one for one in told if one not in _INTERNAL and f"{name}.{one}" not in LEFT_OUT)


async def export(db: Database, person: Person, *, now: datetime) -> Export:
    """Read everything about somebody, in steps too short to hold up a call; raises StoreError."""
    ids = await db.read(partial(calls_of, person=person))
    kept: dict[str, list[dict[str, object]]] = {}
    for name in (*OF_PERSON, *(one for one in OF_CALLS if one not in OF_PERSON)):
        table, found = metadata.tables[name], dict[tuple[object, ...], dict[str, object]]()
        conditions = [OF_PERSON[name](table, person)] if name in OF_PERSON else []
        if name in OF_CALLS:
            column = table.c[OF_CALLS[name]]
            conditions += [column.in_(part) for part in _parts(ids)]
        for where in conditions:
            found |= await db.read(partial(_rows, table=table, where=where))
        kept[name] = list(found.values())
    document = {
        "format": FORMAT,
        "made_at": time_json(now),
        "person": {
            "contact": person.contact_id,
            "numbers": list(person.numbers),
            "email": person.email,
        },
        "kept": kept,
        "left_out": dict(LEFT_OUT),
        "elsewhere": dict(ELSEWHERE),
    }
    count = sum(map(len, kept.values()))
    return Export(document=document, calls=len(kept["calls"]), others=count - len(kept["calls"]))


def _rows(
    conn: Connection, table: Table, where: ColumnElement[bool]
) -> dict[tuple[object, ...], dict[str, object]]:
    """Return rows by their primary key: one that two conditions find is one."""
    shown = columns_of(table.name)
    key = [column.name for column in table.primary_key]
    rows = conn.execute(select(table).where(where).order_by(*table.primary_key)).mappings()
    return {
        tuple(row[one] for one in key): {one: _told(one, row[one]) for one in shown} for row in rows
    }


def _told(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return time_json(value)
    if name in _JSON and isinstance(value, str):
        try:
            decoded: object = orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
        return decoded
    return value


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[begin : begin + STEP] for begin in range(0, len(ids), STEP))


def as_json(document: Mapping[str, object]) -> bytes:
    """Return the document as a file that people and programs can read."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
