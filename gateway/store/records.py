"""Call records as JSON text, the form in which calls and effects keep them."""

import orjson

from gateway.core.record import CallRecord, from_json, to_json

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
