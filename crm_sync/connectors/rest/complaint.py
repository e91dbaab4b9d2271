"""A CRM's own words about a failure, without what could be a person's name or number."""

import re
from typing import Final

MOST: Final = 200
GAP: Final = "…"
_WORD: Final = re.compile(r"[^\s\[\]{}()\"',;:|<>]+")
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.\-/][A-Za-z0-9]+)+\.?|[a-z]+[.!?]?")
_DIGITS: Final = re.compile(r"\d{4,}")
_GAPS: Final = re.compile(rf"{GAP}(?:[\s\W]*{GAP})+")


def without_people(text: str) -> str:
    """Return the words of `text` that are lower-case or names of fields, the others as gaps.

    Names of people begin with a capital in every CRM's answer, numbers have four digits or more;
    what remains ("occurred_at: … field is required") says what to mend.
    """
    shown = _WORD.sub(lambda found: _kept(found.group()), text[: MOST * 4])
    return _GAPS.sub(GAP, " ".join(shown.split()))[:MOST]


def _kept(word: str) -> str:
    return word if _FIELD.fullmatch(word) and not _DIGITS.search(word) else GAP
