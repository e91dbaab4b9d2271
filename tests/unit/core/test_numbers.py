"""Presentation, caching and configuration of the numbering plan."""

import pytest

from gateway.core.errors import ConfigError
from gateway.core.numbers import NO_NUMBER, NumberPlan, PhoneNumber
from gateway.core.record import Presentation


@pytest.mark.parametrize(
    "written",
    [
        "anonymous",
        "Anonymous",
        "anonymous@anonymous.invalid",
        "sip:anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "unknown",
        "restricted",
        "private",
        "unavailable",
        "withheld",
        " Withheld ",
        "anonimo",
    ],
)
def test_a_word_for_withheld_becomes_anonymous_and_matches_nobody(written: str) -> None:
    """Carriers have many words for it; the record and the pop know one."""
    assert NumberPlan("IT").parse(written) == PhoneNumber("anonymous", None, Presentation.WITHHELD)


@pytest.mark.parametrize("written", [None, "", "  ", "<unknown>", "\x00", "sip:@host", "\u202e"])
def test_no_number_is_not_a_withheld_number(written: str | None) -> None:
    """Nothing was said about presentation, so nothing may be claimed."""
    assert NumberPlan("IT").parse(written) == NO_NUMBER


def test_raw_keeps_what_the_carrier_wrote_without_controls() -> None:
    """The record tells what was sent; a page must not be turned round by it."""
    parsed = NumberPlan("IT").parse("\u202e06 1234\x1b 5678\r\n")
    assert parsed.raw == "06 1234 5678"
    assert NumberPlan("IT").parse("0612345678").raw == "0612345678"


def test_a_very_long_raw_is_cut() -> None:
    """A caller id of a megabyte must not travel to every screen."""
    parsed = NumberPlan("IT").parse("9" * 1_000_000)
    assert parsed.raw is not None
    assert len(parsed.raw) <= 80
    assert parsed.e164 is None


@pytest.mark.parametrize("country", ["", "I", "ITA", "XX", "001", "Italy"])
def test_an_unknown_country_is_refused_with_key_and_remedy(country: str) -> None:
    """A typo in the country would silently match nobody."""
    with pytest.raises(ConfigError) as caught:
        NumberPlan(country)
    assert caught.value.where == "country"
    assert "IT" in caught.value.remedy


def test_the_country_may_be_written_in_lower_case() -> None:
    """People write `it`."""
    assert NumberPlan("it").parse("0612345678").e164 == "+390612345678"


def test_the_second_parse_comes_from_the_cache_until_it_is_forgotten() -> None:
    """The pop path pays 0.2 µs for a number it has seen; an erased person leaves the cache."""
    plan = NumberPlan("IT")
    plan.warm()
    first = plan.parse("0612345678")
    assert plan.parse("0612345678") is first
    plan.forget()
    assert plan.parse("0612345678") is not first
    assert plan.parse("0612345678") == first
