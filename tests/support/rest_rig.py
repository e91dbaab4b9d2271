"""A CRM with a REST interface of its own making, and the descriptions that drive it.

Like several real ones it ignores filters it does not know, takes a repeated POST for a second
record, and asks for paging.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from support.connector_rigs import ConnectorRig, Fate
from support.peer_http import Behaviour, Received, answer

from gateway.core.ports import HttpAnswer

TOKEN = "pat-1f0b7c"
# read before a test's event loop runs, as the daemon reads its configuration before it starts
ZONES = (ZoneInfo("Europe/Rome"), ZoneInfo("UTC"))
MARKER = MappingProxyType(
    {
        "idempotency": "marker",
        "search_lag_s": 0,
        "find": {"path": "/api/interactions/", "query": {"search": "{{ key }}"}}
        | {"items": "results", "marker": "body", "note": "body", "title": "subject"},
        "update": {"method": "PATCH", "path": "/api/interactions/{{ id }}/"}
        | {"body": {"subject": "{{ title }}", "body": "{{ note }}"}},
    }
)
KEYED = MappingProxyType({"idempotency": "header"})
BLIND = MappingProxyType({"idempotency": "none"})
HOWS = MappingProxyType({"": MARKER, "keyed": KEYED, "blind": BLIND})


@dataclass(slots=True)
class RestRig(ConnectorRig):
    """The fake CRM; `how` is one of `HOWS`."""

    how: str = ""
    people: list[dict[str, Any]] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def table(self) -> dict[str, Any]:
        """Return the description that docs/rest.md shows."""
        return {
            "name": "crm",
            "kind": "rest",
            "url": self.front.url,
            "secret": TOKEN,
            "allow_private": True,
            "timezone": "Europe/Rome",
            "rate_per_s": 1000,
            "burst": 1000,
            "users": {"1002": 7},
            "maps": {"outcome": {"answered": "connected", "busy": "busy", "*": "no_answer"}},
            "search": [
                {
                    "path": "/api/contacts/",
                    "query": {"phone": "{{ number }}"},
                    "items": "results",
                    "phones": "[phone, phones[].number]",
                    "next_url": "next",
                    "owner": "owner.id",
                }
            ],
            "call": {
                **HOWS[self.how],
                "record_url": "/interactions/{{ id }}",
                "create": {
                    "path": "/api/interactions/",
                    "id": "id",
                    "body": {
                        "kind": "call",
                        "subject": "{{ title }}",
                        "body": "{{ note }}",
                        "direction": "{{ call.direction }}",
                        "occurred_at": "{{ call.started_at | when }}",
                        "duration_seconds": "{{ call.talk_s }}",
                        "outcome": '{{ call.outcome | mapped("outcome") }}',
                        "contact": "{{ contact.id }}",
                        "assigned_to": "{{ user }}",
                    },
                },
            },
        }

    @property
    def wrong_sign_in(self) -> Mapping[str, str]:
        """Return another token."""
        return MappingProxyType({"secret": "not-it"})

    def is_write(self, request: Received) -> bool:
        """Return whether it makes or changes something."""
        return request.method in {"POST", "PATCH", "PUT"}

    def faulty(self, fault: Behaviour) -> Behaviour:
        """Answer questions, and fail at what is written."""
        whole = self.served(always)

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            await (fault if self.is_write(request) else whole)(request, writer)

        return behave

    def served(self, fate: Fate) -> Behaviour:
        """Return the CRM: what reached it is kept, whatever becomes of the answer."""

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            status, body = self.handle(request)
            if await fate(request):
                await answer(status, json.dumps(body).encode())(request, writer)
            else:
                writer.transport.abort()

        return behave

    def handle(self, request: Received) -> tuple[int, object]:
        """Do what a request asks."""
        parts = urlsplit(request.path)
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return 403, {"detail": "no"}
        if request.method == "GET":
            return 200, self._list(parts.path, parse_qs(parts.query))
        sent = json.loads(request.body)
        if request.method == "PATCH":
            number = int(parts.path.rstrip("/").rpartition("/")[2])
            record = next(one for one in self.made if one["id"] == number)
            record.update(sent)
            return 200, record
        return 201, self._make(parts.path, sent, request.headers.get("idempotency-key"))

    async def calls(self) -> list[str]:
        """Return the calls people see."""
        return [str(one["id"]) for one in self.made]

    async def add_person(self, *, name: str, phone: str, company: str | None = None) -> str:
        """Make a contact as people do."""
        number = len(self.people) + 1
        self.people.append({"id": number, "name": name, "phone": phone, "company": company})
        return str(len(self.people))

    async def persons(self) -> list[str | None]:
        """Return whom each call belongs to."""
        ends = [one.get("contact") for one in self.made]
        return [str(end) if end else None for end in ends]

    async def edit(self, text: str) -> None:
        """Let a person write a subject and into the body of the last call."""
        self.made[-1] |= {"subject": text, "body": f"{text}\n{self.made[-1]['body']}"}

    async def shown(self) -> str:
        """Return subject and body of the last call."""
        return f"{self.made[-1]['subject']}\n{self.made[-1]['body']}"

    def _list(self, path: str, query: Mapping[str, list[str]]) -> object:
        """Give everything, two to a page: `phone` and `search` are not known here."""
        if path == "/api/interactions/":
            return {"results": self.made}
        if path == "/api/tasks/":
            return {"results": self.tasks}
        at = int(query.get("offset", ["0"])[0])
        following = f"/api/contacts/?offset={at + 2}" if at + 2 < len(self.people) else None
        return {"results": self.people[at : at + 2], "next": following}

    def _make(self, path: str, sent: dict[str, Any], key: str | None) -> dict[str, Any]:
        if key is not None and key in self.keys:
            return self.keys[key]
        kept = {"/api/contacts/": self.people, "/api/tasks/": self.tasks}.get(path, self.made)
        record = {"id": len(kept) + 1, **sent}
        kept.append(record)
        if key is not None:
            self.keys[key] = record
        return record


async def always(_request: Received) -> bool:
    """Let every answer through."""
    return True


@dataclass(slots=True)
class MemoryHttp:
    """An HTTP client whose peer is a function: no sockets. `script` answers first."""

    handle: Callable[[Received], tuple[int, object]]
    script: list[HttpAnswer | Exception] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Answer at once."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        request = Received(method=method, path=path, headers=lower, body=body)
        self.requests.append(request)
        if self.script:
            said = self.script.pop(0)
            if isinstance(said, Exception):
                raise said
            return said
        status, told = self.handle(request)
        return HttpAnswer(status=status, headers={}, body=json.dumps(told).encode())
