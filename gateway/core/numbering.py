"""Which whole numbers the world's plans list, asked of libphonenumber's patterns without a parser.

The library decides: these are its own patterns, in the order in which most numbers are found. To
parse a number that needs no reading costs ten times as much, and a caller's first ring waits for
it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc

_LONGEST_CODE: Final = 3
_LONGEST_NATIONAL: Final = 17

Accepts = Callable[[str], object]
# for a kind of number: how long it may be, () for any length; and its pattern
_Kind = tuple[tuple[int, ...], str]


def is_listed(code: int, national: str) -> bool:
    """Return what libphonenumber's `is_valid_number` says of the digits behind a calling code."""
    return any(
        _lists(_kinds(code, region), national)
        for region in phonenumbers.region_codes_for_country_code(code)
    )


def warm(code: int) -> None:
    """Load the plans of a calling code and compile their patterns, before a call waits for it."""
    for region in phonenumbers.region_codes_for_country_code(code):
        for _lengths, pattern in _kinds(code, region):
            _accepts(pattern)
    _prefix(code)


def warm_all() -> None:
    """Do so for the whole world; 0.2 s of processor and 3 MB, for any thread but the loop's."""
    for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        warm(code)


def is_general(metadata: PhoneMetadata, national: str) -> bool:
    """Return whether the digits look like numbers of a country at all, listed or not."""
    pattern = metadata.general_desc.national_number_pattern if metadata.general_desc else None
    return bool(pattern and _accepts(pattern)(national))


def is_whole(digits: str) -> bool | None:
    """Return whether the digits of an international number are listed just as they stand.

    None if only libphonenumber can say: behind the calling code may be a prefix to take off.
    """
    for length in range(1, _LONGEST_CODE + 1):
        code = int(digits[:length] or "0")
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and digits[0] != "0":
            national = digits[length:]
            prefix = _prefix(code)
            if prefix is not None and prefix(national):
                return None
            return len(national) <= _LONGEST_NATIONAL and is_listed(code, national)
    return False


def _lists(kinds: tuple[_Kind, ...], national: str) -> bool:
    length = len(national)
    if not kinds:
        return False
    lengths, general = kinds[0]
    if (lengths and length not in lengths) or not _accepts(general)(national):
        return False
    for lengths, pattern in kinds[1:]:
        if (not lengths or length in lengths) and _accepts(pattern)(national):
            return True
    return False


@cache
def _kinds(code: int, region: str) -> tuple[_Kind, ...]:
    """Return the general kind of a region, then those of which a valid number is one."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if metadata is None:
        return ()
    same = metadata.same_mobile_and_fixed_line_pattern
    general = _kind(metadata.general_desc)
    kinds = (
        None if same else metadata.mobile,
        metadata.fixed_line,
        metadata.toll_free,
        metadata.shared_cost,
        metadata.premium_rate,
        metadata.voip,
        metadata.personal_number,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    )
    return (*general, *(one for kind in kinds for one in _kind(kind))) if general else ()


def _kind(desc: PhoneNumberDesc | None) -> tuple[_Kind, ...]:
    if desc is None or not desc.national_number_pattern:
        return ()
    return ((tuple(desc.possible_length), desc.national_number_pattern),)


@cache
def _accepts(pattern: str) -> Accepts:
    return re.compile(pattern).fullmatch


@cache
def _prefix(code: int) -> Accepts | None:
    """Return what finds a prefix that libphonenumber takes off numbers with a calling code."""
    main = phonenumbers.region_code_for_country_code(code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, main)
    prefix = metadata.national_prefix_for_parsing if metadata is not None else None
    return re.compile(prefix).match if prefix else None
