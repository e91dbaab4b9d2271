"""Logs are for operators: no personal data, no local variables."""

import json
import logging

import pytest
import structlog

from gateway.runtime import logging as house_logging


@pytest.fixture
def json_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure JSON logging and put the process's own configuration back afterwards."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    before = structlog.get_config()
    house_logging.configure(human=False)
    yield
    structlog.configure(**before)


def test_personal_data_is_masked(json_log: None, capsys: pytest.CaptureFixture[str]) -> None:
    """A number in a log would outlive every erasure."""
    structlog.get_logger("x").info("pop.offered", pii_number="+393331234567", pbx="hq")
    entry = json.loads(capsys.readouterr().err)
    assert entry["event"] == "pop.offered"
    assert entry["pbx"] == "hq"
    assert entry["pii_number"].startswith("…567#")
    assert "12345" not in entry["pii_number"]


def test_equal_values_stay_recognisable(json_log: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Two lines about one caller can be joined without knowing who it is."""
    assert house_logging.mask("+393331234567") == house_logging.mask("+393331234567")
    assert house_logging.mask("+393331234567") != house_logging.mask("+393331234568")


def test_standard_library_loggers_come_out_as_json(
    json_log: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """One format for one collector."""
    logging.getLogger("sqlalchemy.pool").warning("lost %s", "connection")
    assert json.loads(capsys.readouterr().err)["event"] == "lost connection"


def test_panoramisk_does_not_print_messages(
    json_log: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its loggers print whole AMI messages, with numbers and, for some actions, passwords."""
    logging.getLogger("panoramisk.manager").info("Secret: s3cr3t")
    logging.getLogger("panoramisk").debug("data: %s", "Event: Newchannel")
    assert capsys.readouterr().err == ""
