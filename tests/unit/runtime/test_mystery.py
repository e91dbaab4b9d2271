"""Which mystery calls may be made, and when they are made by themselves."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from gateway.core.calendars import Calendar, Hours
from gateway.core.dialable import DialRules, DialStyle
from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan
from gateway.core.ours import OurNumbers
from gateway.core.trunks import TrunkRef
from gateway.runtime.mystery_plans import PlannedTest, planned
from gateway.runtime.mystery_schedule import is_wanted
from gateway.runtime.settings_mystery import TrunkTestSettings, seconds_of
from gateway.runtime.settings_trunks import TrunkKeys

REF = TrunkRef(pbx="hq", name="carrier")
OWN = OurNumbers({"+390299993000": "Sales"}, ["+39029999*", "+39112", "+39899*", "+4420*"]).name_of
TABLE: dict[str, Any] = {
    "number": "02 9999 3000",
    "caller_id": "+39 02 9999 0000",
    "steps": ["expect answer within 20 s"],
}
DAILY = Calendar("day", zone=ZoneInfo("UTC"), week=((Hours(540, 1080),),) * 7)


def made_of(calendar: Calendar | None = None, **other: object) -> PlannedTest:
    """Return what becomes of a table of the file."""
    settings = TrunkTestSettings.model_validate({**TABLE, **other})
    rules = DialRules(style=DialStyle.NATIONAL, outside_prefix="0")
    return planned(REF, settings, plan=NumberPlan("IT"), rules=rules, own=OWN, calendar=calendar)


def test_number_goes_out_as_the_trunk_wants_it_without_the_phones_prefix() -> None:
    """The call does not pass the dialplan of the desk phones."""
    one = made_of()
    assert (one.dialled, one.called, one.caller) == (
        "0299993000",
        "+390299993000",
        "+390299990000",
    )
    order = one.order("fdtest-1.1")
    assert (order.number, order.caller_id, order.trunk) == (one.dialled, one.caller, REF)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("number", "+393331234567"),  # a customer
        ("number", "112"),  # an emergency
        ("number", "118"),
        ("number", "+39899123456"),  # a premium number, even if somebody calls it ours
        ("number", "+442079460000"),  # abroad, though ours
        ("number", "201"),  # an extension
        ("number", "sales"),
        ("caller_id", "+393331234567"),
        ("caller_id", "anonymous"),
    ],
)
def test_number_that_is_not_ours_or_costs_more_is_never_called(key: str, value: str) -> None:
    """A slip in the file must not ring a customer, an ambulance or a premium line every hour."""
    with pytest.raises(UsageError) as refused:
        made_of(None, **{key: value})
    assert refused.value.remedy


def test_test_of_open_hours_needs_a_calendar() -> None:
    """Else it would be made always, or never, and nobody would know which."""
    with pytest.raises(UsageError):
        made_of(only="open")
    assert made_of(DAILY, only="open").calendar is DAILY


@pytest.mark.parametrize(
    ("only", "hour", "wanted"),
    [
        ("open", 10, True),
        ("open", 22, False),
        ("closed", 10, False),
        ("closed", 22, True),
        ("always", 22, True),
    ],
)
def test_schedule_keeps_to_the_opening_hours(only: str, hour: int, *, wanted: bool) -> None:
    """At night the announcement is tested, by day the way to a person."""
    at = datetime(2026, 11, 23, hour, tzinfo=ZoneInfo("UTC"))
    assert is_wanted(made_of(DAILY, only=only), at) is wanted


@pytest.mark.parametrize(
    ("written", "seconds"), [("1h", 3_600), ("30 min", 1_800), ("1 d", 86_400), ("soon", 0)]
)
def test_pauses_are_written_as_people_write_them(written: str, seconds: int) -> None:
    """Units in words: nobody has to count seconds of a day."""
    assert seconds_of(written) == seconds


@pytest.mark.parametrize(
    "other",
    [
        {"every": "1 min"},
        {"every": "soon"},
        {"steps": []},
        {"steps": ["dance"]},
        {"longest_s": 3_600},
        {"dial": "PJSIP/carrier"},
        {"dial": "PJSIP/{number}@a&PJSIP/b"},
        {"only": "sometimes"},
    ],
)
def test_table_with_a_mistake_is_refused_at_the_start(other: dict[str, object]) -> None:
    """A test that can never pass, or never ends, is found before it costs anything."""
    with pytest.raises(ValidationError):
        TrunkTestSettings.model_validate({**TABLE, **other})


def test_one_table_or_several_are_both_understood() -> None:
    """Most trunks have one script."""
    one = TrunkKeys.model_validate({"test": TABLE})
    two = TrunkKeys.model_validate({"test": [TABLE, {**TABLE, "name": "night"}]})
    assert [test.name for test in (*one.test, *two.test)] == ["test", "test", "night"]


def test_two_tests_of_one_name_are_refused() -> None:
    """One of them would never be made, and nobody would know which."""
    with pytest.raises(ValidationError):
        TrunkKeys.model_validate({"test": [TABLE, TABLE]})


def test_another_script_is_not_compared_with() -> None:
    """Its seconds are those of another way."""
    assert made_of().digest == made_of(ring_s=30).digest
    assert made_of().digest != made_of(steps=["wait 3 s"]).digest
