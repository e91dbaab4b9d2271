"""Two tracked calls turn out to be one (DESIGN: Identity, transfers)."""

from datetime import datetime

from gateway.core import recordings
from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import Channel
from gateway.core.events import CallMerged
from gateway.core.legs import ELSEWHERE_CAUSE
from gateway.core.record import Direction, EndKind, TransferType
from gateway.core.ringing import say_again


def absorb(board: Board, call: Call, other: Channel, at: datetime) -> Call | None:
    """Join the call of a channel that `call` suddenly speaks with; return the survivor.

    None if there was nothing to join: the channel belonged to nobody and is now part of `call`.
    """
    partner = other.call
    if partner is None or partner.merged_into is not None or not (partner.born or partner.ended):
        board.attach(other, call)
        return None
    return join(board, call, partner, at)


def join(board: Board, one: Call, two: Call, at: datetime) -> Call:
    """Merge two calls and return the one that goes on.

    One of them may be a consultation that a phone placed itself (it dialled somebody and the same
    extension takes part in the other), or that of a phone which only came to take the other over.
    Both are told of: what the survivor has become is as much news as that the other is gone, and
    that its customer is now whom a phone rings for (blonde: handed over while the target rings).
    """
    pending = {call: tuple(call.pending.values()) for call in (one, two)}
    survivor = _joined(board, one, two, at)
    board.updated(survivor, at)
    came = pending[two if survivor is one else one]
    say_again(board, survivor, [leg for leg in came if leg.uid in survivor.pending], at)
    return survivor


def _joined(board: Board, one: Call, two: Call, at: datetime) -> Call:
    consultation = _consultation(board, one, two)
    if consultation is not None:
        original = two if consultation is one else one
        return _join_consultation(board, original, consultation, at)
    if _only_came(one) is _only_came(two):
        newcomer = two if _outranks(one, two) else one
    else:
        newcomer = two if _only_came(two) else one
    host = one if newcomer is two else two
    _note_taker(board, host, newcomer, at)
    return _merge(board, host, newcomer, at)


def _only_came(call: Call) -> bool:
    """Whether a call dialled nobody and spoke with nobody: its phone came to take another."""
    return not call.stages and not call.talked and not call.answered


def _outranks(one: Call, two: Call) -> bool:
    """Whether `one` survives a merger: the one with the outside party, else the older."""
    if one.ended is not two.ended:
        return two.ended
    outside = one.direction is not Direction.INTERNAL
    if outside is not (two.direction is not Direction.INTERNAL):
        return outside
    return (one.started_at, _counter(one)) <= (two.started_at, _counter(two))


def _counter(call: Call) -> tuple[int, str]:
    """Order calls of the same moment by their root, as the PBX counted them."""
    return len(call.root), call.root


def _consultation(board: Board, one: Call, two: Call) -> Call | None:
    """Return the call that an extension placed while it took part in the other one."""
    candidates = [
        call
        for call, other in ((one, two), (two, one))
        if call.caller_party
        and not call.originated
        and call.stages
        and _takes_part(board, other, call.caller_number, call.initiator)
    ]
    if len(candidates) > 1:
        # An agent who called out and then consulted initiated both: the later one consults.
        candidates.sort(key=lambda call: (call.started_at, _counter(call)))
    return candidates[-1] if candidates else None


def _takes_part(board: Board, call: Call, extension: str, except_uid: str) -> bool:
    """Whether an extension speaks, or spoke last, in a call with another of its channels."""
    if call.caller_party and call.caller_number == extension and call.initiator != except_uid:
        return True
    for uid in (*call.talking, *call.last_talking):
        channel = board.channel(uid)
        if channel is not None and uid != except_uid and channel.label == extension:
            return True
    return call.final_talker == extension


def _join_consultation(board: Board, original: Call, consultation: Call, at: datetime) -> Call:
    transferer = consultation.caller_number
    survivor = original if _survives(original, consultation) else consultation
    to_party = consultation.called or None
    if survivor is consultation:
        # The customer was on the consultation: seen from there, the original party is the target.
        to_party = original.caller_number
    move = Move(
        TransferType.ATTENDED if consultation.answered else TransferType.BLONDE,
        key=consultation.root,
        from_party=transferer,
        to_party=to_party,
        at=at,
    )
    gone = consultation if survivor is original else original
    survivor.complete = survivor.complete and gone.complete
    survivor.gap = survivor.gap or gone.gap or not gone.begin_seen
    if survivor.caller_party and survivor.caller_number == transferer:
        _hand_over(survivor)
    # The transferer's channels are nobody new.
    known = [
        uid
        for uid in (gone.initiator, *gone.talking, *gone.last_talking)
        if _is_party_of(board, uid, transferer)
    ]
    survivor.talked = (*survivor.talked, *known)
    _merge(board, survivor, gone, at, stages=survivor is original)
    survivor.add_move(move)
    return survivor


def _is_party_of(board: Board, uid: str, extension: str) -> bool:
    channel = board.channel(uid)
    return channel is not None and channel.is_extension and channel.party == extension


def _survives(original: Call, consultation: Call) -> bool:
    if original.ended:
        return consultation.ended
    if consultation.ended:
        return True
    return _outranks(original, consultation)


def hand_over(call: Call, far: str, *, final: bool = True) -> None:
    """Look from the far party from now on: the initiator leaves the call to others.

    Unless that is `final` (a consultation) the initiator may come back.
    """
    call.handed_over = call.handed_over or final
    if call.swapped or not far:
        return
    call.anchor, call.swapped = far, True
    if call.initiator not in call.talked:
        call.talked = (*call.talked, call.initiator)
    call.last_talking, call.talking = call.talking, ()
    if far not in call.talked:
        call.talked = (*call.talked, far)


def _hand_over(call: Call) -> None:
    for uid in (*call.talking, *call.last_talking):
        hand_over(call, uid)
        return


def _note_taker(board: Board, host: Call, newcomer: Call, at: datetime) -> None:
    """Note a pick-up or a retrieval whose own event was not seen (or comes later)."""
    taker = board.channels.get(newcomer.initiator)
    if taker is None or not taker.is_extension or not _only_came(newcomer):
        return
    if any(move.key == taker.uid for move in host.moves):
        return
    move_type, from_party = TransferType.PARK, host.parked_by
    if from_party is None:
        if host.answered:
            return
        move_type, from_party = TransferType.PICKUP, _picked_from(host)
        if from_party is None:
            return
    host.add_move(
        Move(move_type, key=taker.uid, from_party=from_party, to_party=taker.label, at=at)
    )
    host.parked_by = None


def _picked_from(host: Call) -> str | None:
    for leg in host.last_stage:
        if leg.extension and (leg.pending or leg.cause == ELSEWHERE_CAUSE):
            return leg.party
    return None


def _merge(board: Board, survivor: Call, gone: Call, at: datetime, *, stages: bool = True) -> Call:
    """Let `gone` become part of `survivor`."""
    for uid in tuple(gone.channels):
        channel = board.channel(uid)
        if channel is not None:
            board.attach(channel, survivor)
    if stages:
        offset = len(survivor.stages)
        for stage in gone.stages:
            for leg in stage:
                leg.stage += offset
                if leg.ring_no:
                    leg.ring_no += survivor.rings.get(leg.party, 0)
        survivor.stages.extend(gone.stages)
        survivor.pending.update(gone.pending)
        for party, rings in gone.rings.items():
            survivor.rings[party] = survivor.rings.get(party, 0) + rings
    _end_merged(board, survivor, gone, at)
    return survivor


def _end_merged(board: Board, survivor: Call, gone: Call, at: datetime) -> None:
    for linkedid in gone.linkedids:
        board.by_linkedid[linkedid] = survivor
    survivor.linkedids = (*survivor.linkedids, *gone.linkedids)
    gone.linkedids = ()
    recordings.join(survivor, gone)
    gone.merged_into = survivor.id
    was_ended = gone.ended
    gone.ended = True
    gone.ended_at = gone.ended_at or at
    gone.end = gone.end or EndKind.SEEN
    if not was_ended:
        board.bury_call(gone, at)
    if gone.born:
        board.out.append(CallMerged(at=at, record=board.project(gone), into=survivor.id))
