"""Where the registrar and we are: both may move while a trunk is kept. No sockets of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

ROUTE_EVERY_S: Final = 1.0
LOOK_UP_EVERY_S: Final = 60.0
# A name may give another choice of many servers each time: one that is missing once is not gone.
MISSED_MOST: Final = 3
# So many addresses of a name are kept: a name that gives ever new ones must not open the gate.
ADDRESSES_MOST: Final = 64


@dataclass(slots=True)
class Whereabouts:
    """`registrar` is the address we register at, `own` ours towards it.

    `route` returns our address on the way to one, "" without a way; None: it is configured.
    """

    registrar: str
    own: str
    route: Callable[[str], str] | None = None
    addresses: list[str] = field(default_factory=list)
    _seen: str = ""
    _other: str = ""
    _missed: int = 0
    _route_at: float = 0.0

    def found(self, addresses: Iterable[str]) -> bool:
        """Take what the registrar's name gives now; True if there are new ones among them."""
        given = tuple(addresses)
        if given:
            self._missed = 0 if self.registrar in given else self._missed + 1
        new = [one for one in given if one not in self.addresses]
        self.addresses = (self.addresses + new)[-ADDRESSES_MOST:]
        return bool(new)

    def seen(self, address: str) -> bool:
        """Take where the registrar sees us (RFC 3581); True if that is not where it did before."""
        before, self._seen = self._seen, address or self._seen
        return bool(before) and before != self._seen

    @property
    def registrar_moved(self) -> bool:
        """Whether its name has not given this registrar's address for a while."""
        return self._missed >= MISSED_MOST

    def moved(self, now: float) -> bool:
        """Whether we have another address than we registered, at two looks one after the other."""
        if self.route is None or now < self._route_at:
            return False
        self._route_at = now + ROUTE_EVERY_S
        address = self.route(self.registrar)
        if address in {"", self.own}:
            self._other = ""
            return False
        before, self._other = self._other, address
        return before == address
