"""An entry of the directory: a person, or the company that people belong to."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from gateway.core.values import value

PREFIX_MARK = "*"


class ContactKind(StrEnum):
    """Whether an entry is a human being or an organisation."""

    PERSON = "person"
    COMPANY = "company"


@value
class ContactNumber:
    """One number of an entry: as written, E.164 if it has one, and where it rings.

    `extension` is dialled behind it: then the number is a switchboard's. `e164` with a `*` at its
    end stands for every number that begins so, as a company's direct lines do.
    """

    raw: str
    e164: str | None = None
    label: str = "phone"
    extension: str | None = None

    @property
    def is_prefix(self) -> bool:
        """Whether it stands for a range of numbers."""
        return self.e164 is not None and self.e164.endswith(PREFIX_MARK)

    def covers(self, e164: str) -> bool:
        """Whether the number belongs to the range that this stands for."""
        return (
            self.e164 is not None
            and self.e164.endswith(PREFIX_MARK)
            and e164.startswith(self.e164[:-1])
        )


@value
class CrmReference:
    """The same person or company in one more CRM."""

    crm: str
    ref: str
    url: str | None = None


@value
class Contact:
    """An entry of the directory; `id` is ours, `ref` its id in the CSV file or in `crm`.

    `company_id` is our id of the company that a person belongs to.
    """

    id: str
    ref: str | None = None
    kind: ContactKind = ContactKind.PERSON
    name: str | None = None
    company: str | None = None
    company_id: str | None = None
    email: str | None = None
    language: str | None = None
    formality: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    vip: bool = False
    at_risk: bool = False
    url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    crm: str | None = None
    references: tuple[CrmReference, ...] = ()
    numbers: tuple[ContactNumber, ...] = ()

    @property
    def display_name(self) -> str | None:
        """The name of the person, else of the company."""
        return self.name or self.company
