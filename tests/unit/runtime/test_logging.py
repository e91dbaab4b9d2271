"""Logs are for operators: no personal data, no local variables."""

import errno
import io
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from gateway.runtime import logging as house_logging


@contextmanager
def json_logging() -> Iterator[None]:
    """Log as the daemon does, and put the former configuration back afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    house_logging.configure(human=False)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**before)


def test_personal_data_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    """A number in a log would outlive every erasure."""
    with json_logging():
        structlog.get_logger("x").info("pop.offered", pii_number="+393331234567", pbx="hq")
    entry = json.loads(capsys.readouterr().err)
    assert entry["event"] == "pop.offered"
    assert entry["pbx"] == "hq"
    assert entry["pii_number"].startswith("…567#")
    assert "12345" not in entry["pii_number"]


def test_equal_values_stay_recognisable() -> None:
    """Two lines about one caller can be joined without knowing who it is."""
    assert house_logging.mask("+393331234567") == house_logging.mask("+393331234567")
    assert house_logging.mask("+393331234567") != house_logging.mask("+393331234568")


def test_standard_library_loggers_come_out_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One format for one collector."""
    with json_logging():
        logging.getLogger("sqlalchemy.pool").warning("lost %s", "connection")
    assert json.loads(capsys.readouterr().err)["event"] == "lost connection"


def test_line_of_ours_is_told_once_with_its_level_and_its_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A collector reads one JSON object a line, whatever was logged."""
    with json_logging():
        log = structlog.get_logger("x")
        log.debug("call.anomaly", pbx="hq")
        try:
            int("böse")
        except ValueError:
            log.exception("desk.event_failed", pbx="hq", at=object)
    (line,) = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"], entry["pbx"]) == ("desk.event_failed", "error", "hq")
    assert entry["exception"].endswith("base 10: 'böse'")
    assert entry["timestamp"].endswith("Z")


class Full(io.StringIO):
    """A log on a disk without room."""

    def flush(self) -> None:
        """Fail as the system does."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call's end is stored and told a CRM although the disk with the log is full."""
    full = Full()
    monkeypatch.setattr("sys.stderr", full)
    with json_logging():
        structlog.get_logger("x").info("call.ended", pbx="hq")
    assert "call.ended" in full.getvalue()


def test_panoramisk_does_not_print_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """Its loggers print whole AMI messages, with numbers and, for some actions, passwords."""
    with json_logging():
        logging.getLogger("panoramisk.manager").info("Secret: s3cr3t")
        logging.getLogger("panoramisk").debug("data: %s", "Event: Newchannel")
    assert capsys.readouterr().err == ""
