"""The account that a trunk registers: who, where, and how a challenge is answered."""

import secrets
import uuid
from dataclasses import dataclass
from typing import Final

from adapters.sip.digest import Challenge, authorization

_NAMESPACE: Final = uuid.UUID("5d1f5f5e-6d2c-5f0e-9a1b-0d6f3c1c7a51")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What is registered, from where; `login` is who signs in."""

    server: str
    port: int
    username: str
    login: str
    password: str
    own_ip: str
    own_port: int
    expires_s: int

    @property
    def instance(self) -> str:
        """Return the name by which the registrar knows us again after a restart (RFC 5626)."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.username}@{self.server}")).upper()

    @property
    def line(self) -> str:
        """Return what marks our contacts where an instance is not kept: a URI parameter."""
        return self.instance.replace("-", "")[:16].lower()

    def authorization(self, challenge: Challenge, uri: str) -> str:
        """Return what answers a challenge to REGISTER."""
        return authorization(
            challenge,
            method="REGISTER",
            uri=uri,
            username=self.login,
            password=self.password,
            cnonce=secrets.token_hex(8),
        )
