"""Records a PBX's stream for a bug report or a test: NAME.ami and NAME.idx, without secrets."""

import asyncio
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.redaction import Redactor
from adapters.asterisk.session import open_session
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import UsageError
from gateway.core.ports import Clock

FLUSH_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was written."""

    path: Path
    events: int
    size: int
    seconds: float


class Tape:
    """The two files of a recording; what arrives is kept in memory until `flush`."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self.begun = False
        self.events = 0
        self.size = 0
        self._redactor = redactor
        self._bytes: list[bytes] = []
        self._lines: list[str] = []

    def begin(self, banner: str) -> None:
        """Put the banner before all that came with the login; called before the first flush."""
        self.begun = True
        data = banner.encode("utf-8", "replace") + b"\r\n"
        self.size += len(data)
        self._bytes.insert(0, data)
        self._lines.insert(0, f"{0.0:.4f} {len(data)}\n")

    def add(self, seconds: float, frames: list[Frame]) -> None:
        """Keep what one read brought, `seconds` after the connection was opened."""
        data = b"".join(self._redactor.message(frame.raw) + b"\r\n\r\n" for frame in frames)
        self.events += len(frames)
        self.size += len(data)
        self._bytes.append(data)
        self._lines.append(f"{seconds:.4f} {len(data)}\n")

    def end(self, seconds: float) -> None:
        """Mark the end of the connection."""
        self._lines.append(f"{seconds:.4f} -1\n")

    def create(self) -> None:
        """Make both files, readable for their owner alone; UsageError if that cannot be."""
        for path in (self.path, self.path.with_suffix(".idx")):
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except OSError as error:
                raise UsageError(
                    f"{path} cannot be created.",
                    remedy="Choose a name that is not taken, in a folder you may write to.",
                ) from error

    def remove(self) -> None:
        """Take both files away again, for a recording that never began."""
        for path in (self.path, self.path.with_suffix(".idx")):
            path.unlink(missing_ok=True)

    def flush(self) -> None:
        """Append what was kept to the files; blocks, so not on the event loop."""
        data, self._bytes = self._bytes, []
        lines, self._lines = self._lines, []
        with self.path.open("ab") as file:
            file.write(b"".join(data))
        with self.path.with_suffix(".idx").open("a", encoding="ascii") as index:
            index.write("".join(lines))


async def record(
    settings: AsteriskSettings,
    out_path: Path,
    clock: Clock,
    *,
    pseudonymise: bool = False,
    seconds: float | None = None,
    on_begin: Callable[[], None] = lambda: None,
) -> Recorded:
    """Record until `seconds` are over, the task is cancelled or the link ends.

    `out_path` ends in .ami; `on_begin` is called once the stream arrives. Cancelling ends the
    recording properly and returns it. Raises UsageError if the files cannot be made, and what
    `open_session` raises; a link that never came up leaves no files.
    """
    if out_path.suffix != ".ami":
        raise UsageError("The recording's name must end in .ami.", remedy="Use -o NAME.ami.")
    tape = Tape(out_path, Redactor(secrets.token_bytes(32) if pseudonymise else None))
    await asyncio.to_thread(tape.create)
    began = clock.monotonic()

    def keep(frames: list[Frame]) -> None:
        tape.add(clock.monotonic() - began, frames)

    try:
        async with open_session(settings, clock, on_frames=keep, wanted=None) as session:
            tape.begin(session.banner)
            on_begin()
            async with asyncio.timeout(seconds):
                await session.hold(settings.link, _flush_for_ever(tape))
    except (TimeoutError, asyncio.CancelledError):
        pass
    finally:
        elapsed = clock.monotonic() - began
        tape.end(elapsed)
        await asyncio.to_thread(tape.flush if tape.begun else tape.remove)
    return Recorded(path=out_path, events=tape.events, size=tape.size, seconds=elapsed)


async def _flush_for_ever(tape: Tape) -> None:
    while True:
        await asyncio.sleep(FLUSH_S)
        await asyncio.to_thread(tape.flush)
