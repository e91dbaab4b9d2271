"""What the phones of ours in a live call do at this moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.events import LegAlerting, LegAnswered, LegDialled
from gateway.core.record import CallRecord, TransferType
from gateway.core.ringing import ring_no_of


class PhoneDoes(StrEnum):
    """What a phone of ours does in a call."""

    DIALLED = "dialled"
    ALERTS = "alerts"
    TALKS = "talks"


_EVENTS: Final[Mapping[PhoneDoes, type[LegDialled | LegAlerting | LegAnswered]]] = {
    PhoneDoes.DIALLED: LegDialled,
    PhoneDoes.ALERTS: LegAlerting,
    PhoneDoes.TALKS: LegAnswered,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPhone:
    """A phone that rings, or that has the customer: it talks with them or has them wait."""

    extension: str
    ring_no: int
    does: PhoneDoes

    def told(self, record: CallRecord, at: datetime) -> LegDialled | LegAlerting | LegAnswered:
        """Return this as the event by which it was told when it began."""
        return _EVENTS[self.does](
            at=at, record=record, extension=self.extension, ring_no=self.ring_no
        )


def phones_of(board: Board, call: Call | None) -> tuple[SeenPhone, ...]:
    """Return the phones that ring or have the customer; none of a call that is over or unknown."""
    if call is None or call.ended:
        return ()
    found: dict[tuple[str, int], SeenPhone] = {}
    for leg in (leg for stage in call.stages for leg in stage):
        # open also between the answer and the bridge, when nothing is dialled any more
        if leg.open and leg.extension:
            does = PhoneDoes.ALERTS if leg.alerted else PhoneDoes.DIALLED
            ring = leg.party, leg.ring_no
            found[ring] = SeenPhone(extension=leg.party, ring_no=leg.ring_no, does=does)
    for channel in _talkers(board, call):
        ring = channel.party, ring_no_of(call, channel)
        found[ring] = SeenPhone(extension=ring[0], ring_no=ring[1], does=PhoneDoes.TALKS)
    return tuple(found.values())


def _talkers(board: Board, call: Call) -> Iterator[Channel]:
    """Yield the phones that talk with the customer or, consulting, have them wait."""
    for uid in dict.fromkeys((call.initiator, *call.talked, *call.talking)):
        channel = board.channels.get(uid)
        if channel is None or not channel.is_extension:
            continue
        if uid in {call.anchor, call.initiator}:
            if call.originated and call.answered:
                yield channel
        elif uid in call.talking or _has_them_wait(call, channel):
            yield channel


def _has_them_wait(call: Call, channel: Channel) -> bool:
    """Whether somebody talked last, is still there, and has not sent the customer elsewhere."""
    sent = (move for move in call.moves if move.type is not TransferType.ATTENDED)
    return channel.label == call.final_talker and all(
        move.from_party != channel.label for move in sent
    )
