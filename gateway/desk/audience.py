"""Who of the connected people is told of customers who wait and of promises that fall due."""

from collections.abc import Callable
from typing import Final

from gateway.core.history import MissedCustomer
from gateway.desk.hub import Hub
from gateway.desk.roster import SEES_OWN_CALLS, Roster
from gateway.store import missed
from gateway.store.people import Role, User

# whether somebody who asks supervises this login; nobody supervises None
Oversees = Callable[[str | None], bool]


class Audience:
    """Asks roster and hub; owned by the event loop."""

    def __init__(self, hub: Hub, roster: Roster) -> None:
        self._hub: Final = hub
        self._roster: Final = roster

    def queues_of_others(self, login: str) -> frozenset[str]:
        """Return the queues whose waiting customers are other teams' affair.

        A queue of no team is everybody's, and whoever stands in no team helps everywhere: else
        there would be customers whom nobody sees.
        """
        teams = self._roster.teams()
        own = [team for team in teams if login in team.members]
        if not own:
            return frozenset()
        theirs = frozenset(queue for team in own for _pbx, queue in team.queues)
        return frozenset(queue for team in teams for _pbx, queue in team.queues) - theirs

    def of_missed(self, item: MissedCustomer) -> tuple[str, ...]:
        """Return the connected people who may call a customer back."""
        return tuple(
            user.login
            for user in self._connected()
            if missed.concerns(item, self.queues_of_others(user.login))
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
