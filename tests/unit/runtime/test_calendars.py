"""The calendars of a configuration file: looked up, and refused in its words."""

import tomllib
from datetime import UTC, date, datetime

import pytest

from gateway.core.calendars import SpecialDay
from gateway.core.errors import ConfigError
from gateway.core.opening_hours import Region
from gateway.runtime.calendars import calendars_of
from gateway.runtime.loading import parse
from gateway.runtime.public_holidays import unknown_in

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
OFFICE = """
[gateway]
calendar = "office"

[[pbx]]
name = "hq"
host = "127.0.0.1"
username = "filodiretto"
secret = "Segreta-7"

[[calendar]]
name = "office"
open = ["Mon-Fri 09:00-13:00 14:30-18:00"]
holidays = ["IT", "IT-MI", "2026-08-10/2026-08-21", "12-24 09:00-13:00"]

[[calendar]]
name = "oncall"
open = "24/7"
timezone = "America/New_York"

[[line]]
did = "+390299991001"
label = "Emergenze"
calendar = "oncall"

[[team]]
name = "Vendite"
members = ["sara"]
queues = ["hq:sales"]
calendar = "oncall"

[[trunk]]
name = "carrier"
pbx = "hq"
calendar = "oncall"

[[trunk]]
name = "provider"
kind = "sip"
registrar = "sip.example.com"
username = "filodiretto"
secret = "Segreta-7"
calendar = "oncall"
"""


def test_each_line_queue_and_trunk_has_its_calendar_and_the_rest_the_house_s() -> None:
    """One table says when, and one word says where it counts."""
    book = calendars_of(parse(tomllib.loads(OFFICE)), NOW)
    office, oncall = book.named["office"], book.named["oncall"]
    assert book.of(pbx="hq") is office
    assert book.of(pbx="hq", line="Emergenze", trunk="other") is oncall
    assert book.of(line="+390299991001") is oncall
    assert book.of(pbx="hq", queue="sales") is oncall
    assert book.of(pbx="hq", trunk="carrier") is oncall
    assert book.of_person("sara") is oncall
    assert book.of_person("anna") is office
    assert book.of(pbx="provider", trunk="provider") is oncall


def test_public_holidays_are_those_of_country_and_town() -> None:
    """Milan is closed for its patron saint; Rome works that day. A short day stays open."""
    office = calendars_of(parse(tomllib.loads(OFFICE)), NOW).named["office"]
    assert office.special_day(date(2026, 12, 7)) == SpecialDay(name="Sant'Ambrogio")
    assert office.special_day(date(2027, 3, 29)) == SpecialDay(name="Lunedì dell'Angelo")
    assert office.special_day(date(2026, 8, 15)) == SpecialDay(
        name="Assunzione della Beata Vergine Maria"
    )
    eve = office.special_day(date(2027, 12, 24))
    assert eve is not None
    assert eve.hours


def test_without_calendars_nothing_is_ever_closed() -> None:
    """Who says nothing of hours sees what was there before."""
    text = OFFICE.split("[[calendar]]", maxsplit=1)[0].replace('calendar = "office"', "")
    assert calendars_of(parse(tomllib.loads(text)), NOW).of(pbx="hq") is None


@pytest.mark.parametrize(
    ("written", "instead", "line"),
    [
        (
            'calendar = "office"',
            'calendar = "ofice"',
            'gateway.calendar: there is no [[calendar]] with name = "ofice": did you mean "office"',
        ),
        (
            '"Mon-Fri 09:00-13:00 14:30-18:00"',
            '"Foo 09:00-13:00"',
            'calendar[0].open: "Foo" is no day of the week: write Mon Tue Wed Thu Fri Sat Sun or',
        ),
        ('"IT-MI"', '"IT-ML"', 'calendar[0].holidays: "IT-ML": known: AG, AL, AN'),
        ('"IT"', '"2026-02-30"', 'calendar[0].holidays[0]: there is no day "2026-02-30"'),
        (
            "America/New_York",
            "New York",
            'calendar[1].timezone: not a time zone; write one like "Europe/Rome"',
        ),
        ('name = "oncall"', 'name = "office"', 'calendar: two tables have name = "office"'),
        ("[[calendar]]", "[calendar]", "calendar: write [[calendar]], with two brackets"),
    ],
)
def test_mistake_in_a_calendar_is_told_in_the_words_of_the_file(
    written: str, instead: str, line: str
) -> None:
    """A calendar that is silently not there would be missed at night."""
    text = OFFICE.replace(written, instead, 1)
    if instead.startswith("[calendar]"):
        text = text.partition("[[calendar]]")[0] + "[[line]]" + OFFICE.partition("[[line]]")[2]
    with pytest.raises(ConfigError) as caught:
        parse(tomllib.loads(text))
    assert f"  {line}" in str(caught.value)


def test_country_without_known_holidays_is_told_what_to_write() -> None:
    """Two letters that mean nothing, and a part of a country that has none."""
    assert unknown_in(Region(country="IT", subdivision="MI")) is None
    assert "list the dates" in (unknown_in(Region(country="XX")) or "")
    assert 'write "AF"' in (unknown_in(Region(country="AF", subdivision="KB")) or "")
