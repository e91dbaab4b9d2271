"""CDR rows to a call record: id, parties, times, answered or not; the rest stays null.

A row is one stretch between two channels, not a call: who waited, who was rung in which order and
who hung up is not in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from adapters.asterisk.backfill.rows import CdrRow
from adapters.asterisk.naming import Naming, dialled_number
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.channels import prefixed
from gateway.core.ids import call_id
from gateway.core.inputs import ChannelKind
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Recalled
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    Direction,
    EndKind,
    Outcome,
    Party,
    Presentation,
    Recording,
    Seconds,
)
from gateway.core.text import clean_text

SOURCE: Final = "cdr"
ANSWERED: Final = "ANSWERED"
_CALLER_ID: Final = re.compile(r'^\s*"?(.*?)"?\s*(?:<([^>]*)>)?\s*$')
_VOICEMAIL: Final = frozenset({"VoiceMail", "Voicemail"})
_NOWHERE: Final = frozenset({"", "s", "h", "i", "t"})
# An Answer() of the dialplan comes at once; nobody picks a phone up within a second.
_BY_A_PERSON: Final = timedelta(seconds=1)
_BY_DISPOSITION: Final = {
    "BUSY": Outcome.BUSY,
    "FAILED": Outcome.FAILED,
    "CONGESTION": Outcome.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrReader:
    """Turns the rows of one call into its record."""

    settings: AsteriskSettings
    naming: Naming
    plan: NumberPlan

    def recall(self, rows: Sequence[CdrRow]) -> Recalled | None:
        """Return the call that `rows` (all of one linkedid) tell of; None if it has no party."""
        rows = sorted(rows, key=lambda row: (row.start, row.no))
        first = self._first(rows)
        if first is None:
            return None
        caller = self.naming.identity(first.channel)
        answers = [row for row in rows if self._answered_by(row) is not None]
        direction = self._direction(first, rows)
        started_at, ended_at = min(row.start for row in rows), max(row.end for row in rows)
        answered_at = _answered_at(rows)
        trunk = caller.party if caller.kind is ChannelKind.TRUNK else self._trunk(rows)
        record = CallRecord(
            id=call_id(self.settings.name, first.linkedid),
            pbx=self.settings.name,
            linkedid=first.linkedid,
            direction=direction,
            state=CallState.ENDED,
            end=EndKind.BACKFILLED,
            complete=False,
            sources=(SOURCE,),
            caller=self._caller(first),
            called=self._called(first, direction),
            trunk=trunk,
            answered_by=self._first_talker(answers),
            outcome=self._outcome(rows, answered=bool(answers)),
            started_at=started_at,
            answered_at=answered_at,
            ended_at=ended_at,
            seconds=_seconds(started_at, answered_at, ended_at),
            recordings=recordings(self.settings, rows),
        )
        channels = {row.uniqueid for row in rows}
        return Recalled(record=record, channels=tuple(sorted(channels)))

    def _first(self, rows: Sequence[CdrRow]) -> CdrRow | None:
        """Return the row of the call's first channel, else of its first party."""
        parties = [
            row
            for row in rows
            if self.naming.identity(row.channel).kind in {ChannelKind.EXTENSION, ChannelKind.TRUNK}
        ]
        roots = [row for row in parties if row.uniqueid == row.linkedid]
        return next(iter(roots or parties), None)

    def _direction(self, first: CdrRow, rows: Sequence[CdrRow]) -> Direction:
        if self.naming.identity(first.channel).kind is ChannelKind.TRUNK:
            return Direction.INBOUND
        kinds = {self.naming.identity(row.dest_channel).kind for row in rows[:1]}
        outside = self.plan.parse(first.dst or None, dialled=True).e164 is not None
        if ChannelKind.TRUNK in kinds or (outside and ChannelKind.EXTENSION not in kinds):
            return Direction.OUTBOUND
        return Direction.INTERNAL

    def _trunk(self, rows: Sequence[CdrRow]) -> str | None:
        for row in rows:
            identity = self.naming.identity(row.dest_channel)
            if identity.kind is ChannelKind.TRUNK:
                return identity.party
        return None

    def _caller(self, first: CdrRow) -> Party:
        identity = self.naming.identity(first.channel)
        match = _CALLER_ID.match(first.caller_id)
        name = clean_text(match.group(1)) if match is not None else None
        if identity.kind is ChannelKind.EXTENSION:
            # src is what the dialplan made of it, often the company's number
            return Party(number=identity.party, name=name)
        number = self.plan.parse(first.src or None)
        return Party(
            number=number.raw,
            e164=number.e164,
            name=None if name == first.src else name,
            presentation=Presentation.WITHHELD if number.withheld else Presentation.ALLOWED,
        )

    def _called(self, first: CdrRow, direction: Direction) -> Called:
        """Return what was dialled: of an inbound call only FreePBX keeps the number (`did`)."""
        dialled = direction is not Direction.INBOUND
        text = first.dst if dialled else first.did or first.dst
        number = self.plan.parse(text or None, dialled=dialled)
        known = dialled or bool(first.did) or number.e164 is not None
        if text in _NOWHERE or not known:
            return Called()
        return Called(number=number.raw, e164=number.e164)

    def _first_talker(self, answers: Sequence[CdrRow]) -> str | None:
        """Return who answered; None if a pick-up or the like leaves it open."""
        talkers = dict.fromkeys(self._answered_by(row) for row in answers)
        first = answers[0] if len(talkers) > 1 else None
        if first is not None and first.answer and first.end - first.answer < _BY_A_PERSON:
            # The phone that somebody else picked up for is written down as answered, too.
            return None
        return next(iter(talkers), None)

    def _answered_by(self, row: CdrRow) -> str | None:
        """Return who took the caller in a row, None if nobody did."""
        if row.disposition != ANSWERED or not row.dest_channel:
            return None
        identity = self.naming.identity(row.dest_channel)
        if identity.kind is ChannelKind.EXTENSION:
            return identity.party
        if identity.kind is not ChannelKind.TRUNK:
            return None
        number = dialled_number(row.data.partition(",")[0]) if row.app == "Dial" else ""
        number = number or row.dst
        return prefixed(identity.prefix, number) or None

    def _outcome(self, rows: Sequence[CdrRow], *, answered: bool) -> Outcome | None:
        """Return what the network did, as far as it shows.

        None is an unanswered call of which nobody can tell whether its caller gave up or a phone
        refused: NO ANSWER stands for both.
        """
        if answered:
            return Outcome.ANSWERED
        if any(row.disposition == ANSWERED and row.app in _VOICEMAIL for row in rows):
            return Outcome.VOICEMAIL
        dialled = [row for row in rows if row.dest_channel]
        told = {_BY_DISPOSITION.get(row.disposition) for row in dialled or rows}
        if told == {None}:
            return Outcome.MISSED if any(_rang_out(row) for row in dialled[-1:]) else None
        return told.pop() if len(told) == 1 else None


def _rang_out(row: CdrRow) -> bool:
    """Whether a Dial rang as long as it was told to: `PJSIP/1001,20,tT`."""
    timeout = [*row.data.split(","), ""][1]
    if row.app != "Dial" or not (timeout.isascii() and timeout.isdigit()):
        return False
    return row.end - row.start >= timedelta(seconds=int(timeout))


def _answered_at(rows: Sequence[CdrRow]) -> datetime | None:
    """Return when a person answered, if that is certain: one Dial, and no earlier answer."""
    if any(row.app not in {"Dial", "Hangup"} for row in rows):
        return None
    answers = [row for row in rows if row.disposition == ANSWERED and row.dest_channel]
    if len(answers) != 1 or answers[0].answer is None:
        return None
    row = answers[0]
    return row.answer if row.answer and row.answer - rows[0].start >= _BY_A_PERSON else None


def _seconds(start: datetime, answer: datetime | None, end: datetime) -> Seconds:
    if answer is None:
        return Seconds()
    return Seconds(ring=(answer - start).total_seconds(), talk=(end - answer).total_seconds())


def recordings(settings: AsteriskSettings, rows: Sequence[CdrRow]) -> tuple[Recording, ...]:
    """Return where the recordings that rows name can be heard."""
    links = {settings.recording_link(row.recording): row.start for row in reversed(rows)}
    return tuple(
        Recording(url=link, from_at=start)
        for link, start in sorted(links.items(), key=lambda item: item[1])
        if link is not None
    )


def with_recordings(one: Recalled, found: tuple[Recording, ...]) -> Recalled:
    """Return a call with the recordings that its CDR rows name."""
    if not found or one.record.recordings:
        return one
    return replace(one, record=replace(one.record, recordings=found))
