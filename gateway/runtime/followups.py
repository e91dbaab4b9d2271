"""What comes after a call: whose it was, wrap-ups, customers to call back, promises."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Final

from gateway.core.calendars import NO_CALENDARS, CalendarBook
from gateway.core.events import CallEvent
from gateway.core.ports import Clock, Effect
from gateway.desk.followups import FollowUps
from gateway.desk.hub import Hub
from gateway.desk.missed import MissedDesk
from gateway.desk.promises import PromiseDesk
from gateway.desk.roster import Roster
from gateway.runtime.giving import Giving
from gateway.runtime.settings import Settings
from gateway.runtime.wrapping import WrapUps
from gateway.store.database import Database

# Six, for the keys 1 to 6.
DISPOSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "it": (
        "Risolto",
        "Da seguire",
        "Reclamo",
        "Informazione",
        "Passata ad altri",
        "Non pertinente",
    ),
    "en": (
        "Resolved",
        "To follow up",
        "Complaint",
        "Information",
        "Passed on",
        "Not relevant",
    ),
}

Part = Callable[[], Awaitable[None]]


class FollowUpSide:
    """`follow_ups` is for the web part, `observe` hears every call event, `parts` have to run."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        hub: Hub,
        roster: Roster,
        dispositions: Sequence[str],
        effects: Callable[[CallEvent], Sequence[Effect]],
        on_effects: Callable[[], None],
        calendars: CalendarBook = NO_CALENDARS,
    ) -> None:
        self._wrap_ups = WrapUps(
            db,
            hub,
            roster,
            clock,
            dispositions=dispositions,
            effects=effects,
            on_effects=on_effects,
        )
        self._missed = MissedDesk(db, hub, roster, clock, calendars)
        self._promises = PromiseDesk(db, hub, roster, clock, calendars)
        self.follow_ups: Final = FollowUps(
            wrap_ups=self._wrap_ups,
            giving=Giving(db, clock, effects=effects, on_effects=on_effects),
            missed=self._missed,
            promises=self._promises,
            calendars=calendars,
        )
        self.observe: Final = self._wrap_ups.observe

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Yield what has to run, by name."""
        yield "missed", self._missed.run
        yield "promises", self._promises.run


def dispositions_of(settings: Settings) -> tuple[str, ...]:
    """Return the words an agent may choose from: those configured, else those of the language."""
    return settings.dispositions or DISPOSITIONS[settings.gateway.language]
