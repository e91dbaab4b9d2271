"""structlog for a daemon: JSON unless a person watches, personal data masked."""

import hashlib
import hmac
import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

KEPT_DIGITS = 3
_MASK_KEY = os.urandom(16)


def mask(value: str) -> str:
    """Return the last three digits and a keyed hash, equal for equal values within one run."""
    digest = hmac.new(_MASK_KEY, value.encode(), hashlib.sha256).hexdigest()[:8]
    return f"…{value[-KEPT_DIGITS:]}#{digest}" if len(value) > KEPT_DIGITS else f"#{digest}"


def mask_personal_data(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask every value under a `pii_` key (structlog processor)."""
    for key, value in event.items():
        if key.startswith("pii_") and value is not None:
            event[key] = mask(str(value))
    return event


class Lines:
    """Writes finished lines to stderr, taking turns with the standard library's `handler`.

    The way through that library's own records would take twice the time of the whole line, and
    there is a line for each call. A log that cannot be written costs nobody anything else, where
    structlog's own `WriteLogger` would raise in whoever has something to say.
    """

    __slots__ = ("_handler",)

    def __init__(self, handler: logging.StreamHandler[TextIO]) -> None:
        self._handler = handler

    def msg(self, line: str) -> None:
        """Write one line; whoever reads along sees it at once."""
        handler = self._handler
        handler.acquire()
        try:
            handler.stream.write(line + "\n")
            handler.stream.flush()
        except (OSError, ValueError):  # the disk is full, or nobody reads any more
            return
        finally:
            handler.release()

    debug = info = warning = error = critical = exception = msg


def configure(*, level: str = "INFO", human: bool | None = None) -> None:
    """Set up structlog and route the standard library's loggers through it, to stderr."""
    human = sys.stderr.isatty() if human is None else human
    handler = logging.StreamHandler(sys.stderr)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_personal_data,
    ]
    last: structlog.typing.Processor
    if human:
        last = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False)
        )
    else:
        shared.append(structlog.processors.format_exc_info)
        last = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *_names: Lines(handler),
        cache_logger_on_first_use=True,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("panoramisk", "aiohttp.access", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
