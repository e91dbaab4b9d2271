"""Records what the observer is sent, byte for byte, as a bug report or a demonstration holds it."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import OBSERVER, OBSERVER_SECRET

CHUNK = 65536


class Recording:
    """One AMI connection from its banner on; `.ami` and `.idx` as the product's recorder writes.

    An index line is the seconds since the connection was opened and the bytes of one read; -1
    bytes mark its end.
    """

    def __init__(
        self, lab: AsteriskLab, *, user: str = OBSERVER, secret: str = OBSERVER_SECRET
    ) -> None:
        self._lab = lab
        self._login = {"Action": "Login", "Username": user, "Secret": secret}
        self._data = bytearray()
        self._index: list[tuple[float, int]] = []

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            self._lab.addresses.pbx, AMI_PORT
        )
        self._opened_at = asyncio.get_running_loop().time()
        lines = [f"{key}: {value}" for key, value in self._login.items()]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._note(-1)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
        await self._writer.wait_closed()

    async def booted(self) -> None:
        """Wait until the PBX has said that it is ready: calls are told from now on."""
        async with asyncio.timeout(45):
            while b"Event: FullyBooted" not in self._data:  # noqa: ASYNC110  # told by the PBX
                await asyncio.sleep(0.01)

    def so_far(self) -> tuple[bytes, str]:
        """Return what was recorded until now, and its index."""
        return bytes(self._data), "".join(f"{at:.4f} {size}\n" for at, size in self._index)

    def save(self, path: Path) -> int:
        """Write PATH.ami and PATH.idx, and return the number of bytes recorded."""
        ami, idx = self.so_far()
        path.with_suffix(".ami").write_bytes(ami)
        path.with_suffix(".idx").write_text(idx, encoding="ascii")
        return len(ami)

    def _note(self, size: int) -> None:
        self._index.append((asyncio.get_running_loop().time() - self._opened_at, size))

    async def _read(self) -> None:
        while data := await self._reader.read(CHUNK):
            self._data += data
            self._note(len(data))
