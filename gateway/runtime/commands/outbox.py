"""`filodiretto outbox list|causes|retry|drop`."""

import getpass
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from gateway.core.errors import UsageError
from gateway.core.ids import EffectKey
from gateway.core.record import time_json
from gateway.runtime.commands.common import OK, read_store, say, show, write_store
from gateway.store import outbox, troubles
from gateway.store.database import Connection
from gateway.store.outbox import EffectState, StoredEffect

COLUMNS = {
    "id": "id",
    "connector": "crm",
    "kind": "kind",
    "state": "state",
    "attempts": "attempts",
    "due_at": "next try",
    "cause": "cause",
    "external_id": "receipt",
}
CAUSES = {
    "connector": "crm",
    "state": "state",
    "count": "effects",
    "since": "since",
    "cause": "cause",
}
PAGE = 200


def list_effects(path: Path | None, *, state: str | None, json_output: bool) -> int:
    """List effects, newest first; a state that does not exist names those that do."""
    try:
        wanted = EffectState(state) if state else None
    except ValueError as error:
        raise UsageError(
            "There is no such state.", remedy=f"Use one of: {', '.join(EffectState)}."
        ) from error
    effects = read_store(path, partial(_listed, wanted=wanted))
    show([_row(effect) for effect in effects], COLUMNS, json_output=json_output)
    return OK


def list_causes(path: Path | None, *, json_output: bool) -> int:
    """List why effects stand still, with their numbers."""
    found = read_store(path, troubles.list_troubles)
    rows: list[dict[str, object]] = [
        {
            "connector": one.connector,
            "state": one.state.value,
            "count": one.count,
            "since": time_json(one.since),
            "cause": one.cause,
        }
        for one in found
    ]
    show(rows, CAUSES, json_output=json_output)
    return OK


def retry(
    path: Path | None,
    *,
    key: str | None,
    all_dead: bool,
    connector: str | None = None,
    cause: str | None = None,
) -> int:
    """Put one effect, or dead letters, back in line; a running daemon takes them within 1 s.

    `connector` and `cause` choose among the dead letters.
    """
    several = all_dead or connector is not None or cause is not None
    if (key is None) != several:
        raise UsageError(
            "What to retry is not clear.",
            remedy="Name an id, or say --all-dead, --crm NAME or --cause TEXT.",
        )
    by, at = _person(), datetime.now(UTC)

    def work(conn: Connection) -> int:
        if key is not None:
            outbox.retry(conn, _key(key), by=by, at=at)
            return 1
        return troubles.retry_all(conn, connector=connector, cause=cause, by=by, at=at)

    count = write_store(path, work)
    say(f"{count} back in line")
    return OK


def drop(path: Path | None, *, key: str) -> int:
    """Give an effect up for good."""
    by, at = _person(), datetime.now(UTC)
    write_store(path, partial(outbox.drop, key=_key(key), by=by, at=at))
    say("dropped; it stays in the list")
    return OK


def _listed(conn: Connection, *, wanted: EffectState | None) -> list[StoredEffect]:
    """Return all effects, page by page: a list that stops at a page would hide the oldest."""
    found: list[StoredEffect] = []
    before = None
    while True:
        page = outbox.list_effects(conn, wanted, before=before, limit=PAGE)
        found += page.items
        if page.next is None:
            return found
        before = page.next


def _person() -> str:
    """Return who types, for the record; a container may run as a user without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _key(text: str) -> EffectKey:
    try:
        return EffectKey(UUID(text))
    except ValueError as error:
        raise UsageError(
            "That is no effect's id.", remedy="Copy one from `filodiretto outbox list`."
        ) from error


def _row(effect: StoredEffect) -> dict[str, object]:
    receipt = effect.receipt
    return {
        "id": str(effect.key),
        "call": str(effect.call_id),
        "connector": effect.connector,
        "kind": effect.kind,
        "state": effect.state.value,
        "attempts": effect.attempts,
        "due_at": time_json(effect.due_at) if effect.settled_at is None else None,
        "cause": effect.cause,
        "external_id": receipt.external_id if receipt else None,
        "url": receipt.url if receipt else None,
        "settled_at": time_json(effect.settled_at),
    }
