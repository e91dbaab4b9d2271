"""For each connector a CRM to try it on, behind a proxy that can lose answers.

Every connector found by its entry point needs a rig here: the conformance suite fails without.
What the CRM holds is read by the rig itself, apart from the connector.
"""

import asyncio
import base64
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from support.odoo_lab import OdooLab
from support.peer_http import Behaviour, PeerServer, Received, answer, forward

PROFILED = (
    "rest:bitrix24",
    "rest:dynamics365",
    "rest:espocrm",
    "rest:pipedrive",
    "rest:suitecrm",
    "rest:zoho",
)
VARIANTS = MappingProxyType(
    {
        "rest": ("rest", "rest:keyed", "rest:blind", *PROFILED),
        "hubspot": ("hubspot", "hubspot:unique"),
    }
)
"""Kinds whose promise follows from their settings: each of these is a rig of its own."""
REAL = frozenset({"odoo"})
"""Kinds that are tried on the real thing."""
HOOK_SECRET = "whsec_" + base64.b64encode(b"h" * 32).decode()
Fate = Callable[[Received], Awaitable[bool]]


@dataclass(slots=True)
class ConnectorRig(ABC):
    """One CRM; `front` is what the connector talks to."""

    front: PeerServer

    @property
    @abstractmethod
    def table(self) -> dict[str, Any]:
        """Return a valid `[[crm]]` table."""

    @property
    @abstractmethod
    def wrong_sign_in(self) -> Mapping[str, str] | None:
        """Return what to change in the table for a refused sign-in, None if there is none."""

    @abstractmethod
    def is_write(self, request: Received) -> bool:
        """Return whether this request writes."""

    @abstractmethod
    def served(self, fate: Fate) -> Behaviour:
        """Return the honest CRM, whose answer to a request arrives if `fate` says so."""

    def faulty(self, fault: Behaviour) -> Behaviour:
        """Return a CRM that fails in this way when it is written to; by default always."""
        return fault

    @abstractmethod
    async def calls(self) -> list[str]:
        """Return one entry for each call that people would count in the CRM."""


class WebhookRig(ConnectorRig):
    """A receiver that keeps what it got and de-duplicates by `webhook-id`."""

    @property
    def table(self) -> dict[str, Any]:
        """Return the receiver's address and secret."""
        return {
            "name": "crm",
            "kind": "webhook",
            "url": f"{self.front.url}/calls",
            "secret": HOOK_SECRET,
            "allow_private": True,
        }

    @property
    def wrong_sign_in(self) -> None:
        """Return None: a receiver answers a wrong signature as it likes."""
        return

    def is_write(self, request: Received) -> bool:
        """Return whether it is a message."""
        return "webhook-id" in request.headers

    def served(self, fate: Fate) -> Behaviour:
        """Return a receiver: what reached it is kept, whatever becomes of the answer."""
        honest = answer(204, b"")

        async def behave(request: Received, writer: asyncio.StreamWriter) -> None:
            if await fate(request):
                await honest(request, writer)
            else:
                writer.transport.abort()

        return behave

    async def calls(self) -> list[str]:
        """Return the calls in the messages, each message once."""
        messages = {
            seen.headers["webhook-id"]: seen for seen in self.front.requests if self.is_write(seen)
        }
        ids = {json.loads(seen.body)["data"]["id"] for seen in messages.values()}
        return sorted(ids)


@dataclass(slots=True)
class OdooRig(ConnectorRig):
    """A real Odoo behind the proxy."""

    lab: OdooLab
    earlier: int

    @property
    def table(self) -> dict[str, Any]:
        """Return the lab's account."""
        return {
            "name": "crm",
            "kind": "odoo",
            "url": self.front.url,
            "database": self.lab.database,
            "username": self.lab.username,
            "secret": self.lab.password,
            "allow_private": True,
            "rate_per_s": 1000,
            "burst": 1000,
        }

    @property
    def wrong_sign_in(self) -> Mapping[str, str]:
        """Return another password."""
        return MappingProxyType({"secret": "not-it"})

    def is_write(self, request: Received) -> bool:
        """Return whether it is the upsert."""
        return b'"load"' in request.body

    def served(self, fate: Fate) -> Behaviour:
        """Return Odoo."""
        return forward(self.lab.url, lambda request, _answer: fate(request))

    async def calls(self) -> list[str]:
        """Return the phone calls written since this rig was made."""
        return [str(call["id"]) for call in await self._phonecalls()]

    async def add_person(self, *, name: str, phone: str, company: str | None = None) -> str:
        """Make a contact as people do."""
        values = {"name": name, "phone": phone, "parent_id": int(company) if company else False}
        return str(await asyncio.to_thread(lambda: self.lab.partners.create(**values)))

    async def persons(self) -> list[str | None]:
        """Return whom each call belongs to."""
        ends = [call["partner_id"] for call in await self._phonecalls()]
        return [str(end[0]) if end else None for end in ends]

    async def tasks(self) -> list[str]:
        """Return the follow-ups people see."""
        rows = await self._ask("mail.activity", "search_read", [], ["summary"])
        return [row["summary"] for row in rows]

    async def strangers(self) -> int:
        """Return how many contacts there are."""
        return int(await self._ask("res.partner", "search_count", []))

    async def edit(self, text: str) -> None:
        """Let a person write a summary and into the description of the last call."""
        last = (await self._phonecalls())[-1]
        values = {"name": text, "description": f"{text}\n{last['description']}"}
        await self._ask("crm.phonecall", "write", [last["id"]], values)

    async def shown(self) -> str:
        """Return summary and description of the last call."""
        last = (await self._phonecalls())[-1]
        return f"{last['name']}\n{last['description']}"

    async def _phonecalls(self) -> list[dict[str, Any]]:
        calls = await asyncio.to_thread(self.lab.phonecalls)
        return [call for call in calls if call["id"] > self.earlier]

    async def _ask(self, model: str, method: str, *arguments: object) -> Any:  # noqa: ANN401
        return await asyncio.to_thread(self.lab.ask, model, method, *arguments)


def odoo_rig(front: PeerServer, lab: OdooLab) -> OdooRig:
    """Return a rig that counts from now on."""
    before = lab.phonecalls()
    return OdooRig(front=front, lab=lab, earlier=before[-1]["id"] if before else 0)


def variants(kinds: Iterable[str]) -> list[str]:
    """Return the names of the rigs for these kinds."""
    return [name for kind in sorted(kinds) for name in VARIANTS.get(kind, (kind,))]


def kind_of(connector: str) -> str:
    """Return the kind a rig's name stands for."""
    return connector.partition(":")[0]


async def honest(_request: Received) -> bool:
    """Let every answer through."""
    return True
