"""Files that come in as the body of a request: put on disk as they come, under no name.

Such a file is gone with the process, however that ends: a `kill -9` leaves no address book behind.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from gateway.web.problems import TOO_LARGE, Problem
from gateway.web.routes import route_of
from gateway.web.validation import check_type

_PIECE: Final = 1024 * 1024
_SAVE: Final = 16 * 1024 * 1024


@asynccontextmanager
async def uploaded(request: web.Request) -> AsyncIterator[Path]:
    """Give the body as a file, for as long as the block lasts.

    Raises Problem 415 and 413 for what the route's `Upload` does not take.
    """
    route = route_of(request)
    if route is None or route.upload is None:
        raise TypeError("The handler asks for a file that its route does not declare.")
    check_type(request, route.upload.types)
    file = await asyncio.to_thread(tempfile.TemporaryFile, buffering=0)
    try:
        await _save(request, file.fileno(), route.upload.limit)
        # opening it so (proc(5)) reads it from its beginning, as often as one likes
        yield Path(f"/proc/self/fd/{file.fileno()}")
    finally:
        await asyncio.to_thread(file.close)


async def _save(request: web.Request, handle: int, limit: int) -> None:
    if (request.content_length or 0) > limit:
        raise _too_large(limit)  # it says so itself, and need not fill the disk first
    size, waiting = 0, 0
    pieces: list[bytes] = []
    async for piece in request.content.iter_chunked(_PIECE):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        pieces.append(piece)
        waiting += len(piece)
        if waiting >= _SAVE:
            await asyncio.to_thread(_append, handle, pieces)
            pieces, waiting = [], 0
    await asyncio.to_thread(_append, handle, pieces)


def _too_large(limit: int) -> Problem:
    return Problem(TOO_LARGE, f"A file may have at most {limit} bytes here; import it in parts.")


def _append(handle: int, pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(handle, view) :]
