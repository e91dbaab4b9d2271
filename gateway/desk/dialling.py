"""Click-to-call: at most one Originate on the wire for each request, whatever dies in between."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from gateway.core.control import Originate, OriginateTold
from gateway.core.errors import FilodirettoError, RejectedError, StoreError
from gateway.core.events import CallEvent, CallUpdated, LegAlerting, LegAnswered
from gateway.core.ids import CallId, call_id
from gateway.core.ports import Clock
from gateway.core.record import CallState
from gateway.desk.controlled import ControlledPbx, Pbxs, Person, not_controlled
from gateway.desk.once import Once, fingerprint
from gateway.desk.refusals import ForbiddenError, LimitError, NotNowError, no_pbx
from gateway.store import calls, requests
from gateway.store.database import Connection, Database
from gateway.store.requests import DIAL, ControlRequest, RequestState

PER_MINUTE: Final = 6
MINUTE: Final = timedelta(seconds=60)
# A request of a process that died is no reason to wait for ever.
OPEN_AT_MOST: Final = timedelta(minutes=2)
SEEN_S: Final = 1.5
# An answer that is out so long will not come any more; bytes on the wire have arrived or are lost.
GRACE: Final = timedelta(seconds=5)
LOOK_EVERY_S: Final = 0.5
PREFIX: Final = "fd-"
REMEMBERED: Final = 10_000

# What shows that the phone of who clicked rings, or that they have answered.
_RINGS: Final = (LegAlerting, LegAnswered, CallUpdated)
# Which call a request waits to see, and what wakes it.
_Waiting = tuple[CallId | None, asyncio.Future[OriginateTold | None]]
_OPEN: Final = (RequestState.SENT, RequestState.UNKNOWN)
log = structlog.get_logger(__name__)


class ClickToCall:
    """Places calls for people and knows what became of each request.

    `heard` is to be told what the PBX says about originated calls, `observe` every call event. One
    that went out without an answer is looked for among the calls; it is never sent again.
    `registered(pbx, extension)` tells whether a phone can be rung.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        pbxs: Pbxs,
        *,
        node: str,
        registered: Callable[[str, str], bool | None] = lambda _pbx, _extension: None,
    ) -> None:
        self._db = db
        self._registered = registered
        self._clock = clock
        self._pbxs = pbxs
        self._once = Once(db, clock, node=node)
        self._began_at = clock.now()
        self._open: dict[str, ControlRequest] = {}
        self._looked_for: dict[CallId, str] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._news: asyncio.Queue[tuple[str, OriginateTold | None]] = asyncio.Queue()

    async def dial(
        self, person: Person, text: str, *, key: str, pbx: str | None, extension: str | None
    ) -> ControlRequest:
        """Ring this person's phone and connect it to `text`; return once the PBX has the request.

        Raises UsageError and its kinds for what may not be, AdapterErrors for what was not done; a
        request whose fate is unknown is returned as such.
        """
        request, work = self._prepare(person, text, key=key, pbx=pbx, extension=extension)
        over = await self._over(person)
        check = partial(_check_limits, login=person.login, now=self._clock.now(), over=over)
        known = await self._once.take(request, check)
        if known is not None:
            return known
        told: asyncio.Future[OriginateTold | None] = asyncio.get_running_loop().create_future()
        self._waiting[request.channel] = request.call_id, told
        self._watch(request)
        try:
            target = self._pbxs[request.pbx]
            request = await self._once.run(request, partial(target.perform, work))
            self._note(request)
            return await self._seen(request, told)
        except FilodirettoError:
            self._forget(request)
            raise
        finally:
            self._waiting.pop(request.channel, None)

    def _prepare(
        self, person: Person, text: str, *, key: str, pbx: str | None, extension: str | None
    ) -> tuple[ControlRequest, Originate]:
        target, phone = self._phone(person, pbx, extension)
        goal = target.destination(text)
        target.control()
        digest = hashlib.sha256(f"{person.login}\n{key}".encode()).digest()
        now = self._clock.now()
        # the same form as the PBX's own ids: programs read the time of a call's begin from it
        channel = f"{PREFIX}{int(now.timestamp())}.{int.from_bytes(digest[:6])}"
        request = self._once.new(
            login=person.login,
            key=key,
            kind=DIAL,
            fingerprint=fingerprint((DIAL, text, pbx or "", extension or "")),
            pbx=target.name,
            channel=channel,
            call_id=call_id(target.name, channel),
        )
        work = Originate(channel=channel, extension=phone, to=goal.to, caller_name=person.name)
        return request, work

    def _phone(
        self, person: Person, pbx: str | None, extension: str | None
    ) -> tuple[ControlledPbx, str]:
        """Return the phone to ring: the one asked for, else the person's first registered one."""
        if pbx is not None and pbx not in self._pbxs:
            raise no_pbx()
        usable = [one for one in self._pbxs.values() if one.hands is not None]
        phones = [
            (home, number)
            for place, number in person.extensions
            if extension in {None, number}
            for home in (usable or self._pbxs.values())
            if place in {"", home.name} and pbx in {None, home.name}
        ]
        if phones:
            return min(phones, key=lambda one: self._registered(one[0].name, one[1]) is False)
        if not self._pbxs:
            raise not_controlled("")
        if not person.extensions:
            raise ForbiddenError(
                "You have no telephone to call with.",
                remedy="Ask the administrator to give you an extension.",
            )
        raise ForbiddenError(
            "This is not your telephone, or its PBX is not configured for call control.",
            remedy="Call from an extension of your own.",
        )

    async def _over(self, person: Person) -> frozenset[CallId]:
        """Return somebody's last calls in which they certainly are not any more."""
        now = self._clock.now()
        last = await self._once.last_dials(person.login, now - requests.KEPT)
        return frozenset(
            one.call_id
            for one in last
            if one.call_id is not None and self._is_over(one, person, now)
        )

    def _is_over(self, request: ControlRequest, person: Person, now: datetime) -> bool:
        target = self._pbxs.get(request.pbx)
        if target is None or request.call_id is None:
            return True
        record = target.record(request.call_id)
        if record is None:
            return now - request.changed_at > GRACE
        if record.state is CallState.ENDED:
            return True
        lines = target.lines(record.id)  # handed over, the call goes on without them
        return bool(lines) and not any(person.has(target.name, one.extension) for one in lines)

    async def _seen(
        self, request: ControlRequest, told: "asyncio.Future[OriginateTold | None]"
    ) -> ControlRequest:
        """Wait a moment for the phone to ring, so that one that cannot, or is busy, is told now."""
        if request.state is not RequestState.ACCEPTED:
            return request
        with suppress(TimeoutError):
            async with asyncio.timeout(SEEN_S):
                word = await asyncio.shield(told)
                if word is not None and not word.answered:
                    raise RejectedError(word.cause, adapter=request.pbx, remedy=word.remedy)
        return request

    # What the PBX and the call table tell

    def heard(self, told: OriginateTold) -> None:
        """Take what became of an originated call's first leg."""
        if not told.channel.startswith(PREFIX):
            return
        if not told.answered:
            # seeing its channel only now does not make a good call of it
            seen = [call for call, channel in self._looked_for.items() if channel == told.channel]
            for call in seen:
                del self._looked_for[call]
        self._resolve(told.channel, told)

    def observe(self, event: CallEvent) -> None:
        """See a call that was asked for: then it was placed, whatever the link said."""
        if not (self._looked_for or self._waiting):  # as nearly always
            return
        call = event.record.id
        channel = self._looked_for.pop(call, None)
        if channel is not None:
            self._news.put_nowait((channel, None))
        if self._waiting and isinstance(event, _RINGS):
            for wanted, told in self._waiting.values():
                if wanted == call and not told.done():
                    told.set_result(None)

    def _resolve(self, channel: str, told: OriginateTold | None) -> None:
        _call, waiting = self._waiting.get(channel, (None, None))
        if waiting is not None and not waiting.done():
            waiting.set_result(told)
        self._news.put_nowait((channel, told))

    # Requests without an end

    async def run(self) -> None:
        """Resolve until cancelled; begins with what an earlier run left behind."""
        for request in await self._once.unresolved():
            if request.created_at < self._began_at:
                await self._recover(request)
        while True:
            news = await self._next()
            if news is not None:
                await self._write(*news)
            try:
                await self._look()
            except StoreError as error:
                log.warning("control.not_resolved", cause=error.message)

    async def _next(self) -> tuple[str, OriginateTold | None] | None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                return await self._news.get()
        except TimeoutError:
            return None

    async def _recover(self, request: ControlRequest) -> None:
        if request.kind != DIAL or request.state is RequestState.REQUESTED:
            await self._once.abandon(request)
            return
        await self._once.doubt(request)
        self._watch(request)
        self._open[request.channel] = request

    async def _write(self, channel: str, told: OriginateTold | None) -> None:
        """Store what was told; again later if the store refuses."""
        failed = told is not None and not told.answered
        only_from = (*_OPEN, RequestState.ACCEPTED) if failed else (*_OPEN, RequestState.FAILED)
        try:
            await self._once.settle(
                channel,
                RequestState.FAILED if failed else RequestState.ACCEPTED,
                only_from=only_from,
                cause=told.cause if told is not None else "",
                remedy=told.remedy if told is not None else "",
            )
        except StoreError as error:
            log.warning("control.not_resolved", cause=error.message)
            self._news.put_nowait((channel, told))
            await asyncio.sleep(LOOK_EVERY_S)
            return
        self._open.pop(channel, None)

    async def _look(self) -> None:
        """Look for the calls whose fate is unknown."""
        now = self._clock.now()
        for channel, request in tuple(self._open.items()):
            target = self._pbxs.get(request.pbx)
            if target is None or request.call_id is None:
                self._open.pop(channel, None)
            elif await self._is_known(target, request.call_id):
                self._resolve(channel, None)
                self._open.pop(channel, None)
            elif now - request.changed_at >= GRACE and _was_looked(target, now):
                self._open.pop(channel, None)
                await self._once.settle(
                    channel,
                    RequestState.FAILED,
                    only_from=_OPEN,
                    cause="The link to the PBX broke, and there is no such call on the PBX.",
                    remedy="Dial again if you still want to.",
                )

    async def _is_known(self, target: ControlledPbx, call: CallId) -> bool:
        if target.record(call) is not None:
            return True
        return await self._db.read(partial(calls.get_call, call_id=call)) is not None

    def _watch(self, request: ControlRequest) -> None:
        if request.call_id is not None:
            self._looked_for[request.call_id] = request.channel
            while len(self._looked_for) > REMEMBERED:
                del self._looked_for[next(iter(self._looked_for))]

    def _note(self, request: ControlRequest) -> None:
        if request.state is RequestState.UNKNOWN:
            self._open[request.channel] = request

    def _forget(self, request: ControlRequest) -> None:
        self._open.pop(request.channel, None)
        if request.call_id is not None:
            self._looked_for.pop(request.call_id, None)


def _was_looked(target: ControlledPbx, now: datetime) -> bool:
    """Whether the call table is complete: followed, and the snapshot taken a moment ago."""
    since = target.followed_since()
    return since is not None and now - since >= timedelta(seconds=1)


def _check_limits(
    conn: Connection, *, login: str, now: datetime, over: Sequence[CallId] | frozenset[CallId]
) -> None:
    """Refuse a call too many (RELIABILITY rule 21): 6 a minute, one in progress."""
    for last in requests.last_dials(conn, login, now - requests.KEPT):
        if last.call_id in over:
            continue
        if last.state is RequestState.ACCEPTED or now - last.created_at < OPEN_AT_MOST:
            raise NotNowError(
                "A call that you asked for is still in progress.",
                remedy="End it, or wait until it is over.",
            )
    if requests.dialled_since(conn, login, now - MINUTE) >= PER_MINUTE:
        raise LimitError(
            "You have asked for six calls within a minute.",
            remedy="Wait a minute.",
            retry_after_s=MINUTE.total_seconds(),
        )
