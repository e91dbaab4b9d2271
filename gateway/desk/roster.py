"""Who has which extension and who sees every call, in memory: the pop cannot wait for a query."""

from collections.abc import Iterable
from typing import Final

from gateway.store.database import Database
from gateway.store.people import People, Role, User, list_users

# The content of calls is for these roles only; pbx-admin sees links, privacy sees requests.
SEES_OWN_CALLS: Final = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
SEES_ALL_CALLS: Final = frozenset({Role.SUPERVISOR, Role.ADMIN})


class Roster:
    """The people of the moment; refresh it at the start and whenever the store's people change."""

    def __init__(self, users: Iterable[User] = ()) -> None:
        self._people = People(())
        self._concerned = People(())
        self._overseers: frozenset[str] = frozenset()
        self.replace(users)

    def replace(self, users: Iterable[User]) -> None:
        """Take over everybody; who is disabled is left out."""
        active = tuple(user for user in users if not user.disabled)
        self._people = People(active)
        self._concerned = People(user for user in active if user.role in SEES_OWN_CALLS)
        self._overseers = frozenset(user.login for user in active if user.role in SEES_ALL_CALLS)

    async def refresh(self, db: Database) -> None:
        """Read everybody from the store; raises StoreError and then stays as it was."""
        self.replace(await db.read(list_users))

    def who_has(self, pbx: str, extension: str) -> tuple[str, ...]:
        """Return the logins whose extension this is and who may see its calls."""
        return self._concerned.who_has(pbx, extension)

    def overseers(self) -> frozenset[str]:
        """Return the logins that see every call."""
        return self._overseers

    def users(self) -> tuple[User, ...]:
        """Return everybody who may sign in, by login."""
        return tuple(self._people.users.values())
