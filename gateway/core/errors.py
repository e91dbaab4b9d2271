"""Every error the product raises on purpose.

    FilodirettoError
    ├── ConfigError           the configuration file is wrong: key, cause, remedy
    ├── UsageError            a command or request asks for something that cannot be
    ├── StoreError            the database refused or is unreachable
    ├── PeerProtocolError     the other side sent what its protocol does not allow
    └── AdapterError          something outside failed: adapter, retryable, retry_after_s
        ├── TransientError    certainly not done; will work later
        ├── AuthError         credentials or rights refused
        ├── RejectedError     understood and refused for good (poison)
        │   └── NotPossibleError  PBX or phone cannot do this at all
        └── AmbiguousError    sent, but nobody knows whether it was done

Messages are static and say the remedy; the facts are attributes; neither holds personal data.
"""

from enum import StrEnum
from typing import ClassVar


class FilodirettoError(Exception):
    """Root of the tree; catch it where any deliberate failure is shown to a person."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ConfigError(FilodirettoError):
    """The configuration is wrong; `where` is the dotted key, `remedy` what to write instead."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.where = where


class UsageError(FilodirettoError):
    """The caller asked for something that cannot be; nothing was changed."""


class StoreCause(StrEnum):
    """Why the store refused, for programs; the message says it for people."""

    FULL = "full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    IO = "io"
    UNREACHABLE = "unreachable"
    SCHEMA = "schema"
    CONFLICT = "conflict"
    OVERLOADED = "overloaded"
    CLOSED = "closed"
    OTHER = "other"


class StoreError(FilodirettoError):
    """The database refused or is unreachable; what was not acknowledged was not stored.

    `detail` is the driver's own name of the failure, never a value from the data.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        cause: StoreCause = StoreCause.OTHER,
        detail: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.cause = cause
        self.detail = detail


class PeerProtocolError(FilodirettoError):
    """The peer broke its own protocol (an endless frame, too many headers)."""


class AdapterError(FilodirettoError):
    """A system outside failed. `retry_after_s` is its own wish, None if it has none."""

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        adapter: str,
        remedy: str = "",
        retry_after_s: float | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.adapter = adapter
        self.retry_after_s = retry_after_s
        self.detail = detail


class TransientError(AdapterError):
    """Certainly not done (refused connection, 429, 503): try again later."""

    retryable = True


class AuthError(AdapterError):
    """The peer refused who we are or what we may do; retrying as is will not help."""


class RejectedError(AdapterError):
    """The peer understood and refused; the same request will never succeed."""


class NotPossibleError(RejectedError):
    """This PBX or phone cannot do it; the message says what is missing."""


class AmbiguousError(AdapterError):
    """The request went out and no validated answer came back: it may have been done."""

    retryable = True
