"""The kernel's filter, on real sockets: who is let in while strangers flood a trunk's port."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from adapters.sip.shield import FLOOD_RATE, UP_S, Shield

pytestmark = pytest.mark.integration
ALLOWED = (ipaddress.ip_network("127.0.7.0/24"), ipaddress.ip_network("127.0.0.5/32"))


@pytest.fixture
def sockets() -> Iterator[dict[str, socket.socket]]:
    """Give a port, and hosts that send to it."""
    with ExitStack() as stack:
        found = {}
        for host in ("127.0.0.1", "127.0.0.5", "127.0.0.6", "127.0.7.9"):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            found[host] = stack.enter_context(one)
            one.bind((host, 0))
            one.settimeout(10)
        yield found


def heard(sockets: dict[str, socket.socket]) -> set[str]:
    """Have every host send, and return who was heard; the last one is always let in."""
    port = sockets["127.0.0.1"]
    for host in ("127.0.0.6", "127.0.7.9", "127.0.0.5"):
        sockets[host].sendto(b"x", port.getsockname())
    found: set[str] = set()
    while "127.0.0.5" not in found:
        found.add(port.recvfrom(100)[1][0])
    return found


def test_strangers_are_dropped_by_the_kernel_during_a_flood_only(
    sockets: dict[str, socket.socket],
) -> None:
    """Below that rate they are read and counted, so that a forgotten host is found."""
    shield = Shield(sockets["127.0.0.1"])
    everybody, listed = {"127.0.0.5", "127.0.0.6", "127.0.7.9"}, {"127.0.0.5", "127.0.7.9"}
    few, many = int(FLOOD_RATE * 0.4), int(FLOOD_RATE * 0.6)
    shield.look(0, ALLOWED, 100.0)
    shield.look(few, ALLOWED, 100.5)
    assert heard(sockets) == everybody
    shield.look(few + many, ALLOWED, 101.0)
    assert heard(sockets) == listed
    shield.look(few + many, ALLOWED, 101.0 + UP_S / 2)
    assert heard(sockets) == listed
    shield.look(few + many, ALLOWED, 101.0 + UP_S)
    assert heard(sockets) == everybody
    shield.look(few + 10_000, ALLOWED, 101.5 + UP_S)
    assert heard(sockets) == listed
    shield.lower()
    assert heard(sockets) == everybody, "others may have been allowed since"
