"""Calls that ring at a page without a telephone system, and what was before with a customer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from support.desk import alerting, answered, dialled, inbound
from support.web import WebBench

from gateway.core.events import CallEnded
from gateway.core.history import (
    Background,
    Channel,
    MissedCustomer,
    Promise,
    TimelineItem,
    TimelineKind,
)
from gateway.core.record import CallRecord, CallState, EndedBy, Outcome, Seconds, WrapUp
from gateway.store.calls import save_call


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def calling(root: str = "1.1", **changes: object) -> CallRecord:
    """Return a call that began half a minute ago and rings at 1001."""
    known: dict[str, object] = {
        "started_at": now() - timedelta(seconds=30),
        "rung": (("1001",),),
    }
    return inbound(root, **(known | changes))


def talking(record: CallRecord, extension: str = "1001") -> CallRecord:
    """Return the record once somebody answered."""
    return replace(
        record,
        answered_by=extension,
        final_talker=extension,
        answered_at=now(),
        outcome=Outcome.ANSWERED,
    )


def over(record: CallRecord, ended_by: EndedBy = EndedBy.CALLER) -> CallRecord:
    """Return the record once it has ended."""
    talked = Seconds(talk=8.0) if record.answered_by else Seconds()
    return replace(record, state=CallState.ENDED, ended_by=ended_by, ended_at=now(), seconds=talked)


class Calls:
    """Lets calls ring, be answered and end at the pages of a bench, stored as a daemon does."""

    def __init__(self, bench: WebBench) -> None:
        self._bench = bench

    async def ring(self, record: CallRecord, extension: str = "1001") -> CallRecord:
        """Let a phone ring."""
        await self._keep(record)
        handle = self._bench.services.desk.handle
        handle(replace(dialled(record, extension), at=now()))
        handle(replace(alerting(record, extension), at=now()))
        return record

    async def answer(self, record: CallRecord, extension: str = "1001") -> CallRecord:
        """Let somebody answer."""
        record = talking(record, extension)
        await self._keep(record)
        self._bench.services.desk.handle(replace(answered(record, extension), at=now()))
        return record

    async def end(self, record: CallRecord) -> CallRecord:
        """Let the caller hang up."""
        record = over(record)
        await self._keep(record)
        self._bench.services.desk.handle(CallEnded(at=now(), record=record))
        return record

    async def _keep(self, record: CallRecord) -> None:
        await self._bench.db.write(partial(save_call, record=record, state=None))


def known_past() -> Background:
    """Return a customer's past: a promise not kept, a caller who gave up, a call and a mail."""
    promise = Promise(
        id="p-1",
        contact_id="c-1",
        e164=None,
        text="Storno fattura 2214",
        due_at=now() - timedelta(hours=17),
        made_by="luca",
        made_at=now() - timedelta(days=2),
    )
    missed = MissedCustomer(
        id="m-1",
        contact_id="c-1",
        e164="+393331234567",
        attempts=2,
        first_at=now() - timedelta(hours=5),
        last_at=now() - timedelta(minutes=22),
        longest_wait_s=250.0,
        last_outcome=Outcome.ABANDONED,
        claimed_by="luca",
    )
    call = TimelineItem(
        kind=TimelineKind.CALL,
        id="0d7d3b4e-7e4b-5f0e-9a44-0d7d3b4e7e4b",
        at=now() - timedelta(days=1),
        channel=Channel.CALL,
        outcome=Outcome.ANSWERED,
        talk_s=391.0,
        wrap_ups=(WrapUp(agent="luca", note="Addebito doppio confermato.", at=now()),),
    )
    mail = TimelineItem(
        kind=TimelineKind.INTERACTION,
        id="1d7d3b4e-7e4b-5f0e-9a44-0d7d3b4e7e4b",
        at=now() - timedelta(days=3),
        channel=Channel.MAIL,
        subject="Invia l\u2019estratto conto",
    )
    return Background(items=(call, mail), promises=(promise,), missed=missed)
