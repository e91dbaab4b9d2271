"""What was refused or failed, as problem details that say cause and remedy."""

from typing import Final

from gateway.core.dialable import DeniedError
from gateway.core.errors import (
    AmbiguousError,
    AuthError,
    FilodirettoError,
    NotPossibleError,
    RejectedError,
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
from gateway.store.cursors import CursorError
from gateway.web.problems import (
    BAD_CURSOR,
    FORBIDDEN,
    INVALID,
    KEY_REUSED,
    NOT_FOUND,
    NOT_POSSIBLE,
    UNAVAILABLE,
    Problem,
    ProblemKind,
)

RETRY_S: Final = "5"

NUMBER_DENIED: Final = ProblemKind(
    slug="number-denied",
    status=403,
    title="This number may not be dialled",
    detail="The administrator's rules do not let this number be dialled by a click.",
)
NOT_NOW: Final = ProblemKind(
    slug="not-now",
    status=409,
    title="Not at this moment",
    detail="It exists, but not in a state in which this can be done.",
)
PBX_REFUSED: Final = ProblemKind(
    slug="pbx-refused",
    status=409,
    title="The PBX refused",
    detail="The PBX understood the request and refused it.",
)
TOO_MANY_CALLS: Final = ProblemKind(
    slug="too-many-calls",
    status=429,
    title="Too many calls",
    detail="One person may start only so many calls a minute; wait as long as Retry-After says.",
)
OUTCOME_UNKNOWN: Final = ProblemKind(
    slug="outcome-unknown",
    status=504,
    title="Nobody knows whether it was done",
    detail="The request went out and no answer came back. Look before you ask again.",
)
# What asking something of a PBX may be answered with.
PBX_PROBLEMS: Final = (
    FORBIDDEN,
    NOT_FOUND,
    NOT_NOW,
    PBX_REFUSED,
    INVALID,
    KEY_REUSED,
    NOT_POSSIBLE,
    UNAVAILABLE,
    OUTCOME_UNKNOWN,
)

# The special before the general.
_KINDS: Final[tuple[tuple[type[FilodirettoError], ProblemKind], ...]] = (
    (DeniedError, NUMBER_DENIED),
    (NotFoundError, NOT_FOUND),
    (ForbiddenError, FORBIDDEN),
    (NotNowError, NOT_NOW),
    (LimitError, TOO_MANY_CALLS),
    (KeyReusedError, KEY_REUSED),
    (CursorError, BAD_CURSOR),
    (UsageError, INVALID),
    (NotPossibleError, NOT_POSSIBLE),
    (AuthError, NOT_POSSIBLE),
    (RejectedError, PBX_REFUSED),
    (AmbiguousError, OUTCOME_UNKNOWN),
    (TransientError, UNAVAILABLE),
)


def problem_of(error: Exception) -> Problem | None:
    """Return the answer to what was raised on purpose; None if no request can be the reason."""
    for kind, answered in _KINDS:
        if isinstance(error, kind):
            headers = {}
            if isinstance(error, LimitError):
                headers["Retry-After"] = str(round(error.retry_after_s))
            elif isinstance(error, TransientError):
                headers["Retry-After"] = RETRY_S
            return Problem(answered, f"{error.message} {error.remedy}".strip(), headers=headers)
    return None
