"""What is left with a call for whoever takes it over."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.core.handoff import MAX_LINE, MAX_NOTE, MAX_SAID, MAX_SAID_TEXT, MAX_SENTENCE
from gateway.web.shapes.base import Body, Page, Shape, Stamp, WholePageParams

SaidText = Annotated[str, Field(min_length=1, max_length=MAX_SAID_TEXT)]


class Handoff(Shape):
    """One person's note; `by` is null for the dialplan."""

    by: str | None
    extension: str | None
    at: Stamp
    reason: str | None
    done: str | None
    wants: str | None
    note: str | None
    said: list[str]
    verified: bool


class HandoffPage(Page[Handoff]):
    """The notes of a call, oldest first."""


class HandoffsQuery(WholePageParams):
    """A page of the notes."""


class HandoffBody(Body):
    """A note for the next person; one without any content takes the earlier one back.

    `reason` is the one line they must read, `done` and `wants` what was tried and what the customer
    is after, `said` what must not be asked again, `verified` that the identity was checked.
    """

    reason: str = Field(default="", max_length=MAX_LINE)
    done: str = Field(default="", max_length=MAX_SENTENCE)
    wants: str = Field(default="", max_length=MAX_SENTENCE)
    note: str = Field(default="", max_length=MAX_NOTE)
    said: list[SaidText] = Field(default=[], max_length=MAX_SAID)
    verified: bool = False


class DoneBody(Body):
    """The first thing of the card that was done."""

    kind: Literal["apologise"]


class Done(Shape):
    """What was ticked off, by whom and when."""

    kind: str
    by: str
    at: Stamp
