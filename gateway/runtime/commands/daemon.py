"""`filodiretto run`."""

import asyncio
import signal
from pathlib import Path

import structlog

from gateway.runtime import loading
from gateway.runtime import logging as house_logging
from gateway.runtime.claim import claimed
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import FAILURE, OK, prepare_data_dir
from gateway.runtime.gateway import Gateway
from gateway.runtime.loading import Loaded
from gateway.runtime.people import announce, first_door
from gateway.runtime.supervise import PartFailedError
from gateway.runtime.tuning import tune

log = structlog.get_logger(__name__)


def run(path: Path | None) -> int:
    """Run until SIGTERM or SIGINT; 1 if a part kept failing."""
    loaded = loading.load(path)
    house_logging.configure()
    prepare_data_dir(loaded)
    with claimed(loaded.settings.gateway.data_dir):
        return asyncio.run(_run(loaded))


async def _run(loaded: Loaded) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    clock = SystemClock()
    gateway = await Gateway.open(loaded, clock)
    code = OK
    try:
        secret = await first_door(gateway.db, clock)
        if secret is not None:
            announce(loaded.settings.web.public_url or gateway.url, secret)
        tune()
        await gateway.run(stop)
    except* PartFailedError as group:
        code = FAILURE
        for error in group.exceptions:
            log.critical("gateway.failed", cause=str(error), remedy="see part.failed above")
    finally:
        await gateway.close()
    return code


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
