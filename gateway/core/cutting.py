"""Ending a connection at once, on every Python that we run on."""

from contextlib import suppress
from typing import Protocol


class Cuttable(Protocol):
    """A transport of asyncio's."""

    def abort(self) -> None:
        """Close without waiting for what is not sent yet."""


def cut(transport: Cuttable) -> None:
    """End a connection without sending what is still to be sent; nothing if it is over.

    In Python 3.11.2, Debian 12's, a TLS transport that was closed twice raises AttributeError when
    it is aborted (as in https://github.com/elastic/rally/issues/1714); later ones do nothing.
    """
    with suppress(AttributeError):
        transport.abort()
