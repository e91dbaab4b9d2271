"""What a process that died left of its mystery calls: they are hung up, and their runs ended."""

import asyncio
from dataclasses import replace
from typing import Final

import structlog

from gateway.core.errors import FilodirettoError, TransientError
from gateway.core.mystery import MysteryRun, RunState
from gateway.core.mystery_words import RESTARTED
from gateway.core.ports import Clock, MysteryCaller
from gateway.store.mystery import StoredRun

RETRY_S: Final = 1.0
# The PBX ends a call by itself when its script could last no longer (Wait in the dialplan).
PATIENCE: Final = 300

log = structlog.get_logger(__name__)


async def clear_up(stored: StoredRun, caller: MysteryCaller | None, clock: Clock) -> MysteryRun:
    """Hang the call up as soon as the PBX can be told to, and return the run as it failed."""
    for _attempt in range(PATIENCE if caller is not None else 0):
        try:
            if caller is not None:
                await caller.hang_up(stored.channel)
        except TransientError:
            await asyncio.sleep(RETRY_S)
            continue
        except FilodirettoError as error:
            log.info("mystery.not_hung_up", trunk=str(stored.run.trunk), cause=error.message)
        break
    return replace(stored.run, state=RunState.FAILED, ended_at=clock.now(), words=RESTARTED)
