"""`filodiretto replay` on files that are not what they should be."""

import json
from pathlib import Path

import pytest

from gateway.runtime.commands import replay

CAPTURES = Path(__file__).parents[2] / "scenarios" / "captures"


def replayed(file: Path) -> int:
    """Run the command with its defaults and return the exit code."""
    return replay.run([file], json_output=True, country=None, pbx=None, config=None)


def test_line_ends_that_a_tool_changed_are_put_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recording that went through an editor or git holds all its calls, and its index fits."""
    sound, damaged = CAPTURES / "q_second_agent.ami", tmp_path / "q.ami"
    damaged.write_bytes(sound.read_bytes().replace(b"\r\n", b"\n"))
    damaged.with_suffix(".idx").write_bytes(sound.with_suffix(".idx").read_bytes())
    assert replayed(sound) == replayed(damaged) == 0
    told = capsys.readouterr()
    first, second = map(json.loads, told.out.splitlines())
    assert first == second
    assert "line ends were changed" in told.err


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 5000, b"{}\n"])
def test_file_that_is_no_recording_is_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """No calls and no word about it would look like a quiet day."""
    (tmp_path / "x.ami").write_bytes(content)
    assert replayed(tmp_path / "x.ami") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "holds no AMI event" in told.err
