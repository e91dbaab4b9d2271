"""What a file makes of an entry that is there already: what it does not tell stays as it was."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.core.contact import Contact, ContactNumber

_ATTRIBUTES: Final = (
    "company",
    "company_id",
    "email",
    "language",
    "formality",
    "owner",
    "tags",
    "vip",
    "at_risk",
    "url",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Which attributes a file has columns for, and under which labels it gives numbers."""

    attributes: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()


def merged(stored: Contact, found: Contact, told: Told) -> Contact:
    """Return the entry as the file leaves it.

    Numbers under other labels than the file's were added by people and stay behind its own.
    """
    kept = {
        name: getattr(stored, name)
        for name in _ATTRIBUTES
        if name not in told.attributes and getattr(stored, name)
    }
    return replace(
        found,
        **kept,
        id=stored.id,
        references=found.references or stored.references,
        fields={**stored.fields, **found.fields},
        numbers=found.numbers + _added(stored, found, told),
    )


def _added(stored: Contact, found: Contact, told: Told) -> tuple[ContactNumber, ...]:
    same = {one.e164 or one.raw for one in found.numbers}
    return tuple(
        one
        for one in stored.numbers
        if one.label not in told.labels and (one.e164 or one.raw) not in same
    )
