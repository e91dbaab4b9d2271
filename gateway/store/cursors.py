"""Where a list goes on: opaque to clients, plain to us, refused if it is not one of ours."""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from gateway.core.errors import UsageError

MAX_NUMBER: Final = 2**63 - 1


class CursorError(UsageError):
    """The cursor is not one that this list returned."""


def write_cursor(*parts: int | str) -> str:
    """Return a cursor of what tells the last item of a page from all others."""
    plain = "\n".join(str(part) for part in parts)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type[int] | type[str]) -> Sequence[int | str]:
    """Return the parts that `write_cursor` got, of these kinds; raises CursorError otherwise."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("\n")
        read = [kind(part) for kind, part in zip(kinds, parts, strict=True)]
    except (ValueError, binascii.Error) as error:
        raise bad_cursor() from error
    if any(isinstance(part, int) and not 0 <= part <= MAX_NUMBER for part in read):
        raise bad_cursor()
    if any(isinstance(part, str) and "\0" in part for part in read):
        raise bad_cursor()
    return read


def bad_cursor() -> CursorError:
    """Return the error to raise for a cursor of another list."""
    return CursorError(
        "The cursor is not one that this list returned.", remedy="Start again without a cursor."
    )
