"""The PBX's own history as the runtime sees it, read by a child process."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime
from typing import Final

import structlog

from adapters.asterisk.backfill import cdr, recall
from adapters.asterisk.backfill.messages import (
    LENGTH,
    Done,
    Page,
    Told,
    Trouble,
    Wanted,
    ZoneOff,
    framed,
    told,
)
from adapters.asterisk.backfill.reading import zone_of
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import TransientError
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Recalled

CHILD: Final = "adapters.asterisk.backfill.child"

log = structlog.get_logger(__name__)


class AsteriskHistory:
    """Implements `CallHistory` over the `cel` and `cdr` tables of one `[[pbx]]`.

    CEL tells calls in full. CDR adds the calls that CEL does not hold, and recordings to those it
    does. The zone that rows are found to be written in is logged once when it is not the
    configured one. Each reading is a process that ends with it, whoever stops first.
    """

    def __init__(self, settings: AsteriskSettings, plan: NumberPlan) -> None:
        self._settings = settings
        self._plan = plan
        self._zones_told: set[str] = set()

    @property
    def source(self) -> str:
        """Return `cel` if CEL is configured, else `cdr`."""
        return recall.SOURCE if self._settings.cel is not None else cdr.SOURCE

    def wanted(self, mark: datetime, open_calls: Collection[str] = ()) -> Wanted:
        """Return the request for what ended after `mark`, and for all of `open_calls`."""
        return Wanted(
            settings=self._settings,
            plan=self._plan,
            mark=mark,
            open_calls=frozenset(open_calls),
        )

    async def since(
        self, mark: datetime, *, open_calls: Collection[str] = ()
    ) -> AsyncIterator[Sequence[Recalled]]:
        """Yield the calls that ended after `mark`, and those of `open_calls`, page by page."""
        async with aclosing(_asked(self.wanted(mark, open_calls))) as messages:
            async for message in messages:
                if isinstance(message, Page):
                    yield message.calls
                elif isinstance(message, ZoneOff):
                    self._tell_zone(message)
                elif isinstance(message, Trouble):
                    raise message.error()

    def _tell_zone(self, found: ZoneOff) -> None:
        if found.table not in self._zones_told:
            self._zones_told.add(found.table)
            log.warning(
                "backfill.zone_corrected",
                pbx=self._settings.name,
                table=found.table,
                timezone=zone_of(self._settings),
                off=found.off,
            )


async def _asked(wanted: Wanted) -> AsyncGenerator[Told, None]:
    """Yield what a child process tells until it is done; raises TransientError if it dies."""
    async with _child() as (process, reader):
        if process.stdin is not None:
            with suppress(ConnectionError):  # it died already, as reading will show
                process.stdin.write(framed(wanted))
                await process.stdin.drain()
        try:
            while True:
                (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
                message = told(await reader.readexactly(length))
                if isinstance(message, Done):
                    return
                yield message
        except asyncio.IncompleteReadError as error:
            raise TransientError(
                "The process that reads the history of calls ended too early.",
                adapter="asterisk",
                remedy="It is begun again; see whether the machine has memory left.",
                detail=f"exit {await process.wait()}",
            ) from error


@asynccontextmanager
async def _child() -> AsyncIterator[tuple[Process, asyncio.StreamReader]]:
    """Run the child; whoever leaves kills it, and waits until it is gone."""
    # What it reads with is what we run with, wherever that was found.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", CHILD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
            env=environment,
        )  # fmt: skip
    except OSError as error:
        raise TransientError(
            "The process that reads the history of calls cannot be started.",
            adapter="asterisk",
            remedy="See whether the machine has memory and process ids left.",
            detail=type(error).__name__,
        ) from error
    reader = process.stdout or asyncio.StreamReader()
    try:
        yield process, reader
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
