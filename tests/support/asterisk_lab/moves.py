"""Hand-overs as the people in a call meant them, and whether they came about."""

from collections.abc import Sequence
from dataclasses import dataclass

from support.asterisk_lab.leg import Leg
from support.asterisk_lab.settings import PEOPLE
from support.asterisk_lab.truth import TrueTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Somebody hands the call over: `to` as dialled, `at` the moment they asked for it."""

    kind: str
    by: Leg
    to: str
    at: float


def completed(
    moves: Sequence[Move], far: Sequence[Leg], senders: set[str]
) -> tuple[TrueTransfer, ...]:
    """Return the hand-overs in their order; one is completed if its target took the call."""
    ordered = sorted(moves, key=lambda move: move.at)
    ends = [*(move.at for move in ordered[1:]), float("inf")][: len(ordered)]
    return tuple(
        TrueTransfer(
            type=move.kind,
            from_party=move.by.device,
            to_party=move.to,
            completed=any(
                leg.up_at and (_takes(move, leg, until) or move.to in senders) for leg in far
            ),
        )
        for move, until in zip(ordered, ends, strict=True)
    )


def _takes(move: Move, leg: Leg, until: float) -> bool:
    up_at = leg.up_at or 0.0
    if leg.device == move.to:
        return up_at >= move.at
    # A queue or a group took it if somebody there answered before the call went on.
    return move.to not in PEOPLE and leg.is_phone and move.at <= leg.started_at < until
