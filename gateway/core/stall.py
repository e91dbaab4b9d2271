"""Events that came while nobody read: their order is known, their time is not.

The process was stopped, or its event loop blocked, and what the PBX sent meanwhile is read at once
when it goes on. What these events say is true; the instants they would give are not.
"""

from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.inputs import ChannelCreated, Input
from gateway.core.values import value


@value
class Stalled(Input):
    """Nobody read since `since`; what is told from now on happened some time after that."""

    since: datetime


@value
class CaughtUp(Input):
    """What came during a stall has been told; events have their time again."""


class Stall:
    """A stall that is being caught up with: `since` as told, `noticed` the time of its events."""

    __slots__ = ("noticed", "since", "touched")

    def __init__(self, since: datetime, noticed: datetime) -> None:
        self.since = since
        self.noticed = noticed
        self.touched: list[Call] = []


def on_stalled(board: Board, event: Stalled) -> None:
    """Take no time for granted until everything is read."""
    if board.stall is None:
        board.stall = Stall(event.since, event.at)


def on_caught_up(board: Board, event: CaughtUp) -> None:
    """Leave out what is not known of the calls that something happened to."""
    clear(board, event.at)


def clear(board: Board, at: datetime) -> None:
    """End a stall, also because the link is lost."""
    stall, touched = board.stall, board.stall.touched if board.stall is not None else []
    for call in touched:
        if stall is not None and not call.ended:
            leave_out(call, stall)
            board.updated(call, at)
    board.stall = None


def touch(board: Board, item: Input) -> None:
    """Remember whose events came during a stall."""
    stall = board.stall
    if stall is None:
        return
    for uid in (getattr(item, "channel", ""), getattr(item, "dest", "")):
        channel = board.channel(uid) if uid else None
        call = channel.call if channel is not None else None
        if call is None or call in stall.touched:
            continue
        stall.touched.append(call)
        begun = item.since if isinstance(item, ChannelCreated) else None
        if begun is not None and call.started_at >= stall.noticed:
            # The unique id tells the second.
            call.started_at = min(max(begun, stall.since), call.started_at)
            call.ring_unknown = True


def leave_out(call: Call, stall: Stall) -> None:
    """Take out the instants that only the reading gave."""
    noticed = stall.noticed
    call.complete = False
    if call.started_at >= noticed or _since(call.voicemail_at, noticed):
        call.ring_unknown = True
    if _since(call.agent_up_at, noticed):
        call.ring_unknown = True
    if _since(call.answered_at, noticed):
        call.answered_at = None
    if _since(call.ended_at, noticed):
        call.ended_at = None
    if _since(call.queue_since, noticed) or _since(call.queue_left_at, noticed):
        call.wait_unknown = True
    call.gap = call.gap or call.answered
    call.menu_unseen = call.menu_unseen or bool(call.menus)
    for move in call.moves:
        if _since(move.at, noticed):
            move.at = None


def _since(moment: datetime | None, noticed: datetime) -> bool:
    return moment is not None and moment >= noticed
