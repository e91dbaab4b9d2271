"""How the interpreter is set up for one event loop that must not wait, beside threads that may."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Final

from gateway.core.numbering import warm_all
from gateway.store.interpreter import USUAL_S

# Garbage that nothing refers to goes at once; looking for the rest, which refers to itself, walks
# through all that is young (a millisecond or two for so many objects), or through everything: 80 ms
# with 500 pages. That is left to `Tidying`. What was found in use once is not looked at again: with
# a second look at the same number of objects, the looks took nearly twice the time.
YOUNG: Final = 2_500
NEVER: Final = 1_000_000

LOOK_EVERY_S: Final = 60.0
LEAST_S: Final = 3_600.0
MOST_S: Final = 86_400.0


def put_off_tidying() -> None:
    """Look for no garbage until `tune`: a start makes very many objects, nearly all to stay."""
    gc.disable()


def tune() -> None:
    """Prepare the process once everything is open; what is there by now is not garbage."""
    sys.setswitchinterval(USUAL_S)
    gc.freeze()
    gc.set_threshold(YOUNG, NEVER, NEVER)
    gc.enable()


class Tidying:
    """Looks through the whole memory for garbage while no call is up, or once a day."""

    def __init__(self, quiet: Callable[[], bool]) -> None:
        self._quiet = quiet
        self._passed = 0.0

    async def run(self) -> None:
        """Look until cancelled; read the numbering plans of the world when the start is over."""
        await asyncio.sleep(LOOK_EVERY_S)
        await asyncio.to_thread(warm_all)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.let_pass(LOOK_EVERY_S)

    def let_pass(self, seconds: float) -> None:
        """Note that time has passed, and look if it is time to."""
        self._passed += seconds
        if self._passed >= (LEAST_S if self._quiet() else MOST_S):
            gc.collect()
            self._passed = 0.0
