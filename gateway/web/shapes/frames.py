"""The frames of the event stream."""

from pydantic import Field

from gateway.web.shapes.base import Params


class EventsQuery(Params):
    """Where to go on."""

    since: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="`EPOCH:SEQ` of the last frame one has; what came after it is sent again.",
    )
