"""Stands in for what a test cannot change about a machine: its name service and its address.

Python runs this first in every process that has the folder in PYTHONPATH. FAKE_MACHINE names a JSON
file, read each time: `names` (name to addresses; a name that is not there has none) and `own`, the
address that takes the place of 127.0.0.1. A second of sleep lasts 5 ms.
"""

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

FILE = Path(os.environ["FAKE_MACHINE"])
SPEED = 200
look_up, sleep = socket.getaddrinfo, time.sleep


class Socket(socket.socket):
    """A socket that says where it is on the machine we pretend to be."""

    def getsockname(self) -> Any:  # noqa: ANN401 - as in the base class
        """Return the pretended address where the kernel chose one."""
        name = super().getsockname()
        own = json.loads(FILE.read_text("ascii")).get("own")
        return (own, name[1]) if own and name and name[0] == "127.0.0.1" else name


def getaddrinfo(host: str, port: Any, *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
    """Resolve the pretended names alone; addresses are what they are."""
    if host.replace(".", "").isdigit():
        return look_up(host, port, *more, **named)
    found = json.loads(FILE.read_text("ascii")).get("names", {}).get(host, [])
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (one, port)) for one in found]


def hurry(seconds: float) -> None:
    """Sleep for a moment."""
    sleep(seconds / SPEED)


vars(socket).update(getaddrinfo=getaddrinfo, socket=Socket)
vars(time).update(sleep=hurry)
