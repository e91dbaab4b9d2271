"""What `filodiretto crm dry-run` says of the calls it found."""

from typing import Any

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
    calls = [CALL, {**CALL, "state": "delivered"}, {**CALL, "state": "pending"}]
    found = {"name": "crm", "from": "a", "to": "b", "policy": [], "calls": calls, "unwanted": 4}
    found |= {"more": False, "rates": [], "unmatched": [], "asked_crm": True, "cause": None}
    _print(found)
    shown = capsys.readouterr().out
    assert "1 would be written, 2 are there already, 4 are not wanted" in shown
