"""The parts of the desk that see to what comes after a call, as the web part is given them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.ids import CallId
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """What agents said, who waits, what was promised, and when somebody is there to see to it."""

    wrap_ups: WrapUpDesk
    missed: MissedDesk
    promises: PromiseDesk
    calendars: CalendarBook = NO_CALENDARS
