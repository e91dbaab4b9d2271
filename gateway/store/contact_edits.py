"""One entry made or changed by a person, so that nobody's edit is lost under somebody else's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.core.contact import Contact
from gateway.core.errors import UsageError
from gateway.store.contacts import (
    Stored,
    contact_id,
    delete_contact,
    get_contact,
    read_contact,
    save_contacts,
)
from gateway.store.schema import contacts


class ContactExistsError(UsageError):
    """There is such an entry already; `identifier` is its id."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            "This entry is in the directory already.",
            remedy="Change the one that is there, or give the new one an id of its own.",
        )
        self.identifier = identifier


class StaleEditError(UsageError):
    """The entry was changed since it was read; `change` is the number of its last change."""

    def __init__(self, change: int) -> None:
        super().__init__(
            "Somebody has changed this entry since it was read.",
            remedy="Read it again and repeat the change.",
        )
        self.change = change


class NamelessError(UsageError):
    """An edit would leave neither name nor company."""

    def __init__(self) -> None:
        super().__init__(
            "An entry needs a name or a company.",
            remedy="Delete the entry if nobody is to be known by it.",
        )


class NoSuchCompanyError(UsageError):
    """A person was to belong to a company that is not in the directory."""

    def __init__(self) -> None:
        super().__init__(
            "There is no company with this company_id.",
            remedy="Create the company first, as an entry of kind company.",
        )


def create_contact(conn: Connection, draft: Contact) -> Stored:
    """Store a new entry, whose id comes from its reference, else from who and what number.

    Raises ContactExistsError and NoSuchCompanyError.
    """
    first = next((one.e164 or one.raw for one in draft.numbers), None)
    identifier = contact_id(
        crm=draft.crm or "", ref=draft.ref, name=draft.name, company=draft.company, number=first
    )
    wanted = _employed(conn, replace(draft, id=identifier))
    known = identifier if get_contact(conn, identifier) is not None else _by_ref(conn, wanted)
    if known is not None:
        raise ContactExistsError(known)
    save_contacts(conn, [wanted])
    return _read(conn, identifier)


def change_contact(
    conn: Connection,
    identifier: str,
    edit: Callable[[Contact], Contact],
    *,
    expected: int | None = None,
) -> Stored | None:
    """Apply `edit` to an entry; None if there is none.

    `expected` is the change number that the editor saw. Raises StaleEditError if there is a newer
    one, ContactExistsError if the reference is another entry's, NamelessError, NoSuchCompanyError.
    """
    stored = read_contact(conn, identifier)
    if stored is None:
        return None
    _check(stored, expected)
    wanted = replace(edit(stored.contact), id=identifier)
    if wanted.company_id != stored.contact.company_id:
        # a company that was deleted, or that no file brought, must not bar every other edit
        wanted = _employed(conn, wanted)
    if wanted.display_name is None and stored.contact.display_name is not None:
        raise NamelessError
    other = _by_ref(conn, wanted)
    if other is not None and other != identifier:
        raise ContactExistsError(other)
    save_contacts(conn, [wanted])
    return _read(conn, identifier)


def remove_contact(
    conn: Connection, identifier: str, *, at: datetime, expected: int | None = None
) -> bool:
    """Delete an entry, leaving a tombstone; False if there is none. Raises StaleEditError."""
    stored = read_contact(conn, identifier)
    if stored is None:
        return False
    _check(stored, expected)
    return delete_contact(conn, identifier, at=at)


def _check(stored: Stored, expected: int | None) -> None:
    if expected is not None and expected != stored.change:
        raise StaleEditError(stored.change)


def _read(conn: Connection, identifier: str) -> Stored:
    stored = read_contact(conn, identifier)
    if stored is None:
        raise ContactExistsError(identifier)
    return stored


def _by_ref(conn: Connection, wanted: Contact) -> str | None:
    """Return the entry that has the same reference in the same CRM."""
    if wanted.ref is None:
        return None
    query = select(contacts.c.id).where(
        contacts.c.crm == (wanted.crm or ""), contacts.c.ref == wanted.ref
    )
    return conn.execute(query).scalar()


def _employed(conn: Connection, wanted: Contact) -> Contact:
    """Name the company of a person who belongs to one."""
    if wanted.company_id is None:
        return wanted
    company = get_contact(conn, wanted.company_id)
    if company is None or company.id == wanted.id:
        raise NoSuchCompanyError
    return replace(wanted, company=wanted.company or company.display_name)
