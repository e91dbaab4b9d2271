"""When somebody is there."""

from pydantic import Field

from gateway.web.shapes.base import Params, Shape, Stamp, Time


class HoursQuery(Params):
    """Of whom, and when."""

    at: Time | None = Field(default=None, description="The moment in question; now if left out.")
    agent: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="A login: the hours of their team, where it has its own.",
    )
    line: str | None = Field(
        default=None, min_length=1, max_length=200, description="The label of a line."
    )


class Hours(Shape):
    """Whether it is open at a moment, and what comes after it.

    `opens_at` is the next opening if it is closed then, `closes_at` the next closing if it is open.
    `day` names what differs from the weekday, a public holiday for instance. Without a calendar
    it is always open: all but `at` and `open` are null.
    """

    at: Stamp
    open: bool
    calendar: str | None
    timezone: str | None
    opens_at: Stamp | None
    closes_at: Stamp | None
    day: str | None
