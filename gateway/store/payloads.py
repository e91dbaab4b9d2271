"""An effect as a row of the outbox, and what is read back of its payload."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.core.notices import NoticeKind, stand_in
from gateway.core.ports import Effect
from gateway.core.record import CallRecord
from gateway.store.prepared import Parameters
from gateway.store.records import decode_if_readable, encode
from gateway.store.schema import to_micros

NOTICES: Final = frozenset(kind.value for kind in NoticeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What an effect tells: a call, or the JSON text of a notice beside a record with its id."""

    record: CallRecord
    notice: str | None = None


def row_of(effect: Effect) -> Parameters:
    """Return the columns of a new effect that waits."""
    return {
        "key": str(effect.key),
        "call_id": str(effect.record.id),
        "connector": effect.connector,
        "kind": effect.kind,
        "ordinal": effect.ordinal,
        "due_at": to_micros(effect.not_before),
        "occurred_at": to_micros(effect.occurred_at),
        "complete": effect.record.complete,
        "revision": effect.record.revision,
        "record": encode(effect.record) if effect.notice is None else effect.notice,
        "ambiguous": False,
    }


def payload_of(kind: str, subject: str, written: str | None) -> Payload | None:
    """Read the payload of a row; None for one that was erased or cannot be read."""
    if kind in NOTICES and written is not None:
        return Payload(record=stand_in(UUID(subject)), notice=written)
    record = decode_if_readable(written)
    return None if record is None else Payload(record=record)
