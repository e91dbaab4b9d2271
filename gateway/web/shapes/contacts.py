"""Entries of the directory: whole, made, changed, imported."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.core.contact import ContactKind
from gateway.web.shapes.base import Body, Flag, Page, PageParams, Params, Shape
from gateway.web.shapes.directory import Contact

Text = Annotated[str, StringConstraints(max_length=200)]
Web = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^https?://[^\s\"'<>]+$")]
Tags = Annotated[list[Text], Field(max_length=100)]
Fields = Annotated[
    dict[Text, Annotated[str, StringConstraints(max_length=2_000)]], Field(max_length=100)
]


class ContactNumber(Shape):
    """A number of an entry; `e164` is null for what cannot be read, and ends in `*` for a range."""

    number: str
    e164: str | None
    label: str
    extension: str | None


class ContactReference(Shape):
    """The same person or company in one more CRM."""

    crm: str
    ref: str
    url: str | None


class DirectoryEntry(Contact):
    """A person or a company, whole; `change` is what an edit names to be sure (also the ETag)."""

    company_id: str | None
    numbers: list[ContactNumber]
    references: list[ContactReference]
    fields: dict[str, str]
    change: int | None


class DirectoryPage(Page[DirectoryEntry]):
    """Entries of the directory."""


class NumberBody(Body):
    """A number as it is written; `02 1234*` stands for every number that begins so."""

    number: str = Field(min_length=1, max_length=80, examples=["02 12345678 int. 12"])
    label: str = Field(default="phone", max_length=40)
    extension: str | None = Field(default=None, pattern=r"^[0-9]{1,7}$")


class ReferenceBody(Body):
    """The same person or company in one more CRM."""

    crm: str = Field(min_length=1, max_length=32)
    ref: str = Field(min_length=1, max_length=200)
    url: Web | None = None


class ContactPatch(Body):
    """What changes; what is absent stays. `change`: the edit is refused if there is a newer one."""

    kind: ContactKind | None = None
    ref: Text | None = None
    crm: Text | None = None
    name: Text | None = None
    company: Text | None = None
    company_id: Text | None = Field(default=None, description="Our id of the person's company.")
    email: Text | None = None
    language: Text | None = Field(default=None, examples=["it"])
    formality: Text | None = Field(default=None, examples=["formal", "informal"])
    owner: Text | None = None
    tags: Tags | None = None
    vip: bool | None = None
    at_risk: bool | None = None
    url: Web | None = None
    fields: Fields | None = None
    numbers: list[NumberBody] | None = Field(default=None, max_length=50)
    references: list[ReferenceBody] | None = Field(default=None, max_length=20)
    change: int | None = Field(default=None, ge=0, le=2**62)


class ContactBody(Body):
    """A new entry: a person with a name, or a company."""

    kind: ContactKind = ContactKind.PERSON
    ref: Text | None = None
    crm: Text | None = None
    name: Text | None = None
    company: Text | None = None
    company_id: Text | None = Field(default=None, description="Our id of the person's company.")
    email: Text | None = None
    language: Text | None = None
    formality: Text | None = None
    owner: Text | None = None
    tags: Tags = Field(default=[])
    vip: bool = False
    at_risk: bool = False
    url: Web | None = None
    fields: Fields = Field(default={})
    numbers: list[NumberBody] = Field(default=[], max_length=50)
    references: list[ReferenceBody] = Field(default=[], max_length=20)


class DirectoryQuery(PageParams):
    """Which entries: by words or the beginning of a number, by a whole number, by company."""

    q: str | None = Field(default=None, min_length=1, max_length=80)
    number: str | None = Field(default=None, min_length=1, max_length=80)
    company_id: str | None = Field(default=None, min_length=1, max_length=200)


class ImportQuery(Params):
    """How to import."""

    preview: Flag = Field(default=False, description="Say what would change, write nothing.")


class ImportNote(Shape):
    """A row that was refused or is odd."""

    line: int
    reason: str
    remedy: str


class ImportDifference(Shape):
    """What a preview would change in one entry."""

    id: str
    name: str | None
    new: bool
    values: list[list[str]] = Field(description="Lists of [attribute, before, after].")


class ImportAnswer(Shape):
    """What an import did, or would do; of notes the first 1 000, of differences 100."""

    preview: bool
    rows: int
    imported: int
    updated: int
    unchanged: int
    refused: int
    warnings: int
    encoding: str
    delimiter: str
    seconds: float
    refusals: list[ImportNote]
    oddities: list[ImportNote]
    differences: list[ImportDifference]
