"""Mystery calls through a trunk over REST: one is begun, and those that were made are listed."""

from functools import partial
from typing import Final

from aiohttp import web

from gateway.core.trunks import TrunkRef
from gateway.desk.mystery import run_json
from gateway.desk.refusals import NotFoundError
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.mystery import RunCursor, runs_of
from gateway.store.people import Role
from gateway.store.schema import from_micros, to_micros
from gateway.web.access import EVENTS_READ, OPERATORS, TRUNKS_WRITE, Access
from gateway.web.answers import answer, answer_list
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, NOT_FOUND
from gateway.web.refusals import PBX_PROBLEMS, TOO_MANY_CALLS
from gateway.web.routes import API, Route, Tag
from gateway.web.services import TrunkTester
from gateway.web.shapes.mystery import TrunkTest, TrunkTestBody, TrunkTestPage, TrunkTestsQuery
from gateway.web.shapes.trunks import TrunkParams
from gateway.web.validation import body_of, params_of, query_of
from gateway.web.wording import language_of

MAY_TEST: Final = frozenset({Role.PBX_ADMIN, Role.ADMIN})


async def start(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/trunks/{name}/test`: the run as it begins; frames tell the rest."""
    body = body_of(request, TrunkTestBody)
    run = await _tester(request).start(
        params_of(request, TrunkParams).name, test=body.test, by=request[PRINCIPAL].login
    )
    return answer(run_json(run, language_of(request)), status=202)


async def runs(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/trunks/{name}/tests`: the runs of a year, the latest first."""
    query, ref = query_of(request, TrunkTestsQuery), _ref(request)
    before = None
    if query.cursor is not None:
        at, identity = read_cursor(query.cursor, int, str)
        before = RunCursor(started_at=from_micros(int(at)), id=str(identity))
    found = await request.app[SERVICES].db.read(
        partial(runs_of, ref=ref, limit=query.limit + 1, before=before)
    )
    page = found[: query.limit]
    following = None
    if len(found) > query.limit:
        following = write_cursor(to_micros(page[-1].started_at), str(page[-1].id))
    language = language_of(request)
    return answer_list(request, [run_json(run, language) for run in page], following)


def _tester(request: web.Request) -> TrunkTester:
    tester = request.app[SERVICES].tester
    if tester is None:
        raise NotFoundError("There is no such trunk.", remedy="Configure a PBX first.")
    return tester


def _ref(request: web.Request) -> TrunkRef:
    """Return the trunk that the path names, also one that only the PBX knows of."""
    desk = request.app[SERVICES].trunks
    view = desk.find(params_of(request, TrunkParams).name) if desk is not None else None
    if view is not None:
        return view.ref
    return _tester(request).find(params_of(request, TrunkParams).name)


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/trunks/{{name}}/test",
        access=Access(roles=MAY_TEST, scope=TRUNKS_WRITE),
        handler=start,
        tag=Tag.OPERATIONS,
        summary="Call one of one's own numbers through a trunk, as a customer would",
        detail="The script is in the configuration. Each step comes as a `trunk.test` frame.",
        params=TrunkParams,
        body=TrunkTestBody,
        body_optional=True,
        answers={202: TrunkTest},
        problems=(*PBX_PROBLEMS, TOO_MANY_CALLS),
    ),
    Route(
        method="GET",
        path=f"{API}/trunks/{{name}}/tests",
        access=Access(roles=OPERATORS, scope=EVENTS_READ),
        handler=runs,
        tag=Tag.OPERATIONS,
        summary="The mystery calls through a trunk, the latest first",
        params=TrunkParams,
        query=TrunkTestsQuery,
        answers={200: TrunkTestPage},
        problems=(NOT_FOUND, BAD_CURSOR),
    ),
)
