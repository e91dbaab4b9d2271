"""Keeps what strangers send out of the log: aiohttp quotes the bytes that it cannot read.

A program that forgot to encode a space in `?number=+39 06…`, or a header with a control character
in it, would put a telephone number, a session or a token there, in clear and with a traceback.
"""

import logging
from typing import Final

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

log = structlog.get_logger(__name__)

SERVER: Final = "aiohttp.server"


class _Unreadable(logging.Filter):
    """Turns what aiohttp says of a request that is none into an event without its bytes."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything else through."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError):
            return True
        log.info("web.unreadable_request", kind=type(error).__name__)
        return False


_FILTER: Final = _Unreadable()


def quote_nobody() -> None:
    """Do so from now on; once is enough, again does no harm."""
    logging.getLogger(SERVER).addFilter(_FILTER)
