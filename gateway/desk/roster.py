"""Who has which extension and who oversees whom, in memory: the pop cannot wait for a query."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.core.ports import Clock
from gateway.core.record import CallRecord
from gateway.desk.shown import extensions_of
from gateway.store.database import Connection, Database
from gateway.store.desks import HeldDesk, held_desks, places
from gateway.store.people import EVERYWHERE, People, Role, User, list_users
from gateway.store.sight import Sight
from gateway.store.teams import Team, joined, memberships

# The content of calls is for these roles only; pbx-admin sees links, privacy sees requests.
SEES_OWN_CALLS: Final = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN})
NOBODY: Final[frozenset[str]] = frozenset()

Place = tuple[str, str]


class Roster:
    """The people of the moment; refresh it at the start and whenever the store's people change.

    A supervisor oversees the members and queues of the teams they stand in. As long as there is no
    team at all, the whole company is one: supervisors oversee every call.
    """

    def __init__(self, users: Iterable[User] = (), teams: Sequence[Team] = ()) -> None:
        self._configured = tuple(teams)
        self._people = People(())
        self._concerned = People(())
        self._overseers = NOBODY
        self._teams: tuple[Team, ...] = ()
        self._desks: tuple[HeldDesk, ...] = ()
        self._sights: Mapping[str, Sight | None] = {}
        self._watched_places: Mapping[Place, frozenset[str]] = {}
        self._watched_queues: Mapping[Place, frozenset[str]] = {}
        self.replace(users)

    def replace(
        self,
        users: Iterable[User],
        *,
        pairs: Iterable[tuple[str, str]] = (),
        desks: Sequence[HeldDesk] = (),
    ) -> None:
        """Take over everybody, imported team members and held phones; the disabled are left out."""
        active = tuple(
            replace(user, extensions=tuple(dict.fromkeys((*held, *user.extensions))))
            if (held := places(desks, user.login))  # where they sit now comes first
            else user
            for user in users
            if not user.disabled
        )
        self._desks = tuple(desks)
        self._people = People(active)
        self._concerned = People(user for user in active if user.role in SEES_OWN_CALLS)
        self._teams = joined(self._configured, pairs)
        supervisors = frozenset(user.login for user in active if user.role is Role.SUPERVISOR)
        self._overseers = NOBODY if self._teams else supervisors
        self._sights = {login: self._supervised(login) for login in supervisors}
        self._watched_queues = _turned(
            (queue, login)
            for login, sight in self._sights.items()
            for queue in (sight.queues if sight is not None else ())
        )
        self._watched_places = _turned(
            (place, login)
            for login, sight in self._sights.items()
            for member in (sight.logins if sight is not None else ())
            for place in self._concerned.extensions_of(member)
        )

    async def refresh(self, db: Database, clock: Clock | None = None) -> None:
        """Read everybody from the store; raises StoreError and then stays as it was."""
        now = clock.now() if clock is not None else None
        users, pairs, desks = await db.read(lambda conn: _everything(conn, now))
        self.replace(users, pairs=pairs, desks=desks)

    def who_has(self, pbx: str, extension: str) -> tuple[str, ...]:
        """Return the logins whose extension this is and who may see its calls."""
        return self._concerned.who_has(pbx, extension)

    def overseers(self, record: CallRecord | None = None) -> frozenset[str]:
        """Return the logins that oversee a call; without one those that oversee every call."""
        if record is None or not self._teams:
            return self._overseers
        found = self.overseers_of_queue(record.pbx, record.queue)
        for extension in extensions_of(record):
            found |= self._overseers_of_phone(record.pbx, extension)
        return found

    def overseers_of_queue(self, pbx: str, queue: str | None) -> frozenset[str]:
        """Return the logins that see who waits in a queue."""
        if not self._teams:
            return self._overseers
        if queue is None:
            return NOBODY
        here = self._watched_queues.get((pbx, queue), NOBODY)
        return here | self._watched_queues.get((EVERYWHERE, queue), NOBODY)

    def oversees_phone(self, login: str, pbx: str, extension: str) -> bool:
        """Tell whether somebody may act for the phone of a member of their teams."""
        if not self._teams:
            return login in self._overseers
        return login in self._overseers_of_phone(pbx, extension)

    def sight(self, login: str, role: Role) -> Sight | None:
        """Return what calls somebody may see, None for all."""
        own = Sight(logins=frozenset({login}) if role in SEES_OWN_CALLS else NOBODY)
        return self._sights.get(login, own) if role is Role.SUPERVISOR else own

    def users(self) -> tuple[User, ...]:
        """Return everybody who may sign in, by login, with the phones they hold now."""
        return tuple(self._people.users.values())

    def extensions_of(self, login: str) -> tuple[tuple[str, str], ...]:
        """Return somebody's (pbx, extension)s, those held for a while too."""
        return self._people.extensions_of(login)

    def teams(self) -> tuple[Team, ...]:
        """Return the teams, by name."""
        return self._teams

    def configured_teams(self) -> frozenset[str]:
        """Return the names of the teams that the configuration describes."""
        return frozenset(team.name for team in self._configured)

    def desks(self) -> tuple[HeldDesk, ...]:
        """Return the phones that people signed in to for a while."""
        return self._desks

    def sharing(self, login: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """Return somebody's (pbx, extension)s, each with the others who have it too."""
        user = self._people.users.get(login)
        return tuple(
            (pbx, extension, _others(self._people, login, pbx, extension))
            for pbx, extension in (user.extensions if user is not None else ())
        )

    def _overseers_of_phone(self, pbx: str, extension: str) -> frozenset[str]:
        here = self._watched_places.get((pbx, extension), NOBODY)
        return here | self._watched_places.get((EVERYWHERE, extension), NOBODY)

    def _supervised(self, login: str) -> Sight | None:
        if not self._teams:
            return None
        own = tuple(team for team in self._teams if login in team.members)
        return Sight(
            logins=frozenset((login, *(member for team in own for member in team.members))),
            queues=frozenset(queue for team in own for queue in team.queues),
        )


def _everything(
    conn: Connection, now: datetime | None
) -> tuple[tuple[User, ...], tuple[tuple[str, str], ...], tuple[HeldDesk, ...]]:
    return list_users(conn), memberships(conn), held_desks(conn, now) if now is not None else ()


def _turned(pairs: Iterable[tuple[Place, str]]) -> Mapping[Place, frozenset[str]]:
    found: dict[Place, set[str]] = {}
    for place, login in pairs:
        found.setdefault(place, set()).add(login)
    return {place: frozenset(logins) for place, logins in found.items()}


def _others(people: People, login: str, pbx: str, extension: str) -> tuple[str, ...]:
    owners: Collection[str] = people.who_has(pbx, extension)
    return tuple(owner for owner in owners if owner != login)
