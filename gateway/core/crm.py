"""The people of a CRM as the mirror asks for them: changes since a mark, everyone, one number."""

from dataclasses import dataclass
from typing import Protocol

from gateway.core.contact import ContactKind


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryNumber:
    """One number as the CRM has it, in any spelling; who mirrors it makes E.164 of it.

    `country` (ISO 3166, two letters) is that of the entry where the CRM knows it, for numbers
    written without a country code.
    """

    raw: str
    label: str = "phone"
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """A contact, company or lead of a CRM as it stands now.

    `ref` names the record in its CRM for ever: entity and id, in the form in which the CRM's writer
    reads `ContactRef.ref`. `company_ref` is the `ref` of the company that a person belongs to.
    `url` opens the record in a browser. `owner` looks after it, as the CRM names people. Entries
    without numbers are no callers: of those only companies are kept.
    """

    ref: str
    kind: ContactKind = ContactKind.PERSON
    name: str | None = None
    company: str | None = None
    company_ref: str | None = None
    numbers: tuple[EntryNumber, ...] = ()
    email: str | None = None
    language: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryPage:
    """Some entries, and where to go on; `gone` are refs archived, merged away or deleted.

    `cursor` is the directory's own text, kept for it across restarts; at most 4000 characters.
    `more`: ask again at once, this was not all.
    """

    entries: tuple[DirectoryEntry, ...] = ()
    gone: tuple[str, ...] = ()
    cursor: str = ""
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryCapabilities:
    """What a CRM can be asked for; the mirror asks this, never the connector's name.

    `lists`: everyone, page by page. `changes`: only what changed since a mark. `finds`: by number.
    `cut`: of a list only the first answer is read, because nothing says how to ask for the next.
    """

    lists: bool = True
    changes: bool = True
    finds: bool = True
    cut: bool = False


class CrmDirectory(Protocol):
    """The contacts, companies and leads of one CRM; every method reads, none writes.

    All raise TransientError, AuthError, RejectedError or AmbiguousError; a page may be asked for
    again under the same cursor.
    """

    @property
    def capabilities(self) -> DirectoryCapabilities:
        """What can be asked for, as far as it is known now."""

    async def mark(self) -> str:
        """Return a cursor from which `changed` tells whatever changes from now on.

        It reaches back far enough for writes that are under way and for clocks that differ.
        """

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return the next entries changed since a cursor of `mark` or of an earlier page.

        The last page's cursor (`more` is false) is where the next poll begins. What is told twice
        does no harm. RejectedError for a cursor that is not (any more) understood.
        """

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next page of all live entries, companies before people; "" begins.

        Raises an error rather than leaving entries out: what the whole walk does not show is taken
        for deleted.
        """

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return who may have the number, asked in the forms the CRM needs.

        Hits need not be verified; who asks reads their numbers again.
        """
