"""Telephone numbers: from whatever a PBX, a carrier or a CSV wrote to E.164, or to nothing.

libphonenumber knows the numbering plans; this module decides which *reading* of the digits is
meant (national, local, international, behind a prefix for outside lines) and refuses to guess.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType, ValidationResult, shortnumberinfo

from gateway.core import numbering
from gateway.core.errors import ConfigError
from gateway.core.numbering import is_general, is_listed, is_whole
from gateway.core.record import WITHHELD_NUMBER, Presentation
from gateway.core.written import (
    digits_of,
    extension_behind,
    says_withheld,
    user_part,
    written_digits,
    written_prefix,
)

CACHED_NUMBERS: Final = 16_384
_SHORT: Final = 6  # extensions and short codes have at most so many digits
_LOCAL: Final = 9  # a subscriber number without area code is not longer
_BARE_NATIONAL: Final = 10  # so long a number is whole even where the trunk prefix is missing
_BARE_INTERNATIONAL: Final = 11  # a trunk that sends E.164 without plus: 39…, 41…, 4420…
_MIN_POSSIBLE: Final = 7  # shorter ones count only if the plan lists them
_OPEN_PLAN_SPREAD: Final = 3
_LONGEST_PREFIX: Final = 12
_PLAIN: Final = 40  # so many digits need no care for what else may be in a text


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number as somebody wrote it and, if it is one of the world's numbers, its E.164 form.

    `raw` is None if there was none, `anonymous` if it was withheld. A number that a trunk asserts
    although its presentation is restricted keeps `raw` and `e164` and is marked withheld.
    `extension` was written behind it (`int. 12`): the number is that of a switchboard.
    """

    raw: str | None
    e164: str | None = None
    presentation: Presentation = Presentation.ALLOWED
    extension: str | None = None

    @property
    def withheld(self) -> bool:
        """Whether the caller did not let the number be shown."""
        return self.presentation is Presentation.WITHHELD


NO_NUMBER: Final = PhoneNumber(None)
WITHHELD: Final = PhoneNumber(WITHHELD_NUMBER, None, Presentation.WITHHELD)


class NumberPlan:
    r"""The numbering plan where a PBX or trunk stands; build one per PBX and keep it.

    `country` is the ISO 3166 code whose national numbers arrive here. `area_code` completes local
    numbers where such numbers exist. `outside_prefix` is what extensions dial before an outside
    number. `extensions` matches either whole numbers or, like the key of the same name in the
    configuration, channel names (`^PJSIP/(\d{2,6})$`). `trunks` are the plans of trunks that end
    in another country or town, by name. Raises ConfigError for an unknown country.
    """

    __slots__ = (
        "_area",
        "_cached",
        "_extensions",
        "_idd",
        "_metadata",
        "_open",
        "_plain",
        "_prefix",
        "_trunks",
        "calling_code",
        "country",
    )

    def __init__(
        self,
        country: str,
        area_code: str | None = None,
        outside_prefix: str | None = None,
        extensions: re.Pattern[str] | None = None,
        *,
        trunks: Mapping[str, "NumberPlan"] | None = None,
    ) -> None:
        self.country = country.upper()
        self._trunks = dict(trunks or {})
        metadata = PhoneMetadata.metadata_for_region(self.country)
        if metadata is None or not metadata.country_code:
            raise ConfigError(
                "The country is not a two-letter ISO 3166 code with telephone numbers.",
                where="country",
                remedy='Write the country where the PBX stands, for example country = "IT".',
            )
        self._metadata: PhoneMetadata = metadata
        self.calling_code = str(metadata.country_code)
        self._area = digits_of(area_code or "")
        self._prefix = outside_prefix or ""
        self._extensions = extensions
        lengths = metadata.fixed_line.possible_length if metadata.fixed_line else ()
        self._open = (
            metadata.national_prefix is not None
            and bool(lengths)
            and max(lengths) - min(lengths) > _OPEN_PLAN_SPREAD
        )
        # Where that is how numbers abroad begin, and no trunk prefix begins so, too
        self._idd = metadata.international_prefix == "00" and metadata.national_prefix in {
            *(None, "0"),
        }
        # With no trunk prefix to take off there is nothing to parse
        self._plain = self._idd and metadata.national_prefix_for_parsing is None
        self._cached = lru_cache(maxsize=CACHED_NUMBERS)(self._parse)

    def __reduce__(self) -> tuple[Callable[..., "NumberPlan"], tuple[object, ...]]:
        """Let another process build the same plan; what was parsed here stays here."""
        return _made, (self.country, self._area, self._prefix, self._extensions, self._trunks)

    def of_trunk(self, trunk: str | None) -> "NumberPlan":
        """Return how numbers are read that come in through a trunk."""
        return self._trunks.get(trunk, self) if trunk is not None and self._trunks else self

    def parse(self, raw: str | None, *, dialled: bool = False) -> PhoneNumber:
        """Return what `raw` means here; never raises, equal input gives equal output.

        `dialled` says that an extension dialled it, so that the outside prefix comes first. A hit
        in the cache costs 0.2 µs, a miss 4 to 6 where the digits are whole, 20 where
        libphonenumber has to take a trunk prefix off.
        """
        return NO_NUMBER if raw is None else self._cached(raw, dialled)

    def prefix(self, text: str) -> str | None:
        """Return what `02 1234*` or `+39021234xx` covers, as `+39021234*`; None for no prefix."""
        written = written_prefix(text)
        if written is None or not 0 < len(written.lstrip("+")) <= _LONGEST_PREFIX:
            return None
        if written.startswith("+"):
            return f"{written}*"
        if written.startswith("00"):
            return f"+{written[2:]}*" if written[2:] else None
        trunk_prefix = self._metadata.national_prefix
        national = written.removeprefix(trunk_prefix) if trunk_prefix else written
        return f"+{self.calling_code}{national}*"

    def warm(self) -> None:
        """Load the metadata and regular expressions of this country before the first call."""
        numbering.warm(int(self.calling_code))
        example = phonenumbers.example_number(self.country)
        if example is not None:
            kind = phonenumbers.PhoneNumberFormat
            for form in (kind.NATIONAL, kind.INTERNATIONAL, kind.E164):
                self._parse(phonenumbers.format_number(example, form), dialled=False)
        self._parse("112", dialled=False)
        for plan in self._trunks.values():
            plan.warm()

    def forget(self) -> None:
        """Drop every cached number, as the erasure of a person asks."""
        self._cached.cache_clear()
        for plan in self._trunks.values():
            plan.forget()

    def _parse(self, raw: str, dialled: bool) -> PhoneNumber:  # noqa: FBT001 - lru_cache key
        if len(raw) <= _PLAIN and raw.isascii() and raw.removeprefix("+").isdigit():
            return PhoneNumber(raw, self._read(raw, dialled=dialled))
        shown = user_part(raw)
        if shown is None:
            return NO_NUMBER
        if says_withheld(shown):
            return WITHHELD
        written = written_digits(shown)
        if written is None:
            return PhoneNumber(shown)
        e164 = self._read(written, dialled=dialled)
        behind = extension_behind(raw) if e164 is not None else None
        return PhoneNumber(shown, e164, extension=behind)

    def _read(self, written: str, *, dialled: bool) -> str | None:
        if written.startswith("+0"):
            written = written[1:]  # no calling code begins with 0: a gateway's mistake
        if written.startswith("+"):
            return self._e164(written) or _possible(written)
        return self._resolve(written, dialled=dialled)

    def _resolve(self, digits: str, *, dialled: bool) -> str | None:
        if not digits or self._is_internal(digits):
            return None
        for reading in self._readings(digits, dialled=dialled):
            e164 = self._e164(reading)
            if e164 is not None:
                return e164
        return _possible("+" + digits[2:]) if digits.startswith("00") else None

    def _readings(self, digits: str, *, dialled: bool) -> Iterator[str]:
        """Yield what the digits may mean, the likeliest first; `+` marks international ones."""
        outside = ""
        if self._prefix and digits.startswith(self._prefix):
            outside = digits[len(self._prefix) :]
            if self._is_internal(outside):
                outside = ""
        if dialled and outside:
            yield from self._direct(outside)
        yield from self._direct(digits)
        if outside and not dialled:
            yield from self._direct(outside)
        if digits.startswith(self.calling_code) or len(digits) >= _BARE_INTERNATIONAL:
            yield "+" + digits

    def _direct(self, digits: str) -> Iterator[str]:
        trunk_prefix = self._metadata.national_prefix
        local = self._area + digits if self._area and len(digits) <= _LOCAL else ""
        if local and trunk_prefix and not digits.startswith(trunk_prefix):
            yield local
            local = ""
        if self._open and len(digits) >= _BARE_NATIONAL and digits.startswith(self.calling_code):
            yield "+" + digits  # without trunk prefix the calling code is the better reading
        yield digits
        if digits.startswith("00"):
            yield "+" + digits[2:]
        if local:
            yield local

    def _is_internal(self, digits: str) -> bool:
        """Whether it is an extension or a short code: these are nobody's number in the world."""
        if self._extensions is not None and any(
            self._extensions.fullmatch(form)
            for form in (digits, f"PJSIP/{digits}", f"SIP/{digits}")
        ):
            return True
        if len(digits) > _SHORT:
            return False
        if (self._extensions is None or not self._area) and (
            len(digits) < _SHORT or self._metadata.national_prefix is not None
        ):
            # Without a pattern six digits are a number only where numbers are so short and are
            # dialled without trunk prefix (Andorra, the Faroes); five are always internal.
            return True
        number = phonenumbers.PhoneNumber(
            country_code=int(self.calling_code), national_number=int(digits)
        )
        return bool(shortnumberinfo.is_valid_short_number_for_region(number, self.country))

    def _e164(self, reading: str) -> str | None:
        if reading[0] == "+":
            return _valid(reading)
        if self._idd and reading.startswith("00") and reading[2:3] not in {"0", ""}:
            return _valid("+" + reading[2:])
        return self._without_prefix(reading) if self._plain else self._national(reading)

    def _without_prefix(self, digits: str) -> str | None:
        """Read a number where there is no trunk prefix, as libphonenumber's parser does."""
        code = self._metadata.country_code or 0
        if is_listed(code, digits):
            return f"+{self.calling_code}{digits}"
        if not digits.startswith(self.calling_code) or is_general(self._metadata, digits):
            return None
        return "+" + digits if is_listed(code, digits[len(self.calling_code) :]) else None

    def _national(self, digits: str) -> str | None:
        parsed = _parsed(digits, self.country)
        e164 = _listed(parsed) if parsed is not None else None
        if parsed is None or e164 is None or self._lacks_area_code(digits, parsed):
            return None
        return e164

    def _lacks_area_code(self, digits: str, parsed: phonenumbers.PhoneNumber) -> bool:
        """Whether libphonenumber read a local number as a national one (Germany, Austria, …).

        Where national numbers vary in length and begin with a trunk prefix, digits without the
        prefix are a subscriber number of the same town, unless they are too long for that.
        """
        trunk_prefix = self._metadata.national_prefix
        if not trunk_prefix or digits.startswith((trunk_prefix, self._area or trunk_prefix)):
            return False
        if len(digits) >= _BARE_NATIONAL or not self._open:
            return False
        return bool(phonenumbers.number_type(parsed) != PhoneNumberType.MOBILE)


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _listed(parsed: phonenumbers.PhoneNumber) -> str | None:
    """Return the E.164 form of a number that a plan lists."""
    code = parsed.country_code or 0
    national = phonenumbers.national_significant_number(parsed)
    return f"+{code}{national}" if is_listed(code, national) else None


def _valid(text: str) -> str | None:
    whole = is_whole(text[1:])
    if whole is not None:
        return text if whole else None
    parsed = _parsed(text, None)
    return None if parsed is None else _listed(parsed)


def _possible(text: str) -> str | None:
    """Accept an explicit international number of the right length: new ranges open every month."""
    parsed = _parsed(text, None)
    if (
        parsed is None
        or len(phonenumbers.national_significant_number(parsed)) < _MIN_POSSIBLE
        or phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE
    ):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _made(
    country: str,
    area_code: str,
    outside_prefix: str,
    extensions: re.Pattern[str] | None,
    trunks: Mapping[str, NumberPlan],
) -> NumberPlan:
    return NumberPlan(country, area_code, outside_prefix, extensions, trunks=trunks)
