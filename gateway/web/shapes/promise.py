"""Promised call-backs."""

from uuid import UUID

from pydantic import Field

from gateway.core.history import PromiseState
from gateway.web.shapes.base import Body, Flag, Page, PageParams, Params, Shape, Stamp, Time

MAX_TEXT = 500


class Promise(Shape):
    """A call-back that somebody was promised.

    `to_do`: somebody still has to call, also when it is broken, that is overdue, already.
    `call_id` is the call in which it was made. `settled_by` is the call that settled it, or the
    login that said so.
    """

    id: UUID
    contact_id: str | None
    number: str | None
    text: str
    due_at: Stamp
    assignee: str | None
    made_by: str
    made_at: Stamp
    call_id: UUID | None
    state: PromiseState
    to_do: bool
    settled_at: Stamp | None
    settled_by: str | None


class TimedPromise(Promise):
    """A promise, with what the hours of its assignee say of its time.

    `opens_at`: it is due while nobody is there, and this is the next opening; null otherwise.
    """

    opens_at: Stamp | None


class PromisePage(Page[TimedPromise]):
    """Promises, the first due first."""


class PromisePath(Params):
    """Which promise."""

    id: UUID = Field(description="The id of the promise.")


class PromisesQuery(PageParams):
    """Which promises."""

    state: PromiseState | None = None
    to_do: Flag | None = Field(default=None, description="Those that are still to be kept.")
    contact: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    assignee: str | None = Field(default=None, min_length=1, max_length=200)
    due_before: Time | None = None


class PromiseBody(Body):
    """What was promised to whom: a contact, or a number, or both."""

    contact_id: str | None = Field(default=None, min_length=1, max_length=200)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    due_at: Time = Field(description="Until when; with its time zone.")
    text: str = Field(min_length=1, max_length=MAX_TEXT, examples=["Conferma dello storno"])
    assignee: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Whose task it is: a login. The asker's if left out.",
    )
    call_id: UUID | None = Field(
        default=None, description="The call in which it was made; it does not keep the promise."
    )


class PromiseChange(Body):
    """What is to be different; what is left out stays.

    `assignee` null takes it away from whoever has it. `state` kept or withdrawn settles it, open
    takes that back.
    """

    due_at: Time | None = None
    text: str | None = Field(default=None, min_length=1, max_length=MAX_TEXT)
    assignee: str | None = Field(default=None, min_length=1, max_length=200)
    state: PromiseState | None = None
