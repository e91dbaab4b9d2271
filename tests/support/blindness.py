"""A recorded call of which nobody sees a part, and the lists that are taken when it is over."""

from collections.abc import Sequence
from datetime import timedelta

from support.recorded import PLAN

from gateway.core.channels import Channel
from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import (
    Identity,
    Input,
    LinkDown,
    Snapshot,
    SnapshotBridge,
    SnapshotChannel,
    SnapshotQueueCaller,
    Tick,
)
from gateway.core.record import CallRecord, TransferType
from gateway.core.table import CallTable

TOLERANCE_S = 0.2
ALIKE = (
    "direction", "caller", "called", "queue", "answered_by", "final_talker", "outcome", "ended_by",
    "merged_into",
)  # fmt: skip


def followed(inputs: Sequence[Input]) -> dict[CallId, CallRecord]:
    """Return the records of a stream."""
    table, found = CallTable("pbx", PLAN), {}
    for item in (*inputs, Tick(at=inputs[-1].at + timedelta(seconds=10))):
        for output in table.apply(item):
            if isinstance(output, CallEvent):
                found[output.record.id] = output.record
    return found


def blind(inputs: Sequence[Input], begin: int, end: int) -> list[Input]:
    """Return a stream without its inputs from `begin` to `end`, with what is told instead."""
    lost = LinkDown(at=inputs[begin - 1].at)
    return [*inputs[:begin], lost, lists(inputs[:end]), *inputs[end:]]


def lists(inputs: Sequence[Input]) -> Snapshot:
    """Return what a PBX lists after these inputs."""
    table = CallTable("pbx", PLAN)
    for item in inputs:
        table.apply(item)
    board = table._board  # what the PBX itself knows
    return Snapshot(
        at=inputs[-1].at,
        requested_seq=max(getattr(item, "seq", 0) for item in inputs),
        channels=tuple(_listed(channel) for channel in board.channels.values()),
        bridges=tuple(
            SnapshotBridge(bridge=one.id, kind=one.kind) for one in board.bridges.values()
        ),
        queues=tuple(
            SnapshotQueueCaller(queue=call.in_queue, channel=call.anchor, since=call.queue_since)
            for call in board.live()
            if call.in_queue
        ),
    )


def _listed(channel: Channel) -> SnapshotChannel:
    call = channel.call
    joined = call.linkedids if call is not None and not call.ended else []
    # Calls that were joined show the oldest of their linkedids.
    linkedid = min(joined, key=lambda one: (len(one), one), default=channel.linkedid)
    return SnapshotChannel(
        channel=channel.uid,
        linkedid=linkedid,
        identity=Identity(
            name=channel.name,
            kind=channel.kind,
            party=channel.party,
            relay=channel.relay,
            half=channel.half,
            target=channel.target,
            prefix=channel.prefix,
        ),
        state=channel.state,
        number=channel.number,
        caller_name=channel.caller_name,
        exten=channel.exten,
        bridge=channel.bridge.id if channel.bridge is not None else "",
    )


def _asked_in_vain(record: CallRecord) -> bool:
    """Whether a colleague was asked, and the customer taken back: a gap can hide all of that."""
    return any(
        move.type is TransferType.ATTENDED and not move.completed for move in record.transfers
    )


def unlike(whole: CallRecord, told: CallRecord, gap_s: float) -> list[str]:
    """Return the fields in which a record that calls itself complete is not."""
    found = [name for name in ALIKE if getattr(whole, name) != getattr(told, name)]
    if not _asked_in_vain(whole):
        stages = [sorted(stage) for stage in whole.rung], [sorted(stage) for stage in told.rung]
        moves = [
            [(one.type, one.from_party, one.to_party, one.completed) for one in record.transfers]
            for record in (whole, told)
        ]
        found += ["rung"] if stages[0] != stages[1] else []
        found += ["transfers"] if moves[0] != moves[1] else []
    for name in ("ring", "wait", "talk", "hold", "ivr"):
        one, other = getattr(whole.seconds, name), getattr(told.seconds, name)
        # who was held, or in a menu, for an unseen moment
        allowed = TOLERANCE_S + (gap_s if name in {"hold", "ivr"} else 0.0)
        if one is not None and other is not None and abs(one - other) > allowed:
            found.append(name)
    return found
