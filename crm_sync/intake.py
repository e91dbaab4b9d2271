"""Effects into the outbox, in the transaction that stores the facts they come from."""

from crm_sync.policies import ENDED, follow_up, voided
from gateway.core.ports import Effect
from gateway.core.record import CallRecord
from gateway.store import outbox
from gateway.store.begun import has_begun
from gateway.store.database import Connection


def put(conn: Connection, effect: Effect) -> bool:
    """Store one effect; a correction of something already sent becomes an update of its own.

    A receiver that saw the first try must see the same bytes again, so a row that was tried keeps
    its record and the newer one follows as `call.updated`. Returns False if nothing was new.
    """
    if effect.only_if_begun and not has_begun(conn, effect.record.id, effect.connector):
        return False
    if outbox.enqueue(conn, effect):
        return True
    stored = outbox.get_effect(conn, effect.key)
    if stored is None or effect.kind != ENDED or stored.state is outbox.EffectState.DROPPED:
        return False
    if stored.record is None:
        # delivered and erased since; somebody may say what the call was weeks later
        erased = stored.state is outbox.EffectState.DELIVERED
        if not erased or effect.record.revision == 0:
            return False
    elif not _is_newer(effect.record, stored.record):
        return False
    return outbox.enqueue(conn, follow_up(effect, ordinal=max(effect.record.revision, 1)))


def merge(conn: Connection, record: CallRecord) -> tuple[str, ...]:
    """Drop what waits of a call that became part of another; void what was or may be written.

    `record` has `merged_into`. Returns the connectors that get a voiding update.
    """
    connectors = outbox.drop_pending(conn, record.id)
    for connector in connectors:
        outbox.enqueue(conn, voided(record, connector))
    return connectors


def _is_newer(record: CallRecord, stored: CallRecord) -> bool:
    return (record.complete, record.revision) > (stored.complete, stored.revision)
