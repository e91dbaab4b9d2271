"""The call table: the PBX's events in, what happened to calls out (DESIGN section 3)."""

from collections.abc import Iterable
from datetime import datetime

from gateway.core.events import Output
from gateway.core.ids import CallId
from gateway.core.inputs import Input
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord


class CallTable:
    """Follows the calls of one PBX; equal inputs give equal outputs, and no input raises."""

    def __init__(self, pbx: str, plan: NumberPlan) -> None:
        self.pbx = pbx
        self._plan = plan

    def apply(self, item: Input) -> tuple[Output, ...]:
        """Return what `item` means for the calls that are up."""
        return ()

    def next_deadline(self) -> datetime | None:
        """Return when the next Tick is due, None if nothing waits for time to pass."""
        return None

    def live(self) -> tuple[CallRecord, ...]:
        """Return the records of all calls that are up."""
        return ()

    def record(self, call: CallId) -> CallRecord | None:
        """Return a call's record while the table knows it."""
        return None

    def dump(self, call: CallId) -> bytes:
        """Return a call's state for `restore`; b"" if the table does not know the call."""
        return b""

    def restore(self, states: Iterable[bytes]) -> None:
        """Take over the calls of an earlier run; the next Snapshot says which are still up."""
