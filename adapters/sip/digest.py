"""Answers to a registrar's challenge (RFC 7616, RFC 8760), which the library only half gives."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from gateway.core.errors import PeerProtocolError

_PAIR: Final = re.compile(r'([A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]+)')
_HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a 401 or 407 asks for; `qop` is "" for a registrar of RFC 2069's time."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    opaque: str = ""
    qop: str = ""


def challenge_of(values: Iterable[str]) -> Challenge:
    """Return the first challenge that can be answered; registrars list what they prefer first.

    Raises PeerProtocolError if there is none.
    """
    for value in values:
        scheme, _, rest = value.strip().partition(" ")
        found = {name.lower(): text.strip('"') for name, text in _PAIR.findall(rest)}
        algorithm = found.get("algorithm", "MD5").upper()
        offered = [one.strip().lower() for one in found.get("qop", "").split(",") if one.strip()]
        usable = not offered or "auth" in offered
        if scheme.lower() != "digest" or algorithm not in _HASHES or not usable:
            continue
        return Challenge(
            realm=found.get("realm", ""),
            nonce=found.get("nonce", ""),
            algorithm=algorithm,
            opaque=found.get("opaque", ""),
            qop="auth" if offered else "",
        )
    raise PeerProtocolError("The registrar asks for a way of signing in that we do not know.")


def authorization(
    challenge: Challenge, *, method: str, uri: str, username: str, password: str, cnonce: str
) -> str:
    """Return the value of Authorization, or of Proxy-Authorization, for one request."""
    digest = _HASHES[challenge.algorithm]

    def hashed(*parts: str) -> str:
        return digest(":".join(parts).encode())

    who = hashed(username, challenge.realm, password)
    what = hashed(method, uri)
    count = "00000001"  # a nonce is answered once: each registration asks for a new one
    fields = [
        ("username", f'"{_escaped(username)}"'),
        ("realm", f'"{_escaped(challenge.realm)}"'),
        ("nonce", f'"{challenge.nonce}"'),
        ("uri", f'"{uri}"'),
    ]
    if challenge.qop:
        response = hashed(who, challenge.nonce, count, cnonce, challenge.qop, what)
        fields += [("qop", challenge.qop), ("nc", count), ("cnonce", f'"{cnonce}"')]
    else:
        response = hashed(who, challenge.nonce, what)
    fields += [("response", f'"{response}"'), ("algorithm", challenge.algorithm)]
    if challenge.opaque:
        fields.append(("opaque", f'"{challenge.opaque}"'))
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
