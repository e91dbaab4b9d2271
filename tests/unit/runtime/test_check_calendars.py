"""What `check` says of opening hours, as an administrator reads it."""

import tomllib
from datetime import UTC, datetime

import pytest

from gateway.core.findings import Verdict
from gateway.runtime.commands.check_calendars import calendar_findings
from gateway.runtime.loading import parse

TEXT = """
[gateway]
calendar = "office"

[[calendar]]
name = "office"
open = ["Mon-Fri 09:00-13:00 14:30-18:00", "Sat 20:00-00:00"]
holidays = ["IT", "12-24 09:00-13:00"]

[[calendar]]
name = "spare"
open = "24/7"
"""


def said(at: datetime) -> list[str]:
    """Return what is said of each calendar at a moment."""
    return [one.cause for one in calendar_findings(parse(tomllib.loads(TEXT)), at)]


def test_today_s_hours_and_the_next_holiday_are_said() -> None:
    """A mistake in the hours shows on the day they are written, not on the first holiday."""
    office, _ = said(datetime(2026, 12, 4, 12, 30, tzinfo=UTC))
    assert office == (
        "today 09:00-13:00, 14:30-18:00, closed now, next open Fri 2026-12-04 14:30; "
        "next closed on Tue 2026-12-08 (Immacolata Concezione)"
    )
    eve, _ = said(datetime(2026, 12, 23, 12, 30, tzinfo=UTC))
    assert eve.endswith("next other hours on Thu 2026-12-24")
    late, _ = said(datetime(2026, 12, 5, 12, 30, tzinfo=UTC))
    assert late.startswith("today 20:00-24:00, closed now, next open Sat 2026-12-05 20:00")
    holiday, _ = said(datetime(2026, 12, 8, 12, 30, tzinfo=UTC))
    assert holiday.startswith("today closed (Immacolata Concezione), closed now, next open Wed")


def test_calendar_that_counts_nowhere_is_a_warning() -> None:
    """Its author believes that it does something."""
    findings = list(
        calendar_findings(parse(tomllib.loads(TEXT)), datetime(2026, 12, 4, tzinfo=UTC))
    )
    assert [one.verdict for one in findings] == [Verdict.OK, Verdict.WARNING]
    assert 'calendar = "spare"' in findings[1].remedy


@pytest.mark.parametrize(("only", "verdict"), [("closed", Verdict.OK), ("always", Verdict.WARNING)])
def test_calendar_of_a_mystery_call_counts_where_its_hours_do(only: str, verdict: Verdict) -> None:
    """It says when the test is made, unless that is always."""
    test = {
        "number": "+390299993000",
        "caller_id": "+390299990000",
        "steps": ["expect answer"],
        "calendar": "spare",
        "only": only,
    }
    file = {**tomllib.loads(TEXT), "trunk": [{"name": "carrier", "pbx": "hq", "test": test}]}
    file["pbx"] = [{"name": "hq", "host": "127.0.0.1", "username": "f", "secret": "s"}]
    findings = list(calendar_findings(parse(file), datetime(2026, 12, 4, tzinfo=UTC)))
    assert findings[1].verdict is verdict
