"""API tokens over REST: one's own, everybody's for administrators."""

from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.desk.refusals import NotFoundError
from gateway.store import credentials
from gateway.store.database import Connection
from gateway.web.access import ADMINISTER, NARROW, SIGNED_IN
from gateway.web.answers import answer, answer_list, page_of
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.peoplechange import change_people
from gateway.web.problems import BAD_CURSOR, FORBIDDEN, INVALID, NOT_FOUND, Problem
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.shapes import people as shapes
from gateway.web.validation import body_of, params_of, query_of


async def tokens(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/tokens`: one's own, everybody's for administrators."""
    principal = request[PRINCIPAL]
    owner = None if ADMINISTER in principal.scopes else principal.login
    found = await request.app[SERVICES].db.read(lambda conn: credentials.list_tokens(conn, owner))
    query = query_of(request, shapes.TokensQuery)
    page, following = page_of(found, query, lambda one: f"{one.created_at.isoformat()} {one.id}")
    return answer_list(request, [_token_json(token) for token in page], following)


async def add_token(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/tokens`: a token of one's own that may not do more than oneself."""
    principal, body = request[PRINCIPAL], body_of(request, shapes.TokenBody)
    now = request.app[SERVICES].clock.now()
    scopes = frozenset(body.scopes) if body.scopes is not None else None
    if scopes is None and principal.token_id is not None:
        scopes = principal.scopes  # what a narrow token makes is as narrow, whatever the role gets
    if scopes is not None and not scopes <= principal.scopes:
        raise Problem(FORBIDDEN, "A token may not do more than you may.")
    made: list[tuple[credentials.Token, str]] = []

    def work(conn: Connection) -> None:
        made[:] = [
            credentials.create_token(
                conn,
                principal.login,
                now=now,
                scopes=scopes,
                days=body.days,
                label=body.label,
                made_with=principal.token_id,
            )
        ]

    await change_people(request, work, "token.created", principal.login)
    token, secret = made[0]
    return answer({**_token_json(token), "value": secret}, status=201)


async def revoke_token(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/tokens/{id}`: one's own, anybody's for administrators.

    A token that may do less than its owner ends itself and what was made with it, nothing else.
    """
    principal, token_id = request[PRINCIPAL], params_of(request, shapes.TokenPath).id
    everybody, now = ADMINISTER in principal.scopes, request.app[SERVICES].clock.now()

    def work(conn: Connection) -> None:
        valid = (token for token in credentials.list_tokens(conn) if token.revoked_at is None)
        token = next((token for token in valid if token.id == token_id), None)
        if token is None or not (everybody or token.login == principal.login):
            raise NotFoundError("There is no such valid token.", remedy="GET /api/v1/tokens.")
        by = None if everybody or principal.whole else principal.token_id
        if by is not None and token_id not in credentials.family_of(conn, by):
            raise Problem(FORBIDDEN, NARROW)
        credentials.revoke_token(conn, token_id, now=now)

    await change_people(request, work, "token.revoked", token_id)
    return web.Response(status=204)


def _token_json(token: credentials.Token) -> dict[str, object]:
    return {
        "id": token.id,
        "login": token.login,
        "label": token.label,
        "scopes": sorted(token.scopes) if token.scopes is not None else None,
        "created_at": time_json(token.created_at),
        "expires_at": time_json(token.expires_at),
        "revoked_at": time_json(token.revoked_at),
        "used_at": time_json(token.used_at),
    }


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/tokens",
        access=SIGNED_IN,
        handler=tokens,
        tag=Tag.PEOPLE,
        summary="One's API tokens; everybody's for administrators",
        query=shapes.TokensQuery,
        answers={200: shapes.TokenPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/tokens",
        access=SIGNED_IN,
        handler=add_token,
        tag=Tag.PEOPLE,
        summary="Make an API token of one's own; its value is shown once",
        body=shapes.TokenBody,
        answers={201: shapes.NewToken},
        problems=(INVALID, FORBIDDEN),
        repeat=Repeat.REFUSE,
    ),
    Route(
        method="DELETE",
        path=f"{API}/tokens/{{id}}",
        access=SIGNED_IN,
        handler=revoke_token,
        tag=Tag.PEOPLE,
        summary="Revoke an API token, those made with it, and the sessions opened with them",
        params=shapes.TokenPath,
        answers={204: None},
        problems=(NOT_FOUND, FORBIDDEN),
    ),
)
