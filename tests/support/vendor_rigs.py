"""What the fakes of HubSpot and Salesforce share: built from the vendors' documents, they judge.

A request that the vendor's document does not allow is kept in `violations`, and no call counts
while there is one.
"""

import json
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from support.connector_rigs import ConnectorRig, Fate, honest
from support.peer_http import Behaviour, Received, answer

Answer = tuple[int, object]


@dataclass(slots=True)
class VendorRig(ConnectorRig):
    """A vendor's CRM in memory; `rows` are its records by kind."""

    violations: list[str] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused_tokens: set[str] = field(default_factory=set)

    @abstractmethod
    def handle(self, request: Received) -> Answer:
        """Judge a request and do what it asks; a body of None is no body."""

    def faulty(self, fault: Behaviour) -> Behaviour:
        """Answer questions, and fail at what is written."""
        whole = self.served(honest)

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            await (fault if self.is_write(request) else whole)(request, writer)

        return behave

    def served(self, fate: Fate) -> Behaviour:
        """Return the CRM: what reached it is kept, whatever becomes of the answer."""

        async def behave(request: Received, writer: Any) -> None:  # noqa: ANN401 - a stream
            status, body = self.handle(request)
            if await fate(request):
                content = b"" if body is None else json.dumps(body).encode()
                await answer(status, content)(request, writer)
            else:
                writer.transport.abort()

        return behave

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one kind."""
        return self.rows.setdefault(kind, [])

    def judge(self, good: object, violation: str) -> None:
        """Keep what the document does not allow."""
        if not good:
            self.violations.append(violation)

    def table_of(self, kind: str, **keys: object) -> dict[str, Any]:
        """Return a table of this kind."""
        common = {"name": "crm", "kind": kind, "url": self.front.url, "allow_private": True}
        return {**common, "rate_per_s": 1000, "burst": 1000, **keys}


def digits(text: str) -> str:
    """Return the digits of a text."""
    return "".join(filter(str.isdigit, text))


def given(row: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Return some columns of a record; what it does not have is null."""
    return {name: row.get(name) for name in names}
