"""Notices for registered webhooks: put in line in the transaction that stores what they tell."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import Connection

from gateway.core.notices import NoticeKind, notice_key, stand_in
from gateway.core.ports import Effect
from gateway.store.outbox import enqueue
from gateway.store.webhooks import list_webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that became different: `data` is its public JSON object, `subject` its id.

    `mark` tells the notices of one kind about one subject apart: one that was told is not told
    again.
    """

    kind: NoticeKind
    subject: str
    mark: str
    at: datetime
    data: dict[str, object]


def announce(conn: Connection, *notices: Notice) -> None:
    """Put notices in line for every webhook that is registered for them, each once."""
    hooks = list_webhooks(conn) if notices else ()
    for notice in notices:
        subject = UUID(notice.subject)
        for hook in hooks:
            if notice.kind in hook.types:
                effect = Effect(
                    key=notice_key(subject, hook.connector, notice.kind, notice.mark),
                    connector=hook.connector,
                    kind=notice.kind,
                    ordinal=0,
                    record=stand_in(subject),
                    occurred_at=notice.at,
                    not_before=notice.at,
                    notice=orjson.dumps(notice.data).decode(),
                )
                enqueue(conn, effect)
