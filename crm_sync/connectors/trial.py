"""What a connector shows of its talk with a CRM when an administrator tries it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from gateway.core.ports import Clock, HttpClient
from gateway.core.record import CallRecord
from gateway.core.writing import WritePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer as text, secrets masked; `answer` is "" if it was not sent."""

    step: str
    request: str
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was exchanged up to the end or the first failure; `cause` is "" if all went well."""

    exchanges: Sequence[Exchange]
    result: str = ""
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One more effect to show the requests of, under the name `step`: a missed call's task."""

    step: str
    record: CallRecord
    plan: WritePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What is allowed in a description and yet is likely a mistake."""

    cause: str
    remedy: str


@runtime_checkable
class Cautious(Protocol):
    """A connector plugin that can say what is doubtful in a valid table."""

    def cautions(self, settings: BaseModel) -> Sequence[Caution]:
        """Return what `filodiretto check` warns of; nothing is asked."""


@runtime_checkable
class Triable(Protocol):
    """A connector plugin that can show sign-in, search and the request it would write with."""

    async def try_out(
        self,
        settings: BaseModel,
        http: HttpClient,
        clock: Clock,
        record: CallRecord,
        samples: Sequence[Sample] = (),
    ) -> Trial:
        """Sign in and search for the outside party of `record`; write nothing.

        `samples` are of the same party.
        """
