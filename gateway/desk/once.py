"""Requests that must not be done twice: stored before they are sent, found again by their key."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from gateway.core.errors import AmbiguousError, FilodirettoError, StoreError
from gateway.core.ids import CallId
from gateway.core.ports import Clock
from gateway.desk.refusals import KeyReusedError
from gateway.store import requests
from gateway.store.database import Connection, Database
from gateway.store.requests import ControlRequest, RequestState

log = structlog.get_logger(__name__)

Check = Callable[[Connection], None]
_UNDECIDED: Final = (RequestState.SENT, RequestState.UNKNOWN)


def fingerprint(parts: Iterable[str]) -> str:
    """Return what tells one request from another without holding what was asked."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Once:
    """Takes requests through requested, sent, and accepted, failed or unknown (rule 7)."""

    def __init__(self, db: Database, clock: Clock, *, node: str) -> None:
        self._db = db
        self._clock = clock
        self.node = node

    def new(
        self,
        *,
        login: str,
        key: str,
        kind: str,
        fingerprint: str,
        pbx: str,
        channel: str = "",
        call_id: CallId | None = None,
    ) -> ControlRequest:
        """Return a request that is not stored yet."""
        now = self._clock.now()
        return ControlRequest(
            login=login,
            key=key,
            kind=kind,
            fingerprint=fingerprint,
            pbx=pbx,
            channel=channel,
            call_id=call_id,
            state=RequestState.REQUESTED,
            node=self.node,
            created_at=now,
            changed_at=now,
        )

    async def take(
        self, request: ControlRequest, check: Check = lambda _conn: None
    ) -> ControlRequest | None:
        """Store a request; return the earlier one of the same key if there is one.

        `check` runs in the same transaction for a new request and may raise. Raises KeyReusedError
        if the key came with another request before.
        """
        known = await self._db.write(partial(_take, request=request, check=check))
        return None if known is None else _same(known, request.fingerprint)

    async def known(self, login: str, key: str, fingerprint: str) -> ControlRequest | None:
        """Return an earlier request of this key, whatever has become of its call since.

        Raises KeyReusedError if the key came with another request before.
        """
        since = self._clock.now() - requests.KEPT
        found = await self._db.read(lambda conn: requests.find(conn, login, key))
        if found is None or found.created_at < since:
            return None
        return _same(found, fingerprint)

    async def run(
        self, request: ControlRequest, work: Callable[[], Awaitable[None]]
    ) -> ControlRequest:
        """Mark a taken request as sent, do the work, and return how it ended.

        Raises what the work raised, except that an ambiguous end is a state, not an error.
        """
        if not await self._move(request, RequestState.SENT, only_from=(RequestState.REQUESTED,)):
            return await self.now(request)
        try:
            await work()
        except AmbiguousError as error:
            return await self._end(request, RequestState.UNKNOWN, error)
        except FilodirettoError as error:
            await self._end(request, RequestState.FAILED, error)
            raise
        return await self._end(request, RequestState.ACCEPTED)

    async def now(self, request: ControlRequest) -> ControlRequest:
        """Return a request as it is stored at this moment."""
        found = await self._db.read(lambda conn: requests.find(conn, request.login, request.key))
        return found or request

    async def _end(
        self, request: ControlRequest, state: RequestState, error: FilodirettoError | None = None
    ) -> ControlRequest:
        """Write down how it ended; a store that refuses does not undo what the PBX has done."""
        cause, remedy = ("", "") if error is None else (error.message, error.remedy)
        try:
            # cancelled or not, what is known is written
            await asyncio.shield(
                self._move(request, state, only_from=_UNDECIDED, cause=cause, remedy=remedy)
            )
        except StoreError as refused:
            log.warning("control.state_not_stored", cause=refused.message)
        return replace(
            request, state=state, changed_at=self._clock.now(), cause=cause, remedy=remedy
        )

    async def _move(
        self,
        request: ControlRequest,
        to: RequestState,
        *,
        only_from: tuple[RequestState, ...],
        cause: str = "",
        remedy: str = "",
    ) -> bool:
        change = partial(
            requests.move,
            login=request.login,
            key=request.key,
            to=to,
            at=self._clock.now(),
            only_from=only_from,
            cause=cause,
            remedy=remedy,
        )
        return await self._db.write(change)

    async def settle(
        self,
        channel: str,
        to: RequestState,
        *,
        only_from: tuple[RequestState, ...],
        cause: str = "",
        remedy: str = "",
    ) -> bool:
        """Write down what became of the call whose first channel got this id."""
        change = partial(
            requests.move_channel,
            channel=channel,
            to=to,
            at=self._clock.now(),
            only_from=only_from,
            cause=cause,
            remedy=remedy,
        )
        return await self._db.write(change)

    async def abandon(self, request: ControlRequest) -> None:
        """Give up what an earlier run left behind: never sent, or of no lasting effect."""
        never = request.state is RequestState.REQUESTED
        await self._move(
            request,
            RequestState.FAILED if never else RequestState.UNKNOWN,
            only_from=(request.state,),
            cause="The gateway was restarted before the request was sent."
            if never
            else "The gateway was restarted before the PBX answered.",
            remedy="Ask again." if never else "Look at the live calls before you ask again.",
        )

    async def doubt(self, request: ControlRequest) -> None:
        """Call a request unknown that an earlier run had sent."""
        await self._move(
            request,
            RequestState.UNKNOWN,
            only_from=(RequestState.SENT,),
            cause="The gateway was restarted before the PBX answered.",
            remedy="It is being looked for among the calls of the PBX.",
        )

    async def unresolved(self) -> tuple[ControlRequest, ...]:
        """Return this node's requests that have come to no end."""
        return await self._db.read(partial(requests.unresolved, node=self.node))

    async def last_dials(self, login: str, since: datetime) -> tuple[ControlRequest, ...]:
        """Return somebody's calls since then that may be up."""
        return await self._db.read(partial(requests.last_dials, login=login, since=since))


def _same(known: ControlRequest, fingerprint: str) -> ControlRequest:
    if known.fingerprint != fingerprint:
        raise KeyReusedError(
            "This Idempotency-Key was used for another request before.",
            remedy="Choose a new key for every new request.",
        )
    return known


def _take(conn: Connection, *, request: ControlRequest, check: Check) -> ControlRequest | None:
    requests.forget(conn, request.created_at - requests.KEPT)
    known = requests.find(conn, request.login, request.key)
    if known is None:
        check(conn)
        requests.add(conn, request)
    return known
