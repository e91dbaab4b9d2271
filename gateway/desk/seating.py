"""Cards follow their phones: somebody sits down at one that rings or talks, or leaves it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.events import CloseReason
from gateway.desk.tracked import Calls, Pop, Tracked

Owners = Callable[[Tracked, str], Sequence[str]]


class Send(Protocol):
    """Sends one frame about a pop to some users and returns its seq by user."""

    def __call__(
        self,
        users: Sequence[str],
        event_type: str,
        tracked: Tracked,
        pop: Pop,
        *,
        reason: CloseReason | None = None,
    ) -> Mapping[str, int]:
        """Send it."""


def seat(calls: Calls, owners: Owners, send: Send, at: datetime) -> list[Tracked]:
    """Show the cards of live calls to those whose phones have them now, and to nobody else.

    Call it whenever it may have changed whose phone is whose; it tells only what is different, and
    returns the calls that somebody came to.
    """
    joined = []
    for tracked in calls.live():
        for pop in tracked.pops.values():
            here = owners(tracked, pop.extension)
            left = [user for user in pop.offered if user not in here]
            came = [user for user in here if user not in pop.offered]
            if left or came:
                tracked.at = max(tracked.at, at)
                _move(tracked, pop, send, left=left, came=came)
            if came:
                joined.append(tracked)
    return joined


def _move(tracked: Tracked, pop: Pop, send: Send, *, left: list[str], came: list[str]) -> None:
    send(left, "pop.closed", tracked, pop, reason=CloseReason.TRANSFERRED)
    kept = {user: seq for user, seq in pop.offered.items() if user not in left}
    pop.offered = {**kept, **send(came, "pop.offered", tracked, pop)}
    pop.answered = {user: seq for user, seq in pop.answered.items() if user not in left}
    if pop.answered_at is not None:
        pop.answered = {**pop.answered, **send(came, "pop.answered", tracked, pop)}
