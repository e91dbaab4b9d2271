"""What was before the demonstration begins, and the note that Carla leaves in it."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from gateway.core.events import CallEvent, LegAnswered
from gateway.core.handoff import Handoff
from gateway.core.history import Channel, Interaction, Promise
from gateway.core.ids import call_id
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Presentation,
    Seconds,
    WrapUp,
)
from gateway.desk.handoffs import HandoffDesk
from gateway.runtime.demo_words import WORDS
from gateway.runtime.followups import DISPOSITIONS
from gateway.store.calls import save_call
from gateway.store.contacts import contact_id
from gateway.store.database import Connection
from gateway.store.interactions import interaction_id, save_interaction
from gateway.store.promises import add_promise
from gateway.store.wrapups import save_wrap_up

PBX: Final = "demo"
SUPPORT: Final = "+390299992001"
_LOGINS: Final = {"1001": "anna", "1002": "bruno", "1003": "carla"}
JAMES: Final = "+442079460123"
NUMBERS: Final[Mapping[str, tuple[str, str]]] = {
    "mario": ("C-1001", "+393331234567"),
    "verdi": ("C-1002", "+390612345678"),
    "james": ("C-1003", JAMES),
    "teresa": ("C-1004", "+393402223344"),
    "marta": ("C-1005", "+393285556677"),
    "greta": ("C-1008", "+493023125040"),
    "nicolo": ("C-1009", "+393471112233"),
    "emily": ("C-1010", "+441614960182"),
    "stranger": ("", "+390245678901"),
}
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Past:
    """Writes yesterday and the days before; `tell` puts all of it into the store."""

    def __init__(self, now: datetime, language: str) -> None:
        self._now = now
        self._words = WORDS[language]
        self._dispositions = DISPOSITIONS[language]
        self._calls = 0

    def tell(self, conn: Connection) -> None:
        """Store it."""
        for record, said in self._told():
            save_call(conn, record, state=None)
            if said is not None:
                save_wrap_up(conn, record.id, said)
        for interaction in self._written():
            save_interaction(conn, interaction)
        for promise in self._promised():
            add_promise(conn, promise)

    def _told(self) -> Iterator[tuple[CallRecord, WrapUp | None]]:
        yield self._talk("marta", 2 * DAY + HOUR, "1002", talk=391.0, wait=95.0, said=(1, "marta"))
        yield self._lost("marta", 17 * HOUR, wait=250.0)
        yield self._talk("mario", 5 * DAY, "1001", talk=212.0, said=(0, "mario"))
        yield self._talk("james", 3 * DAY, "1003", talk=148.0, said=(1, "james"))
        yield self._talk("verdi", 9 * DAY, "1002", talk=305.0, wait=12.0, said=(3, "verdi"))
        yield self._talk("emily", 6 * DAY, "1001", talk=96.0, said=(0, "emily"))
        yield self._lost("teresa", 1.2 * HOUR, wait=175.0)
        yield self._lost("teresa", 0.4 * HOUR, wait=64.0)
        yield self._lost("stranger", 0.8 * HOUR, wait=38.0)
        yield self._lost("greta", DAY, wait=120.0)
        yield self._lost("nicolo", 3 * HOUR, wait=52.0)
        yield self._talk("nicolo", 2.5 * HOUR, "1001", talk=140.0, said=(0, "nicolo"))
        yield self._lost("", 2 * HOUR, wait=20.0)

    def _written(self) -> Iterator[Interaction]:
        for who, ago, channel, key in (
            ("marta", 15 * HOUR, Channel.MAIL, "marta"),
            ("james", DAY, Channel.MAIL, "james"),
            ("verdi", 4 * DAY, Channel.FORM, "verdi"),
            ("mario", 20 * DAY, Channel.VISIT, "mario"),
        ):
            subject, summary = self._words.written[key]
            yield Interaction(
                id=interaction_id("demo", key),
                source="demo",
                external_id=key,
                channel=channel,
                direction=Direction.INBOUND,
                at=self._now - ago,
                contact_id=_id(who),
                subject=subject,
                summary=summary,
            )

    def _promised(self) -> Iterator[Promise]:
        for who, due, made, assignee in (
            ("marta", -20 * HOUR, 2 * DAY, "bruno"),
            ("mario", 2 * HOUR, 5 * DAY - HOUR, "anna"),
            ("verdi", 22 * HOUR, 4 * DAY, "bruno"),
        ):
            yield Promise(
                id=str(uuid4()),
                contact_id=_id(who),
                e164=NUMBERS[who][1],
                text=self._words.promised[who],
                due_at=self._now + due,
                assignee=assignee,
                made_by=assignee,
                made_at=self._now - made,
            )

    def _talk(
        self,
        who: str,
        ago: timedelta,
        extension: str,
        *,
        talk: float,
        said: tuple[int, str],
        wait: float | None = None,
    ) -> tuple[CallRecord, WrapUp]:
        record = self._call(who, ago, wait=wait, talk=talk, by=extension)
        disposition, key = said
        return record, WrapUp(
            agent=_LOGINS[extension],
            disposition=self._dispositions[disposition],
            note=self._words.notes[key],
            at=record.ended_at,
        )

    def _lost(self, who: str, ago: timedelta, *, wait: float) -> tuple[CallRecord, None]:
        return self._call(who, ago, wait=wait, talk=None, by=None), None

    def _call(
        self, who: str, ago: timedelta, *, wait: float | None, talk: float | None, by: str | None
    ) -> CallRecord:
        self._calls += 1
        begun = self._now - ago
        answered = begun + timedelta(seconds=wait or 6.0)
        linkedid = f"{int(begun.timestamp())}.{900_000 + self._calls}"
        return CallRecord(
            id=call_id(PBX, linkedid),
            pbx=PBX,
            linkedid=linkedid,
            direction=Direction.INBOUND,
            state=CallState.ENDED,
            end=EndKind.SEEN,
            caller=_party(who),
            called=Called(number=SUPPORT, e164=SUPPORT),
            trunk="carrier",
            line=self._words.support,
            queue=self._words.queue if wait is not None else None,
            rung=((by or "1001",),),
            answered_by=by,
            final_talker=by,
            outcome=Outcome.ANSWERED if by else Outcome.ABANDONED,
            ended_by=EndedBy.CALLER,
            started_at=begun,
            answered_at=answered if by else None,
            ended_at=answered + timedelta(seconds=talk or 0.0),
            seconds=Seconds(ring=6.0, wait=wait, talk=talk, hold=0.0 if by else None),
            contact=ContactRef(id=_id(who) or "", ref=NUMBERS[who][0]) if _id(who) else None,
        )


class Notes:
    """Carla leaves a note with the caller whom she hands over; an observer of the pipeline."""

    def __init__(self, desk: HandoffDesk, language: str) -> None:
        self._desk = desk
        self._words = WORDS[language]
        self._calls: asyncio.Queue[CallEvent] = asyncio.Queue()

    def observe(self, event: CallEvent) -> None:
        """Notice that Carla talks with James."""
        answered = isinstance(event, LegAnswered) and event.extension == "1003"
        if answered and event.record.caller.e164 == JAMES and not event.record.transfers:
            self._calls.put_nowait(event)

    async def run(self) -> None:
        """Leave notes until cancelled."""
        while True:
            event = await self._calls.get()
            reason, done, wants, said = self._words.handed_over
            note = Handoff(
                at=datetime.now(UTC),
                by="carla",
                extension="1003",
                reason=reason,
                done=done,
                wants=wants,
                said=(said,),
                verified=True,
            )
            await self._desk.leave(event.record.id, note)


def _id(who: str) -> str | None:
    ref = NUMBERS[who][0] if who else ""
    return contact_id(ref=ref, name=None, company=None, number=None) if ref else None


def _party(who: str) -> Party:
    if not who:
        return Party(number="anonymous", presentation=Presentation.WITHHELD)
    number = NUMBERS[who][1]
    return Party(number=number, e164=number)
