"""Which numbers may be dialled for somebody, and how the PBX wants them (RELIABILITY rule 21).

Numbers abroad and numbers that cost more than a call are denied unless the administrator allows
them: whoever steals a session must not be able to call a premium number of their own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ShortNumberCost, shortnumberinfo

from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan
from gateway.core.written import digits_of, user_part, written_digits

LONGEST_INSIDE: Final = 6
PREMIUM: Final = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.PERSONAL_NUMBER})
ANY_INTERNATIONAL: Final = "international"
ANY_PREMIUM: Final = "premium"


class DialStyle(StrEnum):
    """How the PBX's dialplan wants outside numbers."""

    TYPED = "typed"
    NATIONAL = "national"
    E164 = "e164"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRules:
    """What one PBX lets people dial: `allow` holds `international`, `premium`, `+41`, `+39899`."""

    allow: tuple[str, ...] = ()
    style: DialStyle = DialStyle.TYPED
    outside_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A number that may be dialled.

    `to` is what the dialplan gets, `keys` the same as a keypad can send it (a transfer that the PBX
    conducts is dialled in tones); `e164` is None for what is inside the house.
    """

    to: str
    keys: str
    e164: str | None


class DeniedError(UsageError):
    """The number is one, but it may not be dialled for anybody here."""


def destination(text: str, plan: NumberPlan, rules: DialRules) -> Destination:
    """Return what to dial for `text` as a person or a program wrote it.

    Raises UsageError if it is no number, DeniedError if dialling it is denied.
    """
    shown = user_part(text)
    digits = written_digits(shown) if shown is not None else None
    if not digits or digits == "+":
        raise UsageError(
            "This is not a telephone number that can be dialled.",
            remedy="Write an extension or a number in digits; service codes (*, #) are left out.",
        )
    e164 = plan.parse(digits, dialled=True).e164
    if e164 is None:
        return _inside(digits, plan, rules)
    number = phonenumbers.parse(e164)
    _judge(number, e164, plan, rules)
    national = rules.outside_prefix + _national(number, plan)
    typed = digits if not rules.outside_prefix else national
    to = {DialStyle.TYPED: typed, DialStyle.NATIONAL: national, DialStyle.E164: e164}[rules.style]
    return Destination(to=to, keys=national, e164=e164)


def _inside(digits: str, plan: NumberPlan, rules: DialRules) -> Destination:
    """Accept extensions and short codes, but none that costs more than a call."""
    if digits.startswith("+") or len(digits) > LONGEST_INSIDE:
        raise UsageError(
            "This is neither an extension nor a valid telephone number.",
            remedy="Check the digits; write numbers abroad with + and the country's code.",
        )
    outside = digits.removeprefix(rules.outside_prefix)
    if ANY_PREMIUM not in rules.allow and any(
        _costs_more(code, plan.country) for code in {digits, outside} if code
    ):
        raise _denied("Short codes that cost more than a call are not dialled from here.")
    return Destination(to=digits, keys=digits, e164=None)


def _costs_more(code: str, country: str) -> bool:
    try:
        number = phonenumbers.parse(code, country)
    except phonenumbers.NumberParseException:
        return False
    cost = shortnumberinfo.expected_cost_for_region(number, country)
    return bool(cost == ShortNumberCost.PREMIUM_RATE)


def _judge(number: phonenumbers.PhoneNumber, e164: str, plan: NumberPlan, rules: DialRules) -> None:
    if any(e164.startswith(prefix) for prefix in rules.allow if prefix.startswith("+")):
        return
    kind = phonenumbers.number_type(number)
    region = phonenumbers.region_code_for_number(number)
    at_home = region == plan.country or (
        region is None and str(number.country_code) == plan.calling_code
    )
    if not at_home and ANY_INTERNATIONAL not in rules.allow:
        raise _denied("Numbers abroad are not dialled from here.")
    if kind in PREMIUM and ANY_PREMIUM not in rules.allow:
        raise _denied("Premium numbers are not dialled from here.")
    if kind == PhoneNumberType.UNKNOWN and ANY_PREMIUM not in rules.allow:
        raise _denied("This number belongs to no known range, so its cost is unknown.")


def _denied(message: str) -> DeniedError:
    return DeniedError(
        message,
        remedy="If it is needed, the administrator can allow it: pbx.control.allow lists prefixes"
        ' ("+41"), "international" and "premium".',
    )


def _national(number: phonenumbers.PhoneNumber, plan: NumberPlan) -> str:
    """Return the digits as a desk phone in this country dials them."""
    if str(number.country_code) == plan.calling_code:
        return digits_of(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    return digits_of(phonenumbers.format_out_of_country_calling_number(number, plan.country))
