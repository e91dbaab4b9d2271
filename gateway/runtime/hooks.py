"""Webhooks registered over the API: connectors of the running worker, without a restart."""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import structlog
from pydantic import ValidationError

from crm_sync.addresses import is_allowed, literal
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.hooks import TEST, HookEvent, HookPlans, HookWriter, example, policy_for
from crm_sync.policies import effects
from crm_sync.retry import describe
from gateway.core.errors import AdapterError, StoreError, UsageError
from gateway.core.events import CallEnded
from gateway.core.ids import EffectKey
from gateway.core.ports import Clock, CrmWriter, Effect
from gateway.core.record import CallRecord
from gateway.desk.refusals import NotFoundError
from gateway.desk.webhooks import HookView, Tried
from gateway.runtime import plugins
from gateway.runtime.crms import CrmSide, open_writer
from gateway.store import webhooks as store
from gateway.store.calls import get_call
from gateway.store.database import Connection, Database
from gateway.store.effects import get_effect
from gateway.store.redelivery import ended_since, send_again
from gateway.store.sealing import Sealer
from gateway.store.webhooks import Webhook

KIND: Final = "webhook"
LOOK_EVERY_S: Final = 5.0
FORMER_FOR: Final = timedelta(hours=24)
PAGE: Final = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    hook: Webhook
    writer: CrmWriter
    stack: AsyncExitStack


class HookSide:
    """Implements `gateway.desk.webhooks.Webhooks`; `run` notices what other nodes registered."""

    def __init__(
        self, db: Database, clock: Clock, *, crm: CrmSide, sealer: Sealer, allow_private: bool
    ) -> None:
        self._db = db
        self._clock = clock
        self._crm = crm
        self._sealer = sealer
        self._allow_private = allow_private
        self._open: dict[UUID, _Open] = {}
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Look until cancelled; a store that refuses is asked again."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.refresh()
            except StoreError as error:
                log.warning("webhooks.not_read", cause=error.message)

    async def refresh(self) -> None:
        """Deliver to exactly the webhooks that are registered; raises StoreError."""
        async with self._turn:
            wanted = {hook.id: hook for hook in await self._db.read(store.list_webhooks)}
            for hook_id in [known for known in self._open if known not in wanted]:
                await self._close(hook_id)
            for hook in map(self._current, wanted.values()):
                known = self._open.get(hook.id)
                if known is None or known.hook != hook:
                    await self._close(hook.id)
                    await self._start(hook)

    async def open(self, stack: AsyncExitStack) -> None:
        """Take up what is registered; `stack` closes the connections. Raises StoreError."""
        await asyncio.to_thread(plugins.connector, KIND)  # found on the disk the first time
        stack.push_async_callback(self._close_all)
        await self.refresh()

    async def _close_all(self) -> None:
        for one in tuple(self._open.values()):
            await one.stack.aclose()

    async def listed(self) -> tuple[HookView, ...]:
        """Return all of them, with how posting goes."""

        def read(conn: Connection) -> tuple[HookView, ...]:
            return tuple(
                HookView(
                    hook=hook,
                    delivery=store.delivery_of(conn, hook),
                    paused=paused.get(hook.connector, ""),
                )
                for hook in store.list_webhooks(conn)
            )

        paused = {name: state.cause for name, state in self._crm.worker.states().items()}
        return await self._db.read(read)

    async def add(
        self, url: str, types: Sequence[str], *, label: str, by: str
    ) -> tuple[Webhook, str]:
        """Register an address; raises UsageError if it cannot be used."""
        secret = _new_secret()
        hook = Webhook(
            id=uuid4(),
            url=url,
            label=label,
            types=tuple(one.value for one in HookEvent if one in types),
            secret=self._sealer.seal(secret.encode()),
            created_at=self._clock.now(),
            created_by=by,
        )
        self._settings(hook, secret)
        self._check_literal(url)
        await self._db.write(partial(store.add_webhook, hook=hook))
        await self.refresh()
        return hook, secret

    async def remove(self, hook_id: UUID, *, by: str) -> None:
        """Forget an address and drop what waits for it."""
        hook, now = await self._get(hook_id), self._clock.now()
        await self._db.write(partial(store.remove_webhook, hook=hook, by=by, at=now))
        await self.refresh()

    async def rotate(self, hook_id: UUID) -> tuple[Webhook, str]:
        """Make another secret; the one before signs too for a day."""
        hook, secret = await self._get(hook_id), _new_secret()
        sealed, until = self._sealer.seal(secret.encode()), self._clock.now() + FORMER_FOR
        await self._db.write(
            partial(store.rotate_secret, hook=hook, secret=sealed, former_until=until)
        )
        await self.refresh()
        return await self._get(hook_id), secret

    async def test(self, hook_id: UUID) -> Tried:
        """Post an example now, beside the outbox."""
        await self._get(hook_id)
        await self.refresh()
        one, now = self._open.get(hook_id), self._clock.now()
        if one is None:
            return Tried(ok=False, detail="The secret cannot be opened any more: rotate it.")
        try:
            await one.writer.write(
                example(now), idempotency_key=EffectKey(uuid4()), kind=TEST, occurred_at=now
            )
        except AdapterError as error:
            return Tried(ok=False, detail=describe(error))
        return Tried(ok=True)

    async def replay_since(self, hook_id: UUID, since: datetime) -> int:
        """Put the calls that ended since in line once more, page by page."""
        hook = await self._get(hook_id)
        if HookEvent.ENDED not in hook.types:
            raise UsageError(
                "This webhook is not registered for call.ended.",
                remedy="Replay single messages, or register one that is.",
            )
        count = after = 0
        while True:
            page = await self._db.read(partial(ended_since, since=since, after=after, limit=PAGE))
            if not page.records:
                self._crm.worker.wake()
                return count
            again = [one for record in page.records for one in self._ended(hook, record)]
            count += await self._db.write(partial(_all_again, again=again))
            after = page.after

    async def replay(self, hook_id: UUID, message: UUID) -> None:
        """Put one message in line once more, with its own bytes while they are kept."""
        hook, now = await self._get(hook_id), self._clock.now()

        def again(conn: Connection) -> bool:
            stored = get_effect(conn, EffectKey(message))
            if stored is None or stored.connector != hook.connector:
                return False
            told = stored.payload
            record = get_call(conn, stored.call_id) if told is None else told.record
            if record is None:
                return False
            effect = Effect(
                key=stored.key,
                connector=stored.connector,
                kind=stored.kind,
                ordinal=stored.ordinal,
                record=record,
                occurred_at=stored.occurred_at,
                not_before=now,
                notice=None if told is None else told.notice,
            )
            send_again(conn, effect)
            return True

        if not await self._db.write(again):
            raise NotFoundError(
                "This webhook has no such message, or its call is gone.",
                remedy="GET /api/v1/outbox?connector=… lists them.",
            )
        self._crm.worker.wake()

    def _ended(self, hook: Webhook, record: CallRecord) -> list[Effect]:
        """Return the effect of a call's end, due now."""
        now = self._clock.now()
        told = effects(
            CallEnded(at=now, record=record),
            connector=hook.connector,
            policy=policy_for(hook.types),
        )
        return [
            replace(one, not_before=now)
            for one in told
            if one.kind == HookEvent.ENDED and not one.only_if_begun
        ]

    def _current(self, hook: Webhook) -> Webhook:
        """Leave out the former secret once its day is over."""
        over = hook.former_until is not None and hook.former_until <= self._clock.now()
        return replace(hook, former=None, former_until=None) if over else hook

    def _settings(self, hook: Webhook, secret: str, former: str | None = None) -> ConnectorSettings:
        """Return the connector's settings; UsageError says what is wrong with them."""
        table = {
            "name": hook.connector,
            "kind": KIND,
            "url": hook.url,
            "secret": secret,
            "former_secret": former,
            "allow_private": self._allow_private,
        }
        try:
            model = plugins.connector(KIND).settings_model.model_validate(table)
        except ValidationError as error:
            words = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            raise UsageError(
                f"This address cannot be used: {words}.",
                remedy="Private addresses need allow_private = true in [webhooks].",
            ) from error
        return cast("ConnectorSettings", model)

    def _check_literal(self, url: str) -> None:
        """Refuse an address that is written out; names are judged whenever they are resolved."""
        address = literal(urlsplit(url).hostname or "")
        if address is not None and not is_allowed(address, allow_private=self._allow_private):
            raise UsageError(
                "This is an address of this machine or network.",
                remedy="Private addresses need allow_private = true in [webhooks].",
            )

    async def _start(self, hook: Webhook) -> None:
        secret = self._sealer.unseal(hook.secret)
        if secret is None:
            log.error("webhooks.secret_lost", webhook=str(hook.id), remedy="rotate its secret")
            return
        former = None if hook.former is None else self._sealer.unseal(hook.former)
        stack = AsyncExitStack()
        try:
            settings = self._settings(hook, secret.decode(), former.decode() if former else None)
        except UsageError as error:
            log.warning("webhooks.not_usable", webhook=str(hook.id), cause=error.message)
            return
        capabilities, inner = await open_writer(settings, self._clock, stack)
        writer = HookWriter(inner)
        self._open[hook.id] = _Open(hook=hook, writer=writer, stack=stack)
        self._crm.register(
            hook.connector,
            capabilities,
            writer,
            policy=policy_for(hook.types),
            planner=HookPlans(hook.types),
        )

    async def _close(self, hook_id: UUID) -> None:
        known = self._open.pop(hook_id, None)
        if known is not None:
            self._crm.unregister(known.hook.connector)
            await known.stack.aclose()

    async def _get(self, hook_id: UUID) -> Webhook:
        hook = await self._db.read(partial(store.get_webhook, hook_id=hook_id))
        if hook is None:
            raise NotFoundError("There is no such webhook.", remedy="GET /api/v1/webhooks.")
        return hook


def _new_secret() -> str:
    """Return a secret of Standard Webhooks: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _all_again(conn: Connection, again: Sequence[Effect]) -> int:
    return sum(send_again(conn, one) for one in again)
