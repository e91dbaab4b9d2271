"""Which of Odoo's records are people to be called, and how each is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.core.contact import ContactKind
from gateway.core.crm import DirectoryEntry, EntryNumber

PARTNER: Final = "res.partner"
LEAD: Final = "crm.lead"
_PHONES: Final = ("phone", "mobile")
# `invoice` and `delivery` repeat their company; `private` addresses are employees' own.
_ADDRESSES: Final = ("invoice", "delivery", "private")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Records of one model that are read alike.

    `own` is the condition that tells them from others, `wanted` the one for live ones; `fields`
    and `phones` are those that this Odoo has.
    """

    name: str
    model: str
    own: tuple[object, ...] = ()
    wanted: tuple[object, ...] = ()
    fields: tuple[str, ...] = ()
    phones: tuple[str, ...] = _PHONES

    def fit(self, known: Sequence[str]) -> "Kind":
        """Return it with the fields that are there."""
        phones = tuple(name for name in self.phones if name in known)
        wanted = self.wanted
        if self.name != "company" and phones:
            has_any = tuple([name, "!=", False] for name in phones)
            wanted = (*wanted, *("|",) * (len(phones) - 1), *has_any)
        fields = tuple(name for name in (*self.fields, *phones) if name in known)
        return replace(self, fields=fields, phones=phones, wanted=wanted)


_PARTNER_FIELDS: Final = (
    "name",
    "is_company",
    "parent_id",
    "parent_name",
    "user_id",
    "country_id",
    "email",
    "lang",
    "type",
    "active",
)
_LEAD_FIELDS: Final = (
    "name",
    "contact_name",
    "partner_name",
    "partner_id",
    "user_id",
    "country_id",
    "email_from",
    "active",
)
WHO: Final = (
    Kind(
        name="company",
        model=PARTNER,
        own=(["is_company", "=", True],),
        fields=_PARTNER_FIELDS,
    ),
    Kind(
        name="person",
        model=PARTNER,
        own=(["is_company", "=", False],),
        wanted=(["type", "not in", list(_ADDRESSES)],),
        fields=_PARTNER_FIELDS,
    ),
    Kind(
        name="lead",
        model=LEAD,
        wanted=(["partner_id", "=", False],),
        fields=_LEAD_FIELDS,
    ),
)


def ref_of(model: str, number: int) -> str:
    """Return how a record is named in `DirectoryEntry.ref`: Odoo's own `model,id`."""
    return f"{model},{number}"


def is_live(kind: Kind, row: Mapping[str, Any]) -> bool:
    """Whether a record is somebody to be called: not archived, no mere address, no lead of one.

    A lead that has a partner is that partner.
    """
    if row.get("active") is False:
        return False
    if kind.model == LEAD:
        return not row.get("partner_id")
    return row.get("is_company") is True or row.get("type") not in _ADDRESSES


def partner_entry(
    row: Mapping[str, Any], kind: Kind, base: str, countries: Mapping[int, str]
) -> DirectoryEntry:
    """Return the entry of a `res.partner`."""
    home = row.get("parent_id") or None
    is_company = row.get("is_company") is True
    company = None if is_company else row.get("parent_name") or (home[1] if home else None)
    return DirectoryEntry(
        ref=ref_of(PARTNER, row["id"]),
        kind=ContactKind.COMPANY if is_company else ContactKind.PERSON,
        name=row.get("name") or company,
        company=company,
        company_ref=None if is_company or home is None else ref_of(PARTNER, home[0]),
        numbers=_numbers(row, kind, countries),
        email=row.get("email") or None,
        language=(row.get("lang") or "").partition("_")[0] or None,
        owner=_named(row.get("user_id")),
        url=_url(base, PARTNER, row["id"]),
    )


def lead_entry(
    row: Mapping[str, Any], kind: Kind, base: str, countries: Mapping[int, str]
) -> DirectoryEntry:
    """Return the entry of a `crm.lead`: a person, else the company it is about."""
    person, company = row.get("contact_name") or None, row.get("partner_name") or None
    return DirectoryEntry(
        ref=ref_of(LEAD, row["id"]),
        kind=ContactKind.PERSON if person or not company else ContactKind.COMPANY,
        name=person or company or row.get("name") or None,
        company=company,
        numbers=_numbers(row, kind, countries),
        email=row.get("email_from") or None,
        owner=_named(row.get("user_id")),
        url=_url(base, LEAD, row["id"]),
    )


def _numbers(
    row: Mapping[str, Any], kind: Kind, countries: Mapping[int, str]
) -> tuple[EntryNumber, ...]:
    home = row.get("country_id")
    country = countries.get(home[0]) or None if home else None
    return tuple(
        EntryNumber(raw=row[name], label=name, country=country)
        for name in kind.phones
        if isinstance(row.get(name), str) and row[name]
    )


def _named(value: object) -> str | None:
    """Read the name of a many2one: `[id, name]`, or false."""
    return str(value[1]) if isinstance(value, list) and len(value) > 1 else None


def _url(base: str, model: str, number: int) -> str:
    return f"{base}/web#id={number}&model={model}&view_type=form"
