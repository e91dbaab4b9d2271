"""Where a walk through a CRM's people stands, as the text that the mirror keeps."""

from collections.abc import Mapping

import orjson

from gateway.core.errors import RejectedError


def write_cursor(place: Mapping[str, str]) -> str:
    """Return the cursor's text."""
    return orjson.dumps(place).decode()


def read_cursor(text: str, *, adapter: str) -> dict[str, str]:
    """Return what `write_cursor` wrote; RejectedError for anything else."""
    try:
        place = orjson.loads(text)
    except orjson.JSONDecodeError:
        place = None
    if not isinstance(place, dict) or not all(isinstance(one, str) for one in place.values()):
        raise RejectedError(
            "The mark up to which this CRM was mirrored is not readable.",
            adapter=adapter,
            remedy="Nothing to do: everything is gone through anew.",
        )
    return place
