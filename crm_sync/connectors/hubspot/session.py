"""Requests to one HubSpot account, within the limits that its answers tell."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from crm_sync.bucket import TokenBucket
from crm_sync.connectors.hubspot.codec import is_not_found, read, spent_s
from crm_sync.connectors.hubspot.settings import HubSpotSettings
from gateway.core.errors import AmbiguousError, TransientError
from gateway.core.ports import Clock, HttpAnswer, HttpClient

# HubSpot dates the versions of its interface; this one has every request we send
OBJECTS: Final = "/crm/objects/2026-03"
PROPERTIES: Final = "/crm/v3/properties"
OWNERS: Final = "/crm/v3/owners/"
DISPOSITIONS: Final = "/calling/v1/dispositions"
ACCOUNT: Final = "/account-info/v3/details"
MOST_HITS: Final = 100
# A search has a budget of its own, apart from all other requests.
SEARCH_BURST: Final = 4


class HubSpotSession:
    """Sends requests with the private app's token."""

    def __init__(self, settings: HubSpotSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock
        self._headers = MappingProxyType(
            {
                "Authorization": f"Bearer {settings.read_secret()}",
                "Accept": "application/json",
                "Content-Type": "application/json",
            }
        )
        burst = max(SEARCH_BURST, int(settings.search_per_s))
        self._searches = TokenBucket(rate_per_s=settings.search_per_s, burst=burst, clock=clock)
        self._quiet_until = 0.0

    async def ask(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """Return what a GET answers, None if there is no such record."""
        target = f"{path}?{urlencode(query)}" if query else path
        answer = await self._question("GET", target, b"")
        return None if is_not_found(answer) else self._read(answer)

    async def search(
        self,
        name: str,
        groups: Collection[Collection[Mapping[str, object]]],
        properties: Collection[str],
        *,
        most: int = MOST_HITS,
        after: str = "0",
        sorts: Collection[str] = (),
    ) -> dict[str, Any]:
        """Return one page of a search: any group of filters fits, all filters of a group do."""
        body = {
            "filterGroups": [{"filters": list(filters)} for filters in groups],
            "properties": list(properties),
            "sorts": list(sorts),
            "limit": most,
            "after": after,
        }
        await self._searches.take()
        answer = await self._question("POST", object_path(name, "search"), orjson.dumps(body))
        found: dict[str, Any] = self._read(answer)
        return found

    async def tell(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        """Return what a write answers."""
        return self._read(await self._send(method, path, orjson.dumps(body) if body else b""))

    async def _question(self, method: str, path: str, body: bytes) -> HttpAnswer:
        """Return an answer; a lost answer to a question is no maybe: TransientError."""
        try:
            return await self._send(method, path, body)
        except AmbiguousError as error:
            raise _certain(error) from error

    async def _send(self, method: str, path: str, body: bytes) -> HttpAnswer:
        wait_s = self._quiet_until - self._clock.monotonic()
        if wait_s > 0:
            raise TransientError(
                "HubSpot's allowance of requests is used up for a moment.",
                adapter=self._settings.name,
                remedy="It is tried again by itself.",
                retry_after_s=wait_s,
            )
        url = self._settings.url.rstrip("/") + path
        answer = await self._http.request(method, url, headers=self._headers, body=body)
        self._quiet_until = self._clock.monotonic() + spent_s(answer)
        return answer

    def _read(self, answer: HttpAnswer) -> Any:  # noqa: ANN401 - JSON
        return read(answer, adapter=self._settings.name, now=self._clock.now())


def object_path(name: str, *parts: str) -> str:
    """Return the path of a kind of record, of one of them, or of what is done with them."""
    return "/".join((OBJECTS, name, *(quote(part, safe="") for part in parts)))


def equal(name: str, value: str) -> dict[str, object]:
    """Return a filter for one value."""
    return {"propertyName": name, "operator": "EQ", "value": value}


def one_of(name: str, values: Collection[str]) -> dict[str, object]:
    """Return a filter for several values; HubSpot compares them in lower case."""
    return {"propertyName": name, "operator": "IN", "values": [one.lower() for one in values]}


def _certain(error: AmbiguousError) -> TransientError:
    return TransientError(
        error.message,
        adapter=error.adapter,
        remedy=error.remedy,
        retry_after_s=error.retry_after_s,
        detail=error.detail,
    )
