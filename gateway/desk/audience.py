"""Who of the connected people is told of customers who wait and of promises that fall due."""

from collections.abc import Callable
from typing import Final

from gateway.core.history import MissedCustomer
from gateway.desk.hub import Hub
from gateway.desk.roster import SEES_OWN_CALLS, Roster
from gateway.store.people import Role, User

# whether somebody who asks supervises this login; nobody supervises None
Oversees = Callable[[str | None], bool]


class Audience:
    """Asks roster and hub; owned by the event loop."""

    def __init__(self, hub: Hub, roster: Roster) -> None:
        self._hub: Final = hub
        self._roster: Final = roster

    def queues_of(self, login: str) -> frozenset[str] | None:
        """Return the queues whose waiting customers concern somebody; None: all of them.

        Those of the teams they stand in. Whoever stands in no team helps everywhere.
        """
        teams = [team for team in self._roster.teams() if login in team.members]
        if not teams:
            return None
        return frozenset(queue for team in teams for _pbx, queue in team.queues)

    def of_missed(self, item: MissedCustomer) -> tuple[str, ...]:
        """Return the connected people who may call a customer back."""
        return tuple(
            user.login for user in self._connected() if sees(item, self.queues_of(user.login))
        )

    def of_promise(self, assignee: str | None) -> tuple[str, ...]:
        """Return whose task a promise is, and who oversees them; without a name the overseers."""
        owner = [] if assignee is None else [assignee]
        overseers = [
            user.login
            for user in self._roster.users()
            if user.role is Role.SUPERVISOR and self._oversees(user, assignee)
        ]
        return tuple(dict.fromkeys(owner + overseers))

    def _oversees(self, user: User, assignee: str | None) -> bool:
        sight = self._roster.sight(user.login, user.role)
        return sight is None or assignee is None or assignee in sight.logins

    def _connected(self) -> list[User]:
        here = frozenset(self._hub.users())
        users = self._roster.users()
        return [user for user in users if user.login in here and user.role in SEES_OWN_CALLS]


def sees(item: MissedCustomer, queues: frozenset[str] | None) -> bool:
    """Tell whether a customer concerns somebody with these queues; one of no queue, everybody."""
    return queues is None or not item.queues or not queues.isdisjoint(item.queues)
