"""A sign-in at Salesforce (OAuth 2.0 JWT bearer, RFC 7523, or client credentials), renewed once.

Neither grant gives a refresh token: the access token is made anew from the key whenever it is
refused, so nothing has to be kept on disk.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from crm_sync.connectors.salesforce.codec import SessionError, read
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    ConfigError,
    TransientError,
)
from gateway.core.ports import Clock, HttpAnswer, HttpClient

TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105 - a path
BEARER_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Salesforce takes an assertion for three minutes at most
ASSERTION_S: Final = 180
_HOSTS: Final = (".salesforce.com", ".force.com", ".salesforce.mil")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An access token, where it is good, and our own user's id."""

    token: str
    instance: str
    user: str


class SalesforceSession:
    """Sends requests as the integration user; signing in is done once for all who wait."""

    def __init__(self, settings: SalesforceSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._secret = settings.read_secret()
        self._key = _key_of(self._secret, settings.name) if settings.grant == "jwt" else None
        self._http = http
        self._clock = clock
        self._login: Login | None = None
        self._signing_in = asyncio.Lock()
        self.usage = ""

    async def ask(
        self, path: str, query: Mapping[str, str] | None = None, *, empty: Collection[int] = ()
    ) -> Any:  # noqa: ANN401 - JSON
        """Return what a GET answers, None for a status in `empty`.

        A lost answer to a question is no maybe: TransientError.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            return await self._exchange("GET", target, b"", empty)
        except AmbiguousError as error:
            raise TransientError(
                error.message,
                adapter=error.adapter,
                remedy=error.remedy,
                retry_after_s=error.retry_after_s,
                detail=error.detail,
            ) from error

    async def tell(self, method: str, path: str, fields: Mapping[str, object]) -> Any:  # noqa: ANN401
        """Return what a write answers, None if it answers nothing."""
        return await self._exchange(method, path, orjson.dumps(fields), ())

    async def sign_in(self, refused: Login | None = None) -> Login:
        """Return the sign-in in force; `refused` is one that Salesforce does not take any more."""
        async with self._signing_in:
            if self._login is None or self._login == refused:
                self._login = await self._renewed()
            return self._login

    async def _exchange(self, method: str, path: str, body: bytes, empty: Collection[int]) -> Any:  # noqa: ANN401 - JSON
        login = await self.sign_in()
        try:
            return await self._once(login, method, path, body, empty)
        except SessionError:
            fresh = await self.sign_in(refused=login)
        return await self._once(fresh, method, path, body, empty)

    async def _once(
        self, login: Login, method: str, path: str, body: bytes, empty: Collection[int]
    ) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {login.token}", "Accept": "application/json"}
        if body:
            headers["Content-Type"] = "application/json"
        version = self._settings.api_version
        url = f"{login.instance}/services/data/v{version}{path}"
        answer = await self._http.request(method, url, headers=headers, body=body)
        self.usage = answer.headers.get("sforce-limit-info", self.usage)
        if answer.status in empty:
            return None
        return read(answer, adapter=self._settings.name, now=self._clock.now())

    async def _renewed(self) -> Login:
        settings = self._settings
        form: dict[str, str] = {"grant_type": settings.grant}
        if self._key is not None:
            form = {"grant_type": BEARER_GRANT, "assertion": self._assertion(self._key)}
        else:
            form |= {"client_id": settings.client_id, "client_secret": self._secret}
        try:
            answer = await self._http.request(
                "POST",
                settings.url.rstrip("/") + TOKEN_PATH,
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                },
                body=urlencode(form).encode(),
            )
        except AmbiguousError as error:  # a token is no record: asking again doubles nothing
            raise self._error(
                TransientError, "Salesforce's sign-in does not answer.", error.detail
            ) from error
        return self._login_of(answer)

    def _assertion(self, key: RSAKey) -> str:
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.audience,
            "exp": int(self._clock.now().timestamp()) + ASSERTION_S,
        }
        return jwt.encode({"alg": "RS256"}, claims, key)

    def _login_of(self, answer: HttpAnswer) -> Login:
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            body = None
        told = body if isinstance(body, dict) else {}
        token = told.get("access_token")
        if isinstance(token, str) and token:
            user = str(told.get("id", "")).rpartition("/")[2]
            return Login(token=token, instance=self._instance(told), user=user)
        code = told.get("error")
        detail = f"HTTP {answer.status} {code if isinstance(code, str) else ''}".strip()[:80]
        if answer.status >= 500 or answer.status == 429:  # noqa: PLR2004 - RFC 9110 15.6, 6585
            raise self._error(TransientError, "Salesforce's sign-in is not ready.", detail)
        raise self._error(AuthError, "Salesforce gives us no access token.", detail)

    def _instance(self, told: Mapping[str, object]) -> str:
        """Return the host to ask: the one Salesforce names, if it is one of its own."""
        home = self._settings.url.rstrip("/")
        named = str(told.get("instance_url", "")).rstrip("/")
        parts = urlsplit(named)
        own = parts.scheme == "https" and (parts.hostname or "").endswith(_HOSTS)
        return named if own else home

    def _error(self, kind: type[AdapterError], message: str, detail: str) -> AdapterError:
        return kind(
            message,
            adapter=self._settings.name,
            remedy=(
                "Check client_id, username, audience and the secret; the app's certificate must"
                " match the key, its policy must admit the user, and this clock must be right."
            ),
            detail=detail,
        )


def _key_of(text: str, name: str) -> RSAKey:
    try:
        return RSAKey.import_key(text)
    except (JoseError, ValueError, TypeError) as error:
        raise ConfigError(
            "The secret is no RSA private key.",
            where=f"crm.{name}.secret_file",
            remedy="Write the whole PEM file into it, from BEGIN to END, without a password.",
        ) from error
