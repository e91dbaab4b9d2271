"""What the machine's network tells: names, routes, ports that are free."""

import socket
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


def free_udp_port(host: str) -> int:
    """Return a UDP port of an address of ours that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
