"""Trying a description out: each request and answer as text, nothing written."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.trial import Exchange, Trial
from gateway.core.errors import AdapterError
from gateway.core.ports import Clock, HttpAnswer, HttpClient
from gateway.core.record import CallRecord
from gateway.core.text import clean_lines

MOST_SHOWN: Final = 4000
_TOKENS: Final = ("access_token", "refresh_token", "id_token")


class Overheard:
    """An HTTP client that remembers what passes through it."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self.heard: list[tuple[str, str]] = []

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> HttpAnswer:
        """Pass it on; a failure is remembered as the answer."""
        asked = request_text(method, url, headers or {}, body)
        try:
            answer = await self._http.request(method, url, headers=headers, body=body)
        except AdapterError as error:
            self.heard.append((asked, f"{error.message} {error.detail}".strip()))
            raise
        told = answer.body[:MOST_SHOWN].decode("utf-8", "replace")
        self.heard.append((asked, f"HTTP {answer.status}\n{clean_lines(told, limit=MOST_SHOWN)}"))
        return answer


def request_text(method: str, url: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return a request as an administrator reads it in the CRM's own documentation."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target}", *(f"{name}: {value}" for name, value in headers.items())]
    text = body[:MOST_SHOWN].decode("utf-8", "replace")
    return "\n".join([*lines, "", text]).strip()


async def try_out(
    settings: RestSettings, http: HttpClient, clock: Clock, record: CallRecord
) -> Trial:
    """Sign in, search for the outside party and show the request that would create the call."""
    overheard = Overheard(http)
    writer = RestWriter(settings, overheard, clock)
    cause = remedy = result = ""
    signed_in: int | None = None
    planned: list[Exchange] = []
    try:
        await writer.session.sign_in()
        signed_in = len(overheard.heard)
        facts = await writer.facts(record, clock.now(), may_create=False)
        request = writer.creation(facts)
        asked = request_text(
            request.method, request.target(settings.url), dict(request.headers), request.body
        )
        planned = [Exchange(step="would be sent", request=writer.session.masked(asked))]
        contact = facts["contact"]
        found = bool(contact)
        result = "one record has this number" if found else "no single record has this number"
    except AdapterError as error:
        cause, remedy = f"{error.message} {error.detail}".strip(), error.remedy
    mask = writer.session.masked
    exchanges = [
        Exchange(
            step="sign-in" if signed_in is None or at < signed_in else "search",
            request=mask(asked),
            answer="(a token)" if any(word in told for word in _TOKENS) else mask(told),
        )
        for at, (asked, told) in enumerate(overheard.heard)
    ]
    return Trial(exchanges=[*exchanges, *planned], result=result, cause=cause, remedy=remedy)
