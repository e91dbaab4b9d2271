"""What templates can do with a value: times, lengths, digests and encodings."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from crm_sync.connectors.rest.prepared import as_json


def _when(value: object, form: str = "%Y-%m-%d %H:%M:%S") -> str | None:
    """Write a time in the zone of the CRM."""
    return value.strftime(form) if isinstance(value, datetime) else None


def _utc(value: object, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str | None:
    return value.astimezone(UTC).strftime(form) if isinstance(value, datetime) else None


def _iso(value: object) -> str | None:
    """Write a time in the zone of the CRM with its offset: 2026-10-03T10:30:00+02:00."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else None


def _unix(value: object, factor: int = 1) -> int | None:
    return int(value.timestamp() * factor) if isinstance(value, datetime) else None


def _plus(value: object, seconds: float) -> object:
    """Move a time."""
    return value + timedelta(seconds=seconds) if isinstance(value, datetime) else None


def _length(form: Callable[[int], str | int]) -> Callable[[object], str | int | None]:
    """Return a filter for lengths in seconds, which leaves out what is none."""

    def written(value: object) -> str | int | None:
        return form(int(value)) if isinstance(value, int | float) else None

    return written


def _up(seconds: int) -> int:
    """Return whole minutes, rounded up: a call of some seconds was not none."""
    return -(-seconds // 60)


def _iso_length(seconds: int) -> str:
    return f"PT{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}S"


def _digest(name: str) -> Callable[[object], str]:
    return lambda value: hashlib.new(name, str(value).encode(), usedforsecurity=False).hexdigest()


def _hmac(value: object, key: object, name: str = "sha256") -> str:
    return hmac.new(str(key).encode(), str(value).encode(), name).hexdigest()


def _quoted(value: object) -> str:
    """Escape text for a query language that escapes quotes with a backslash."""
    return re.sub(r"([\\'\"])", r"\\\1", str(value))


def _doubled(value: object) -> str:
    """Escape text for SQL and OData: quotes are doubled."""
    return str(value).replace("'", "''").replace('"', '""')


def _base64url(value: object, *, padded: bool = True) -> str:
    text = base64.urlsafe_b64encode(str(value).encode()).decode()
    return text if padded else text.rstrip("=")


FILTERS: Final[Mapping[str, Callable[..., object]]] = {
    "when": _when,
    "utc": _utc,
    "iso": _iso,
    "unix": _unix,
    "plus": _plus,
    "clock": _length(lambda s: f"{_up(s) // 60:02d}:{_up(s) % 60:02d}"),
    "minutes": _length(lambda s: f"{s // 60:02d}:{s % 60:02d}"),
    "hms": _length(lambda s: f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}"),
    "whole_minutes": _length(_up),
    "iso_length": _length(_iso_length),
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
    "hmac": _hmac,
    "base64": lambda value: base64.b64encode(str(value).encode()).decode(),
    "base64url": _base64url,
    "tojson": lambda value: as_json(value).decode(),
    "last": lambda value, count: str(value)[-count:] if isinstance(value, str) else None,
    "quoted": _quoted,
    "doubled": _doubled,
}
