"""Signed-in requests to one CRM: credentials are added here, renewed once when refused."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.login import Credentials, Extracting, SignIn
from crm_sync.connectors.rest.prepared import Pairs, Prepared
from crm_sync.connectors.rest.reading import Asking, Reader
from crm_sync.connectors.rest.request import Request
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AmbiguousError, TransientError
from gateway.core.ports import Clock, HttpAnswer, HttpClient

SHORTEST_SECRET: Final = 4


class RestSession:
    """Sends prepared requests as one account."""

    def __init__(
        self, settings: RestSettings, compiled: Compiled, http: HttpClient, clock: Clock
    ) -> None:
        self._settings = settings
        self._compiled = compiled
        self._http = http
        self._clock = clock
        self.reader = Reader(settings.errors, adapter=settings.name)
        self.base = settings.url.rstrip("/")
        self.name = settings.name
        self._sign_in = SignIn(
            settings, compiled, http=http, clock=clock, reader=self.reader, send=self._bare
        )
        self._seen: set[str] = set()
        self._constants: dict[str, str | int] | None = None
        self._fetching = asyncio.Lock()

    async def prepare(self, request: Request, facts: Mapping[str, object]) -> Prepared:
        """Fill in a request; signs in first if it may name what only the CRM knows."""
        return request.prepare({**facts, **await self.known()})

    async def known(self) -> dict[str, object]:
        """Return `login` and `constant`, fetched once."""
        await self.sign_in()
        async with self._fetching:
            if self._constants is None:
                self._constants = await self._fetched()
        return {"login": self._sign_in.login, "constant": self._constants}

    async def read(self, request: Prepared, *, empty: Collection[int] = ()) -> object:
        """Return the JSON of an answer. A lost answer of a question is no maybe: TransientError."""
        return (await self.read_whole(request, empty=empty))[0]

    async def read_whole(
        self, request: Prepared, *, empty: Collection[int] = (), place: str = ""
    ) -> tuple[object, HttpAnswer]:
        """Return the JSON of an answer and the answer; errors as `read` has them.

        `place` is the table whose list is asked for.
        """
        asking = Asking.LIST if place else Asking.STEP
        try:
            answer = await self.send(request)
            now = self._clock.now()
            body = self.reader.read(
                answer, now=now, empty=empty, as_text=request.is_text, place=place, asking=asking
            )
        except AmbiguousError as error:
            raise TransientError(
                error.message,
                adapter=error.adapter,
                remedy=error.remedy,
                retry_after_s=error.retry_after_s,
                detail=error.detail,
            ) from error
        return body, answer

    async def write(self, request: Prepared) -> object:
        """Return the JSON of an answer to a request that makes or changes something."""
        answer = await self.send(request)
        return self.reader.read(answer, now=self._clock.now(), as_text=request.is_text)

    async def send(self, request: Prepared) -> HttpAnswer:
        """Return the answer as it is; what was refused for its sign-in is sent once more."""
        credentials = await self.sign_in()
        answer = await self._once(request, credentials)
        if self._sign_in.renews and self.reader.is_refused(answer):
            answer = await self._once(request, await self.sign_in(refused=credentials))
        return answer

    async def sign_in(self, refused: Credentials | None = None) -> Credentials:
        """Return what requests carry; `refused` is what the CRM does not take any more."""
        try:
            made = await self._sign_in.credentials(refused)
        finally:
            self._seen |= self._sign_in.secrets
        self._seen |= set(made.secrets)
        return made

    def masked(self, text: str) -> str:
        """Return `text` without any secret this session has used."""
        for secret in sorted(self._seen, key=len, reverse=True):
            if len(secret) >= SHORTEST_SECRET:
                for form in (secret, quote_plus(secret), quote(secret, safe="")):
                    text = text.replace(form, "•••")
        return text

    async def _fetched(self) -> dict[str, str | int]:
        constants: dict[str, str | int] = {}
        for at, (table, request) in enumerate(self._compiled.constants, 1):
            place = Extracting.constant(at, table)
            facts = {"login": self._sign_in.login, "constant": constants}
            prepared = request.prepare(facts)
            answer = await self.send(prepared)
            constants |= self._sign_in.extracted(table, prepared, answer, failing=place)
        return constants

    async def _bare(self, request: Prepared) -> HttpAnswer:
        return await self._once(request, Credentials())

    async def _once(self, request: Prepared, credentials: Credentials) -> HttpAnswer:
        in_body = bool(credentials.body) and request.has_body
        return await self._http.request(
            request.method,
            request.target(self.base + credentials.path, () if in_body else credentials.query),
            headers=_headers(request, credentials.headers),
            body=request.body(credentials.body if in_body else ()),
        )


def _headers(request: Prepared, credentials: Pairs) -> dict[str, str]:
    """Return the headers; those of the description go before ours, whatever their case."""
    ours = [("Accept", "application/json")]
    if request.content_type is not None:
        ours.append(("Content-Type", request.content_type))
    theirs = [*request.headers, *credentials]
    named = {name.lower() for name, _ in theirs}
    return dict([*(pair for pair in ours if pair[0].lower() not in named), *theirs])
