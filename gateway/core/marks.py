"""What people have said about a number: whose it is, or that nobody need know."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class MarkKind(StrEnum):
    """What a mark says."""

    CHOICE = "choice"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One word about `e164` (with a `*` at its end: about every number that begins so).

    A choice names `contact_id`, somebody ignored has a `reason`. `by` is a login, `at` aware UTC.
    """

    kind: MarkKind
    e164: str
    by: str
    at: datetime
    contact_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The marks that concern one number; the longest prefix counts, a whole number most."""

    choice: Mark | None = None
    ignored: Mark | None = None


NO_MARKS: Final = Marks()


def marks_of(found: list[Mark]) -> Marks:
    """Return what counts among the marks that cover a number."""
    if not found:
        return NO_MARKS
    # "+39021234*" sorts and measures before "+390212345": the longer one knows more
    ordered = sorted(found, key=lambda mark: (not mark.e164.endswith("*"), len(mark.e164)))
    last = {mark.kind: mark for mark in ordered}
    return Marks(choice=last.get(MarkKind.CHOICE), ignored=last.get(MarkKind.IGNORED))
