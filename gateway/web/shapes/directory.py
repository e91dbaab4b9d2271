"""The directory: contacts, and how sure we are who a number is."""

from typing import Any, Literal

from pydantic import Field

from gateway.core.matching import Candidacy, ContactKind, StepCode
from gateway.core.record import MatchKind, Presentation
from gateway.web.shapes.base import Params, Shape, Stamp


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
    """How sure the directory is and why; `pending`: the answer follows in a `pop.updated`.

    `reasons` say why each of the first nine candidates is one, in their order.
    """

    kind: MatchKind
    steps: list[str]
    why: list[MatchStep]
    reasons: list[Candidacy]
    pending: bool


class Number(Shape):
    """A number as read; `e164` is null for what is none, `raw` for what is not even text."""

    raw: str | None
    e164: str | None
    extension: str | None
    presentation: Presentation


class MarkShown(Shape):
    """Who said so about the number, and when; `reason` for an ignored one."""

    by: str
    at: Stamp
    reason: str | None


class MatchAnswer(Shape):
    """What a pop would say about a number, step by step.

    `known` is false for a maybe. `reasons` say why each candidate is one, the likeliest first.
    `choice`: somebody chose the contact; `ignored`: the number is on the ignore list.
    """

    number: Number
    match: Match
    known: bool
    contact: Contact | None
    candidates: list[Contact]
    reasons: list[Candidacy]
    choice: MarkShown | None
    ignored: MarkShown | None


class MatchQuery(Params):
    """The number, however it is written."""

    number: str = Field(min_length=1, max_length=80, examples=["+390612345678"])
    lang: Literal["it", "en"] | None = Field(default=None, description="Language of the steps.")


class ContactPath(Params):
    """Which contact."""

    id: str = Field(min_length=1, max_length=200, description="The id of the contact.")
