"""The pasts of all customers who are asked for together, in two statements for most of them.

The same as `background` tells of each. At each statement, and at each row that SQLite gives, a
reader's thread gives the interpreter away and has to wait for it again, and the pop's thread for
it: so what is asked goes in as rows, and what is told comes out of SQLite as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection

from gateway.core.history import Background
from gateway.store.background import (
    CALLS,
    COUNTED,
    INCOMING,
    OUTSIDE,
    OWN_NUMBERS,
    SHOWN,
    TIMES,
    age,
    background,
    beside_calls,
    incoming,
    items_of,
    newest,
    of_entry,
    of_number,
    recent,
)
from gateway.store.prepared import Rows, Value

Past = tuple[Background, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One customer to be asked for; `now` as for `background`."""

    contact_id: str | None
    e164: str | None
    now: datetime | None = None


class _Question:
    """A statement that knows what is asked as `asked` and selects the columns of `told`."""

    def __init__(
        self, asked: Sequence[str], told: Sequence[str], *, embedded: str, server: str
    ) -> None:
        columns = ", ".join(told)
        begin = f"WITH asked ({', '.join(asked)}) AS (VALUES {{rows}}), told ({columns}) AS"
        gathered = f"json_group_array(json_array({columns}))"
        self._embedded: Final = Rows(
            " ".join((begin, f"({embedded}) SELECT", gathered, "FROM told")), columns=len(asked)
        )
        self._server: Final = Rows(
            " ".join((begin, f"({server}) SELECT", columns, "FROM told")), columns=len(asked)
        )

    def told(
        self, conn: Connection, asked: Sequence[Sequence[Value]]
    ) -> Sequence[Sequence[object]]:
        """Return the rows in any order."""
        if conn.dialect.name != "sqlite":
            return self._server.returned(conn, asked)
        found = self._embedded.returned(conn, asked)
        return [row for (part,) in found for row in orjson.loads(str(part))]


# Entries with the numbers that are theirs alone, as `background` reads them; then, without an id,
# the numbers that one entry alone carries.
_WHO_TEXT: Final = (
    "SELECT entry.id, entry.email, own.e164 "  # noqa: S608 (our own words)
    f"FROM asked CROSS JOIN contacts entry {OWN_NUMBERS} "
    "WHERE entry.id = asked.id AND entry.deleted_at IS NULL "
    "UNION ALL SELECT NULL, NULL, asked.e164 FROM asked WHERE (SELECT count(*) FROM ("
    "SELECT DISTINCT contact_id FROM contact_numbers WHERE e164 = asked.e164 LIMIT 2) AS held) = 1"
)
_WHO: Final = _Question(
    ("id", "e164"), ("id", "email", "e164"), embedded=_WHO_TEXT, server=_WHO_TEXT
)


def _newest(columns: Sequence[str], condition: str, limit: int, *, embedded: bool) -> str:
    """Return the newest calls of all that are asked for, by the ways of one of them."""
    named = ", ".join(f"found.{name}" for name in columns)
    ways = []
    for tail in (of_entry("asked.contact"), of_number("asked.party")):
        if embedded:  # which has no LATERAL; PostgreSQL would try every call with the other one
            found = newest(("no",), tail, condition, limit)
            source = f"CROSS JOIN calls found WHERE found.no IN ({found})"
        else:
            source = f"CROSS JOIN LATERAL ({newest(columns, tail, condition, limit)}) found"
        ways.append(f"SELECT asked.place, {named} FROM asked {source}")  # noqa: S608 (our names)
    return " UNION ALL ".join(ways)


# For whom there is something beside calls.
_ELSE: Final = " ".join(
    (
        " UNION ALL SELECT asked.place, NULL, NULL, NULL, NULL FROM asked WHERE",
        " OR ".join(
            beside_calls(
                "asked.e164",
                "asked.contact",
                "asked.email",
                customers="'number:' || asked.e164, 'contact:' || asked.contact",
            )
        ),
    )
)
# `party` is the number whose calls are the customer's own, `e164` any that is known of them.
_PAST: Final = _Question(
    ("place", "contact", "email", "e164", "party"),
    ("place", *CALLS),
    embedded=_newest(CALLS, OUTSIDE, SHOWN, embedded=True) + _ELSE,
    server=_newest(CALLS, OUTSIDE, SHOWN, embedded=False) + _ELSE,
)
_TIMES: Final = _Question(
    ("place", "contact", "party"),
    ("place", *TIMES),
    embedded=_newest(TIMES, INCOMING, COUNTED, embedded=True),
    server=_newest(TIMES, INCOMING, COUNTED, embedded=False),
)


@dataclass(frozen=True, slots=True)
class _Whose:
    """A customer: entry, its address, the numbers that are theirs alone, the one asked with."""

    contact: str | None
    email: str | None
    numbers: tuple[str, ...]
    e164: str | None

    def ways(self, place: int) -> list[tuple[Value, ...]]:
        """Return what is asked of them: the entry once, each number once."""
        others = {*self.numbers, *((self.e164,) if self.e164 else ())}.difference(self.numbers)
        pairs: list[tuple[str | None, str | None]] = [(one, one) for one in self.numbers]
        pairs += [(one, None) for one in others]
        first, *rest = pairs or [(None, None)]
        return [
            (place, self.contact, self.email, *first),
            *((place, None, None, *pair) for pair in rest),
        ]


def pasts(conn: Connection, asked: Sequence[Asked]) -> list[Past]:
    """Return what `background` tells of each customer, in the order they are asked for."""
    known = _who(conn, asked)
    ways = [row for place, whose in known.items() for row in whose.ways(place)]
    rows = _by_place(_PAST.told(conn, ways) if ways else ())
    more = {place for place, found in rows.items() if any(row[1] is None for row in found)}
    many = {place for place, found in rows.items() if len(found) >= SHOWN} - more
    often = [(row[0], row[1], row[4]) for row in ways if row[0] in many]
    times = _by_place(_TIMES.told(conn, often) if often else ())
    told: list[Past] = []
    for place, one in enumerate(asked):
        if place in more or place not in known:
            told.append(background(conn, one.contact_id, one.e164, now=one.now))
            continue
        found = rows.get(place, [])[:SHOWN]
        inbound = times.get(place, [])[:COUNTED] if place in many else incoming(found)
        past = Background(items=items_of(found), inbound=recent(inbound, one.now))
        told.append((past, None))
    return told


def _by_place(rows: Iterable[Sequence[object]]) -> dict[int, list[Sequence[object]]]:
    """Return the rows of each place, without it, the newest first."""
    found: dict[int, list[Sequence[object]]] = {}
    for place, *row in rows:
        if isinstance(place, int):
            found.setdefault(place, []).append(row)
    for of_one in found.values():
        of_one.sort(key=age, reverse=True)
    return found


def _who(conn: Connection, asked: Sequence[Asked]) -> Mapping[int, _Whose]:
    """Say whose pasts they are; left out is who has to be asked for singly.

    Those are few: of whom the directory knows more, or less, than when their call came.
    """
    wanted = [(one.contact_id, None if one.contact_id else one.e164) for one in asked]
    emails: dict[object, str | None] = {}
    own: dict[object, set[str]] = {}
    held: set[object] = set()
    for contact, email, e164 in _WHO.told(conn, list(dict.fromkeys(wanted))):
        if contact is None:
            held.add(e164)
            continue
        emails[contact] = str(email).lower() if email else None
        own.setdefault(contact, set()).update((str(e164),) if e164 is not None else ())
    known: dict[int, _Whose] = {}
    for place, one in enumerate(asked):
        if one.contact_id in emails:
            numbers = tuple(sorted(own[one.contact_id]))
            known[place] = _Whose(one.contact_id, emails[one.contact_id], numbers, one.e164)
        elif one.contact_id is None and one.e164 is not None and one.e164 not in held:
            known[place] = _Whose(None, None, (one.e164,), one.e164)
    return known
