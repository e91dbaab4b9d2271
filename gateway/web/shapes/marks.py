"""What people say about numbers."""

from uuid import UUID

from pydantic import Field

from gateway.web.shapes.base import Body, Page, PageParams, Params, Shape, Stamp


class ChoiceBody(Body):
    """Whose number it is, chosen by a person; `call` is given the contact at once."""

    number: str = Field(min_length=1, max_length=80)
    contact: str = Field(min_length=1, max_length=200, description="The id of the contact.")
    call: UUID | None = Field(default=None, description="The id of the call.")


class CallContactBody(Body):
    """Who is in a call."""

    contact: str = Field(min_length=1, max_length=200, description="The id of the contact.")


class NumberQuery(Params):
    """Which number, however it is written."""

    number: str = Field(min_length=1, max_length=80)


class Choice(Shape):
    """A choice that holds until it is taken back or its contact is deleted."""

    number: str
    contact: str
    by: str
    at: Stamp


class IgnoredBody(Body):
    """A number, or with `*` at its end all that begin so, and why they are ignored."""

    number: str = Field(min_length=1, max_length=80, examples=["02 9999*"])
    reason: str = Field(min_length=1, max_length=200)


class Ignored(Shape):
    """A number on the ignore list; its calls are recorded all the same."""

    number: str
    reason: str
    by: str
    at: Stamp


class IgnoredQuery(PageParams):
    """A page of the ignore list."""


class IgnoredPage(Page[Ignored]):
    """The ignore list, by number."""
