"""Erasing and exporting a person over REST: by whom, and what the audit log keeps."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.store import CUSTOMER, a_call, an_ended_call
from support.web import WebBench

from gateway.core.contact import Contact, ContactNumber
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.people import Role, User, add_user

pytestmark = pytest.mark.integration

PATH = "/api/v1/privacy/erasures"
PIA = User(login="pia", name="Pia", role=Role.PRIVACY)
ZOE = Contact(id="zoe", name="Zoe", numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER),))


def furnish(conn: Connection) -> str:
    """Store Zoe, two calls of hers and a privacy officer; return the officer's token."""
    now = datetime.now(UTC)
    add_user(conn, PIA, password_hash=None, now=now)
    save_contacts(conn, [ZOE])
    for number in (1, 2):
        save_call(conn, an_ended_call(number), state=None)
    return create_token(conn, PIA.login, now=now)[1]


async def erase(bench: WebBench, body: object, login: str = "pia") -> tuple[int, dict[str, Any]]:
    """Send a request and return status and answer."""
    answer = await bench.client.post(bench.url + PATH, json=body, headers=bench.bearer(login))
    return answer.status, await answer.json(content_type=None)


async def test_privacy_officer_erases_and_nobody_else(bench: WebBench) -> None:
    """First what it would do, then once for all; the log names no number."""
    bench.tokens["pia"] = await bench.db.write(furnish)
    for login in ("anna", "sara", "paula"):
        assert (await erase(bench, {"contact": "zoe"}, login))[0] == 403
    expected = {"contacts": 1, "calls": 2, "others": 0, "told": {}}
    whom = {"number": "06 12345678"}
    assert await erase(bench, whom | {"preview": True}) == (200, expected | {"preview": True})
    assert len(await bench.items("/api/v1/calls", "sara")) == 2
    assert await erase(bench, whom) == (200, expected | {"preview": False})
    assert await bench.items("/api/v1/calls", "sara") == []
    assert (await bench.get("/api/v1/contacts/zoe", "sara")).status == 404
    (entry,) = await bench.items("/api/v1/audit?action=person.erased", "pia")
    assert (entry["actor"], entry["subject"]) == ("pia", "zoe")
    assert entry["detail"] == {"calls": 2, "others": 0}


async def test_person_who_is_to_stay_away_is_refused_in_a_file(bench: WebBench) -> None:
    """The page that imports says why, and what lets them in again."""
    bench.tokens["pia"] = await bench.db.write(furnish)
    assert (await erase(bench, {"contact": "zoe", "keep_away": True}))[0] == 200
    answer = await bench.client.post(
        f"{bench.url}/api/v1/contacts/import",
        data=f"name,phone\nZoe,{CUSTOMER}\n",
        headers={**bench.bearer("sara"), "Content-Type": "text/csv"},
    )
    report = await answer.json()
    assert (answer.status, report["imported"], report["refused"]) == (200, 0, 1)
    assert "erased" in report["refusals"][0]["reason"]


async def test_privacy_officer_is_given_everything_and_nobody_else(bench: WebBench) -> None:
    """Who asks what we know of them gets one document; that it was made is written down."""
    bench.tokens["pia"] = await bench.db.write(furnish)
    url = f"{bench.url}/api/v1/privacy/exports"
    for login, status in (("anna", 403), ("sara", 403), ("pia", 200)):
        answer = await bench.client.post(url, json={"contact": "zoe"}, headers=bench.bearer(login))
        assert answer.status == status
    told = await answer.json()
    assert told["person"] == {"contact": "zoe", "numbers": [CUSTOMER], "email": None}
    assert len(told["kept"]["calls"]) == 2
    (entry,) = await bench.items("/api/v1/audit?action=person.exported", "pia")
    assert (entry["actor"], entry["subject"], entry["detail"]["calls"]) == ("pia", "zoe", 2)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "contact"),
        ({"contact": "zoe", "number": CUSTOMER}, "contact"),
        ({"number": "201"}, "whole"),
        ({"contact": "nobody"}, "no such contact"),
    ],
)
async def test_erasing_nobody_is_refused(
    bench: WebBench, body: dict[str, object], words: str
) -> None:
    """A typing mistake must not erase somebody else."""
    bench.tokens["pia"] = await bench.db.write(furnish)
    status, problem = await erase(bench, body)
    assert (status, words in problem["detail"]) == (422, True)


async def test_person_on_the_telephone_is_not_erased(bench: WebBench) -> None:
    """The next event of the call would bring them back."""
    bench.tokens["pia"] = await bench.db.write(furnish)
    await bench.db.write(lambda conn: save_call(conn, a_call(3), state=b"x") and None)
    status, problem = await erase(bench, {"contact": "zoe"})
    assert (status, "is up" in problem["detail"]) == (422, True)
