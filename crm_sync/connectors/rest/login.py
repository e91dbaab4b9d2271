"""Signing in: what each request carries, made once and made anew when the CRM refuses it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.paths import found_id
from crm_sync.connectors.rest.prepared import Pairs, Prepared
from crm_sync.connectors.rest.reading import Reader
from crm_sync.connectors.rest.request import pairs_of
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.tables import ExtractTable
from crm_sync.connectors.rest.tokens import TokenKeeper
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    ConfigError,
    RejectedError,
    TransientError,
)
from gateway.core.ports import Clock, HttpAnswer, HttpClient

Send = Callable[[Prepared], Awaitable[HttpAnswer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is added to each request; `secrets` must never be shown."""

    headers: Pairs = ()
    query: Pairs = ()
    body: Pairs = ()
    path: str = ""
    secrets: tuple[str, ...] = ()


class SignIn:
    """Makes the credentials of one CRM; `send` sends a request without any."""

    def __init__(
        self,
        settings: RestSettings,
        compiled: Compiled,
        *,
        http: HttpClient,
        clock: Clock,
        reader: Reader,
        send: Send,
    ) -> None:
        self._settings = settings
        self._table = settings.sign_in
        self._compiled = compiled
        self._clock = clock
        self._reader = reader
        self._send = send
        self._secret = settings.read_secret()
        self._secrets = {
            name: _secret_of(path, f"crm.{settings.name}.sign_in.secret_files.{name}")
            for name, path in settings.sign_in.secret_files.items()
        }
        oauth = settings.sign_in.type == "oauth2"
        self._tokens = TokenKeeper(settings, http, clock) if oauth else None
        self._made: Credentials | None = None
        self._signing_in = asyncio.Lock()
        self.login: dict[str, str | int] = {}
        """What the steps extracted."""

    @property
    def secrets(self) -> set[str]:
        """What must be masked whatever happens."""
        return {self._secret, *self._secrets.values(), *map(str, self.login.values())}

    @property
    def renews(self) -> bool:
        """Whether a refused request is worth a second sign-in."""
        return self._table.type in {"oauth2", "steps"}

    async def credentials(self, refused: Credentials | None = None) -> Credentials:
        """Return what requests carry; `refused` is what the CRM does not take any more."""
        if self._tokens is not None:
            stale = refused.secrets[0] if refused is not None else None
            token = await self._tokens.access(stale)
            return self._with_templates(_bearer(token, self._table.prefix or "Bearer "))
        if self._table.type == "steps":
            async with self._signing_in:
                if self._made is None or self._made == refused:
                    self.login = await self._walk()
                    plain = Credentials(secrets=tuple(map(str, self.login.values())))
                    self._made = self._with_templates(plain)
                return self._made
        return self._with_templates(self._simple())

    def _simple(self) -> Credentials:
        table, secret = self._table, self._secret
        if table.type == "basic":
            pair = base64.b64encode(f"{table.username}:{secret}".encode()).decode()
            return Credentials(headers=(("Authorization", f"Basic {pair}"),), secrets=(pair,))
        if table.type == "query":
            return Credentials(query=((table.name, secret),))
        if table.type == "header":
            return Credentials(headers=((table.name, table.prefix + secret),))
        return Credentials() if table.type == "none" else _bearer(secret)

    def _with_templates(self, made: Credentials) -> Credentials:
        facts = self._facts(self.login)
        headers = pairs_of(self._compiled.login_headers, facts)
        query = pairs_of(self._compiled.login_query, facts)
        body = pairs_of(self._compiled.login_body, facts)
        values = tuple(value for pairs in (headers, query, body) for _, value in pairs)
        return Credentials(
            headers=(*made.headers, *headers),
            query=(*made.query, *query),
            body=body,
            path=self._compiled.login_path(facts),
            secrets=(*made.secrets, *values),
        )

    def _facts(self, login: dict[str, str | int]) -> dict[str, object]:
        return {
            "secret": self._secret,
            "secrets": self._secrets,
            "username": self._table.username,
            "login": login,
            "now": self._clock.now(),
        }

    async def _walk(self) -> dict[str, str | int]:
        """Sign in step by step; each step may name what those before it extracted."""
        login: dict[str, str | int] = {}
        for table, request in self._compiled.steps:
            prepared = request.prepare(self._facts(login))
            answer = await self._send(prepared)
            login |= self.extracted(table, prepared, answer)
        return login

    def extracted(
        self, table: ExtractTable, prepared: Prepared, answer: HttpAnswer
    ) -> dict[str, str | int]:
        """Return what a table names of an answer; AuthError names what is not there."""
        try:
            body = self._reader.read(answer, now=self._clock.now(), as_text=prepared.is_text)
        except AmbiguousError as error:  # nothing was written, so asking again does no harm
            raise self._failed(TransientError, error.message, error.detail) from error
        except RejectedError as error:
            raise self._failed(AuthError, "The CRM refuses our sign-in.", error.detail) from error
        cookies = cookies_of(answer)
        found = {
            **{name: found_id(path, body) for name, path in table.extract.items()},
            **{
                name: answer.headers.get(header.lower()) or None
                for name, header in table.extract_headers.items()
            },
            **{name: cookies.get(cookie) for name, cookie in table.extract_cookies.items()},
        }
        for name, value in found.items():
            if value is None:
                raise self._failed(AuthError, "A step of the sign-in gave nothing to go on.", name)
        return {name: value for name, value in found.items() if value is not None}

    def _failed(self, kind: type[AdapterError], message: str, detail: str) -> AdapterError:
        return kind(
            message,
            adapter=self._settings.name,
            remedy="Try `filodiretto check --crm NAME --try NUMBER` and read the answers.",
            detail=detail,
        )


def cookies_of(answer: HttpAnswer) -> dict[str, str]:
    """Return the cookies an answer sets (RFC 6265)."""
    jar: SimpleCookie = SimpleCookie()
    try:
        for line in answer.headers.get("set-cookie", "").splitlines():
            jar.load(line)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _secret_of(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The file {path} cannot be read.", where=where, remedy="Create it; the secret alone."
        ) from error


def _bearer(token: str, prefix: str = "Bearer ") -> Credentials:
    return Credentials(headers=(("Authorization", prefix + token),), secrets=(token,))
