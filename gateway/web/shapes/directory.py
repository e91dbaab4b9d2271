"""The directory: contacts, and how sure we are who a number is."""

from typing import Any

from pydantic import Field

from gateway.core.matching import ContactKind, StepCode
from gateway.core.record import MatchKind, Presentation
from gateway.web.shapes.base import Page, PageParams, Params, Shape


class Contact(Shape):
    """A person or a company."""

    id: str
    ref: str | None
    kind: ContactKind
    name: str | None
    company: str | None
    email: str | None
    language: str | None
    formality: str | None
    owner: str | None
    tags: list[str]
    vip: bool
    at_risk: bool
    crm: str | None
    url: str | None


class MatchStep(Shape):
    """One decision, as a code with its facts."""

    code: StepCode
    args: dict[str, Any]


class Match(Shape):
    """How sure the directory is and why; `pending`: the answer follows in a `pop.updated`."""

    kind: MatchKind
    steps: list[str]
    why: list[MatchStep]
    pending: bool


class Number(Shape):
    """A number as read; `e164` is null for what is none."""

    raw: str
    e164: str | None
    presentation: Presentation


class MatchAnswer(Shape):
    """What a pop would say about a number, step by step."""

    number: Number
    match: Match
    contact: Contact | None
    candidates: list[Contact]


class MatchQuery(Params):
    """The number, however it is written."""

    number: str = Field(min_length=1, max_length=80, examples=["+390612345678"])


class ContactsQuery(PageParams):
    """Which contacts."""

    number: str | None = Field(default=None, min_length=1, max_length=80)


class ContactPath(Params):
    """Which contact."""

    id: str = Field(min_length=1, max_length=200, description="The id of the contact.")


class ContactPage(Page[Contact]):
    """Contacts."""
