"""The frames of the event stream, the same over WebSocket and server-sent events.

`seq` goes up by one from frame to frame, per person and `epoch` (one life of the daemon).
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from gateway.web.shapes.base import Params, Shape, Stamp
from gateway.web.shapes.call import CallRecord
from gateway.web.shapes.missed import MissedCustomer, MissedGone
from gateway.web.shapes.mystery import TrunkTest
from gateway.web.shapes.operations import Link, Phone, Queue, QueueGone
from gateway.web.shapes.pop import Pop, PopClosed
from gateway.web.shapes.promise import Promise
from gateway.web.shapes.trunks import Trunk


class EventsQuery(Params):
    """Where to go on."""

    since: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="`EPOCH:SEQ` of the last frame one has; what came after it is sent again.",
    )


class Numbered(Shape):
    """What every frame carries."""

    seq: int
    at: Stamp


class HelloData(Shape):
    """`follow`: so many frames describe the past or this moment; `resumed`: it is the past."""

    epoch: str
    resumed: bool
    follow: int


class HelloFrame(Numbered):
    """The first frame."""

    type: Literal["hello"]
    data: HelloData


class Empty(Shape):
    """No more than the type says."""


class ReloadFrame(Numbered):
    """What was asked for with `since` is gone: forget everything, this moment follows."""

    type: Literal["reload"]
    data: Empty


class PopOfferedFrame(Numbered):
    """A phone of this person is about to ring."""

    type: Literal["pop.offered"]
    data: Pop


class PopUpdatedFrame(Numbered):
    """More is known; it replaces what was told."""

    type: Literal["pop.updated"]
    data: Pop


class PopAnsweredFrame(Numbered):
    """This person has answered."""

    type: Literal["pop.answered"]
    data: Pop


class PopClosedFrame(Numbered):
    """The pop goes away."""

    type: Literal["pop.closed"]
    data: PopClosed


class CallUpdatedFrame(Numbered):
    """A call that one may see has changed."""

    type: Literal["call.updated"]
    data: CallRecord


class CallEndedFrame(Numbered):
    """A call that one may see is over."""

    type: Literal["call.ended"]
    data: CallRecord


class CallMergedFrame(Numbered):
    """A call became part of another, `merged_into`; it is no call of its own any more."""

    type: Literal["call.merged"]
    data: CallRecord


class PresenceData(Shape):
    """The phones that changed."""

    items: list[Phone]


class PresenceFrame(Numbered):
    """What phones do, at most once a second."""

    type: Literal["presence"]
    data: PresenceData


class QueueUpdatedFrame(Numbered):
    """A queue as it is now."""

    type: Literal["queue.updated"]
    data: Queue | QueueGone


class LinkStateFrame(Numbered):
    """The link to a PBX has changed."""

    type: Literal["link.state"]
    data: Link


class TrunkStateFrame(Numbered):
    """A trunk as it is now, to those who may read trunks."""

    type: Literal["trunk.state"]
    data: Trunk


class TrunkTestFrame(Numbered):
    """A mystery call as it goes, to those who may read trunks."""

    type: Literal["trunk.test"]
    data: TrunkTest


class PromiseDueFrame(Numbered):
    """A promised call-back is due: to whose task it is and who supervises them, once."""

    type: Literal["promise.due"]
    data: Promise


class MissedUpdatedFrame(Numbered):
    """A customer who waits to be called back, as they are now; closed or gone if they do not."""

    type: Literal["missed.updated"]
    data: MissedCustomer | MissedGone


class PongFrame(Shape):
    """The answer to the text `ping`, over a WebSocket only: the whole way works."""

    type: Literal["pong"]


class Frame(
    RootModel[
        Annotated[
            HelloFrame
            | ReloadFrame
            | PopOfferedFrame
            | PopUpdatedFrame
            | PopAnsweredFrame
            | PopClosedFrame
            | CallUpdatedFrame
            | CallEndedFrame
            | CallMergedFrame
            | PresenceFrame
            | QueueUpdatedFrame
            | LinkStateFrame
            | TrunkStateFrame
            | TrunkTestFrame
            | PromiseDueFrame
            | MissedUpdatedFrame
            | PongFrame,
            Field(discriminator="type"),
        ]
    ]
):
    """One frame of the event stream."""
