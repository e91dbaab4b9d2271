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
    """Which attributes and free fields a file has columns for, and which labels for numbers."""

    attributes: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


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
        fields=_untold(stored, told) | dict(found.fields),
        numbers=found.numbers + _added(stored, found, told),
    )


def _untold(stored: Contact, told: Told) -> dict[str, str]:
    return {name: text for name, text in stored.fields.items() if name not in told.fields}


def _added(stored: Contact, found: Contact, told: Told) -> tuple[ContactNumber, ...]:
    same = {one.e164 or one.raw for one in found.numbers}
    return tuple(
        one
        for one in stored.numbers
        if one.label not in told.labels and (one.e164 or one.raw) not in same
    )
