"""OAuth2 tokens (RFC 6749): one renewal at a time, kept encrypted before they are first used."""

import asyncio
import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from weakref import WeakValueDictionary

import orjson
from cryptography.fernet import Fernet, InvalidToken

from crm_sync.connectors.rest.reading import is_plain
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.errors import AdapterError, AmbiguousError, AuthError, ConfigError, TransientError
from gateway.core.ports import Clock, HttpAnswer, HttpClient

# a token that ends while a request is under way is refused for nothing
MARGIN_S: Final = 60.0
DEFAULT_LIFE_S: Final = 3600.0
_REMEDY: Final = "Check sign_in and its files; a used-up refresh token needs a new consent."
_FORM: Final = "application/x-www-form-urlencoded"
_RENEWING: Final[WeakValueDictionary[Path, asyncio.Lock]] = WeakValueDictionary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and when to renew it (monotonic seconds)."""

    access: str
    until: float


class TokenKeeper:
    """Gets and renews the access token of one CRM."""

    def __init__(self, settings: RestSettings, http: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._secret = settings.read_secret()
        self._http = http
        self._clock = clock
        self._token: Token | None = None
        file = settings.sign_in.token_file
        # writer and mirror of one CRM renew one after the other: a refresh token is good once
        self._renewing = _RENEWING.setdefault(file, asyncio.Lock()) if file else asyncio.Lock()
        digest = hashlib.sha256(b"filodiretto token file\n" + self._secret.encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(digest))

    async def access(self, refused: str | None = None) -> str:
        """Return a token; one that was `refused` is renewed, once for all who wait."""
        async with self._renewing:
            token = self._token
            fresh = token is not None and self._clock.monotonic() < token.until
            if token is None or not fresh or token.access == refused:
                token = self._token = await self._renewed()
            return token.access

    async def _renewed(self) -> Token:
        grant = self._settings.sign_in.grant
        if grant not in {"refresh_token", "authorization_code"}:
            return self._token_of(await self._ask(await asyncio.to_thread(self._grant)))
        if grant == "authorization_code" and not await asyncio.to_thread(self._is_kept):
            return await self._by_code()
        kept = await asyncio.to_thread(self._kept)
        try:
            answer = await self._ask({"grant_type": "refresh_token", "refresh_token": kept})
        except AuthError:
            # another process may have used it up in the meantime: its successor is in the file
            newer = await asyncio.to_thread(self._kept)
            if newer == kept:
                raise
            answer = await self._ask({"grant_type": "refresh_token", "refresh_token": newer})
        successor = answer.get("refresh_token")
        if isinstance(successor, str) and successor:
            await asyncio.to_thread(self._keep, successor)
        return self._token_of(answer)

    async def _by_code(self) -> Token:
        """Exchange the code that a person brought from the CRM's page; it works once."""
        sign_in = self._settings.sign_in
        code = await asyncio.to_thread(self._code)
        form = {"grant_type": "authorization_code", "code": code}
        try:
            answer = await self._ask({**form, "redirect_uri": sign_in.redirect_uri})
        except AuthError as error:
            raise self._no_consent(error.detail) from error
        first = answer.get("refresh_token")
        if isinstance(first, str) and first:
            await asyncio.to_thread(self._keep, first)
        return self._token_of(answer)

    def _code(self) -> str:
        """Return the code, or the one in the whole address that somebody copied."""
        path = self._settings.sign_in.code_file
        try:
            text = Path(path or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise self._no_consent("") from error
        return dict(parse_qsl(urlsplit(text).query)).get("code", text)

    def _no_consent(self, detail: str) -> AuthError:
        sign_in = self._settings.sign_in
        query = {
            "response_type": "code",
            "client_id": sign_in.client_id,
            "redirect_uri": sign_in.redirect_uri,
            **({"scope": sign_in.scope} if sign_in.scope else {}),
        }
        joint = "&" if "?" in sign_in.authorize_path else "?"
        page = self._address(sign_in.authorize_path) + joint + urlencode(query)
        return AuthError(
            "The CRM wants a person's consent, and there is no fresh code of one.",
            adapter=self._settings.name,
            remedy=f"Open {page} in a browser, agree, and write the address it then leads to"
            f" into {sign_in.code_file}; a code works once and for some minutes.",
            detail=detail,
        )

    def _grant(self) -> dict[str, str]:
        sign_in = self._settings.sign_in
        form: dict[str, str] = {"grant_type": sign_in.grant}
        if sign_in.scope:
            form["scope"] = sign_in.scope
        if sign_in.grant == "password":
            form["username"] = sign_in.username
            form["password"] = self._file(sign_in.password_file, "password_file")
        return form

    async def _ask(self, form: Mapping[str, str]) -> dict[str, object]:
        sign_in = self._settings.sign_in
        headers = {"Content-Type": _FORM, "Accept": "application/json"}
        fields = dict(form)
        if sign_in.client_in == "header":
            pair = base64.b64encode(f"{sign_in.client_id}:{self._secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            fields |= {"client_id": sign_in.client_id, "client_secret": self._secret}
        fields |= sign_in.token_fields
        body = urlencode(fields).encode()
        if sign_in.token_json:
            headers["Content-Type"], body = "application/json", orjson.dumps(fields)
        url = self._address(sign_in.token_path)
        try:
            answer = await self._http.request("POST", url, headers=headers, body=body)
        except AmbiguousError as error:  # a token is no record: asking again doubles nothing
            raise self._error(
                TransientError, "The CRM's sign-in does not answer.", error.detail
            ) from error
        return self._checked(answer)

    def _address(self, path: str) -> str:
        return path if "://" in path else self._settings.url.rstrip("/") + path

    def _checked(self, answer: HttpAnswer) -> dict[str, object]:
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            body = None
        if isinstance(body, dict) and isinstance(body.get("access_token"), str):
            return body
        detail = f"HTTP {answer.status}"
        code = body.get("error") if isinstance(body, dict) else None
        if isinstance(code, str) and is_plain(code):  # RFC 6749 5.2
            detail += f", {code}"
        if answer.status == 404:  # noqa: PLR2004 - RFC 9110 15.5.5
            remedy = "Check url and sign_in.token_path."
            raise self._error(AuthError, "There is nothing at this address.", detail, remedy)
        if answer.status >= 500 or answer.status == 429:  # noqa: PLR2004 - RFC 9110 15.6, 6585
            raise self._error(TransientError, "The CRM's sign-in is not ready.", detail)
        # some answer a refusal with 200 and an error in the body
        raise self._error(AuthError, "The CRM gives us no token.", detail)

    def _token_of(self, answer: Mapping[str, object]) -> Token:
        told = answer.get("expires_in")
        life = float(told) if isinstance(told, int | float) else DEFAULT_LIFE_S
        until = self._clock.monotonic() + max(life - MARGIN_S, life / 2)
        return Token(access=str(answer["access_token"]), until=until)

    def _is_kept(self) -> bool:
        path = self._settings.sign_in.token_file
        return path is not None and path.exists()

    def _kept(self) -> str:
        """Return the refresh token in force: the one kept by us, else the one first given."""
        path = self._settings.sign_in.token_file
        if path is not None and path.exists():
            try:
                return self._box.decrypt(path.read_bytes()).decode()
            except (OSError, InvalidToken) as error:
                raise self._error(
                    AuthError, "The kept token cannot be read: was the secret changed?", str(path)
                ) from error
        return self._file(self._settings.sign_in.refresh_token_file, "refresh_token_file")

    def _keep(self, token: str) -> None:
        path = self._settings.sign_in.token_file
        if path is None:
            return
        beside = path.with_name(f".{path.name}.new")
        try:
            with os.fdopen(
                os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as out:
                out.write(self._box.encrypt(token.encode()))
                out.flush()
                os.fsync(out.fileno())
            beside.replace(path)
        except OSError as error:
            raise self._error(
                TransientError, "The renewed token cannot be kept.", type(error).__name__
            ) from error

    def _file(self, path: Path | None, key: str) -> str:
        where = f"crm.{self._settings.name}.sign_in.{key}"
        try:
            text = Path(path or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"The file {path} cannot be read.", where=where, remedy="Create it."
            ) from error
        return text

    def _error(
        self, kind: type[AdapterError], message: str, detail: str, remedy: str = _REMEDY
    ) -> AdapterError:
        return kind(message, adapter=self._settings.name, remedy=remedy, detail=detail)
