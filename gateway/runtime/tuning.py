"""How the interpreter is set up for one event loop that must not wait, beside threads that may."""

import gc
import sys
from typing import Final

# A thread that runs Python lets another one have the interpreter after so long. The pop's thread
# gives it up at every read of a socket or of the directory; with Python's own 5 ms it would wait
# that long, each time, for a thread that reads a customer's past.
SWITCH_S: Final = 0.0002


def tune() -> None:
    """Prepare the process once everything is open; what is there by now is not garbage."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
