"""What pages and programs are shown of a record: the same object, without what a caller hides."""

from dataclasses import replace
from typing import Final

from gateway.core.record import (
    WITHHELD_NUMBER,
    CallRecord,
    ContactRef,
    Direction,
    Party,
    Presentation,
    contact_json,
    to_json,
)

NONE: Final[frozenset[str]] = frozenset()
MASKED: Final = Party(number=WITHHELD_NUMBER, presentation=Presentation.WITHHELD)


def masked(record: CallRecord) -> CallRecord:
    """Return the record without the caller's number and name if their presentation is withheld.

    Only a caller from outside hides something from us: an extension that calls out anonymously
    hides it from the other side (RFC 3323).
    """
    withheld = record.caller.presentation is Presentation.WITHHELD
    if withheld and record.direction is Direction.INBOUND:
        return replace(record, caller=MASKED)
    return record


def shown(record: CallRecord, contact: ContactRef | None = None) -> dict[str, object]:
    """Return the public JSON object of a record for pages, with `contact` if it has none yet."""
    data = to_json(masked(record))
    if contact is not None and record.contact is None:
        data["contact"] = contact_json(contact)
    return data


def extensions_of(record: CallRecord) -> frozenset[str]:
    """Return the extensions that a call concerns: they rang, talked, called or were handed it.

    What an outside caller claims to be is not among them: a forged 1002 opens nothing.
    """
    inbound = record.direction is Direction.INBOUND
    if inbound and not (record.rung or record.answered_by or record.transfers):
        return frozenset((record.final_talker,)) if record.final_talker else NONE
    names: set[str | None] = {record.answered_by, record.final_talker}
    names.update(*record.rung)
    for move in record.transfers:
        names.update((move.from_party, move.to_party))
    if not inbound:
        names.add(record.caller.number)
        if record.direction is Direction.INTERNAL:
            names.add(record.called.number)
    return frozenset([name for name in names if name is not None])
