"""Call records as JSON text, the form in which calls and effects keep them."""

import orjson

from gateway.core.record import CallRecord, to_json
from gateway.core.record_reading import from_json

# An event's row and its effects keep the same record: encode it once.
_last: tuple[CallRecord, str] | None = None


def encode(record: CallRecord) -> str:
    """Return the public JSON of a record as text."""
    global _last  # noqa: PLW0603 (a cache of one, replaced in one step)
    last = _last
    if last is not None and last[0] is record:
        return last[1]
    written = orjson.dumps(to_json(record)).decode()
    _last = (record, written)
    return written


def decode(written: str) -> CallRecord:
    """Read what `encode` wrote."""
    return from_json(orjson.loads(written))


def decode_if_readable(written: str | None) -> CallRecord | None:
    """Read what `encode` wrote; None for a payload that was erased, damaged or is of another age.

    For rows of which one poisoned must not hide the others.
    """
    if written is None:
        return None
    try:
        return decode(written)
    except (ValueError, KeyError, TypeError):
        return None
