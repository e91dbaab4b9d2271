"""In which other forms a number may lie in a directory: pure text, microseconds.

What a strict reading does not find may be written without the zero that Italy keeps, without its
country, or be covered by a company's range. Found so, it is a maybe, never a certainty.
"""

from collections.abc import Iterable
from typing import Final

import phonenumbers

from gateway.core.contact import PREFIX_MARK, ContactNumber
from gateway.core.written import digits_of

LOOSE_MARK: Final = "~"
_LOOSE_MIN: Final = 7
_LOOSE_MAX: Final = 15
_CODES: Final = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
# Italy and San Marino keep the zero of the area code abroad; many address books drop it.
_ZERO_KEPT: Final = ("+39", "+378")
_MOBILE: Final = "3"
_NARROW: Final = 3


def search_key(number: ContactNumber) -> str | None:
    """Return under which key a directory finds the number, None if it must not be found.

    E.164, a prefix with `*`, or `~` and the digits of a number that has no E.164 form here.
    """
    if number.e164 is not None:
        return number.e164
    return loose_key(number.raw)


def loose_key(raw: str) -> str | None:
    """Return the key of a number that cannot be read, None for a short one or no number at all."""
    if any(character.isalpha() for character in raw):
        return None
    digits = digits_of(raw).lstrip("0")
    return LOOSE_MARK + digits if _LOOSE_MIN <= len(digits) <= _LOOSE_MAX else None


def other_keys(e164: str) -> tuple[str, ...]:
    """Return the keys under which the same number may lie if somebody wrote it otherwise."""
    digits = e164[1:]
    national = digits[len(calling_code(e164)) :].lstrip("0")
    forms = [_zero_swapped(e164)]
    forms += [LOOSE_MARK + form for form in (digits, national) if len(form) >= _LOOSE_MIN]
    return tuple(form for form in forms if form)


def prefix_keys(e164: str, lengths: Iterable[int]) -> tuple[str, ...]:
    """Return the keys of the ranges that may cover a number, the longest first.

    `lengths` are those of the prefixes in use, in digits.
    """
    longest = len(e164) - 1
    return tuple(
        e164[: length + 1] + PREFIX_MARK
        for length in sorted(lengths, reverse=True)
        if length < longest
    )


def is_too_wide(key: str) -> bool:
    """Whether a prefix covers a whole country or nearly so: less than three digits behind it."""
    if not key.endswith(PREFIX_MARK):
        return False
    code = calling_code(key)
    return not code or len(key) - 2 - len(code) < _NARROW


def calling_code(e164: str) -> str:
    """Return the country calling code of an E.164 number, "" if there is no such code."""
    for length in (1, 2, 3):
        code = e164[1 : 1 + length]
        if code in _CODES:
            return code
    return ""


def _zero_swapped(e164: str) -> str:
    for code in _ZERO_KEPT:
        if e164.startswith(code):
            rest = e164[len(code) :]
            if rest.startswith("0"):
                return code + rest[1:]
            return "" if rest.startswith(_MOBILE) else f"{code}0{rest}"
    return ""
