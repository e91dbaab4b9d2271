"""Moments in columns: epochs and local times, the hour that happens twice, the wrong zone."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.asterisk.backfill.times import Form, Zone, correction, form_of, offset_text

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1795301504.068792", Form.EPOCH_TEXT),
        (1795301504, Form.EPOCH),
        (1795301504.5, Form.EPOCH),
        ("2026-11-21 13:00:00", Form.LOCAL_TEXT),
        ("2026-11-21 13:00:00.250000", Form.LOCAL_TEXT),
        (datetime(2026, 11, 21, 13), Form.LOCAL),  # noqa: DTZ001 - as a driver gives it
        (NOON, Form.AWARE),
        (None, None),
        ("", None),
        ("yesterday", None),
        (True, None),
    ],
)
def test_form_is_told_by_the_value(value: object, form: Form | None) -> None:
    """Asterisk's modules write moments in many ways, and no column says which."""
    assert form_of(value) is form


@pytest.mark.parametrize(
    "value", ["2026-11-21 13:00:00", "1795262400", 1795262400, NOON, "2026-11-21T13:00:00"]
)
def test_every_form_means_the_same_moment(value: object) -> None:
    """Noon in Greenwich, one o'clock in Rome."""
    assert Zone("Europe/Rome").read(value) == NOON


def test_hour_that_happens_twice_is_told_by_the_epoch() -> None:
    """02:30 on the day the clocks go back is two moments."""
    zone, text = Zone("Europe/Rome"), "2026-10-25 02:30:00"
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert zone.read(text, near=first) == first
    assert zone.read(text, near=second) == second
    assert zone.read(text) == first
    assert zone.read(text, after=second - timedelta(minutes=5)) == second


@pytest.mark.parametrize("form", [Form.LOCAL_TEXT, Form.LOCAL])
def test_search_misses_no_row_when_clocks_go_back(form: Form) -> None:
    """A row half an hour later holds a smaller local time than the mark."""
    zone = Zone("Europe/Rome")
    mark = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    later = zone.written(mark + timedelta(hours=3), form)
    bound = zone.written(mark, form)
    assert str(bound) <= "2026-10-25 02:15:00" < str(later)


def test_correction_is_what_most_channels_say() -> None:
    """One odd row, a clock step or a Uniqueid without epoch, must not shift a history."""
    epoch = int(NOON.timestamp())
    found = [(NOON + timedelta(hours=2, seconds=3), f"pbx-{epoch}.{n}") for n in range(5)]
    found += [(NOON, f"{epoch}.9"), (NOON + timedelta(minutes=7), f"{epoch}.10"), (NOON, "x")]
    assert correction(found) == timedelta(hours=2)
    assert correction([(NOON + timedelta(minutes=7), f"{epoch}.1")]) == timedelta(0)
    assert correction([]) == timedelta(0)


def test_offset_is_written_as_people_do() -> None:
    """For the log and for `check`."""
    assert offset_text(timedelta(hours=5, minutes=30)) == "+05:30"
    assert offset_text(timedelta(hours=-1)) == "-01:00"
