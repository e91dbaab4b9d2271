"""People, teams and tokens over REST: who may come in, and what they may see."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from gateway.desk.refusals import NotFoundError
from gateway.desk.roster import Roster
from gateway.store import people
from gateway.store.database import Connection
from gateway.store.identities import bind_identity, bound_logins
from gateway.store.passwords import hash_password
from gateway.store.people import Role, User
from gateway.store.second_factors import enrolled, remove_totp
from gateway.store.teams import memberships, put_teams
from gateway.web.access import ADMINISTER, Access
from gateway.web.answers import answer, answer_list, page_of
from gateway.web.keys import HASHING, SERVICES
from gateway.web.peoplechange import change_people
from gateway.web.problems import BAD_CURSOR, CONFLICT, INVALID, NOT_FOUND, Problem, ProblemKind
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes import people as shapes
from gateway.web.validation import body_of, params_of, query_of

LAST_ADMIN: Final = ProblemKind(
    slug="last-administrator",
    status=409,
    title="The last administrator",
    detail="This is the last administrator who can sign in. Give the role to somebody else first.",
)
ADMIN_ONLY: Final = Access(scope=ADMINISTER, roles=frozenset({Role.ADMIN}))


async def users(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/users`."""
    services = request.app[SERVICES]
    found = await services.db.read(lambda conn: _users_json(conn, services.roster))
    query = query_of(request, shapes.UsersQuery)
    return answer_list(request, *page_of(found, query, lambda one: str(one["login"])))


async def user(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/users/{id}`."""
    return answer(await _one(request, params_of(request, shapes.UserPath).id))


async def add(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/users`."""
    body = body_of(request, shapes.UserBody)
    wanted = User(
        login=body.login,
        name=body.name or body.login,
        role=body.role,
        extensions=_places(request, body.extensions),
    )
    hashed = await _hashed(request, body.password)
    now = request.app[SERVICES].clock.now()

    def work(conn: Connection) -> None:
        people.add_user(conn, wanted, password_hash=hashed, now=now)
        put_teams(conn, wanted.login, body.teams)

    await change_people(request, work, "user.added", wanted.login, role=wanted.role.value)
    return answer(await _one(request, wanted.login), status=201)


async def change(request: web.Request) -> web.Response:
    """Answer `PATCH /api/v1/users/{id}`; less rights or none sign the person out at once."""
    login, body = params_of(request, shapes.UserPath).id, body_of(request, shapes.UserChange)
    places = None if body.extensions is None else _places(request, body.extensions)
    hashed = await _hashed(request, body.password)
    now = request.app[SERVICES].clock.now()

    def work(conn: Connection) -> None:
        old = _known(conn, login)
        new = _changed(old, body, places)
        try:
            people.put_user(conn, new, now=now)
        except people.LastAdminError as error:
            raise Problem(LAST_ADMIN) from error
        if body.teams is not None:
            put_teams(conn, login, body.teams)
        if hashed is not None:
            people.set_password(conn, login, hashed)

    said = sorted(body.model_fields_set)
    await change_people(request, work, "user.changed", login, fields=said)
    return answer(await _one(request, login))


async def reset_totp(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/users/{id}/totp`: for a lost telephone."""
    login = params_of(request, shapes.UserPath).id

    def work(conn: Connection) -> None:
        _known(conn, login)
        if not remove_totp(conn, login):
            raise NotFoundError("This person has no second factor.")
        people.end_sessions(conn, login)

    await change_people(request, work, "totp.reset", login)
    return web.Response(status=204)


async def bind(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/users/{id}/identity`: bind an account of the identity provider."""
    login, subject = params_of(request, shapes.UserPath).id, body_of(request, shapes.IdentityBody)
    rules, now = request.app[SERVICES].people.identities, request.app[SERVICES].clock.now()
    if rules is None:
        raise Problem(CONFLICT, "No identity provider is configured: fill in [oidc].")
    issuer = rules.provider.issuer

    def work(conn: Connection) -> None:
        _known(conn, login)
        bind_identity(conn, login, issuer=issuer, subject=subject.subject, now=now)

    await change_people(request, work, "identity.bound", login)
    return answer(await _one(request, login), status=201)


async def teams(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/teams`."""
    roster = request.app[SERVICES].roster
    supervisors = {one.login for one in roster.users() if one.role is Role.SUPERVISOR}
    query = query_of(request, shapes.TeamsQuery)
    page, following = page_of(roster.teams(), query, lambda team: team.name)
    return answer_list(
        request,
        [
            {
                "name": team.name,
                "queues": [written(*queue) for queue in team.queues],
                "members": list(team.members),
                "supervisors": sorted(supervisors.intersection(team.members)),
                "configured": team.name in roster.configured_teams(),
            }
            for team in page
        ],
        following,
    )


def written(pbx: str, place: str) -> str:
    """Return an extension or queue as people write it."""
    return f"{pbx}:{place}" if pbx else place


async def _hashed(request: web.Request, password: str | None) -> str | None:
    if password is None:
        return None
    async with request.app[HASHING]:
        return await asyncio.to_thread(hash_password, password)


async def _one(request: web.Request, login: str) -> dict[str, object]:
    services = request.app[SERVICES]
    found = await services.db.read(lambda conn: _users_json(conn, services.roster, login))
    if not found:
        raise NotFoundError("There is no such user.", remedy="GET /api/v1/users lists them.")
    return found[0]


def _known(conn: Connection, login: str) -> User:
    found = people.get_user(conn, login)
    if found is None:
        raise NotFoundError("There is no such user.", remedy="GET /api/v1/users lists them.")
    return found


def _places(request: web.Request, written: Sequence[str]) -> tuple[people.Place, ...]:
    pbxs = request.app[SERVICES].people.pbxs
    return tuple(people.extension_place(text, pbxs) for text in written)


def _changed(old: User, body: shapes.UserChange, places: tuple[people.Place, ...] | None) -> User:
    return replace(
        old,
        name=body.name if body.name is not None else old.name,
        role=body.role if body.role is not None else old.role,
        disabled=body.disabled if body.disabled is not None else old.disabled,
        extensions=places if places is not None else old.extensions,
    )


def _users_json(
    conn: Connection, roster: Roster, login: str | None = None
) -> list[dict[str, object]]:
    pairs, factors, bound = memberships(conn), enrolled(conn), bound_logins(conn)
    everybody = people.list_users(conn)
    phones = {desk.login: written(desk.pbx, desk.extension) for desk in roster.desks()}
    configured = [(team.name, member) for team in roster.teams() for member in team.members]
    teams_of: dict[str, set[str]] = {}
    for team, member in (*pairs, *configured):
        teams_of.setdefault(member, set()).add(team)
    owners = people.People(everybody)
    return [
        {
            "login": one.login,
            "name": one.name,
            "role": one.role.value,
            "disabled": one.disabled,
            "extensions": [written(*place) for place in one.extensions],
            "shared": [
                written(*place) for place in one.extensions if len(owners.who_has(*place)) > 1
            ],
            "phone": phones.get(one.login),
            "teams": sorted(teams_of.get(one.login, ())),
            "second_factor": one.login in factors,
            "bound": one.login in bound,
        }
        for one in everybody
        if login is None or one.login == login
    ]


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/users",
        access=ADMIN_ONLY,
        handler=users,
        tag=Tag.PEOPLE,
        summary="Everybody who may sign in",
        query=shapes.UsersQuery,
        answers={200: shapes.UserPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/users",
        access=ADMIN_ONLY,
        handler=add,
        tag=Tag.PEOPLE,
        summary="Add a person",
        body=shapes.UserBody,
        answers={201: shapes.User},
        problems=(INVALID, NOT_FOUND),
    ),
    Route(
        method="GET",
        path=f"{API}/users/{{id}}",
        access=ADMIN_ONLY,
        handler=user,
        tag=Tag.PEOPLE,
        summary="One person",
        params=shapes.UserPath,
        answers={200: shapes.User},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="PATCH",
        path=f"{API}/users/{{id}}",
        access=ADMIN_ONLY,
        handler=change,
        tag=Tag.PEOPLE,
        summary="Change a person's name, role, extensions, teams or password, or shut them out",
        detail="Another role, a new password or `disabled` end their sessions and event streams "
        "at once.",
        params=shapes.UserPath,
        body=shapes.UserChange,
        answers={200: shapes.User},
        problems=(NOT_FOUND, INVALID, LAST_ADMIN),
    ),
    Route(
        method="DELETE",
        path=f"{API}/users/{{id}}/totp",
        access=ADMIN_ONLY,
        handler=reset_totp,
        tag=Tag.PEOPLE,
        summary="Forget a person's second factor, for a lost telephone",
        params=shapes.UserPath,
        answers={204: None},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="POST",
        path=f"{API}/users/{{id}}/identity",
        access=ADMIN_ONLY,
        handler=bind,
        tag=Tag.PEOPLE,
        summary="Bind a person to an account of the company's identity provider",
        params=shapes.UserPath,
        body=shapes.IdentityBody,
        answers={201: shapes.User},
        problems=(NOT_FOUND, INVALID, CONFLICT),
    ),
    Route(
        method="GET",
        path=f"{API}/teams",
        access=ADMIN_ONLY,
        handler=teams,
        tag=Tag.PEOPLE,
        summary="The teams: whose calls and which queues their supervisors see",
        query=shapes.TeamsQuery,
        answers={200: shapes.TeamPage},
        problems=(BAD_CURSOR,),
    ),
)
