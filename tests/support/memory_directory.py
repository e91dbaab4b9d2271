"""A CRM's people in memory (implements `gateway.core.crm.CrmDirectory`), for the mirror's tests."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.core.crm import (
    DirectoryCapabilities,
    DirectoryEntry,
    DirectoryPage,
    EntryNumber,
)
from gateway.core.errors import AdapterError


def person(number: int, name: str, *phones: str, company: str | None = None) -> DirectoryEntry:
    """Return somebody of the CRM."""
    numbers = tuple(EntryNumber(raw=phone) for phone in phones)
    return DirectoryEntry(ref=f"person:{number}", name=name, numbers=numbers, company_ref=company)


@dataclass(slots=True)
class MemoryDirectory:
    """Whoever is in `people` is there, two to a page; `script` are failures that come first.

    `before` is called before each answer with what is asked, so that a test may interfere.
    """

    people: list[DirectoryEntry] = field(default_factory=list)
    capabilities: DirectoryCapabilities = field(default=DirectoryCapabilities())
    script: list[AdapterError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _what: None
    size: int = 2
    log: list[DirectoryEntry | str] = field(default_factory=list)

    def put(self, entry: DirectoryEntry) -> None:
        """Add or change somebody."""
        places = {one.ref: at for at, one in enumerate(self.people)}
        at = places.get(entry.ref, len(self.people))
        self.people[at : at + 1] = [entry]
        self.log.append(entry)

    def delete(self, ref: str) -> None:
        """Delete somebody without a trace, as most CRMs do."""
        self.people = [one for one in self.people if one.ref != ref]

    def archive(self, ref: str) -> None:
        """Archive somebody; `changed` tells it."""
        self.delete(ref)
        self.log.append(ref)

    async def mark(self) -> str:
        """Return the length of the log."""
        self._ask("mark")
        return str(len(self.log))

    async def changed(self, cursor: str) -> DirectoryPage:
        """Return what was logged since."""
        self._ask(f"changed {cursor}")
        told = self.log[int(cursor) : int(cursor) + self.size]
        at = int(cursor) + len(told)
        return DirectoryPage(
            entries=tuple(one for one in told if isinstance(one, DirectoryEntry)),
            gone=tuple(one for one in told if isinstance(one, str)),
            cursor=str(at),
            more=at < len(self.log),
        )

    async def everyone(self, cursor: str) -> DirectoryPage:
        """Return the next of everybody."""
        self._ask(f"everyone {cursor}".strip())
        at = int(cursor or 0)
        until = at + self.size
        return DirectoryPage(
            entries=tuple(self.people[at:until]), cursor=str(until), more=until < len(self.people)
        )

    async def find(self, e164: str) -> tuple[DirectoryEntry, ...]:
        """Return everybody, as CRMs do that ignore a filter."""
        self._ask(f"find {e164}")
        return tuple(self.people)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.before(what)
        if self.script:
            raise self.script.pop(0)
