"""The process that reads a history: it has an interpreter of its own, so that no pop waits for it.

`python -m adapters.asterisk.backfill.child` takes one request on its standard input and tells pages
on its standard output until the history is read. Killing it is safe at any moment: it only reads.
"""

import os
import sys
from contextlib import suppress
from typing import BinaryIO, Final

from adapters.asterisk.backfill.messages import LENGTH, Done, Trouble, framed, wanted
from adapters.asterisk.backfill.reading import read
from gateway.core.errors import FilodirettoError

# Pops and telephones go first.
NICENESS: Final = 10


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer one request."""
    (length,) = LENGTH.unpack(source.read(LENGTH.size))
    request = wanted(source.read(length))
    try:
        for message in read(request):
            sink.write(framed(message))
            sink.flush()
    except FilodirettoError as error:
        sink.write(framed(Trouble.of(error)))
    else:
        sink.write(framed(Done()))
    sink.flush()


if __name__ == "__main__":
    with suppress(OSError):  # a sandbox may forbid it
        os.nice(NICENESS)
    # The daemon that asked may be gone: then nobody wants the rest.
    with suppress(BrokenPipeError):
        main(sys.stdin.buffer, sys.stdout.buffer)
