"""One mystery call while it lasts: what happens goes into the script, what the script wants out."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.core.errors import FilodirettoError
from gateway.core.mystery import MysteryOrder, MysteryRun, Progress, ScriptStep
from gateway.core.mystery_run import Deed, MysteryCall, Press
from gateway.core.mystery_words import RESTARTED
from gateway.core.ports import Clock, MysteryCaller
from gateway.core.record import CallRecord
from gateway.core.trunks import Words
from gateway.core.wording import told

log = structlog.get_logger(__name__)

News = Progress | CallRecord


class LiveTest:
    """Owns one call; times are ours, for the two ends may be at PBXs whose clocks differ.

    `tell` hears how the run stands whenever that changes.
    """

    def __init__(
        self,
        run: MysteryRun,
        order: MysteryOrder,
        script: tuple[ScriptStep, ...],
        caller: MysteryCaller,
        clock: Clock,
        *,
        tell: Callable[[MysteryRun], None],
        italian: Mapping[str, str],
    ) -> None:
        self.run = run
        self._order = order
        self._caller = caller
        self._clock = clock
        self._began = clock.monotonic()
        self._tell = tell
        self._italian = italian
        self._news: asyncio.Queue[tuple[datetime, News]] = asyncio.Queue()
        self._call = MysteryCall(script, at=run.started_at, longest_s=order.longest_s)

    def seen(self, record: CallRecord) -> None:
        """Take what became of the call that arrived; never waits."""
        self._news.put_nowait((self._now(), record))

    async def stop(self) -> None:
        """End the call because the gateway ends."""
        for deed in self._call.broken(RESTARTED, self._now()):
            await self._do(deed)

    async def play(self) -> MysteryRun:
        """Place the call, follow the script, hang up, and return the run as it ended."""
        try:
            await self._caller.place(self._order, self._progress)
        except FilodirettoError as error:
            self._call.broken(words_of(error, self._italian), self._now())
            await self._hang_up()
            self._call.closed(self._now())
        try:
            while not self._call.is_over:
                await self._next()
        except asyncio.CancelledError:
            await self._hang_up()
            raise
        self._show()
        return self.run

    async def _next(self) -> None:
        """Wait for news or for the next deadline, and do what follows."""
        due = self._call.next_deadline()
        pause = max(0.0, (due - self._now()).total_seconds()) if due is not None else 0.0
        deeds: tuple[Deed, ...] = ()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                at, news = await self._news.get()
                if isinstance(news, Progress):
                    deeds = self._call.told(replace(news, at=at))
                else:
                    deeds = self._call.seen(news, at)
        if not deeds:
            deeds = self._call.tick(self._now())
        self._show()
        for deed in deeds:
            await self._do(deed)

    async def _do(self, deed: Deed) -> None:
        if not isinstance(deed, Press):
            await self._hang_up()
            return
        try:
            await self._caller.press(self._order.channel, deed.digits)
        except FilodirettoError as error:
            for one in self._call.broken(words_of(error, self._italian), self._now()):
                await self._do(one)

    async def _hang_up(self) -> None:
        try:
            await self._caller.hang_up(self._order.channel)
        except FilodirettoError as error:
            # most often it has hung up itself
            log.info("mystery.not_hung_up", trunk=str(self.run.trunk), cause=error.message)

    def _progress(self, progress: Progress) -> None:
        self._news.put_nowait((self._now(), progress))

    def _show(self) -> None:
        track = self._call.track
        run = replace(
            self.run,
            state=self._call.state,
            ended_at=self._call.ended_at,
            seconds=track.seconds(),
            steps=tuple(track.report),
            path=track.path(),
            words=self._call.words,
        )
        if run != self.run:
            self.run = run
            self._tell(run)

    def _now(self) -> datetime:
        return self.run.started_at + timedelta(seconds=self._clock.monotonic() - self._began)


def words_of(error: FilodirettoError, italian: Mapping[str, str]) -> Words:
    """Return what an error says, in both languages where it is known in both."""
    cause, remedy = error.message, error.remedy
    return Words(
        cause=cause,
        remedy=remedy,
        translated=(("it", told(cause, italian), told(remedy, italian)),),
    )
