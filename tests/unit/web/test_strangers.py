"""What strangers send, and the log."""

import logging

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadStatusLine, InvalidHeader
from structlog.testing import capture_logs

from gateway.web.strangers import SERVER, quote_nobody


@pytest.mark.parametrize(
    "error",
    [
        BadStatusLine("GET /api/v1/match?number=+39 0612345678 HTTP/1.1"),
        InvalidHeader("Cookie: filodiretto=0612345678"),
        web.RequestPayloadError("0612345678"),
    ],
)
def test_a_request_that_cannot_be_read_is_not_quoted(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """Its bytes hold numbers, sessions and tokens."""
    quote_nobody()
    quote_nobody()
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        logging.getLogger(SERVER).error("Error handling request", exc_info=error)
    assert "0612345678" not in f"{caplog.text}{logs}"
    assert [one["event"] for one in logs] == ["web.unreadable_request"]


def test_a_fault_of_ours_is_still_told(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing else may be lost with it."""
    quote_nobody()
    logging.getLogger(SERVER).error("Unhandled exception", exc_info=ValueError("ours"))
    assert "ours" in caplog.text
