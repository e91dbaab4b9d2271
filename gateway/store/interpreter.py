"""How long a thread may keep the interpreter that the event loop's thread waits for."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# The loop's thread gives the interpreter up at every read of a socket or of the directory. Beside a
# thread that computes (an import, a list, the past of a customer) it has it back after so long;
# with Python's own 5 ms it would wait that long, each time.
SHORT_S: Final = 0.0002
# The facts of calls are stored in many short steps between which a thread gives it up by itself: to
# push it away in the middle of one only costs both of them a change of threads.
USUAL_S: Final = 0.001


class _Turns:
    """Counts the works of other threads that somebody waits for."""

    def __init__(self) -> None:
        self._works = 0
        self._before = USUAL_S

    def begin(self) -> None:
        """Make turns short from the first work on."""
        if not self._works:
            self._before = sys.getswitchinterval()
            sys.setswitchinterval(min(SHORT_S, self._before))
        self._works += 1

    def end(self) -> None:
        """Make turns as long as before when no work is left."""
        self._works -= 1
        if not self._works:
            sys.setswitchinterval(self._before)


_turns: Final = _Turns()


@contextmanager
def short_turns() -> Iterator[None]:
    """Share the interpreter in short turns while a thread works for whoever waits inside.

    Only for the event loop's thread: `with short_turns(): await loop.run_in_executor(…)`.
    """
    _turns.begin()
    try:
        yield
    finally:
        _turns.end()
