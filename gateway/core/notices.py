"""What registered webhooks are told that is no call: who waits, what was promised, sick trunks."""

from enum import StrEnum
from uuid import UUID, uuid5

from gateway.core.ids import CallId, EffectKey
from gateway.core.record import CallRecord, Direction


class NoticeKind(StrEnum):
    """Named as the frames that pages get of the same; a trunk's are `trunk.state`."""

    MISSED = "missed.updated"
    PROMISE = "promise.due"
    TRUNK = "trunk.alarm"


def notice_key(subject: UUID, connector: str, kind: NoticeKind, mark: str) -> EffectKey:
    """Return the idempotency key of a notice; `mark` tells those of one kind on one subject apart.

    The id of a missed customer or a promise stands where effects of calls have the call's id.
    """
    return EffectKey(uuid5(subject, f"{connector}\n{kind}\n{mark}"))


def stand_in(subject: UUID) -> CallRecord:
    """Return what stands for the call in a notice: nothing but the id that it is in line under."""
    return CallRecord(id=CallId(subject), pbx="", linkedid="", direction=Direction.INBOUND)
