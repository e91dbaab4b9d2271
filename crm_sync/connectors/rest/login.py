"""Signing in: what each request carries, made once and made anew when the CRM refuses it."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

from crm_sync.connectors.rest.compiled import Compiled
from crm_sync.connectors.rest.paths import found_id
from crm_sync.connectors.rest.prepared import Pairs, Prepared
from crm_sync.connectors.rest.reading import Asking, Reader
from crm_sync.connectors.rest.request import pairs_of
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.rest.tables import ExtractTable, SignInTable
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
TRY: Final = "Try `filodiretto check --crm NAME --try NUMBER` and read the answers."
_NOT_THERE: Final = 404
_NAMED: Final = re.compile(r"""\blogin(?:\.|\[\\?['"])(\w+)""")
_WHOLE: Final = re.compile(r"\{[{%][^}]*\blogin\b(?!\.|\[)")
_SECRETIVE: Final = re.compile(r"token|sess|sid|key|secret|csrf|auth|pass|cookie", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is added to each request; `secrets` must never be shown."""

    headers: Pairs = ()
    query: Pairs = ()
    body: Pairs = ()
    path: str = ""
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracting:
    """What a request whose answer holds something is, in the words of its failures."""

    place: str
    refused: str
    nothing: str

    @staticmethod
    def step(at: int, table: ExtractTable) -> "Extracting":
        """Return the words of a step of the sign-in, the first being 1."""
        return Extracting(
            place=f"[[crm.sign_in.steps]] {at} ({table.path})",
            refused="The CRM refuses our sign-in.",
            nothing="A step of the sign-in gave nothing to go on.",
        )

    @staticmethod
    def constant(at: int, table: ExtractTable) -> "Extracting":
        """Return the words of a request for constants, the first being 1."""
        names = ", ".join(sorted(table.names))
        return Extracting(
            place=f"[[crm.constants]] {at} ({names}: {table.path})",
            refused="The CRM refuses the request for a constant.",
            nothing="The CRM's answer has no constant where one should be.",
        )


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
        return {self._secret, *self._secrets.values(), *self._guarded(self.login)}

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
                    plain = Credentials(secrets=self._guarded(self.login))
                    self._made = self._with_templates(plain)
                return self._made
        return self._with_templates(self._simple())

    def _guarded(self, login: dict[str, str | int]) -> tuple[str, ...]:
        """Return what the steps gave that serves as sign-in; a user's plain id is none of it."""
        named = _signing_names(self._table)
        return tuple(
            str(value)
            for name, value in login.items()
            if named is None or name in named or _SECRETIVE.search(name)
        )

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
        for at, (table, request) in enumerate(self._compiled.steps, 1):
            prepared = request.prepare(self._facts(login))
            answer = await self._send(prepared)
            failing = Extracting.step(at, table)
            login |= self.extracted(table, prepared, answer, failing=failing)
        return login

    def extracted(
        self,
        table: ExtractTable,
        prepared: Prepared,
        answer: HttpAnswer,
        *,
        failing: Extracting,
    ) -> dict[str, str | int]:
        """Return what a table names of an answer; AuthError names what is not there."""
        try:
            body = self._reader.read(
                answer,
                now=self._clock.now(),
                as_text=prepared.is_text,
                place=failing.place,
                asking=Asking.STEP,
            )
        except AmbiguousError as error:  # nothing was written, so asking again does no harm
            raise self._failed(TransientError, error.message, error.detail) from error
        except RejectedError as error:
            if answer.status == _NOT_THERE:
                raise self._failed(
                    AuthError, error.message, error.detail, remedy=error.remedy
                ) from error
            raise self._failed(AuthError, failing.refused, error.detail) from error
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
                raise self._failed(AuthError, failing.nothing, f"{failing.place}: {name}")
        return {name: value for name, value in found.items() if value is not None}

    def _failed(
        self, kind: type[AdapterError], message: str, detail: str, *, remedy: str = TRY
    ) -> AdapterError:
        return kind(message, adapter=self._settings.name, remedy=remedy, detail=detail)


def _signing_names(table: SignInTable) -> set[str] | None:
    """Return the names of `login` that sign requests or later steps, None if all may."""
    steps = [(one.path, one.query, one.headers, one.body, one.form) for one in table.steps]
    text = repr([table.headers, table.query, table.body, table.path, steps])
    return None if _WHOLE.search(text) else set(_NAMED.findall(text))


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
