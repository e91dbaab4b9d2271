"""Teams: what a supervisor may see. From the configuration, and from `users import`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from gateway.store.schema_people import user_teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`queues` are (pbx, queue) pairs, pbx "" on every PBX; `members` logins, supervisors too."""

    name: str
    queues: tuple[tuple[str, str], ...] = ()
    members: tuple[str, ...] = ()


def memberships(conn: Connection) -> tuple[tuple[str, str], ...]:
    """Return the (team, login) pairs that were imported or set by an administrator."""
    query = select(user_teams.c.team, user_teams.c.login)
    return tuple(
        (row.team, row.login) for row in conn.execute(query.order_by(*user_teams.primary_key))
    )


def put_teams(conn: Connection, login: str, teams: Iterable[str]) -> None:
    """Make these the teams of a user, beside those that the configuration gives."""
    conn.execute(delete(user_teams).where(user_teams.c.login == login))
    rows = [{"team": team, "login": login} for team in dict.fromkeys(teams)]
    if rows:
        conn.execute(insert(user_teams), rows)


def joined(configured: Sequence[Team], pairs: Iterable[tuple[str, str]]) -> tuple[Team, ...]:
    """Return the teams of the configuration with all their members, then the others, by name."""
    teams = {team.name: team for team in configured}
    for name, login in pairs:
        team = teams.get(name) or Team(name=name)
        members = tuple(dict.fromkeys((*team.members, login)))
        teams[name] = replace(team, members=members)
    return tuple(teams[name] for name in sorted(teams))
