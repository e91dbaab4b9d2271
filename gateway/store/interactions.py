"""Contacts by other channels than the telephone, told to us by whoever runs them."""

from dataclasses import replace
from typing import Final
from uuid import uuid4, uuid5

from sqlalchemy import Connection, Row, insert, select, update

from gateway.core.history import Channel, Interaction
from gateway.core.ids import NAMESPACE
from gateway.core.record import Direction
from gateway.store.customers import customer_for, holder_of_address
from gateway.store.schema_history import interactions

_COLUMNS: Final = (
    "source",
    "external_id",
    "at",
    "contact_id",
    "e164",
    "email",
    "subject",
    "summary",
    "agent",
    "url",
)


def interaction_id(source: str, external_id: str | None) -> str:
    """Return the id of an interaction: the same for the same one told twice."""
    if external_id is None:
        return str(uuid4())
    return str(uuid5(NAMESPACE, f"interaction\n{source}\n{external_id}"))


def save_interaction(conn: Connection, told: Interaction) -> tuple[Interaction, bool]:
    """Store an interaction under the customer it belongs to; True if it is new.

    One that was told before (the same `id`) is brought up to date: a chat's summary comes when the
    chat is over.
    """
    told = replace(told, contact_id=_contact_of(conn, told), email=_small(told.email))
    row = {name: getattr(told, name) for name in _COLUMNS}
    row |= {"channel": told.channel.value, "direction": told.direction.value}
    mine = interactions.c.id == told.id
    known = conn.execute(select(interactions.c.id).where(mine)).first() is not None
    if known:
        conn.execute(update(interactions).where(mine).values(**row))
    else:
        conn.execute(insert(interactions).values(id=told.id, **row))
    return told, not known


def get_interaction(conn: Connection, identifier: str) -> Interaction | None:
    """Return one interaction."""
    row = conn.execute(select(interactions).where(interactions.c.id == identifier)).first()
    return None if row is None else interaction_of(row)


def interaction_of(row: Row[tuple[object, ...]]) -> Interaction:
    """Return the interaction of a row."""
    return Interaction(
        id=row.id,
        channel=Channel(row.channel),
        direction=Direction(row.direction),
        **{name: getattr(row, name) for name in _COLUMNS},
    )


def _contact_of(conn: Connection, told: Interaction) -> str | None:
    """Return whose it is: of the entry named, else of number or address if they are one's alone."""
    customer = customer_for(conn, contact_id=told.contact_id, e164=told.e164)
    if customer is not None and customer.contact_id is not None:
        return customer.contact_id
    return holder_of_address(conn, told.email) if told.email else None


def _small(email: str | None) -> str | None:
    return email.lower() if email else None
