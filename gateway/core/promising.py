"""What becomes of a promised call-back: kept in time, broken when its time passes. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.core.history import Promise, PromiseState

# A call back so soon after the time promised is still in time.
TOLERANCE: Final = timedelta(minutes=15)


def fallen_due(promise: Promise, now: datetime) -> Promise:
    """Return the promise as it is at `now` if nobody has been in touch."""
    if promise.state is PromiseState.OPEN and now >= promise.due_at:
        return replace(promise, state=PromiseState.BROKEN)
    return promise


def after_talk(promise: Promise, *, at: datetime, call: str) -> Promise:
    """Return the promise after we and the customer talked in `call` from `at` on.

    Whoever called whom: what they wanted to hear was said. The call in which it was made does not
    settle it, nor one that was going on then. In time, or up to `TOLERANCE` late, it is kept;
    later it stays broken, but nothing is left to do.
    """
    if not promise.is_to_do or at <= promise.made_at or call == promise.made_in:
        return promise
    in_time = at <= promise.due_at + TOLERANCE
    state = PromiseState.KEPT if in_time else PromiseState.BROKEN
    return replace(promise, state=state, settled_at=at, settled_by=call)
