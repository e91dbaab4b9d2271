"""What an ID token must hold before anybody is let in (OpenID Connect Core, section 3.1.3.7)."""

import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from gateway.core.errors import AuthError
from gateway.web.oidc_provider import Attempt, Provider, ProviderOptions

ISSUER = "https://login.example.com"
KEY = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
ATTEMPT = Attempt(state="s", nonce="n", verifier="v")


def token(key: Any = KEY, algorithm: str = "RS256", **changes: Any) -> str:  # noqa: ANN401
    """Return a signed token, right in everything but the changes; None takes a claim out."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": "filodiretto",
        "sub": "17",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
    } | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": algorithm, "kid": "one"}
    return jwt.encode(header, kept, key, algorithms=[algorithm])


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


async def checked(text: str) -> dict[str, Any]:
    """Return the claims that a provider with one key believes."""
    provider = Provider(ProviderOptions(issuer=ISSUER, client_id="filodiretto"))
    provider._keys = KeySet([KEY])
    provider._keys_at = time.monotonic()
    return dict(await provider._checked(text, ATTEMPT))


async def test_right_token_is_believed() -> None:
    """Also with clocks a minute apart, and with us among several audiences."""
    assert (await checked(token()))["sub"] == "17"
    now = int(time.time())
    assert await checked(token(iat=now + 30, exp=now - 30))
    assert await checked(token(aud=["filodiretto", "other"], azp="filodiretto"))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"aud": ["filodiretto", "other"]},
        {"aud": ["filodiretto", "other"], "azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=str,
)
async def test_token_that_is_not_for_this_sign_in_is_refused(changes: dict[str, Any]) -> None:
    """Each of these is a token of somebody else, of another time or of another sign-in."""
    with pytest.raises(AuthError):
        await checked(token(**changes))


async def test_token_with_another_signature_is_refused() -> None:
    """A foreign key, our public key as a shared secret, no signature, and no token at all."""
    stranger = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
    public, body = KEY.as_pem(private=False), token().split(".")[1]
    header = _encoded(b'{"alg":"HS256","kid":"one"}')
    confused = f"{header}.{body}"
    mac = _encoded(hmac.digest(public, confused.encode(), "sha256"))
    forged = [
        token(stranger),
        f"{confused}.{mac}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        token()[:-8] + "AAAAAAAA",
        "",
        "a.b.c",
    ]
    for text in forged:
        with pytest.raises(AuthError):
            await checked(text)
