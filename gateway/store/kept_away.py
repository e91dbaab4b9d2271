"""People who were erased and whom no file and no CRM shall bring back, by keyed hashes alone."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select

from gateway.core.contact import Contact
from gateway.store.database import Database
from gateway.store.erasing import Person
from gateway.store.schema_kept_away import kept_away
from gateway.store.sealing import Sealer

Away = Callable[[Contact], bool]


def nobody_away(_contact: Contact) -> bool:
    """Keep nobody away."""
    return False


def keep_away(conn: Connection, sealer: Sealer, person: Person, *, at: datetime) -> None:
    """Remember somebody who is being erased: their entry's id and the numbers that are theirs."""
    together = uuid4().hex
    for one in _of(sealer, person.contact_id, person.numbers) - _hashes(conn):
        conn.execute(insert(kept_away).values(hash=one, together=together, at=at))


def readmit(conn: Connection, sealer: Sealer, *, contact_id: str | None, e164: str | None) -> int:
    """Let somebody in again, by the id of their entry or any number of theirs.

    Returns how many hashes are gone: 0 if nobody like this was kept away.
    """
    hashes = _of(sealer, contact_id, () if e164 is None else (e164,))
    column = kept_away.c
    whose = list(
        conn.execute(select(column.together).where(column.hash.in_(sorted(hashes)))).scalars()
    )
    return conn.execute(delete(kept_away).where(column.together.in_(whose))).rowcount


async def away(db: Database, sealer: Sealer) -> Away:
    """Return what tells whether an entry is of somebody who is to stay away; raises StoreError."""
    known = await db.read(_hashes)
    return partial(_is_away, known=known, sealer=sealer) if known else nobody_away


def _is_away(contact: Contact, *, known: frozenset[str], sealer: Sealer) -> bool:
    numbers = (one.e164 for one in contact.numbers if one.e164 is not None)
    return not known.isdisjoint(_of(sealer, contact.id or None, numbers))


def _hashes(conn: Connection) -> frozenset[str]:
    return frozenset(conn.execute(select(kept_away.c.hash)).scalars())


def _of(sealer: Sealer, contact_id: str | None, numbers: Iterable[str]) -> set[str]:
    found = {sealer.fingerprint(f"number {e164}") for e164 in numbers}
    if contact_id is not None:
        found.add(sealer.fingerprint(f"contact {contact_id}"))
    return found
