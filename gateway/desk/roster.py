"""Who has which extension and who sees every call, in memory: the pop cannot wait for a query."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

AGENT: Final = "agent"
SUPERVISOR: Final = "supervisor"
ADMIN: Final = "admin"

# The content of calls is for these roles only; pbx-admin sees links, privacy sees requests.
SEES_OWN_CALLS: Final = frozenset({AGENT, SUPERVISOR, ADMIN})
SEES_ALL_CALLS: Final = frozenset({SUPERVISOR, ADMIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who may sign in; an extension is (pbx, extension), pbx "" means on every PBX."""

    login: str
    name: str
    role: str
    extensions: tuple[tuple[str, str], ...] = ()


class Roster:
    """The people of the moment; `replace` it whenever the store's people change."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self._members: tuple[Member, ...] = ()
        self._owners: dict[tuple[str, str], tuple[str, ...]] = {}
        self._overseers: frozenset[str] = frozenset()
        self.replace(members)

    def replace(self, members: Iterable[Member]) -> None:
        """Take over the people who may sign in now, disabled ones left out."""
        self._members = tuple(sorted(members, key=lambda member: member.login))
        owners: dict[tuple[str, str], list[str]] = {}
        for member in self._members:
            if member.role in SEES_OWN_CALLS:
                for place in member.extensions:
                    owners.setdefault(place, []).append(member.login)
        self._owners = {place: tuple(logins) for place, logins in owners.items()}
        self._overseers = frozenset(
            member.login for member in self._members if member.role in SEES_ALL_CALLS
        )

    def who_has(self, pbx: str, extension: str) -> tuple[str, ...]:
        """Return the logins whose extension this is and who may see its calls."""
        everywhere = self._owners.get(("", extension), ())
        here = self._owners.get((pbx, extension), ())
        return here + everywhere if here else everywhere

    def overseers(self) -> frozenset[str]:
        """Return the logins that see every call."""
        return self._overseers

    def members(self) -> tuple[Member, ...]:
        """Return everybody, by login."""
        return self._members
