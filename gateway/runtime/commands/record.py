"""`filodiretto record`: a PBX's stream into NAME.ami and NAME.idx, until Ctrl-C."""

import asyncio
from pathlib import Path
from typing import cast

from rich.console import Console

from adapters.asterisk.recorder import Recorded
from adapters.asterisk.recorder import record as record_stream
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import FilodirettoError, UsageError
from gateway.runtime import loading
from gateway.runtime.clock import SystemClock
from gateway.runtime.commands.common import OK, say
from gateway.runtime.commands.daemon import stop_on_signals


def run(path: Path | None, *, pbx: str, output: Path, pseudonymise: bool) -> int:
    """Record one PBX of the configuration; secrets are left out whatever is asked."""
    loaded = loading.load(path)
    chosen = next((one for one in loaded.pbxs if one.name == pbx), None)
    if chosen is None:
        names = ", ".join(one.name for one in loaded.pbxs) or "none is configured"
        raise UsageError("There is no PBX of that name.", remedy=f"Known: {names}.")
    recorded = asyncio.run(
        _record(cast("AsteriskSettings", chosen), output, pseudonymise=pseudonymise)
    )
    say(
        f"{recorded.path}: {recorded.events} events, {recorded.size / 1000:.0f} kB, "
        f"{recorded.seconds:.0f} s"
    )
    return OK


async def _record(chosen: AsteriskSettings, output: Path, *, pseudonymise: bool) -> Recorded:
    stop = asyncio.Event()
    stop_on_signals(stop)
    console = Console(stderr=True)

    def begun() -> None:
        console.print(f"recording {chosen.name}; Ctrl-C ends", markup=False)

    async def recorded() -> Recorded | FilodirettoError:
        try:
            return await record_stream(
                chosen, output, SystemClock(), pseudonymise=pseudonymise, on_begin=begun
            )
        except FilodirettoError as error:  # a value: the group would wrap what is raised in it
            return error

    async with asyncio.TaskGroup() as group:
        recording = group.create_task(recorded(), name="recording")
        ending = group.create_task(stop.wait(), name="ending")
        await asyncio.wait((recording, ending), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        recording.cancel()  # ends the two files properly, and returns
    result = recording.result()
    if isinstance(result, FilodirettoError):
        raise result
    return result
