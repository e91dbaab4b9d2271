"""Where nobody talks: queues, menus, voicemail (DESIGN: seconds, queue, outcome)."""

from datetime import datetime

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.clicked import take_called
from gateway.core.forwarding import withdraw_members
from gateway.core.inputs import (
    Application,
    ApplicationStarted,
    QueueAnswered,
    QueueJoined,
    QueueLeft,
    QueueRefused,
)


def _waiting_call(board: Board, uid: str) -> Call | None:
    channel = board.channel(uid)
    call = channel.call if channel is not None else None
    return call if call is not None and not call.ended else None


def on_application(board: Board, event: ApplicationStarted) -> None:
    """Note that the PBX itself takes the caller: a menu, a queue, a voicemail box."""
    call = _waiting_call(board, event.channel)
    if call is None:
        if event.application is Application.QUEUE:
            _learn_queue(board, event.channel, event.subject, event.at)
        return
    if _is_called(board, call, event.channel):
        return
    if call.originated and event.channel == call.initiator and not call.called:
        take_called(board, call, event.exten)
    if event.application is Application.MENU:
        _open_menu(board, call, event)
        return
    close_menu(call, event.at)
    if event.application is Application.QUEUE:
        call.queue_uid = event.channel
        _enter_queue(board, call, event.subject, event.at, joined=False)
    elif event.application is Application.VOICEMAIL:
        _reach_voicemail(board, call, event.at)


def _is_called(board: Board, call: Call, uid: str) -> bool:
    """Whether it is somebody called who hears the PBX: asked for a key before taking the call."""
    channel = board.channel(uid)
    if channel is None or channel.leg is None or not channel.is_party:
        return False
    return uid not in {call.anchor, call.initiator, call.root}


def _learn_queue(board: Board, uid: str, queue: str | None, at: datetime) -> None:
    """Note a queue that took no callers, or was left at once, told after the end of its call."""
    channel = board.channel(uid)
    call = channel.call if channel is not None else None
    if call is None or call.answered or not call.ended:
        return
    call.last_queue = call.last_queue or queue
    if call.queue_since is None:
        call.queue_since = call.queue_left_at = min(at, call.ended_at or at)
    call.queued = True
    if queue is None:
        call.queue_gave_up = True
    board.amended(call, at)


def _open_menu(board: Board, call: Call, event: ApplicationStarted) -> None:
    if call.talking:
        return
    if call.in_queue is not None or _dials(call, event.channel):
        # Told again, or late: nobody hears a menu meanwhile.
        if event.subject and event.subject not in call.menus:
            call.menus = (*call.menus, event.subject)
        return
    if call.ivr_since is None:
        call.ivr_since = event.at
    call.dial_failed = False
    if event.subject and (not call.menus or call.menus[-1] != event.subject):
        call.menus = (*call.menus, event.subject)
        board.updated(call, event.at)


def _dials(call: Call, uid: str) -> bool:
    return any(leg.via == uid for leg in call.pending.values())


def close_menu(call: Call, at: datetime) -> None:
    """End the time in menus: the caller got to something else."""
    if call.ivr_since is not None:
        call.ivr_s += max(0.0, (at - call.ivr_since).total_seconds())
        call.ivr_since = None


def _reach_voicemail(board: Board, call: Call, at: datetime) -> None:
    if call.answered or call.voicemail_at is not None:
        return
    call.voicemail_at = at
    board.updated(call, at)


def on_queue_joined(board: Board, event: QueueJoined) -> None:
    """Let the caller wait."""
    call = _waiting_call(board, event.channel)
    if call is not None:
        close_menu(call, event.at)
        call.queue_uid = event.channel
        withdraw_members(board, call, event.channel)
        _enter_queue(board, call, event.queue, event.at, joined=True)


def _enter_queue(board: Board, call: Call, queue: str, at: datetime, *, joined: bool) -> None:
    """Begin to wait, at the first queue entered before anybody answered."""
    news = call.last_queue != queue or call.in_queue is None
    call.last_queue = queue
    call.dial_failed = False
    if not call.answered:
        call.queued = True
        call.queue_gave_up = False
        if call.queue_since is None:
            call.queue_since = at
        # Until a join is told it may be refused: then the time waited is none.
        call.queue_left_at = None if joined else call.queue_left_at or call.queue_since
    if joined:
        call.in_queue = queue
    if news:
        board.updated(call, at)


def on_queue_left(board: Board, event: QueueLeft) -> None:
    """Take the caller out of the queue: to an agent, by itself, or because the queue gave up."""
    call = _waiting_call(board, event.channel)
    if call is None or call.in_queue is None:
        return
    call.in_queue = None
    if not call.answered:
        call.queue_left_at = event.at
        call.queue_gave_up = True


def on_queue_refused(board: Board, event: QueueRefused) -> None:
    """Note that the queue takes no callers: no time was spent waiting for it."""
    call = _waiting_call(board, event.channel)
    if call is None:
        _learn_queue(board, event.channel, None, event.at)
        return
    if call.answered or call.in_queue is not None:
        return
    call.queued = call.queue_gave_up = True
    if call.queue_since is None:
        call.queue_since = event.at
    if call.queue_left_at is None:
        call.queue_left_at = call.queue_since


def on_queue_answered(board: Board, event: QueueAnswered) -> None:
    """Note that an agent takes the call: this is the call's queue from now on."""
    call = _waiting_call(board, event.channel)
    if call is not None and call.answer_queue is None:
        call.answer_queue = event.queue
