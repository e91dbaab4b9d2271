"""What may have happened to a call while nobody looked (DESIGN: Incomplete)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.dialling import settle
from gateway.core.ids import CallId
from gateway.core.inputs import ChannelState, SnapshotChannel

# A conversation that stands as it stood is taken to have gone on; somebody may have been on hold
# for part of this time, and a longer one is long enough to ask a colleague and come back.
GOES_ON: Final = timedelta(seconds=10)
# Nobody is rung for less than this.
NOBODY_RANG: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How a call stood when it was last heard of: `ringing` and `parties` are unique ids."""

    answered: bool
    queued: bool
    root_up: bool
    ringing: frozenset[str]
    parties: frozenset[str]


def stood(board: Board) -> Mapping[CallId, Before]:
    """Return how each live call stands; call before a snapshot is applied."""
    return {
        call.id: Before(
            answered=call.answered,
            queued=call.in_queue is not None,
            root_up=call.root_up,
            ringing=frozenset(uid for uid, leg in call.pending.items() if not leg.relay),
            parties=_parties(board, call),
        )
        for call in board.live()
    }


def doubt(board: Board, before: Mapping[CallId, Before], at: datetime) -> None:
    """Take for unknown what may have happened unseen; call when a snapshot has been applied."""
    lost_at, board.lost_at = board.lost_at, None
    restored, board.restored = board.restored, False
    if lost_at is None:
        return
    long = restored or at - lost_at > NOBODY_RANG
    for call in board.live():
        earlier = before.get(call.id)
        if earlier is None:
            continue
        call.stale = True
        if call.gap or _parties(board, call) - earlier.parties:
            call.complete = False
        if earlier.answered:
            if at - lost_at > GOES_ON:
                call.complete = False
                call.gap = True
        elif not _rings_on(board, call, earlier):
            _doubt_unanswered(call, earlier, long=long)


def doubt_unlisted(board: Board, call: Call) -> None:
    """Take for unknown what may have happened in a gap that no list was told of before the end."""
    if board.lost_at is None or not call.stale:
        return
    call.complete = False
    call.gap = True
    if call.answered_at is not None and call.answered_at >= board.lost_at:
        call.answered_at = None  # whoever came then may not have been the first


def _doubt_unanswered(call: Call, earlier: Before, *, long: bool) -> None:
    """Somebody may have been rung, and a menu or a voicemail box may have spoken, unseen."""
    moved = bool(earlier.ringing or call.pending or call.answered)
    if call.ivr_since is not None and (moved or call.in_queue is not None):
        # The caller chose something: when the menu ended nobody saw.
        call.ivr_since, moved = None, True
    elif call.ivr_since is None and call.root_up and call.in_queue is None:
        moved = True  # a menu may speak
    if moved or long:
        call.complete = False
        rang = bool(earlier.ringing) and call.answered
        queued = earlier.queued and (call.in_queue is not None or call.answered)
        call.menu_unseen = call.menu_unseen or not (rang or queued)
    if call.root_up and not (call.answered or call.pending or call.in_queue or earlier.queued):
        taken = not earlier.root_up or long
        call.taken_unseen = call.taken_unseen or taken


def _parties(board: Board, call: Call) -> frozenset[str]:
    return frozenset(
        uid for uid in call.channels if uid in board.channels and board.channels[uid].is_party
    )


def _rings_on(board: Board, call: Call, earlier: Before) -> bool:
    """Whether exactly those ring who rang: between them nobody else can have been dialled."""
    if not earlier.ringing or call.answered or call.root_up is not earlier.root_up:
        return False
    legs = {uid: leg for uid, leg in call.pending.items() if not leg.relay}
    return legs.keys() == earlier.ringing and all(
        board.channels[uid].state is not ChannelState.UP for uid in legs if uid in board.channels
    )


def came_up_unseen(board: Board, call: Call, entry: SnapshotChannel, at: datetime) -> None:
    """Note that a call's first channel was taken off the hook, or answered by the PBX, unseen."""
    root = board.channels[entry.channel]
    if not call.originated:
        call.root_up = True
        return
    if call.agent_up_at is not None or not root.is_party:
        return
    # The agent of a click-to-call has come; since when their own call rings nobody knows.
    call.agent_up_at = at
    call.begin_seen = call.complete = False
    if root.leg is not None:
        root.leg.answered = True
        settle(board, call, root.leg)
    if not call.called and board.plan.parse(entry.exten or None, dialled=True).e164 is not None:
        call.called = entry.exten
