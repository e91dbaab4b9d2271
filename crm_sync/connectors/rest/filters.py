"""What templates can do with a value: times, lengths, digests and encodings."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from jinja2 import Undefined

from crm_sync.connectors.rest.prepared import Null, as_json

TIME_FILTERS: Final = frozenset({"when", "utc", "iso", "unix", "plus"})
_ISO_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class NoTimeError(ValueError):
    """A filter for times was given something that is none."""


def time_filters(zone: tzinfo) -> Mapping[str, Callable[..., object]]:
    """Return the filters for times; a day is its midnight in `zone`, what is absent stays so."""

    def when(value: object, form: str = "%Y-%m-%d %H:%M:%S") -> str | None:
        at = _moment(value, zone)
        return at.strftime(form) if at is not None else None

    def utc(value: object, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str | None:
        at = _moment(value, zone)
        return at.astimezone(UTC).strftime(form) if at is not None else None

    def iso(value: object) -> str | None:
        at = _moment(value, zone)
        return at.isoformat(timespec="seconds") if at is not None else None

    def unix(value: object, factor: int = 1) -> int | None:
        at = _moment(value, zone)
        return int(at.timestamp() * factor) if at is not None else None

    def plus(value: object, seconds: float) -> datetime | None:
        at = _moment(value, zone)
        return at + timedelta(seconds=seconds) if at is not None else None

    return {"when": when, "utc": utc, "iso": iso, "unix": unix, "plus": plus}


def _moment(value: object, zone: tzinfo) -> datetime | None:
    """Return a time, None for an absent one; texts are days and times as ISO 8601 writes them."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _ISO_DAY.match(value):
        try:
            at = datetime.fromisoformat(value)
        except ValueError as error:
            raise NoTimeError from error
        return at if at.tzinfo is not None else at.replace(tzinfo=zone)
    if value is None or value == "" or isinstance(value, Undefined | Null):
        return None
    raise NoTimeError


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
