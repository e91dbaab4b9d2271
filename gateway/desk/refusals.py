"""Why something a person asks for is not done, apart from what the PBX itself says."""

from gateway.core.errors import UsageError


class NotFoundError(UsageError):
    """There is no such call, queue or phone, or it is not this person's to know of."""


class ForbiddenError(UsageError):
    """It exists, but this person may not do this with it."""


class NotNowError(UsageError):
    """It exists, but not in a state in which this can be done."""


class LimitError(UsageError):
    """Too often; after `retry_after_s` it may be tried again."""

    def __init__(self, message: str, *, remedy: str = "", retry_after_s: float) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class KeyReusedError(UsageError):
    """The same Idempotency-Key came with another request."""


def no_pbx() -> NotFoundError:
    """Return: the PBX named is not configured, or not for control."""
    return NotFoundError(
        "There is no such PBX, or it is not configured for call control.",
        remedy="Name one of the configured PBXs.",
    )
