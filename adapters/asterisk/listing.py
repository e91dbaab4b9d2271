"""The lists taken after a login, as one snapshot for the core."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.words import (
    STATES,
    bridge_kind,
    epoch_of,
    known,
    name_of,
    number_of,
    withheld,
)
from gateway.core.inputs import (
    ChannelState,
    Snapshot,
    SnapshotBridge,
    SnapshotChannel,
    SnapshotQueueCaller,
)


def read_snapshot(
    naming: Naming,
    at: datetime,
    requested_seq: int,
    frames: Iterable[Frame],
    *,
    tells_presentation: bool = False,
) -> Snapshot:
    """Return what CoreShowChannels, BridgeList and QueueStatus listed; other frames are ignored.

    `tells_presentation`: believe the channel variables that are listed with a channel.
    """
    channels: list[SnapshotChannel] = []
    bridges: list[SnapshotBridge] = []
    queues: list[SnapshotQueueCaller] = []
    for frame in frames:
        if frame.name == "CoreShowChannel":
            if frame.get("Uniqueid"):
                hidden = withheld(frame) if tells_presentation else None
                channels.append(_channel(naming, frame, hidden))
        elif frame.name == "BridgeListItem":
            bridges.append(
                SnapshotBridge(bridge=frame.get("BridgeUniqueid"), kind=bridge_kind(frame))
            )
        elif frame.name == "QueueEntry":
            queues.append(_queue_caller(frame, at))
    return Snapshot(
        at=at,
        requested_seq=requested_seq,
        channels=tuple(channels),
        bridges=tuple(bridges),
        queues=tuple(queues),
    )


def _channel(naming: Naming, frame: Frame, hidden: bool | None) -> SnapshotChannel:  # noqa: FBT001
    uid = frame.get("Uniqueid")
    linkedid = frame.get("Linkedid") or uid
    return SnapshotChannel(
        channel=uid,
        linkedid=linkedid,
        identity=naming.identity(frame.get("Channel")),
        state=STATES.get(frame.get("ChannelStateDesc"), ChannelState.OTHER),
        number=known(frame.get("CallerIDNum")),
        caller_name=name_of(frame.get("CallerIDName")),
        exten=frame.get("Exten"),
        bridge=frame.get("BridgeId"),
        withheld=hidden,
        since=epoch_of(linkedid),
    )


def _queue_caller(frame: Frame, at: datetime) -> SnapshotQueueCaller:
    waited = number_of(frame.get("Wait"))
    return SnapshotQueueCaller(
        channel=frame.get("Uniqueid"),
        queue=frame.get("Queue"),
        since=at - timedelta(seconds=waited) if waited is not None else None,
    )
