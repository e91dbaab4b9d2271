"""What was refused or failed at a PBX, as problem details that say cause and remedy."""

from typing import Final

from gateway.core.dialable import DeniedError
from gateway.core.errors import (
    AmbiguousError,
    AuthError,
    FilodirettoError,
    NotPossibleError,
    RejectedError,
    StoreError,
    TransientError,
    UsageError,
)
from gateway.desk.refusals import (
    ForbiddenError,
    KeyReusedError,
    LimitError,
    NotFoundError,
    NotNowError,
)
from gateway.web.problems import Problem

RETRY_S: Final = "5"

# The special before the general.
_STATUS: Final[tuple[tuple[type[FilodirettoError], int, str | None], ...]] = (
    (DeniedError, 403, "number-denied"),
    (NotFoundError, 404, None),
    (ForbiddenError, 403, None),
    (NotNowError, 409, "not-now"),
    (LimitError, 429, "too-many-calls"),
    (KeyReusedError, 422, "key-reused"),
    (UsageError, 422, None),
    (NotPossibleError, 501, None),
    (AuthError, 501, None),
    (RejectedError, 409, "pbx-refused"),
    (AmbiguousError, 504, "outcome-unknown"),
    (TransientError, 503, None),
)


def problem_of(error: FilodirettoError) -> Problem:
    """Return the answer to what was raised; a StoreError is raised again for the guard."""
    if isinstance(error, StoreError):
        raise error
    for kind, status, slug in _STATUS:
        if isinstance(error, kind):
            headers = {}
            if isinstance(error, LimitError):
                headers["Retry-After"] = str(round(error.retry_after_s))
            elif isinstance(error, TransientError):
                headers["Retry-After"] = RETRY_S
            detail = f"{error.message} {error.remedy}".strip()
            return Problem(status, detail, slug=slug, headers=headers)
    raise error
