"""What `filodiretto crm dry-run` says of the calls it found."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.runtime.commands.crm import _print

CALL: dict[str, Any] = {
    "call_id": "c",
    "at": None,
    "direction": "inbound",
    "outcome": "answered",
    "title": "Chiamata",
    "match": "none",
    "person": None,
    "assignee": None,
    "task": None,
    "creates": None,
    "state": None,
}


def test_calls_that_are_there_are_not_counted_as_to_be_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Else an administrator fears doubles."""
    shown = said_of(capsys, [CALL, {**CALL, "state": "delivered"}, {**CALL, "state": "pending"}])
    assert "1 would be written, 2 are there already, 4 are not wanted" in shown


def test_days_and_times_are_those_of_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    """A day in October is 25 hours long in Rome and begins at 22:00 of UTC."""
    shown = said_of(capsys, [{**CALL, "at": "2026-10-25T22:30:00.000Z"}])
    assert "crm: calls of 2026-10-25; all times are of Europe/Rome" in shown
    assert "2026-10-25 23:30:00" in shown


def test_days_without_calls_are_told_instead_of_empty_tables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On the day it is installed there is no yesterday, and a 0 looks like a mistake."""
    shown = said_of(capsys, [], unwanted=0)
    assert "no call of these days: --from" in shown
    assert "would be written" not in shown


def said_of(
    capsys: pytest.CaptureFixture[str], calls: list[dict[str, Any]], *, unwanted: int = 4
) -> str:
    """Return what is printed of a dry run over one day in which the clock changes."""
    days = {"from": "2026-10-24T22:00:00.000Z", "to": "2026-10-25T23:00:00.000Z"}
    found = {"name": "crm", **days, "policy": [], "calls": calls, "unwanted": unwanted}
    found |= {"more": False, "rates": [], "unmatched": [], "asked_crm": True, "cause": None}
    _print(found, ZoneInfo("Europe/Rome"))
    return capsys.readouterr().out
