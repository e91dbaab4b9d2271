"""What `check` says of mystery calls before the first is made."""

from typing import Any

from support.desk import START

from gateway.core.findings import Finding, Verdict
from gateway.runtime.commands.check_mystery import mystery_findings
from gateway.runtime.loading import parse

PBX: dict[str, Any] = {
    "name": "hq",
    "kind": "asterisk",
    "host": "127.0.0.1",
    "username": "observer",
    "secret": "s",
}
CONTROL = {"control": {"username": "control", "secret": "s"}}
TEST = {
    "number": "+390299993000",
    "caller_id": "+390299990000",
    "steps": ["expect answer within 20 s"],
}


def findings(test: dict[str, Any], **pbx: object) -> list[Finding]:
    """Return what is found in a file with one test."""
    loaded = parse(
        {
            "pbx": [{**PBX, **pbx}],
            "trunk": [{"name": "carrier", "pbx": "hq", "test": {**TEST, **test}}],
            "directory": {"own_numbers": ["+39029999*"]},
        }
    )
    return list(mystery_findings(loaded, START))


def test_test_that_can_be_made_is_ok() -> None:
    """Nothing is called to find that out."""
    (found,) = findings({}, **CONTROL)
    assert (found.verdict, found.subject) == (Verdict.OK, "trunk hq:carrier test test")


def test_number_that_is_not_ours_is_a_failure_with_its_remedy() -> None:
    """Before the first night, not after it."""
    (found,) = findings({"number": "+393331234567"}, **CONTROL)
    assert found.verdict is Verdict.FAILED
    assert "own_numbers" in found.remedy


def test_calendar_that_does_not_exist_is_a_failure() -> None:
    """Else the test would be made at the hours of another one."""
    (found,) = findings({"calendar": "offcie", "only": "open"}, **CONTROL)
    assert found.verdict is Verdict.FAILED


def test_pbx_without_control_user_is_a_warning() -> None:
    """The file is right, only nobody can press the keys."""
    (found,) = findings({})
    assert found.verdict is Verdict.WARNING
