"""From what a file says of somebody to an entry of the directory, with what is odd about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.contact import Contact, ContactKind, ContactNumber
from gateway.core.numbers import NumberPlan
from gateway.core.text import clean_text
from gateway.core.written import digits_of
from gateway.store.contacts import contact_id
from gateway.store.csv_source import STRAY_QUOTE, TOO_MANY_CELLS, UNREADABLE

TEXTS: Final = ("name", "company", "email", "language", "formality", "owner", "url")
_TRUE: Final = frozenset({"1", "true", "yes", "y", "si", "sì", "s", "x", "vero", "on", "ja", "oui"})
_FALSE: Final = frozenset({"", "0", "false", "no", "n", "falso", "off", "nein", "non", "-"})
_FORMALITY: Final = {
    **dict.fromkeys(("formal", "formale", "lei", "sie", "vous"), "formal"),
    **dict.fromkeys(("informal", "informale", "tu", "du"), "informal"),
}
_LANGUAGES: Final = {
    **dict.fromkeys(("italiano", "italian"), "it"),
    **dict.fromkeys(("inglese", "english"), "en"),
    **dict.fromkeys(("tedesco", "german", "deutsch"), "de"),
    **dict.fromkeys(("francese", "french", "français"), "fr"),
    **dict.fromkeys(("spagnolo", "spanish", "español"), "es"),
}
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*(?:[;|,\n]|:::|/| - | e | o | or | and )\s*")
# How a cell looks whose number was kept from being computed: ="06…", =+39…, '06…; and one that was
# taken for an amount: 3331234567.0, 3331234567,00. None of it is part of the number.
_SHEET: Final = re.compile(r"(?:=\s*\"?|')([+(]?[0-9][0-9 ()./+-]*)\"?|([1-9][0-9]{5,})[.,]00?")
_ROUNDED: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
_UNREAD: Final = "\ufffd"  # what the decoder puts in place of it
_LIMIT: Final = 200
_URL_LIMIT: Final = 1_000
_FIELD_LIMIT: Final = 2_000
_LONGEST: Final = 15
_SHORT: Final = 6
_PREFIX_MIN: Final = 7
NUMBERS_LIMIT: Final = 50

NO_NUMBER: Final = "no usable telephone number"
NOT_YES_OR_NO: Final = "vip or at_risk is neither yes nor no; taken as no"
NO_WEB_ADDRESS: Final = "url is no http or https address; left out"
TORN: Final = "a character of the name cannot be read"
NOBODY: Final = "neither name nor company"
LETTERS: Final = "a telephone number has letters"
OTHER_DIGITS: Final = "a telephone number has digits of another script"
TOO_LONG: Final = "a telephone number has more than 15 digits"
TOO_SHORT: Final = "an extension or short code is nobody's number"
NOT_IN_PLAN: Final = "a telephone number does not exist in this country"
ROUNDED: Final = "a spreadsheet has rounded a telephone number"
NO_ZERO: Final = "the zero at the beginning of a telephone number is missing"
ABROAD: Final = "a telephone number without + is taken for one of another country"
WIDE_RANGE: Final = "a range covers too many numbers"
UNCLOSED: Final = "the card has no end"
GROUP: Final = "the card is a group of people"
TWICE: Final = "an earlier row of this file is the same entry; that one counts"
AWAY: Final = "this person was erased and is to stay away"
TOO_MANY: Final = "more than 50 telephone numbers; the others are left out"
REMEDIES: Final[Mapping[str, str]] = {
    NO_NUMBER: "add a number: without one the entry is found by name only",
    NOT_YES_OR_NO: "write yes or no",
    NO_WEB_ADDRESS: "write an address that begins with https://",
    TORN: "correct it, or export the file again as UTF-8",
    NOBODY: "write a name or a company",
    LETTERS: "write it in digits; as it is it is kept, and never matched",
    OTHER_DIGITS: "write it with the digits 0 to 9; as it is it is kept, and never matched",
    TOO_LONG: "correct it; as it is it is kept, and never matched",
    TOO_SHORT: "write the whole number, an extension behind it: 02 12345678 int. 12",
    NOT_IN_PLAN: "write it with its country: +41 44 668 18 00; as it is it is a maybe at best",
    ROUNDED: "its digits are lost: export it again, with the column formatted as text",
    NO_ZERO: "a spreadsheet drops it unless the column is text; as it is it is a maybe at best",
    ABROAD: "if it is, write the + before it; if it is not, it has a digit too many or too few: "
    "correct it",
    WIDE_RANGE: "write more of it before the *",
    UNREADABLE: "correct it, or delete the row",
    STRAY_QUOTE: 'delete the stray ", or write it twice within a cell in double quotes',
    TOO_MANY_CELLS: "put a cell that contains the delimiter in double quotes",
    UNCLOSED: "export it again: END:VCARD is missing",
    GROUP: "nothing to do: its members have cards of their own",
    TWICE: "give each entry an id of its own, or write all of its numbers into one row: phone2 …",
    AWAY: "if they want to be known again: filodiretto privacy readmit NUMBER",
    TOO_MANY: "split the entry",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a row says: an entry with what is odd about it, or why there is none."""

    contact: Contact | None
    warnings: tuple[str, ...] = ()
    refused: str = ""


def draft(
    texts: Mapping[str, str],
    written: Iterable[tuple[str, str]],
    fields: Iterable[tuple[str, str]],
    *,
    plan: NumberPlan,
    crm: str,
) -> Entry:
    """Return the entry of one row or card.

    `texts` by their names in DESIGN section 4 (and `surname`, `kind`, `company_id`), `written` the
    numbers as (label, text), `fields` the free ones.
    """
    name = _full_name(texts.get("name", ""), texts.get("surname", ""))
    company = clean_text(texts.get("company", ""), limit=_LIMIT)
    if name is None and company is None:
        return Entry(contact=None, refused=NOBODY)
    numbers, warnings = read_numbers(written, plan)
    first = next((number.e164 for number in numbers if number.e164 is not None), None)
    if not numbers or (first is None and not warnings):
        warnings = [NO_NUMBER, *warnings]
    if _UNREAD in f"{name}{company}":
        warnings.append(TORN)
    vip, at_risk = _flag(texts.get("vip", "")), _flag(texts.get("at_risk", ""))
    if vip is None or at_risk is None:
        warnings.append(NOT_YES_OR_NO)
    url = clean_text(texts.get("url", ""), limit=_URL_LIMIT)
    if url is not None and not _WEB.fullmatch(url):
        # a page offers it as a link: `javascript:` must never get so far
        warnings.append(NO_WEB_ADDRESS)
        url = None
    ref = clean_text(texts.get("id", ""), limit=_LIMIT)
    employer = clean_text(texts.get("company_id", ""), limit=_LIMIT)
    raw = numbers[0].raw if numbers else None
    contact = Contact(
        id=contact_id(crm=crm, ref=ref, name=name, company=company, number=first or raw),
        ref=ref,
        kind=ContactKind.PERSON if name is not None else ContactKind.COMPANY,
        name=name,
        company=company,
        company_id=_employer(employer, crm) if name is not None else None,
        email=clean_text(texts.get("email", ""), limit=_LIMIT),
        language=_language(texts.get("language", "")),
        formality=_formality(texts.get("formality", "")),
        owner=clean_text(texts.get("owner", ""), limit=_LIMIT),
        tags=_tags(texts.get("tags", "")),
        vip=bool(vip),
        at_risk=bool(at_risk),
        url=url,
        fields=_free(fields),
        crm=crm or None,
        numbers=numbers,
    )
    return Entry(contact=contact, warnings=tuple(dict.fromkeys(warnings)))


def read_numbers(
    written: Iterable[tuple[str, str]], plan: NumberPlan
) -> tuple[tuple[ContactNumber, ...], list[str]]:
    """Return the numbers of (label, text) pairs, each once, and what is odd about them."""
    found: dict[tuple[str, str | None], ContactNumber] = {}
    warnings: list[str] = []
    for label, text in written:
        for number in _numbers(text, label, plan):
            if number.e164 is None:
                warnings.append(_oddity(number.raw, plan))
            elif _seems_abroad(number.raw, number.e164, plan):
                warnings.append(ABROAD)
            found.setdefault((number.e164 or number.raw, number.extension), number)
    if len(found) > NUMBERS_LIMIT:
        warnings.append(TOO_MANY)
    return tuple(found.values())[:NUMBERS_LIMIT], warnings


def _numbers(written: str, label: str, plan: NumberPlan) -> list[ContactNumber]:
    """Return the number of a cell, or the numbers if it holds several (`06… / 333…`)."""
    sheet = _SHEET.fullmatch(written)
    if sheet is not None:
        written = sheet[1] or sheet[2]
    whole = plan.parse(written)
    if whole.e164 is None:
        covered = plan.prefix(written)
        if covered is not None:
            wide = len(covered) < _PREFIX_MIN
            return [ContactNumber(raw=written[:80], e164=None if wide else covered, label=label)]
        pieces = [plan.parse(piece) for piece in _SEVERAL.split(written) if piece]
        if pieces and all(piece.e164 is not None for piece in pieces):
            return [
                ContactNumber(
                    raw=piece.raw or "", e164=piece.e164, label=label, extension=piece.extension
                )
                for piece in pieces
            ]
    if whole.raw is None or whole.withheld:
        return []
    return [ContactNumber(raw=whole.raw, e164=whole.e164, label=label, extension=whole.extension)]


def _seems_abroad(raw: str, e164: str, plan: NumberPlan) -> bool:
    """Whether only the length of bare digits made it a number of another country.

    A mistyped number of this country would be found under somebody's abroad, and never match.
    """
    ours = e164.startswith(f"+{plan.calling_code}")
    return not ours and "+" not in raw and digits_of(raw) == e164[1:]


def _oddity(raw: str, plan: NumberPlan) -> str:
    """Return why a number has no E.164 form."""
    if plan.prefix(raw) is not None:
        return WIDE_RANGE
    if any(one.isalpha() for one in raw):
        return ROUNDED if _ROUNDED.fullmatch(raw) else LETTERS
    if any(one.isdigit() and not one.isascii() for one in raw):
        return OTHER_DIGITS
    digits = sum(one.isdigit() for one in raw)
    if digits > _LONGEST:
        return TOO_LONG
    if 0 < digits <= _SHORT:
        return TOO_SHORT
    bare = raw[:1] not in {"0", "+"} and plan.parse(f"0{raw}").e164 is not None
    return NO_ZERO if bare else NOT_IN_PLAN


def _employer(ref: str | None, crm: str) -> str | None:
    """Return our id of the company whose id in the same file is `ref`."""
    if ref is None:
        return None
    return contact_id(crm=crm, ref=ref, name=None, company=None, number=None)


def _full_name(name: str, surname: str) -> str | None:
    """Put first and last name together, unless the first holds the last, as whole words.

    Giulia Li must not lose her name because letters of the first spell it.
    """
    said, more = (set(_WORD.findall(text.casefold())) for text in (name, surname))
    whole = name if more <= said else f"{name} {surname}"
    return clean_text(whole, limit=_LIMIT)


def _free(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    read = ((name, clean_text(text, limit=_FIELD_LIMIT)) for name, text in fields)
    return {name: text for name, text in read if text is not None}


def _flag(text: str) -> bool | None:
    word = text.casefold()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def _tags(text: str) -> tuple[str, ...]:
    cleaned = (clean_text(tag, limit=_LIMIT) for tag in re.split(r"[,;|]", text))
    return tuple(dict.fromkeys(tag for tag in cleaned if tag is not None))


def _language(text: str) -> str | None:
    word = text.casefold()
    code = _LANGUAGE.fullmatch(word)
    return _LANGUAGES.get(word) or (code.group(1) if code else clean_text(text))


def _formality(text: str) -> str | None:
    return _FORMALITY.get(text.casefold()) or clean_text(text)
