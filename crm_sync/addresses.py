"""Which addresses a CRM's host name may lead to.

An administrator's typo or a hostile DNS answer must not make the gateway talk to the machine's own
services or to a cloud's metadata address (server-side request forgery). The check is made on the
very addresses that are connected to, so that a name cannot change its mind in between.
"""

import ipaddress
import socket
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# NAT64 and 6to4 carry an IPv4 address inside: judge that one.
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
# RFC 6598: carriers' and overlay networks' own addresses, neither global nor "private"
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")


class AddressRefusedError(OSError):
    """The name leads to an address that is not allowed; nothing was sent."""


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Return whether requests may go to `address` (an IP address, with or without scope).

    Public addresses always; private ones and loopback only with `allow_private`; link-local
    (169.254.169.254 hands out cloud credentials), multicast and unspecified ones never.
    """
    try:
        inner = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if inner.is_multicast or inner.is_unspecified:
        return False
    if inner.is_loopback:
        return allow_private
    if inner.is_link_local or inner == ipaddress.IPv4Address("255.255.255.255"):
        return False
    return inner.is_global or (allow_private and (inner.is_private or inner in _SHARED))


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def literal(host: str) -> str | None:
    """Return `host` if it is an IP address written out, None if it is a name."""
    try:
        return str(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        pass
    try:
        # the forms that the C library takes for addresses: 127.1, 0x7f000001, 2130706433
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


class GuardedResolver(AbstractResolver):
    """Resolves names and drops every address that is not allowed."""

    def __init__(self, *, allow_private: bool, inner: AbstractResolver | None = None) -> None:
        self._allow_private = allow_private
        self._inner = inner or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the allowed addresses; AddressRefusedError if there are none."""
        found = await self._inner.resolve(host, port, family)
        allowed = [
            entry for entry in found if is_allowed(entry["host"], allow_private=self._allow_private)
        ]
        if found and not allowed:
            raise AddressRefusedError(None, "the name leads to a private address")
        return allowed

    async def close(self) -> None:
        """Close the resolver underneath."""
        await self._inner.close()
