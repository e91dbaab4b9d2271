"""What an import has done so far, and the report of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from gateway.core.contact import Contact
from gateway.store.contacts import Planned, Saved
from gateway.store.import_rows import Source

NOTES_KEPT: Final = 1_000
CHANGES_SHOWN: Final = 100
_NEVER_SHOWN: Final = frozenset({"id", "crm"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about one row: the line it begins on, what is wrong, what to do, its cells."""

    line: int
    reason: str
    remedy: str = field(default="", compare=False)
    cells: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is, told after each batch."""

    rows: int
    bytes_done: int
    bytes_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an import would change in one entry: (attribute, before, after) in words."""

    contact_id: str
    name: str | None
    new: bool
    values: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or with `preview` would do.

    Of the notes only the first 1 000 are kept, of the differences 100; the counts are whole.
    """

    rows: int
    imported: int
    updated: int
    unchanged: int
    refused: int
    warned: int
    refusals: tuple[Note, ...]
    warnings: tuple[Note, ...]
    encoding: str
    delimiter: str
    seconds: float
    preview: bool = False
    differences: tuple[Difference, ...] = ()


class Tally:
    """What has been done so far."""

    def __init__(self, *, preview: bool = False) -> None:
        self._preview: Final = preview
        self.rows = 0
        self._saved: Counter[Saved] = Counter()
        self._refused = 0
        self._warned = 0
        self._refusals: list[Note] = []
        self._warnings: list[Note] = []
        self._differences: list[Difference] = []

    def add(
        self, rows: int, refusals: Sequence[Note], warnings: Sequence[Note], saved: Sequence[Saved]
    ) -> None:
        """Count one batch."""
        self.rows += rows
        self._saved.update(saved)
        self._refused += len(refusals)
        self._warned += len({note.line for note in warnings})
        self._refusals.extend(refusals[: NOTES_KEPT - len(self._refusals)])
        self._warnings.extend(warnings[: NOTES_KEPT - len(self._warnings)])

    def show(self, planned: Sequence[Planned]) -> None:
        """Keep the first differences of a preview."""
        for one in planned:
            if len(self._differences) >= CHANGES_SHOWN:
                return
            if one.saved is not Saved.UNCHANGED:
                self._differences.append(difference(one))

    def report(self, file: Source, *, seconds: float) -> ImportReport:
        """Return what there is to say at the end."""
        return ImportReport(
            rows=self.rows,
            imported=self._saved[Saved.IMPORTED],
            updated=self._saved[Saved.UPDATED],
            unchanged=self._saved[Saved.UNCHANGED],
            refused=self._refused,
            warned=self._warned,
            refusals=tuple(self._refusals),
            warnings=tuple(self._warnings),
            encoding=file.encoding,
            delimiter=file.delimiter,
            seconds=seconds,
            preview=self._preview,
            differences=tuple(self._differences),
        )


def difference(planned: Planned) -> Difference:
    """Return in words what saving an entry would change."""
    before, after = planned.before, planned.after
    values = tuple(
        (one.name, _word(before, one.name), _word(after, one.name))
        for one in fields(Contact)
        if one.name not in _NEVER_SHOWN and _word(before, one.name) != _word(after, one.name)
    )
    return Difference(
        contact_id=after.id, name=after.display_name, new=before is None, values=values
    )


def _word(contact: Contact | None, name: str) -> str:
    value = None if contact is None else getattr(contact, name)
    if value in (None, (), False) or value == {}:
        return ""
    if name == "numbers" and contact is not None:
        shown = ((one.e164 or one.raw, one.extension) for one in contact.numbers)
        return ", ".join(text if behind is None else f"{text} ({behind})" for text, behind in shown)
    if name == "references" and contact is not None:
        return ", ".join(f"{one.crm}:{one.ref}" for one in contact.references)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text}" for key, text in value.items())
    return ", ".join(value) if isinstance(value, tuple) else str(value)
