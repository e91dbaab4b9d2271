"""A CRM of a test's own making: it says what the test's function says, without sockets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from support.crm_records import HandClock, effect

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.ports import HttpAnswer, Receipt
from gateway.core.record import CallRecord
from gateway.core.writing import plain_plan

SECRET = "peer-secret-1"
# read before a test's event loop runs, as the daemon reads its configuration before it starts
ZONES = (ZoneInfo("Europe/Rome"), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, taken apart."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """Return the body as the fields of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def one(self, name: str) -> str | None:
        """Return a parameter of the query."""
        return self.query.get(name, [None])[0]


def reply(body: object = None, status: int = 200, **headers: str) -> HttpAnswer:
    """Return an answer; names of headers with underscores for hyphens."""
    lower = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    content = b"" if body is None else json.dumps(body).encode()
    return HttpAnswer(status=status, headers=lower, body=content)


@dataclass(slots=True)
class RestPeer:
    """An HTTP client whose peer is `handle`."""

    handle: Callable[[Asked], HttpAnswer]
    asked: list[Asked] = field(default_factory=list)

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
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        one = Asked(method=method, path=parts.path, query=query, headers=lower, body=body)
        self.asked.append(one)
        return self.handle(one)

    def to(self, path: str) -> list[Asked]:
        """Return the requests to a path."""
        return [one for one in self.asked if one.path == path]

    def writer(self, **table: Any) -> RestWriter:  # noqa: ANN401 - as TOML has it
        """Return a writer on this peer."""
        whole = {
            "name": "crm",
            "kind": "rest",
            "url": "https://crm.example.com",
            "secret": SECRET,
            "timezone": "Europe/Rome",
            "call": {"create": {"path": "/calls"}},
            **table,
        }
        return RestWriter(RestSettings.model_validate(whole), self, HandClock())


async def put(
    writer: RestWriter, record: CallRecord, kind: str = "call.ended", **plan: object
) -> Receipt:
    """Write one effect; `plan` changes what the policy asks."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record,
        idempotency_key=one.key,
        kind=kind,
        occurred_at=one.occurred_at,
        plan=replace(plain_plan(record, kind), **plan),  # type: ignore[arg-type]  # by name
    )
