"""What `filodiretto check` says about one thing it looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is; `failed` makes the command exit with 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the table: what was looked at, what was found, what to do about it."""

    subject: str
    verdict: Verdict
    cause: str
    remedy: str = ""
