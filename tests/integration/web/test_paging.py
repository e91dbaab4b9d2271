"""One way to page through every list."""

from datetime import UTC, datetime, timedelta

import pytest
from support.web import WebBench

from gateway.core.ports import LinkPhase, LinkState
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.gaps import close_gap, open_gap
from gateway.store.people import Role, User, add_user
from gateway.store.teams import put_teams
from gateway.web.app import ROUTES
from gateway.web.shapes.base import Page, PageParams

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = User(login="root", name="Root", role=Role.ADMIN)
# Lists of which the bench has more than one item.
LISTS = ("users", "teams", "tokens", "agents", "pbxs", "dispositions")


def furnish(conn: Connection) -> str:
    """Store an administrator, two teams and two gaps; return the administrator's token."""
    add_user(conn, ROOT, password_hash=None, now=NOW)
    for login, team in (("anna", "north"), ("sara", "south")):
        put_teams(conn, login, [team])
    for hours in (3, 1):
        open_gap(conn, "hq", NOW - timedelta(hours=hours))
        close_gap(conn, "hq", NOW - timedelta(hours=hours - 0.5), source="snapshot")
    return create_token(conn, ROOT.login, now=NOW)[1]


def test_every_list_takes_limit_and_cursor() -> None:
    """Also those that are added later."""
    lists = [
        route
        for route in ROUTES
        if route.method == "GET"
        and any(isinstance(one, type) and issubclass(one, Page) for one in route.answers.values())
    ]
    assert len(lists) > len(LISTS)
    for route in lists:
        assert route.query is not None, route.path
        assert issubclass(route.query, PageParams), route.path


async def test_every_list_is_had_in_pages(bench: WebBench) -> None:
    """A program need not know which lists are short: each takes limit and cursor."""
    bench.tokens["root"] = await bench.db.write(furnish)
    await bench.watch.check_all()
    for pbx in ("hq", "branch"):
        bench.services.links.report(LinkState(pbx=pbx, phase=LinkPhase.UP, since=NOW))
    for path, login in (*((path, "root") for path in LISTS), ("gaps", "paula")):
        whole = await bench.items(f"/api/v1/{path}", login)
        assert len(whole) > 1, path
        cursor, paged = "", []
        for _ in whole:
            answer = await bench.get(f"/api/v1/{path}?limit=1{cursor}", login)
            page = await answer.json()
            paged += page["items"]
            cursor = f"&cursor={page['next']}"
        assert (paged, page["next"]) == (whole, None), path
        wrong = await bench.get(f"/api/v1/{path}?cursor=!", login)
        assert (wrong.status, (await wrong.json())["type"].rpartition(":")[2]) == (
            422,
            "bad-cursor",
        )
    assert await bench.items("/api/v1/queues?limit=1") == []


async def test_cursor_is_refused_with_another_filter_or_at_another_list(bench: WebBench) -> None:
    """It would skip items without a word; the size of a page is no filter."""
    bench.tokens["root"] = await bench.db.write(furnish)
    await bench.watch.check_all()
    first = await (await bench.get("/api/v1/gaps?limit=1&pbx=hq", "paula")).json()
    cursor = first["next"]
    rest = await bench.get(f"/api/v1/gaps?pbx=hq&limit=50&cursor={cursor}", "paula")
    assert rest.status == 200
    assert len((await rest.json())["items"]) == 1
    for path, login in (
        (f"/api/v1/gaps?limit=1&cursor={cursor}", "paula"),
        (f"/api/v1/gaps?limit=1&pbx=branch&cursor={cursor}", "paula"),
        (f"/api/v1/users?limit=1&cursor={cursor}", "root"),
    ):
        refused = await bench.get(path, login)
        problem = await refused.json(content_type=None)
        assert (refused.status, problem["type"].rpartition(":")[2]) == (422, "bad-cursor"), path
        assert "another filter" in problem["detail"]
