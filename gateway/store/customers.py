"""Whose number it is now: the entry of the directory that stands for a customer, or the number.

A number counts as an entry's own only if no other entry carries it: what is known of a shared
number is never shown under one of the people who share it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from gateway.core.history import Customer, customer_of
from gateway.core.record import CallRecord
from gateway.store.schema import contact_numbers, contacts


def customer_for(conn: Connection, *, contact_id: str | None, e164: str | None) -> Customer | None:
    """Return the customer of an entry's id, else of a number; None if there is neither.

    A number that one entry alone carries is that entry's, whenever the entry was created. An id of
    an entry that was deleted falls back on the number.
    """
    if contact_id is not None and exists(conn, contact_id):
        return Customer(contact_id=contact_id, e164=e164)
    if e164 is None:
        return None
    return Customer(contact_id=holder_of(conn, e164), e164=e164)


def customer_of_call(conn: Connection, record: CallRecord) -> Customer | None:
    """Return whom a call was with, as the directory is now; None if internal, hidden or unknown."""
    found = customer_of(record)
    if found is None:
        return None
    return customer_for(conn, contact_id=found.contact_id, e164=found.e164)


def exists(conn: Connection, contact_id: str) -> bool:
    """Tell whether the directory has this entry."""
    query = select(contacts.c.id).where(
        contacts.c.id == contact_id, contacts.c.deleted_at.is_(None)
    )
    return conn.execute(query).first() is not None


def holder_of(conn: Connection, e164: str) -> str | None:
    """Return the id of the only entry that carries a number, None if none or several do."""
    query = select(contact_numbers.c.contact_id).where(contact_numbers.c.e164 == e164)
    held = conn.execute(query.distinct().limit(2)).scalars().all()
    return held[0] if len(held) == 1 else None


def holder_of_address(conn: Connection, email: str) -> str | None:
    """Return the id of the only entry with an e-mail address, None if none or several have it."""
    query = select(contacts.c.id).where(
        func.lower(contacts.c.email) == email.lower(), contacts.c.deleted_at.is_(None)
    )
    held = conn.execute(query.limit(2)).scalars().all()
    return held[0] if len(held) == 1 else None


def numbers_of(conn: Connection, customer: Customer) -> tuple[str, ...]:
    """Return the numbers that are this customer's alone."""
    if customer.contact_id is None:
        return (customer.e164,) if customer.e164 else ()
    own = contact_numbers.c
    query = select(own.e164).where(own.contact_id == customer.contact_id, own.e164.is_not(None))
    return _unshared(conn, conn.execute(query.distinct()).scalars())


def address_of(conn: Connection, customer: Customer) -> str | None:
    """Return the e-mail address that is this customer's alone, in small letters."""
    if customer.contact_id is None:
        return None
    query = select(contacts.c.email).where(contacts.c.id == customer.contact_id)
    email: str | None = conn.execute(query).scalar()
    if not email or holder_of_address(conn, email) != customer.contact_id:
        return None
    return email.lower()


def _unshared(conn: Connection, numbers: Iterable[str | None]) -> tuple[str, ...]:
    wanted = [number for number in numbers if number is not None]
    if not wanted:
        return ()
    held = contact_numbers.c
    query = (
        select(held.e164)
        .where(held.e164.in_(wanted))
        .group_by(held.e164)
        .having(func.count(held.contact_id.distinct()) == 1)
        .order_by(held.e164)
    )
    return tuple(number for number in conn.execute(query).scalars() if number is not None)
