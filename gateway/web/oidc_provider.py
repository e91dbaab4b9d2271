"""The company's identity provider as its client sees it: OpenID Connect Core, code flow with PKCE.

Discovery (OpenID Connect Discovery 1.0), PKCE (RFC 7636), issuer in the answer (RFC 9207), keys
and signatures by joserfc. Nothing a token says counts before its signature and claims are checked.
"""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import orjson
from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    encode_basic_auth,
)
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.core.errors import AuthError, TransientError
from gateway.store.people import Role

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519",
    "EdDSA",
)  # fmt: skip
METADATA_S: Final = 3600.0
KEYS_AGAIN_S: Final = 30.0
MAX_ANSWER: Final = 256 * 1024
TIMEOUT: Final = ClientTimeout(total=10, connect=3)
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderOptions:
    """Who the provider is and who we are there; `secret` None is a public client."""

    issuer: str
    client_id: str
    secret: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    clock_skew_s: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """Who the provider's accounts are here.

    `bind_by` names the claim that is a login at the first sign-in ("" none: administrators bind
    accounts). `create` makes unknown people users of `create_role`. `roles` maps groups to roles,
    the first that fits; if it is not empty, who is in none of them may not sign in.
    """

    provider: ProviderOptions
    label: str = ""
    bind_by: str = ""
    create: bool = False
    create_role: Role = Role.AGENT
    groups_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sign-in under way: what the browser has to bring back, and what the token must hold."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Attempt":
        """Return 256 random bits for each."""
        return cls(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
        )


Claims = Mapping[str, Any]


class Provider:
    """One provider; keeps its metadata for an hour and its keys until a new one is used."""

    def __init__(self, options: ProviderOptions) -> None:
        self.options = options
        self._session: ClientSession | None = None
        self._metadata: Mapping[str, Any] = {}
        self._metadata_at = float("-inf")
        self._keys: KeySet | None = None
        self._keys_at = float("-inf")

    async def close(self) -> None:
        """Close what is open towards the provider."""
        if self._session is not None:
            await self._session.close()

    async def sign_in_url(self, attempt: Attempt, *, redirect_uri: str) -> str:
        """Return where to send the browser; raises TransientError, AuthError."""
        metadata = await self._discovered()
        challenge = urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self.options.client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(self.options.scopes),
                "state": attempt.state,
                "nonce": attempt.nonce,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            },
            quote_via=quote,
        )
        endpoint = str(metadata["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def claims(self, attempt: Attempt, *, code: str, redirect_uri: str) -> Claims:
        """Trade the code and return the checked claims; raises TransientError, AuthError."""
        metadata = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        tokens = await self._trade(metadata, form)
        claims = await self._checked(str(tokens.get("id_token", "")), attempt)
        return await self._completed(claims, metadata, str(tokens.get("access_token", "")))

    async def _trade(self, metadata: Mapping[str, Any], form: dict[str, str]) -> Mapping[str, Any]:
        secret, headers = self.options.secret, {}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret is None:
            form["client_id"] = self.options.client_id
        elif "client_secret_basic" in methods:
            # RFC 6749 section 2.3.1: both are form-encoded first
            login, password = quote(self.options.client_id, safe=""), quote(secret, safe="")
            headers["Authorization"] = encode_basic_auth(login, password)
        else:
            form |= {"client_id": self.options.client_id, "client_secret": secret}
        return await self._fetch("POST", metadata["token_endpoint"], form=form, headers=headers)

    async def _checked(self, token: str, attempt: Attempt) -> Claims:
        """Check signature and claims (OpenID Connect Core section 3.1.3.7)."""
        registry = jwt.JWTClaimsRegistry(
            leeway=self.options.clock_skew_s,
            iss={"essential": True, "value": self.options.issuer},
            aud={"essential": True, "value": self.options.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        try:
            claims = await self._signed(token)
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise _refused(detail=type(error).__name__) from error
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if several and claims.get("azp") != self.options.client_id:
            raise _refused(detail="azp")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:  # noqa: PLR2004
            raise _refused(detail="sub")
        return claims

    async def _signed(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that one of the provider's keys signed.

        A key that is not known yet is asked for once: providers change them.
        """
        known = self._keys
        if known is not None:
            try:
                return jwt.decode(token, known, algorithms=list(ALGORITHMS)).claims
            except (JoseError, ValueError):
                if time.monotonic() - self._keys_at < KEYS_AGAIN_S:
                    raise
        document = await self._fetch("GET", (await self._discovered())["jwks_uri"])
        self._keys = KeySet.import_key_set({"keys": list(document.get("keys", ()))})
        self._keys_at = time.monotonic()
        return jwt.decode(token, self._keys, algorithms=list(ALGORITHMS)).claims

    async def _completed(self, claims: Claims, metadata: Mapping[str, Any], access: str) -> Claims:
        """Add what only the userinfo endpoint tells; the ID token wins, `sub` must be the same."""
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint or not access:
            return claims
        headers = {"Authorization": f"Bearer {access}"}
        more = await self._fetch("GET", endpoint, headers=headers)
        if more.get("sub") != claims["sub"]:
            raise _refused(detail="userinfo")
        return {**more, **claims}

    async def _discovered(self) -> Mapping[str, Any]:
        now = time.monotonic()
        if now - self._metadata_at < METADATA_S:
            return self._metadata
        base = self.options.issuer.rstrip("/")
        found = await self._fetch("GET", f"{base}/.well-known/openid-configuration")
        if found.get("issuer") != self.options.issuer:
            raise AuthError(
                "The identity provider calls itself by another name.",
                adapter="oidc",
                remedy="Write issuer in [oidc] exactly as the provider's discovery document does.",
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _check_address(str(found.get(name, "")))
        self._metadata, self._metadata_at = found, now
        return found

    async def _fetch(
        self,
        method: str,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        _check_address(address)
        if self._session is None:
            self._session = ClientSession(timeout=TIMEOUT, cookie_jar=DummyCookieJar())
        try:
            async with self._session.request(
                method, address, data=form, headers=headers, allow_redirects=False
            ) as response:
                body = await _body_of(response)
                status = response.status
        except (ClientError, TimeoutError, OSError) as error:
            raise _away(type(error).__name__) from error
        if status >= 500:  # noqa: PLR2004 - the provider's own trouble
            raise _away(str(status))
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if status != 200 or not isinstance(answer, dict):  # noqa: PLR2004 - RFC 6749 section 5
            raise _refused(detail=str(status))
        return answer


async def _body_of(response: ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise _refused(detail="too long")
    return bytes(body)


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname:
        raise AuthError(
            "The identity provider names an address that is not https.",
            adapter="oidc",
            remedy="Ask whoever runs the provider to serve all its addresses over TLS.",
        )


def _refused(*, detail: str) -> AuthError:
    return AuthError(
        "The identity provider's answer cannot be trusted or says no.",
        adapter="oidc",
        remedy="Try again; if it stays, compare issuer, client_id and secret with the provider's,"
        " and the clocks of both machines.",
        detail=detail,
    )


def _away(detail: str) -> TransientError:
    return TransientError(
        "The identity provider does not answer.",
        adapter="oidc",
        remedy="Try again in a moment, or sign in with a password.",
        detail=detail,
    )
