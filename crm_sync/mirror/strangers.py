"""Callers whom the directory does not know: each is had looked up once, when they ring."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from gateway.core.errors import FilodirettoError
from gateway.core.events import CallEvent
from gateway.core.matching import MatchResult, look_up_key
from gateway.core.numbers import PhoneNumber
from gateway.core.record import CallState, Direction, MatchKind
from gateway.desk.matcher import outside_party

REMEMBERED: Final = 2_000


class Strangers:
    """Hears the events of calls, after the desk.

    `find` asks the directory, `ask` the CRMs, `own` names the line of a number of ours.
    """

    def __init__(
        self,
        find: Callable[[PhoneNumber], MatchResult],
        ask: Callable[[str], None],
        own: Callable[[str], str | None],
    ) -> None:
        self._find = find
        self._ask = ask
        self._own = own
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def observe(self, event: CallEvent) -> None:
        """Have the outside party of a live call looked up if nobody knows them; never raises.

        Costs one look into the directory for each call. Not for withheld, short, own and ignored
        numbers, nor where several have the number: the directory knows them.
        """
        record = event.record
        if record.direction is Direction.INTERNAL or record.state is not CallState.LIVE:
            return
        if record.contact is not None:
            return
        number = outside_party(record)
        e164 = look_up_key(number) if number is not None else None
        if number is None or e164 is None or self._own(e164) is not None:
            return
        if not self._is_new(str(record.id), e164):
            return
        try:
            result = self._find(number)
        except FilodirettoError:  # busy for a moment: the next call asks
            return
        if result.kind is MatchKind.NONE and result.ignored is None:
            self._ask(e164)

    def _is_new(self, call: str, e164: str) -> bool:
        if (call, e164) in self._seen:
            return False
        self._seen[call, e164] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
