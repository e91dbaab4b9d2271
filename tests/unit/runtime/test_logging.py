"""Logs are for operators: no personal data, no local variables."""

import json
import logging
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


def test_panoramisk_does_not_print_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """Its loggers print whole AMI messages, with numbers and, for some actions, passwords."""
    with json_logging():
        logging.getLogger("panoramisk.manager").info("Secret: s3cr3t")
        logging.getLogger("panoramisk").debug("data: %s", "Event: Newchannel")
    assert capsys.readouterr().err == ""
