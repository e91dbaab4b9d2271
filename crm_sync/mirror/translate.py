"""From what a CRM tells of somebody to an entry of the directory; E.164 is always ours."""

import re
from collections.abc import Sequence
from typing import Final

from gateway.core.contact import Contact, ContactKind, ContactNumber
from gateway.core.crm import DirectoryEntry, EntryNumber
from gateway.core.errors import ConfigError
from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.store.drafts import NUMBERS_LIMIT, read_numbers
from gateway.store.mirrored import Mirrored

_LIMIT: Final = 200
_URL_LIMIT: Final = 1_000
_WEB: Final = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


class Translator:
    """Makes entries of one CRM's records; numbers without a country are read as `country`'s."""

    def __init__(self, crm: str, country: str) -> None:
        self._crm = crm
        self._plan = NumberPlan(country)
        self._abroad: dict[str, NumberPlan | None] = {country: self._plan}

    def entries(
        self, found: Sequence[DirectoryEntry]
    ) -> tuple[tuple[Mirrored, ...], tuple[str, ...]]:
        """Return the entries to keep, and the refs of those that are nobody to be called.

        About 0.1 ms an entry: not for the event loop's thread where there are many.
        """
        kept: list[Mirrored] = []
        nobody: list[str] = []
        for one in found:
            entry = self.entry(one)
            if entry is None:
                nobody.append(one.ref)
            else:
                kept.append(entry)
        return tuple(kept), tuple(nobody)

    def entry(self, one: DirectoryEntry) -> Mirrored | None:
        """Return one entry, None without a name, or for a person without a number."""
        is_company = one.kind is ContactKind.COMPANY
        name = clean_text(one.name or "", limit=_LIMIT)
        company = clean_text(one.company or "", limit=_LIMIT) or (name if is_company else None)
        numbers = self.numbers(one.numbers)
        if (name is None and company is None) or not (numbers or is_company):
            return None
        url = clean_text(one.url or "", limit=_URL_LIMIT)
        entry = Contact(
            id="",
            crm=self._crm,
            ref=one.ref,
            kind=one.kind,
            name=None if is_company else name,
            company=company,
            email=clean_text(one.email or "", limit=_LIMIT),
            language=clean_text(one.language or "", limit=_LIMIT),
            owner=clean_text(one.owner or "", limit=_LIMIT),
            tags=_tags(one.tags),
            # a page offers it as a link: `javascript:` must never get so far
            url=url if url is not None and _WEB.fullmatch(url) else None,
            numbers=numbers,
        )
        return Mirrored(entry=entry, company_ref=None if is_company else one.company_ref)

    def numbers(self, written: Sequence[EntryNumber]) -> tuple[ContactNumber, ...]:
        """Return the numbers, each once, as `country` of the entry or else ours reads them."""
        found: dict[tuple[str, str | None], ContactNumber] = {}
        for one in written:
            pair = ((one.label, one.raw),)
            read, _odd = read_numbers(pair, self._plan_of(one.country))
            if any(number.e164 is None for number in read):
                ours, _odd = read_numbers(pair, self._plan)
                read = ours if all(number.e164 is not None for number in ours) else read
            for number in read:
                found.setdefault((number.e164 or number.raw, number.extension), number)
        return tuple(found.values())[:NUMBERS_LIMIT]

    def _plan_of(self, country: str | None) -> NumberPlan:
        code = (country or "").upper()
        if not _COUNTRY.fullmatch(code):
            return self._plan
        if code not in self._abroad:
            try:
                self._abroad[code] = NumberPlan(code)
            except ConfigError:  # a country without telephone numbers of its own
                self._abroad[code] = None
        return self._abroad[code] or self._plan


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = (clean_text(tag, limit=_LIMIT) for tag in tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag is not None))
