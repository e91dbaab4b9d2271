"""Webhooks as administrators see them: registered, tried, listed with how posting to them goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.store.webhooks import Delivery, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class HookView:
    """One webhook, how posting to it goes, and why it is paused ("" if it is not)."""

    hook: Webhook
    delivery: Delivery
    paused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a test: whether the address took it, and if not cause and remedy."""

    ok: bool
    detail: str = ""


class Webhooks(Protocol):
    """What may be done with webhooks; NotFoundError where there is none of that id."""

    async def listed(self) -> tuple[HookView, ...]:
        """Return all of them."""

    async def add(
        self, url: str, types: Sequence[str], *, label: str, by: str
    ) -> tuple[Webhook, str]:
        """Register an address; returns its secret too. UsageError if it cannot be used."""

    async def remove(self, hook_id: UUID, *, by: str) -> None:
        """Forget an address and drop what waits for it."""

    async def rotate(self, hook_id: UUID) -> tuple[Webhook, str]:
        """Make another secret; the one before signs too for a day."""

    async def test(self, hook_id: UUID) -> Tried:
        """Post an example now."""

    async def replay_since(self, hook_id: UUID, since: datetime) -> int:
        """Post the calls that ended then or later once more; returns how many."""

    async def replay(self, hook_id: UUID, message: UUID) -> None:
        """Post one message once more."""
