"""One record of a call that went on at another PBX of ours: a pure function of both records.

The PBX that dialled knows who called and how it ended; the other one knows who was rung there and
who answered. Where the first one only saw that the trunk was answered, the second one tells by
whom, or that it was a queue, a menu or a mailbox, which is nobody (DESIGN section 3).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.core.channels import prefixed
from gateway.core.peerview import SeenLeg, Stages
from gateway.core.record import (
    CallRecord,
    CallState,
    Direction,
    EndedBy,
    Outcome,
    Seconds,
    Transfer,
)

_REFUSED: Final = frozenset({Outcome.BUSY, Outcome.REJECTED, Outcome.FAILED})
# What people dial before a number to reach another PBX.
_ACCESS_DIGITS: Final = 4
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def seen_from(label: str, *, at: str, home: str) -> str:
    """Return how the PBX `home` writes an extension of the PBX `at`; its own without prefix."""
    pbx, colon, rest = label.partition(":")
    if colon and rest:
        return rest if pbx == home else label
    return label if at == home else prefixed(at, label)


def graft(
    near: CallRecord, stages: Stages, fars: Mapping[str, CallRecord], *, sure: bool = True
) -> CallRecord:
    """Return the record of `near` with what its legs came to on other PBXs.

    `fars` are the (whole) records over there, by the channel of the leg that led to them; `sure` is
    False if it is not known what became of a leg: then the record is incomplete once it has ended.
    """
    legs = [leg for stage in stages for leg in stage]
    here = {uid: _relative(far, near.pbx) for uid, far in fars.items()}
    joined = [leg for leg in legs if leg.channel in here]
    over = near.state is CallState.ENDED
    complete = near.complete and all(
        one.complete and (not over or one.state is CallState.ENDED) for one in here.values()
    )
    near = replace(near, complete=complete and (sure or not over))
    if not joined:
        return near
    near = _conversation(near, joined, here)
    return replace(
        near,
        rung=_rung(stages, here),
        ivr=near.ivr + tuple(name for leg in joined for name in here[leg.channel].ivr),
        transfers=_transfers(near, joined, here),
        sources=tuple(
            dict.fromkeys((*near.sources, *(s for one in here.values() for s in one.sources)))
        ),
        recordings=near.recordings + tuple(r for one in here.values() for r in one.recordings),
    )


def _relative(far: CallRecord, home: str) -> CallRecord:
    """Return a record of another PBX as the PBX `home` names its people, queues and menus."""

    def name(label: str | None) -> str | None:
        return None if label is None else seen_from(label, at=far.pbx, home=home)

    return replace(
        far,
        rung=tuple(
            tuple(seen_from(label, at=far.pbx, home=home) for label in stage) for stage in far.rung
        ),
        answered_by=name(far.answered_by),
        final_talker=name(far.final_talker),
        queue=_of_place(far.queue, far.pbx),
        ivr=tuple(_of_place(menu, far.pbx) or menu for menu in far.ivr),
        transfers=tuple(
            replace(move, from_party=name(move.from_party), to_party=name(move.to_party))
            for move in far.transfers
        ),
    )


def _of_place(what: str | None, pbx: str) -> str | None:
    return what if what is None or ":" in what else f"{pbx}:{what}"


def _is_answered(far: CallRecord) -> bool:
    return far.outcome is Outcome.ANSWERED


def _conversation(
    near: CallRecord, joined: list[SeenLeg], here: Mapping[str, CallRecord]
) -> CallRecord:
    """Say who spoke with the initiator, from when on, and what the call came to."""
    first = _far_of(near.answered_by, joined, here)
    last = _far_of(near.final_talker, joined[::-1], here)
    answered_by, answered_at, final = near.answered_by, near.answered_at, near.final_talker
    answered = near.outcome is Outcome.ANSWERED
    if first is not None:
        answered = _is_answered(first)
        answered_by = first.answered_by
        answered_at = _later(near.answered_at, first.answered_at) if answered else None
        if not answered and last is not first and near.final_talker != near.answered_by:
            # Nobody there, but somebody afterwards: since when is not known.
            answered = last is None or _is_answered(last)
            answered_by = near.final_talker if last is None else last.answered_by
            answered_by = answered_by if answered else None
    if last is not None:
        final = last.final_talker or last.answered_by or (answered_by if answered else None)
    waited = [here[leg.channel] for leg in joined]
    last_far = last or (here[joined[-1].channel] if joined[-1].last else None)
    told = replace(
        near,
        answered_by=answered_by,
        answered_at=answered_at,
        final_talker=final if answered else None,
        outcome=Outcome.ANSWERED if answered else _unanswered(near, joined, here),
        ended_by=_ended_by(near, last_far, joined, here, answered=answered),
        queue=_queue(near, first, waited),
        complete=near.complete and not (answered and answered_at is None),
    )
    return replace(told, seconds=_seconds(near, told, waited, answered=answered))


def _far_of(
    label: str | None, legs: list[SeenLeg], here: Mapping[str, CallRecord]
) -> CallRecord | None:
    """Return the record behind whom the near PBX names as the talker, None for one of its own."""
    for leg in legs:
        if leg.talked and leg.label == label:
            return here[leg.channel]
    return None


def _later(one: datetime | None, two: datetime | None) -> datetime | None:
    return None if one is None or two is None else max(one, two)


def _unanswered(
    near: CallRecord, joined: list[SeenLeg], here: Mapping[str, CallRecord]
) -> Outcome | None:
    told = [here[leg.channel].outcome for leg in joined if leg.last]
    if near.outcome is Outcome.VOICEMAIL or Outcome.VOICEMAIL in told:
        return Outcome.VOICEMAIL
    if near.state is CallState.LIVE or near.outcome is None:
        return None
    if near.direction is Direction.INBOUND and near.ended_by is EndedBy.CALLER:
        return Outcome.ABANDONED
    if near.outcome is not Outcome.ANSWERED and len(told) != 1:
        return near.outcome
    if any(one is None for one in told):
        return None if near.outcome is Outcome.ANSWERED else near.outcome
    refused = [one for one in told if one in _REFUSED]
    return refused[0] if refused and len(refused) == len(told) else Outcome.MISSED


def _ended_by(
    near: CallRecord,
    last: CallRecord | None,
    joined: list[SeenLeg],
    here: Mapping[str, CallRecord],
    *,
    answered: bool,
) -> EndedBy | None:
    """Return who hung up: behind a trunk that hung up may be a person, or the other PBX."""
    if near.ended_by is not EndedBy.CALLEE:
        return near.ended_by
    if answered:
        by_pbx = last is not None and last.ended_by is EndedBy.PBX
        return EndedBy.PBX if by_pbx else near.ended_by
    told = {here[leg.channel].ended_by for leg in joined if leg.last}
    return EndedBy.PBX if EndedBy.PBX in told else near.ended_by


def _queue(near: CallRecord, first: CallRecord | None, fars: list[CallRecord]) -> str | None:
    if first is not None and first.queue is not None:
        return first.queue
    entered = [far.queue for far in fars if far.queue is not None]
    return near.queue or (entered[-1] if entered else None)


def _seconds(
    near: CallRecord, told: CallRecord, fars: list[CallRecord], *, answered: bool
) -> Seconds:
    old = near.seconds
    return Seconds(
        ring=_ring(near, told, fars, answered=answered),
        wait=_wait(near, told, fars),
        talk=_between(told.answered_at, told.ended_at) if answered else None,
        hold=_sum(old.hold, *(far.seconds.hold for far in fars)),
        ivr=_sum(old.ivr, *(far.seconds.ivr for far in fars)),
    )


def _ring(
    near: CallRecord, told: CallRecord, fars: list[CallRecord], *, answered: bool
) -> float | None:
    """Return the time from when it began to ring for the initiator (a click: their answer)."""
    if near.seconds.ring is None:
        return None
    if near.answered_at is None:
        return near.seconds.ring
    until = told.answered_at if answered else told.ended_at
    if not answered and told.outcome is Outcome.VOICEMAIL:
        until = _mailbox_at(fars) or near.answered_at
    later = _between(near.answered_at, until)
    return None if later is None else round(near.seconds.ring + later, 3)


def _mailbox_at(fars: list[CallRecord]) -> datetime | None:
    """Return when a mailbox over there answered."""
    for far in fars:
        if far.outcome is Outcome.VOICEMAIL and far.started_at and far.seconds.ring is not None:
            return far.started_at + timedelta(seconds=far.seconds.ring)
    return None


def _wait(near: CallRecord, told: CallRecord, fars: list[CallRecord]) -> float | None:
    if near.seconds.wait is not None:
        more = _between(near.answered_at, told.answered_at) or 0.0
        return round(near.seconds.wait + more, 3)
    return next((far.seconds.wait for far in fars if far.seconds.wait is not None), None)


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    if begin is None or end is None:
        return None
    return max(0.0, round((end - begin).total_seconds(), 3))


def _sum(*parts: float | None) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 3) if len(known) == len(parts) else None


def _rung(stages: Stages, here: Mapping[str, CallRecord]) -> tuple[tuple[str, ...], ...]:
    """Put the stages that rang over there in the place of the leg that led to them."""
    found: list[tuple[str, ...]] = []
    for stage in stages:
        labels: list[str] = []
        following: list[tuple[str, ...]] = []
        for leg in stage:
            far = here.get(leg.channel)
            if far is not None:
                labels.extend(far.rung[0] if far.rung else ())
                following.extend(far.rung[1:])
            elif leg.counts and leg.label:
                labels.append(leg.label)
        found.append(tuple(dict.fromkeys(labels)))
        found.extend(following)
    return tuple(stage for stage in found if stage)


def _transfers(
    near: CallRecord, joined: list[SeenLeg], here: Mapping[str, CallRecord]
) -> tuple[Transfer, ...]:
    """Name targets on another PBX as such; who took the call is known over there."""
    moves = [_retold(move, joined, here) for move in near.transfers]
    moves += [move for leg in joined for move in here[leg.channel].transfers]
    if all(move.at is not None for move in moves):
        moves.sort(key=lambda move: move.at or _NEVER)
    return tuple(moves)


def _retold(move: Transfer, joined: list[SeenLeg], here: Mapping[str, CallRecord]) -> Transfer:
    for leg in joined:
        if move.to_party is not None and _leads_to(move.to_party, leg.label):
            taken = move.completed and _is_answered(here[leg.channel])
            return replace(move, to_party=leg.label, completed=taken)
    return move


def _leads_to(dialled: str, label: str) -> bool:
    """Whether dialling this number is what called that extension: an access code may precede."""
    number = label.rpartition(":")[2]
    return dialled in {label, number} or (
        ":" in label and dialled.endswith(number) and len(dialled) <= len(number) + _ACCESS_DIGITS
    )
