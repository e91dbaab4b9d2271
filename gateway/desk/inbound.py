"""Systems that ask us to place calls in words of their own: who they are, what they say."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

MAX_VALUE: Final = 200
Fields = Mapping[str, object]


class Proof(StrEnum):
    """Where a system proves that it knows the secret."""

    HEADER = "header"
    QUERY = "query"
    FIELD = "field"
    HMAC = "hmac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came; `headers` have lower-case names, `fields` are those of the body."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    fields: Fields
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a system wants: which number is called for which of its users."""

    number: str
    user: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One system: its secret, and which of its fields mean what (`[[inbound]]`)."""

    name: str
    secret: str = field(repr=False)
    proof: Proof = Proof.HEADER
    proof_name: str = "Authorization"
    prefix: str = ""
    encoding: str = "hex"
    allow_get: bool = False
    number: str = "number"
    user: str = "user"
    users: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key: str = ""
    pbx: str | None = None
    only_if: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def lets_in(self, asked: Asked) -> bool:
        """Whether the request proves that it knows the secret; takes the same time either way."""
        if self.proof is Proof.HMAC:
            given = asked.headers.get(self.proof_name.lower(), "")
            return self._is_signature(given, asked.body)
        if self.proof is Proof.HEADER:
            given = asked.headers.get(self.proof_name.lower(), "")
        elif self.proof is Proof.QUERY:
            given = asked.query.get(self.proof_name, "")
        else:
            given = value_of(asked.fields, self.proof_name) or ""
        return hmac.compare_digest(given.encode(), (self.prefix + self.secret).encode())

    def concerns(self, asked: Asked) -> bool:
        """Whether the request is one to place a call: all of `only_if` is as it says."""
        return all(self._said(asked, name) == value for name, value in self.only_if.items())

    def wish(self, asked: Asked) -> Wish | None:
        """Return what is wanted, None if the number or the user is missing."""
        number, user = self._said(asked, self.number), self._said(asked, self.user)
        if not number or not user:
            return None
        key = self._said(asked, self.key) if self.key else ""
        return Wish(number=number, user=self.users.get(user, user), key=key or "")

    def _said(self, asked: Asked, name: str) -> str | None:
        said = value_of(asked.fields, name)
        return asked.query.get(name) if said is None else said

    def _is_signature(self, given: str, body: bytes) -> bool:
        expected = hmac.digest(self.secret.encode(), body, hashlib.sha256)
        text = given.removeprefix(self.prefix)
        try:
            if self.encoding == "base64":
                found = base64.b64decode(text, validate=True)
            else:
                found = bytes.fromhex(text)
        except (binascii.Error, ValueError):
            found = b""
        return given.startswith(self.prefix) and hmac.compare_digest(found, expected)


def value_of(fields: Fields, path: str) -> str | None:
    """Return the text or number under a name, else along a path (`data.phones.0`); None if none."""
    found: object = fields.get(path)
    if found is None:
        found = fields
        for step in path.split("."):
            found = _step(found, step)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = str(found).strip()
    return text if 0 < len(text) <= MAX_VALUE else None


def _step(value: object, step: str) -> object:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes) and step.isdecimal():
        place = int(step[:6])
        return value[place] if place < len(value) else None
    return None
