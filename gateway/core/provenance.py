"""What the network says of where a call comes from: is the number vouched for, who diverted it.

A caller's number is a claim (RELIABILITY: trust of caller-ID). This is shown with it; nothing is
opened, matched or allowed by it. It is told to the desk alone: records and CRMs do not have it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from gateway.core.board import Board
from gateway.core.events import CallEvent
from gateway.core.inputs import PbxEvent
from gateway.core.text import clean_text
from gateway.core.values import value

_MOST_DIGITS: Final = 40


class Attestation(StrEnum):
    """How the carrier vouches for the caller's number (STIR/SHAKEN, ATIS-1000074 and 3GPP 24.229).

    `full`: the number is the caller's. `partial`: it knows the caller, not the number. `gateway`:
    it only passed the call on. `passed`: verified, at no level that we were told. `failed`: the
    verification failed, the number may be somebody else's.
    """

    FULL = "full"
    PARTIAL = "partial"
    GATEWAY = "gateway"
    PASSED = "passed"
    FAILED = "failed"


class DiversionReason(StrEnum):
    """Why somebody's telephone sent the call on to us (RFC 5806, RFC 7044)."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    ALWAYS = "always"
    UNREACHABLE = "unreachable"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a call comes from, as far as the network says; `diverted_from` as it was told.

    `diverted_reason` None: it was not diverted. `diverted_e164` is ours to find.
    """

    attestation: Attestation | None = None
    diverted_from: str = ""
    diverted_e164: str | None = None
    diverted_reason: DiversionReason | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the network said nothing."""
        return self.attestation is None and self.diverted_reason is None


NOTHING_SAID: Final = Provenance()


@value
class ProvenanceTold(PbxEvent):
    """The network said where the call of `channel` comes from."""

    channel: str
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTraced(CallEvent):
    """It is known where the call comes from; the record is as it was."""

    provenance: Provenance


def on_provenance(board: Board, event: ProvenanceTold) -> None:
    """Hand it on with the call it belongs to; one about no call we know is an anomaly."""
    channel = board.channel(event.channel)
    call = channel.call if channel is not None else None
    if call is None or not call.born:
        board.anomaly(event.at, "provenance.no_call", event.channel)
        return
    told = event.provenance
    from_number = clean_text(told.diverted_from, limit=_MOST_DIGITS) or ""
    plan = board.plan.of_trunk(call.trunk)
    told = replace(told, diverted_from=from_number, diverted_e164=plan.parse(from_number).e164)
    board.out.append(CallTraced(at=event.at, record=board.project(call), provenance=told))
