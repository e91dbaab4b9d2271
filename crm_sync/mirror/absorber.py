"""Writes a page of a CRM's people in batches so short that live calls never wait for them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from crm_sync.mirror.translate import Translator
from gateway.core.crm import DirectoryEntry
from gateway.core.ports import Clock
from gateway.store.database import Connection, Database
from gateway.store.kept_away import Away, nobody_away
from gateway.store.mirrored import NOTHING, Absorbed, Mirrored, absorb, forget

T = TypeVar("T")
# DESIGN allows a batch 50 ms; the aim leaves room for a slow disk.
BATCH_S: Final = 0.025
SMALLEST: Final = 20
LARGEST: Final = 400
FORGOTTEN_AT_ONCE: Final = 50

Along = Callable[[Connection], None]


class Absorber:
    """One CRM's way into the directory; `on_change` is told when the directory is another."""

    def __init__(
        self,
        crm: str,
        country: str,
        *,
        db: Database,
        clock: Clock,
        on_change: Callable[[], None],
        away: Callable[[], Awaitable[Away]] | None = None,
    ) -> None:
        self.crm = crm
        self._translator = Translator(crm, country)
        self._db = db
        self._clock = clock
        self._on_change = on_change
        self._away = away
        self._size = SMALLEST * 2

    async def read(
        self, found: Sequence[DirectoryEntry]
    ) -> tuple[tuple[Mirrored, ...], tuple[str, ...]]:
        """Return the entries of a page and the refs of those that are nobody, off the loop.

        Nobody is also who was erased and is to stay away. Raises StoreError.
        """
        is_away = nobody_away if self._away is None else await self._away()
        return await asyncio.to_thread(self._read, found, is_away)

    def _read(
        self, found: Sequence[DirectoryEntry], is_away: Away
    ) -> tuple[tuple[Mirrored, ...], tuple[str, ...]]:
        entries, nobody = self._translator.entries(found)
        kept = tuple(one for one in entries if not is_away(one.entry))
        gone = {one.ref for one in entries} - {one.ref for one in kept}
        return kept, (*nobody, *sorted(gone))

    async def take(
        self,
        entries: Sequence[Mirrored],
        gone: Sequence[str] = (),
        *,
        sweep: int,
        along: Along | None = None,
    ) -> Absorbed:
        """Write a page; `along` goes into its last transaction: progress is never ahead of it."""
        done = NOTHING
        at = 0
        while at < len(entries):
            part = entries[at : at + self._size]
            at += len(part)
            last = at >= len(entries) and not gone
            work = partial(absorb, crm=self.crm, found=part, sweep=sweep)
            done += await self._write(work, along if last else None, sized=True)
        for start in range(0, len(gone), FORGOTTEN_AT_ONCE):
            refs = gone[start : start + FORGOTTEN_AT_ONCE]
            last = start + FORGOTTEN_AT_ONCE >= len(gone)
            work = partial(forget, crm=self.crm, refs=refs, at=self._clock.now())
            done += await self._write(work, along if last else None)
        if not entries and not gone and along is not None:
            await self._db.write(along)
        if done.any:
            self._on_change()
        return done

    async def _write(
        self, work: Callable[[Connection], T], along: Along | None, *, sized: bool = False
    ) -> T:
        def whole(conn: Connection) -> tuple[T, float]:
            started = time.thread_time()
            result = work(conn)
            if along is not None:
                along(conn)
            return result, time.thread_time() - started

        result, took_s = await self._db.write(whole)
        if sized:
            # on a machine with other work a batch mostly waits
            held_s = max(took_s, self._db.health().last_group_s / 3)
            wanted = int(self._size * BATCH_S / max(held_s, 0.001))
            self._size = max(SMALLEST, min(LARGEST, wanted, self._size * 2))
        return result
