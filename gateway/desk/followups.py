"""The parts of the desk that see to what comes after a call, as the web part is given them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.record import CallRecord
from gateway.desk.missed import MissedDesk
from gateway.desk.promises import PromiseDesk
from gateway.store.sight import Sight


class WrapUpDesk(Protocol):
    """Takes what agents say of calls; the CRMs hear of it in the same transaction."""

    @property
    def dispositions(self) -> Sequence[str]:
        """The words an agent may choose from."""

    async def say(
        self,
        call_id: CallId,
        *,
        login: str,
        disposition: str | None,
        note: str | None,
        visible_to: Sight | str | None,
    ) -> CallRecord:
        """Store it and return the record; raises UsageError, NotFoundError, ForbiddenError."""


class GivingDesk(Protocol):
    """Gives an ended call to whom a person names; the CRMs hear of it in the same transaction."""

    async def give(
        self,
        call_id: CallId,
        result: MatchResult,
        *,
        number: str | None = None,
        visible_to: Sight | None = None,
    ) -> CallRecord | None:
        """Store it and return the record; None for a call that cannot be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """What agents said, who waits, what was promised, and when somebody is there to see to it."""

    wrap_ups: WrapUpDesk
    giving: GivingDesk
    missed: MissedDesk
    promises: PromiseDesk
    calendars: CalendarBook = NO_CALENDARS
