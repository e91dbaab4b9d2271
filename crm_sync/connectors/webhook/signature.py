"""Standard Webhooks signatures: made for what we send, verified by whoever receives it.

Source: the Standard Webhooks specification 1.0, "Signature scheme" (symmetric, `v1`).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from gateway.core.errors import ConfigError, PeerProtocolError

PREFIX: Final = "whsec_"
TOLERANCE: Final = timedelta(minutes=5)
_SHORTEST: Final = 24
_LONGEST: Final = 64


def key_of(secret: str, *, where: str = "secret") -> bytes:
    """Return the key inside `whsec_…`; ConfigError if it is no such secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise ConfigError(
            "The webhook secret is not one of Standard Webhooks.",
            where=where,
            remedy='Make one: echo "whsec_$(head -c 32 /dev/urandom | base64)"',
        )
    return key


def sign(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the value of `webhook-signature` for a message sent at `timestamp` (Unix seconds)."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime | None = None
) -> dict[str, Any]:
    """Return the message if it is signed with `secret`; with `now`, also refuse an old one.

    `headers` may be written in any case. Raises PeerProtocolError if a header is missing, no
    signature fits, the time is more than 5 minutes off, or the body is no JSON object.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        raise PeerProtocolError("The webhook headers are missing.")
    expected = sign(key_of(secret), message_id=message_id, timestamp=int(timestamp), body=body)
    given = lower.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise PeerProtocolError("The webhook signature does not fit.", remedy="Check the secret.")
    sent = datetime.fromtimestamp(int(timestamp), UTC)
    if now is not None and abs(now - sent) > TOLERANCE:
        raise PeerProtocolError("The webhook is too old.", remedy="Check the clocks.")
    return _message(body)


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PeerProtocolError("The webhook body is not JSON.") from error
    if not isinstance(message, dict):
        raise PeerProtocolError("The webhook body is not a JSON object.")
    return message
