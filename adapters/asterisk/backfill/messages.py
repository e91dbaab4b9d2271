"""What the daemon and its reading child process say to each other, framed and pickled.

Both ends are this program: the child runs nothing but this package, and speaks to nobody else.
"""

import pickle
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import ConfigError, FilodirettoError, TransientError
from gateway.core.numbers import NumberPlan
from gateway.core.ports import Recalled

LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to read: calls that ended after `mark`, and all of `open_calls` (linkedids)."""

    settings: AsteriskSettings
    plan: NumberPlan
    mark: datetime
    open_calls: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some calls."""

    calls: tuple[Recalled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOff:
    """The rows of a table (`cel`, `cdr`) are written in another zone than is configured."""

    table: str
    off: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Reading failed for a reason we know; `where` is the key of a wrong configuration."""

    message: str
    remedy: str
    where: str = ""
    detail: str = ""

    @classmethod
    def of(cls, error: FilodirettoError) -> "Trouble":
        """Tell of an error."""
        return cls(
            message=error.message,
            remedy=error.remedy,
            where=getattr(error, "where", ""),
            detail=getattr(error, "detail", ""),
        )

    def error(self) -> FilodirettoError:
        """Return the error that was told of."""
        if self.where:
            return ConfigError(self.message, where=self.where, remedy=self.remedy)
        return TransientError(
            self.message, adapter="asterisk", remedy=self.remedy, detail=self.detail
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Everything was read."""


Told = Page | ZoneOff | Trouble | Done


def framed(message: Wanted | Told) -> bytes:
    """Return a message as it goes through a pipe."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def wanted(body: bytes) -> Wanted:
    """Read what the daemon wrote."""
    message = pickle.loads(body)  # noqa: S301 - written by our own parent process
    if not isinstance(message, Wanted):
        raise TypeError("this is no request")
    return message


def told(body: bytes) -> Told:
    """Read what the child wrote."""
    message = pickle.loads(body)  # noqa: S301 - written by our own child process
    if not isinstance(message, Told):
        raise TypeError("this is no answer")
    return message
