"""Calls into their rows: several at a time, each with the channels that lead to it and its parties.

A live call is saved at every event; under load those of one group commit come together, and each
table then takes one statement for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, select

from gateway.core.ids import CallId
from gateway.core.record import CallRecord, CallState, Direction, Presentation
from gateway.store.counters import next_change
from gateway.store.prepared import Prepared, Value, upsert_rows
from gateway.store.records import encode
from gateway.store.schema import EPOCH, calls, to_micros
from gateway.store.sight import EXTENSION

CHANGES: Final = "calls"
NUMBER: Final = "number"

# What is stored as live is a stage of the same call, so whatever follows replaces it, also where a
# gap has made it incomplete. Of what has ended, a complete record replaces an incomplete one, never
# the reverse, and a newer revision an older one, so that a late retry does no harm.
_BETTER: Final = (
    "(excluded.complete AND NOT calls.complete) OR (excluded.revision >= calls.revision "
    "AND (calls.state = 'live' "
    "OR (excluded.state = 'ended' AND excluded.complete = calls.complete)))"
)
_COLUMNS: Final = tuple(column.name for column in calls.columns if column.name != "no")
# What each state of a live call has of its own. The other columns, most of them in an index that
# would be written again although nothing in it changes, are left alone while they stay the same.
_OWN: Final = ("complete", "revision", "queue", "outcome", "change", "record", "table_state")
_in_common: Final = itemgetter(*(place for place, name in enumerate(_COLUMNS) if name not in _OWN))
_SAVE = upsert_rows("calls", _COLUMNS, key=("id",), where=_BETTER, returning="id, no")
# Each row that is returned costs the thread the interpreter lock: not for numbers that are known.
_SAVE_AGAIN = upsert_rows(
    "calls",
    _COLUMNS,
    key=("id",),
    changes=_OWN,
    where="calls.state = 'live' AND excluded.revision >= calls.revision",
)
_SAVED = Prepared("SELECT id FROM calls WHERE change > :first AND change <= :last")
_SAVE_CHANNEL = upsert_rows(
    "call_channels", ("pbx", "uniqueid", "call_no"), key=("pbx", "uniqueid")
)
_SAVE_PARTY = upsert_rows(
    "call_parties", ("party", "kind", "call_no"), key=("party", "kind", "call_no")
)


@dataclass(frozen=True, slots=True)
class Row:
    """Where a live call was written, which nobody deletes: the number of its row.

    `parties` and `others` are hashes, of who stands beside it and of the columns that most states
    of a call have in common; other ones say that there is more to be written. The parties are those
    of `present` (`_present`).
    """

    no: int
    present: tuple[object, ...]
    parties: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A call to be saved.

    `state` is the call table's own dump of a live call, kept only while it lives. `channels` are
    Uniqueids that lead to this call from now on. `row` is what its last saving returned, committed
    by now; without it everything is looked up and written anew.
    """

    record: CallRecord
    state: bytes | None
    channels: Sequence[str] = ()
    row: Row | None = None


def save_call(
    conn: Connection, record: CallRecord, *, state: bytes | None, channels: Sequence[str] = ()
) -> bool:
    """Insert or replace a call and draw its change number; False if what is stored is better."""
    return bool(save_calls(conn, [Saving(record=record, state=state, channels=channels)]))


def save_calls(conn: Connection, all_of_them: Sequence[Saving]) -> dict[CallId, Row]:
    """Insert or replace calls, of each one state, and draw their change numbers in their order.

    Returns the rows of those that were saved; of the others what is stored is better.
    """
    before = next_change(conn, CHANGES, count=len(all_of_them)) - len(all_of_them)
    rows = [_row(one, change) for change, one in enumerate(all_of_them, before + 1)]
    others = [hash(_in_common(row)) for row in rows]
    numbers = _save(conn, all_of_them, rows, others, before)
    channels: dict[tuple[str, str], tuple[Value, ...]] = {}
    parties: list[tuple[Value, ...]] = []
    saved: dict[CallId, Row] = {}
    for one, shared in zip(all_of_them, others, strict=True):
        record, call_no = one.record, numbers.get(str(one.record.id))
        if call_no is not None:
            present, known = _present(record), one.row
            if known is not None and known.present == present:
                saved[record.id] = Row(call_no, present, known.parties, shared)
            else:
                those = frozenset(_parties(record))
                row = saved[record.id] = Row(call_no, present, hash(those), shared)
                if known is None or row.parties != known.parties:
                    parties += [(party, kind, call_no) for party, kind in those]
        elif one.channels:
            call_no = _number(conn, record.id)
        for name in one.channels:
            channels[record.pbx, name] = (record.pbx, name, call_no)
    _SAVE_CHANNEL.run(conn, tuple(channels.values()))
    _SAVE_PARTY.run(conn, parties)
    return saved


def _save(
    conn: Connection,
    all_of_them: Sequence[Saving],
    rows: Sequence[tuple[Value, ...]],
    others: Sequence[int],
    before: int,
) -> dict[str, int]:
    """Write rows with the change numbers after `before`; return the numbers of those saved."""
    numbers = {
        str(row[0]): one.row.no
        for one, row, shared in zip(all_of_them, rows, others, strict=True)
        if one.row is not None and one.row.others == shared
    }
    if numbers:
        again = [row for row in rows if row[0] in numbers]
        if _SAVE_AGAIN.run(conn, again) != len(again):
            span = {"first": before, "last": before + len(rows)}
            written = {row[0] for row in _SAVED.rows(conn, span)}
            numbers = {name: no for name, no in numbers.items() if name in written}
    for name, no in _SAVE.returned(conn, [row for row in rows if row[0] not in numbers]):
        if isinstance(no, int):
            numbers[str(name)] = no
    return numbers


def _row(saving: Saving, change: int) -> tuple[Value, ...]:
    """Return the values of a row, in the order of the table's columns."""
    record = saving.record
    started_at = record.started_at or record.answered_at or record.ended_at or EPOCH
    return (
        str(record.id),
        record.pbx,
        record.linkedid,
        record.direction.value,
        record.state.value,
        record.complete,
        record.revision,
        str(record.merged_into) if record.merged_into else None,
        record.queue,
        record.outcome.value if record.outcome else None,
        record.contact.id if record.contact else None,
        to_micros(started_at),
        to_micros(record.ended_at) if record.ended_at else None,
        change,
        encode(record),
        saving.state if record.state is CallState.LIVE else None,
    )


def _present(record: CallRecord) -> tuple[object, ...]:
    """All that `_parties` looks at: most states of a call share these very objects."""
    return (
        record.direction,
        record.caller,
        record.called,
        record.rung,
        record.transfers,
        record.answered_by,
        record.final_talker,
    )


def _parties(record: CallRecord) -> set[tuple[str, str]]:
    """Who took part. A withheld number is left out: a search must not reveal it."""
    inside = {extension for stage in record.rung for extension in stage}
    inside.update(move.from_party or "" for move in record.transfers)
    inside.update(move.to_party or "" for move in record.transfers)
    inside.update((record.answered_by or "", record.final_talker or ""))
    if record.direction is not Direction.INBOUND:
        inside.add(record.caller.number or "")
    if record.direction is Direction.INTERNAL:
        inside.add(record.called.number or "")
    # `branch:201`, too, for somebody who has 201 on whatever PBX it is (`store.sight`)
    inside.update(":" + party.rpartition(":")[2] for party in tuple(inside) if ":" in party)
    seen = {record.called.e164 or record.called.number or ""}
    if record.caller.presentation is Presentation.ALLOWED:
        seen.add(record.caller.e164 or record.caller.number or "")
    parties = {(party, EXTENSION) for party in inside} | {(party, NUMBER) for party in seen}
    return {(party, kind) for party, kind in parties if party}


def _number(conn: Connection, call_id: CallId) -> int:
    return int(conn.execute(select(calls.c.no).where(calls.c.id == str(call_id))).scalar_one())
