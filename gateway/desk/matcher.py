"""Who the outside party is: asked once per number, and asked again later if nobody could say."""

from collections.abc import Callable
from typing import Final

import structlog

from gateway.core.errors import StoreError
from gateway.core.ids import CallId
from gateway.core.matching import MatchResult
from gateway.core.numbers import PhoneNumber
from gateway.core.record import Called, CallRecord, Direction, MatchKind, Party, Presentation
from gateway.core.written import extension_behind
from gateway.desk.tracked import Tracked
from gateway.store.mirror import MirrorBusy

log = structlog.get_logger(__name__)

Find = Callable[[PhoneNumber], MatchResult]
Tell = Callable[[MatchResult], None]
Later = Callable[[PhoneNumber, Tell], None]
Late = tuple[PhoneNumber, MatchResult]
Found = Callable[[CallId, PhoneNumber, MatchResult], None]

UNKNOWN: Final = MatchResult(kind=MatchKind.NONE)


def parties(record: CallRecord) -> tuple[Direction, Party, Called]:
    """Return all that the outside party is read from, which costs more than to compare this."""
    return record.direction, record.caller, record.called


def outside_party(record: CallRecord) -> PhoneNumber | None:
    """Return the number of the customer; None inside the house.

    The caller of an inbound call, the number called of an outbound one.
    """
    match record.direction:
        case Direction.INBOUND:
            caller = record.caller
            behind = extension_behind(caller.number) if caller.number else None
            return PhoneNumber(caller.number, caller.e164, caller.presentation, behind)
        case Direction.OUTBOUND:
            called = record.called
            behind = extension_behind(called.number) if called.number else None
            return PhoneNumber(called.number, called.e164, Presentation.ALLOWED, behind)
        case Direction.INTERNAL:
            return None


class Matcher:
    """Fills in `Tracked.result`; the directory may be busy or broken, the pop goes out anyway."""

    def __init__(self, find: Find, later: Later | None) -> None:
        self._find = find
        self._later = later

    def match(self, tracked: Tracked, found: Found) -> None:
        """Look the outside party up if it is new; `found` is told when the answer comes later."""
        number = outside_party(tracked.record)
        if number is None or number == tracked.number or tracked.chosen:
            return
        tracked.number, tracked.pending = number, False
        tracked.result = self._ask(tracked)
        if tracked.pending and self._later is not None:
            call = tracked.record.id
            self._later(number, lambda result: found(call, number, result))

    def retry(self, tracked: Tracked) -> None:
        """Ask once more, without waiting, if the answer is still missing."""
        if tracked.pending:
            tracked.pending = False
            tracked.result = self._ask(tracked)

    def again(self, tracked: Tracked, late: Late | None = None) -> bool:
        """Ask anew after the directory has changed; True if the answer is another.

        Raises MirrorBusy if it cannot say now; `late` is its answer, which came later.
        """
        number = tracked.number
        if number is None or tracked.pending or tracked.chosen:
            return False
        if late is not None and late[0] != number:
            return False
        try:
            found = self._find(number) if late is None else late[1]
        except StoreError:  # what was known stays
            return False
        changed, tracked.result = found != tracked.result, found
        return changed

    def _ask(self, tracked: Tracked) -> MatchResult:
        number = tracked.number
        if number is None:
            return UNKNOWN
        try:
            return self._find(number)
        except (MirrorBusy, StoreError):  # busy for a moment, or gone for longer: `later` will know
            tracked.pending = True
        except Exception:  # a broken directory must not cost anybody the pop
            log.exception("desk.match_failed", call_id=str(tracked.record.id))
        return UNKNOWN
