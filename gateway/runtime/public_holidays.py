"""Public holidays of countries and of their regions, from the library `holidays`."""

from collections.abc import Iterator, Sequence
from datetime import date
from types import ModuleType
from typing import Final

from gateway.core.opening_hours import Region
from gateway.runtime.mistakes import suggestion

_LANGUAGES: Final = {"it": ("it_IT", "it"), "en": ("en_GB", "en_US", "en")}
# More names than a person reads; Italy has 114 ways to write its provinces.
_NAMED: Final = 40


def unknown_in(region: Region) -> str | None:
    """Return what is wrong with a region and what to write; None if it is known."""
    countries = _library().list_supported_countries(include_aliases=False)
    written = "-".join(filter(None, (region.country, region.subdivision)))
    if region.country not in countries:
        return f'"{written}": no public holidays are known of this country: list the dates'
    known = countries[region.country]
    if region.subdivision is None or region.subdivision in known:
        return None
    if not known:
        return f'"{written}": holidays are the same everywhere there: write "{region.country}"'
    return f'"{written}": {suggestion(region.subdivision, known[:_NAMED])}'


def public_holidays(
    regions: Sequence[Region], years: Sequence[int], language: str
) -> Iterator[tuple[date, str]]:
    """Yield each day off with its name, in `language` where the library has it."""
    for region in regions:
        kind = getattr(_library(), region.country)
        spoken = (*_LANGUAGES[language], kind.default_language)
        found = _library().country_holidays(
            region.country,
            subdiv=region.subdivision,
            years=years,
            language=next((one for one in spoken if one in kind.supported_languages), None),
        )
        yield from sorted(found.items())


def _library() -> ModuleType:
    import holidays  # noqa: PLC0415 (70 ms that a start without public holidays spares)

    return holidays
