"""A list of people over REST, as an administrator sends the office's fifty."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.web import PASSWORD, WebBench, running_web

from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.people import Role, User, add_user
from gateway.web.services import PeopleOptions

pytestmark = pytest.mark.integration

ROOT = User(login="root", name="Root", role=Role.ADMIN)
FIFTY = "utente;nome;ruolo;interno;squadra;password\n" + "".join(
    f"p{no};Persona {no};agente;hq:{3000 + no};Nord;\n" for no in range(48)
)
ODD = (
    f"nuova;Nuova;agente;hq:3999;Nord;{PASSWORD}\n"
    "altrove;Altrove;agente;branch:3998;;\n"
    "strano;Strano;agente;+390612345678;;\n"
    "root;Root;agente;;;\n"
    "anna;Anna M.;supervisore;1001;Nord;\n"
)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give the usual people and an administrator, on a telephone system called hq."""
    people = PeopleOptions(pbxs=frozenset({"hq"}))
    async with running_web(
        tmp_path, extend=lambda services: replace(services, people=people)
    ) as bench:
        bench.tokens["root"] = await bench.db.write(_root)
        yield bench


def _root(conn: Connection) -> str:
    add_user(conn, ROOT, password_hash=None, now=datetime.now(UTC))
    return create_token(conn, ROOT.login, now=datetime.now(UTC))[1]


async def upload(
    bench: WebBench, text: str, query: str = "", *, login: str = "root", kind: str = "text/csv"
) -> tuple[int, dict[str, Any]]:
    """Send a file and return status and answer."""
    answer = await bench.client.post(
        f"{bench.url}/api/v1/users/import{query}",
        data=text.encode("cp1252"),
        headers=bench.bearer(login) | {"Content-Type": kind},
    )
    return answer.status, await answer.json(content_type=None)


async def test_list_of_people_is_previewed_and_then_taken_row_by_row(office: WebBench) -> None:
    """What cannot be is named and holds up nobody; the same file again changes nothing."""
    status, shown = await upload(office, FIFTY + ODD, "?preview=true")
    assert (status, len(shown["added"]), shown["changed"]) == (200, 49, ["anna"])
    assert len(await office.items("/api/v1/users", "root")) == 5
    status, done = await upload(office, FIFTY + ODD)
    assert (status, done) == (200, shown | {"preview": False})
    refused = {row["line"]: row["reason"] for row in done["refused"]}
    assert set(refused) == {51, 52, 53}
    assert "hq" in refused[51]
    assert "not an extension" in refused[52]
    assert "last administrator" in refused[53]
    users = {one["login"]: one for one in await office.items("/api/v1/users?limit=500", "root")}
    assert (len(users), users["anna"]["role"], users["p7"]["teams"]) == (54, "supervisor", ["Nord"])
    assert office.services.roster.who_has("hq", "3007") == ("p7",)
    body = {"username": "nuova", "password": PASSWORD}
    assert (await office.client.post(f"{office.url}/api/v1/session", json=body)).status == 200
    status, again = await upload(office, FIFTY + ODD)
    assert (again["added"], again["changed"], len(again["unchanged"])) == ([], [], 50)


@pytest.mark.parametrize(
    ("login", "kind", "text", "status"),
    [
        ("sara", "text/csv", FIFTY, 403),
        ("root", "application/json", FIFTY, 415),
        ("root", "text/csv", "a;b\n1;2\n", 422),
        ("root", "text/csv", "", 422),
    ],
)
async def test_file_of_people_that_cannot_be_is_refused(
    office: WebBench, login: str, kind: str, text: str, status: int
) -> None:
    """Only administrators, only CSV, only with logins."""
    assert (await upload(office, text, login=login, kind=kind))[0] == status
