"""Live calls by a name that several may share: who the customer is, who of ours is on the line."""

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.core.ids import CallId

if TYPE_CHECKING:
    from gateway.desk.tracked import Tracked

K = TypeVar("K", bound=Hashable)


class Index(Generic[K]):
    """Nearly every name is one call's alone; that one is kept without a collection around it."""

    def __init__(self) -> None:
        self._found: dict[K, Tracked | dict[CallId, Tracked]] = {}

    def add(self, name: K, tracked: "Tracked") -> None:
        """Let a call be found by a name, behind those that are already."""
        known = self._found.setdefault(name, tracked)
        if known is tracked:
            return
        if not isinstance(known, dict):
            known = self._found[name] = {known.record.id: known}
        known[tracked.record.id] = tracked

    def remove(self, name: K, tracked: "Tracked") -> None:
        """Let a call not be found by a name any more, if it was."""
        known = self._found.get(name)
        if isinstance(known, dict):
            known.pop(tracked.record.id, None)
            if not known:
                del self._found[name]
        elif known is tracked:
            del self._found[name]

    def are_only(self, names: Iterable[K], tracked: "Tracked") -> bool:
        """Tell whether each of the names is that of one call alone, and this the call."""
        found = self._found
        for name in names:  # noqa: SIM110 - a generator costs more than the look-ups
            if found.get(name) is not tracked:
                return False
        return True

    def of(self, name: K) -> "tuple[Tracked, ...]":
        """Return the calls of a name, the oldest first."""
        known = self._found.get(name)
        if known is None:
            return ()
        return tuple(known.values()) if isinstance(known, dict) else (known,)
