"""Signed-in requests to one CRM: credentials are added here, renewed once when refused."""

import asyncio
import base64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from crm_sync.connectors.rest.compiled import Compiled, Prepared, pairs_of
from crm_sync.connectors.rest.paths import found_text
from crm_sync.connectors.rest.reading import Reader
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.tokens import TokenKeeper
from gateway.core.errors import AdapterError, AmbiguousError, AuthError, TransientError
from gateway.core.ports import Clock, HttpAnswer, HttpClient

Pairs = tuple[tuple[str, str], ...]
SHORTEST_SECRET: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is added to each request; `secrets` must never be shown."""

    headers: Pairs = ()
    query: Pairs = ()
    secrets: tuple[str, ...] = ()


class RestSession:
    """Sends prepared requests as one account."""

    def __init__(
        self, settings: RestSettings, compiled: Compiled, http: HttpClient, clock: Clock
    ) -> None:
        self._settings = settings
        self._compiled = compiled
        self._secret = settings.read_secret()
        self._http = http
        self._clock = clock
        self.reader = Reader(settings.errors, adapter=settings.name)
        oauth = settings.sign_in.type == "oauth2"
        self._tokens = TokenKeeper(settings, http, clock) if oauth else None
        self.base = settings.url.rstrip("/")
        self._login: Credentials | None = None
        self._signing_in = asyncio.Lock()
        self._seen: set[str] = {self._secret}

    async def read(self, request: Prepared, *, empty: Collection[int] = ()) -> object:
        """Return the JSON of an answer. A lost answer of a question is no maybe: TransientError."""
        try:
            return self.reader.read(await self.send(request), now=self._clock.now(), empty=empty)
        except AmbiguousError as error:
            raise TransientError(
                error.message,
                adapter=error.adapter,
                remedy=error.remedy,
                retry_after_s=error.retry_after_s,
                detail=error.detail,
            ) from error

    async def write(self, request: Prepared) -> object:
        """Return the JSON of an answer to a request that makes or changes something."""
        return self.reader.read(await self.send(request), now=self._clock.now())

    async def send(self, request: Prepared, *, url: str | None = None) -> HttpAnswer:
        """Return the answer as it is; what was refused for its sign-in is sent once more."""
        credentials = await self.sign_in()
        answer = await self._once(request, credentials, url)
        if self._is_refused(answer) and self._settings.sign_in.type in {"oauth2", "steps"}:
            answer = await self._once(request, await self.sign_in(refused=credentials), url)
        return answer

    async def sign_in(self, refused: Credentials | None = None) -> Credentials:
        """Return what requests carry; `refused` is what the CRM does not take any more."""
        sign_in = self._settings.sign_in
        if self._tokens is not None:
            stale = refused.secrets[0] if refused is not None else None
            made = _bearer(await self._tokens.access(stale), sign_in.prefix or "Bearer ")
        elif sign_in.type == "steps":
            async with self._signing_in:
                if self._login is None or self._login == refused:
                    self._login = await self._walk()
                made = self._login
        elif sign_in.type == "basic":
            pair = base64.b64encode(f"{sign_in.username}:{self._secret}".encode()).decode()
            made = Credentials(headers=(("Authorization", f"Basic {pair}"),), secrets=(pair,))
        elif sign_in.type == "query":
            made = Credentials(query=((sign_in.name, self._secret),))
        elif sign_in.type == "header":
            made = Credentials(headers=((sign_in.name, sign_in.prefix + self._secret),))
        else:
            made = _bearer(self._secret)
        self._seen |= set(made.secrets)
        return made

    def masked(self, text: str) -> str:
        """Return `text` without any secret this session has used."""
        for secret in sorted(self._seen, key=len, reverse=True):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "•••").replace(quote_plus(secret), "•••")
        return text

    async def _walk(self) -> Credentials:
        """Sign in step by step; each step may name what those before it extracted."""
        login: dict[str, str] = {}
        facts = {
            "secret": self._secret,
            "username": self._settings.sign_in.username,
            "login": login,
        }
        for table, request in self._compiled.steps:
            answer = await self._once(request.prepare(facts), Credentials(), None)
            try:
                body = self.reader.read(answer, now=self._clock.now())
            except AmbiguousError as error:
                raise self._failed(TransientError, error.message, error.detail) from error
            for name, path in table.extract.items():
                value = found_text(path, body)
                if value is None:
                    raise self._failed(
                        AuthError, "A step of the sign-in gave nothing to go on with.", name
                    )
                login[name] = value
        return Credentials(
            headers=pairs_of(self._compiled.login_headers, facts),
            query=pairs_of(self._compiled.login_query, facts),
            secrets=tuple(login.values()),
        )

    async def _once(
        self, request: Prepared, credentials: Credentials, url: str | None
    ) -> HttpAnswer:
        return await self._http.request(
            request.method,
            url or request.target(self._settings.url, credentials.query),
            headers={
                "Accept": "application/json",
                **dict(request.headers),
                **dict(credentials.headers),
            },
            body=request.body,
        )

    def _is_refused(self, answer: HttpAnswer) -> bool:
        code = self.reader.code_of(answer)
        return answer.status == 401 or (  # noqa: PLR2004 - RFC 9110 15.5.2
            code is not None and code in self._settings.errors.auth
        )

    def _failed(self, kind: type[AdapterError], message: str, detail: str) -> AdapterError:
        return kind(
            message,
            adapter=self._settings.name,
            remedy="Try `filodiretto check --crm NAME --try NUMBER` and read the answers.",
            detail=detail,
        )


def _bearer(token: str, prefix: str = "Bearer ") -> Credentials:
    return Credentials(headers=(("Authorization", prefix + token),), secrets=(token,))
