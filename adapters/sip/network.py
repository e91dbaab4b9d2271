"""What the machine's network tells: names, routes, ports that are free."""

import errno
import os
import socket
from contextlib import ExitStack
from typing import Final

ANYWHERE: Final = "0.0.0.0"  # noqa: S104 - compared with what configuration asks for


def addresses_of(host: str) -> list[str]:
    """Return the IPv4 addresses of a name, the first one first; socket.gaierror if it has none."""
    found = socket.getaddrinfo(host, 0, socket.AF_INET, socket.SOCK_DGRAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def looked_up(host: str) -> list[str]:
    """Return a name's addresses now; none if it cannot be asked: then what was known stays."""
    try:
        return addresses_of(host)
    except OSError:
        return []


def route_to(address: str) -> str:
    """Return which of our addresses a datagram to another one leaves from, "" if none can."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def free_sip_port(host: str) -> int:
    """Return a port of an address of ours where a telephone may listen: UDP, TCP, and TLS beside.

    Raises OSError if there is none.
    """
    for _attempt in range(50):
        with ExitStack() as tried:
            udp = tried.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.bind((host, 0))
            port = int(udp.getsockname()[1])
            try:
                for one in (port, port + 1):
                    tried.enter_context(socket.socket()).bind((host, one))
            except (OSError, OverflowError):
                continue
            return port
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
