"""The kernel turns strangers away while there is a flood of them: it costs this process nothing.

Otherwise we count them ourselves, so that a provider's host that was forgotten is found. A program
of classic BPF at the socket (Linux, man 7 socket: SO_ATTACH_FILTER) compares source addresses.
"""

import ctypes
import ipaddress
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

_ATTACH, _DETACH = 26, 27
# So many strangers a second are a flood; the shield is up for so long, then we look again.
FLOOD_RATE: Final = 200.0
UP_S: Final = 10.0
# The kernel takes 4096 instructions; a list as long as that is not compared by it.
NETWORKS_MOST: Final = 500
# <linux/filter.h>: A = word at offset, X = A, A = X, A &= k, jump if A == k, return k.
_LOAD, _TO_X, _FROM_X, _AND, _EQUAL, _RETURN = 0x20, 0x07, 0x87, 0x54, 0x15, 0x06
# SKF_NET_OFF: from the IP header on, whose source address is at 12 (RFC 791).
_SOURCE: Final = 0xFFF00000 + 12
_ALL, _NOTHING = 0xFFFFFFFF, 0
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def program(allowed: Iterable[Network]) -> bytes:
    """Return the filter that lets only these in: one instruction is code, jumps and a value."""
    lines = [(_LOAD, 0, 0, _SOURCE), (_TO_X, 0, 0, 0)]
    for one in allowed:
        if isinstance(one, ipaddress.IPv4Network):
            mask, network = int(one.netmask), int(one.network_address)
            lines += [
                (_FROM_X, 0, 0, 0),
                (_AND, 0, 0, mask),
                (_EQUAL, 0, 1, network),
                (_RETURN, 0, 0, _ALL),
            ]
    lines.append((_RETURN, 0, 0, _NOTHING))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


class Shield:
    """Watches how many strangers come to a socket and has the kernel drop them when many do."""

    def __init__(self, udp: socket.socket) -> None:
        self._udp = udp
        self._count = 0
        self._at = 0.0
        self._until: float | None = None

    def look(self, strangers: int, allowed: tuple[Network, ...], now: float) -> None:
        """Take how many strangers were counted in all; call about twice a second."""
        if self._until is not None:
            if now >= self._until:
                self.lower()
        elif strangers - self._count > FLOOD_RATE * (now - self._at) and self._at:
            self._raise(allowed, now)
        self._count, self._at = strangers, now

    def lower(self) -> None:
        """Let all come again, as when others are allowed."""
        if self._until is not None:
            self._until = None
            with suppress(OSError):
                self._udp.setsockopt(socket.SOL_SOCKET, _DETACH, 0)

    def _raise(self, allowed: tuple[Network, ...], now: float) -> None:
        if len(allowed) > NETWORKS_MOST:
            return
        code = program(allowed)
        buffer = ctypes.create_string_buffer(code, len(code))
        # struct sock_fprog: the number of instructions of eight bytes, and where they are
        described = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
        with suppress(OSError):  # a system without it: we drop them ourselves, as before
            self._udp.setsockopt(socket.SOL_SOCKET, _ATTACH, described)
            self._until = now + UP_S
