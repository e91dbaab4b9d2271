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
from gateway.core.record import CallRecord
from gateway.core.table import CallTable


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
