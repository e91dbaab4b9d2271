"""What a CRM would get of calls that have been, and of whom it knows nobody; nothing is written."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from crm_sync.connectors.parties import known_number, outside_number, title_of
from crm_sync.connectors.texts import LANGUAGES
from crm_sync.logbook import Logbook, Span
from crm_sync.planning import OwnNumber, Planner
from gateway.core.errors import AdapterError
from gateway.core.ids import CallId
from gateway.core.numbers import PhoneNumber
from gateway.core.ports import CrmWriter, Effect
from gateway.core.record import CallRecord, Direction, MatchKind, Outcome
from gateway.core.writing import CrmPreviewer, Preview
from gateway.store.database import Connection, Database
from gateway.store.effects import EffectState
from gateway.store.look_up import find
from gateway.store.reached import settled
from gateway.store.relogged import known
from gateway.store.sight import Sight

AT_ONCE: Final = 4
UNMATCHED: Final = 20
_DIGITS: Final = re.compile(r"\d")
_SHOWN_FIRST: Final = 3
_SHOWN_LAST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DryCall:
    """One call as it would be written; `task` is the title of a task that is still needed.

    `assignee` is the CRM's name of the user, or the extension; None is left to the CRM. `state` is
    that of the effect if the outbox has it already.
    """

    call_id: CallId
    at: datetime | None
    direction: Direction
    outcome: Outcome | None
    title: str
    match: MatchKind
    person: str | None
    assignee: str | None
    task: str | None
    creates: str | None
    state: EffectState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A number that belongs to nobody, as the PBX showed it, and how many calls it has."""

    number: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What would be written. `rates` counts calls by direction and match.

    `asked_crm`: the CRM itself was searched; else the directory, because the connector cannot say
    beforehand, or because of `cause`. `more`: there are calls beyond those looked at.
    """

    calls: tuple[DryCall, ...]
    unwanted: int
    more: bool
    rates: Mapping[tuple[Direction, MatchKind], int]
    unmatched: tuple[Unmatched, ...]
    asked_crm: bool
    cause: str = ""
    remedy: str = ""


@dataclass(slots=True)
class _Asking:
    """Whether the CRM is still asked."""

    writer: CrmPreviewer | None
    error: AdapterError | None = None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))


class DryRunner:
    """Dry runs for one CRM."""

    def __init__(
        self,
        db: Database,
        logbook: Logbook,
        planner: Planner,
        writer: CrmWriter,
        *,
        language: str,
        own: OwnNumber,
    ) -> None:
        self._db = db
        self._logbook = logbook
        self._planner = planner
        self._writer = writer if isinstance(writer, CrmPreviewer) else None
        self._words = LANGUAGES[language]
        self._own = own

    async def run(
        self, span: Span, *, limit: int, masked: bool, visible_to: Sight | None = None
    ) -> DryRun:
        """Look at the newest `limit` calls of a range that the policy wants.

        `masked` hides the middle of unmatched numbers. Raises StoreError; a CRM that does not
        answer is named in the result, and the directory stands in for it.
        """
        wanted, unwanted, more = await self._wanted(span, limit, visible_to)
        asking = _Asking(writer=self._writer)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(effect, asking)) for effect in wanted]
        calls = tuple(task.result() for task in tasks)
        nobody = [
            effect.record
            for effect, call in zip(wanted, calls, strict=True)
            if call.match is MatchKind.NONE
        ]
        error = asking.error
        return DryRun(
            calls=calls,
            unwanted=unwanted,
            more=more,
            rates=Counter((call.direction, call.match) for call in calls),
            unmatched=_most(nobody, masked=masked),
            asked_crm=self._writer is not None and error is None,
            cause=error.message if error is not None else "",
            remedy=error.remedy if error is not None else "",
        )

    async def _wanted(
        self, span: Span, limit: int, visible_to: Sight | None
    ) -> tuple[list[Effect], int, bool]:
        wanted: list[Effect] = []
        unwanted = 0
        async for page in self._logbook.calls(span, visible_to=visible_to):
            for record in page:
                effect = self._logbook.effect(record)
                if effect is None:
                    unwanted += 1
                elif len(wanted) == limit:
                    return wanted, unwanted, True
                else:
                    wanted.append(effect)
        return wanted, unwanted, False

    async def _one(self, effect: Effect, asking: _Asking) -> DryCall:
        record, plan = effect.record, self._planner.plan(effect).plan
        async with asking.turns:
            seen = await self._ask(effect, asking)
            state, task = await self._db.read(partial(self._stored, effect=effect))
            if seen is None:
                seen = await self._db.read(partial(self._by_directory, record=record))
        stranger = seen.match is MatchKind.NONE and plan.creates is not None
        return DryCall(
            call_id=record.id,
            at=record.started_at,
            direction=record.direction,
            outcome=record.outcome,
            title=plan.title or seen.title,
            match=seen.match,
            person=seen.person,
            assignee=seen.assignee or plan.assignee.extension,
            task=task,
            creates=plan.creates.value if stranger and plan.creates is not None else None,
            state=state,
        )

    async def _ask(self, effect: Effect, asking: _Asking) -> Preview | None:
        """Ask the CRM; after its first failure it is left alone."""
        if asking.writer is None or asking.error is not None:
            return None
        planned = self._planner.plan(effect)
        try:
            return await asking.writer.preview(planned.record, plan=planned.plan)
        except AdapterError as error:
            asking.error = error
            return None

    def _stored(self, conn: Connection, *, effect: Effect) -> tuple[EffectState | None, str | None]:
        """Return what the outbox has of the call, and the task that would be made of it now."""
        state = known(conn, [effect.key]).get(str(effect.key))
        if not self._planner.policy.wants_task(effect.record):
            return state, None
        if settled(conn, effect.record) is not None:
            return state, None
        return state, self._planner.task_title(effect.record)

    def _by_directory(self, conn: Connection, *, record: CallRecord) -> Preview:
        e164 = known_number(record)
        found = find(conn, PhoneNumber(e164, e164), self._own) if e164 is not None else None
        match = found.kind if found is not None else MatchKind.NONE
        contact = found.contact if found is not None else None
        name = contact.name if contact is not None else None
        return Preview(title=title_of(record, name, self._words), match=match, person=name)


def masked_number(written: str) -> str:
    """Return a number with all but its first and last three digits hidden; its form stays."""
    places = [found.start() for found in _DIGITS.finditer(written)]
    hidden = set(places[_SHOWN_FIRST : max(len(places) - _SHOWN_LAST, _SHOWN_FIRST)])
    return "".join("•" if at in hidden else sign for at, sign in enumerate(written))


def _most(records: Iterable[CallRecord], *, masked: bool) -> tuple[Unmatched, ...]:
    forms = Counter(_form(record) for record in records)
    return tuple(
        Unmatched(number=masked_number(form) if masked else form, calls=count)
        for form, count in forms.most_common(UNMATCHED)
    )


def _form(record: CallRecord) -> str:
    """Return the customer's number as the PBX showed it, "" if it is withheld."""
    if outside_number(record) is None:
        return ""
    inbound = record.direction is Direction.INBOUND
    number = record.caller.number if inbound else record.called.number
    return number or outside_number(record) or ""
