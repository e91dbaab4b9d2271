"""The directory over REST: made, found, changed, imported, chosen, ignored."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.store import an_ended_call
from support.web import WebBench, running_web
from yarl import URL

from gateway.core.numbers import NumberPlan
from gateway.core.record import Party
from gateway.store.calls import save_call
from gateway.store.database import Database
from gateway.store.importing import ImportReport, Wishes, import_file
from gateway.store.mirror import Mirror
from gateway.web.services import Services

pytestmark = pytest.mark.integration

ANNA_VERDI = {
    "name": "Anna Verdi",
    "company": "Studio Verdi",
    "language": "it",
    "formality": "formal",
    "tags": ["gold", "gold"],
    "vip": True,
    "fields": {"city": "Roma"},
    "numbers": [
        {"number": "06 12345678 int. 12", "label": "office"},
        {"number": "333 1234567", "label": "mobile"},
    ],
    "references": [{"crm": "odoo", "ref": "17", "url": "https://odoo.example/17"}],
}


@asynccontextmanager
async def with_mirror(folder: Path) -> AsyncIterator[WebBench]:
    """Run the application with a real local copy of the directory."""
    mirrors: list[Mirror] = []

    def extend(services: Services) -> Services:
        mirror = Mirror(folder / "mirror.db", services.db)
        mirrors.append(mirror)
        return replace(services, directory=mirror, find=mirror.match)

    async with running_web(folder, extend=extend) as bench:
        await mirrors[0].refresh()
        yield bench
        await mirrors[0].close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give an application with an empty directory."""
    async with with_mirror(tmp_path) as running:
        yield running


async def send(
    bench: WebBench, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any]:
    """Send a request as Anna the agent, and return status and JSON of the answer."""
    answer = await bench.client.request(
        method, bench.url + path, json=body, headers=bench.bearer("anna") | headers
    )
    text = await answer.text()
    return answer.status, (await answer.json(content_type=None) if text else None)


async def refresh(bench: WebBench) -> None:
    """Let the local copy catch up, as the watch does within a second."""
    assert bench.services.directory is not None
    await bench.services.directory.refresh()


async def test_an_entry_is_made_found_changed_and_deleted(bench: WebBench) -> None:
    """What an agent writes on the card is what the next one reads."""
    status, made = await send(bench, "POST", "/api/v1/contacts", ANNA_VERDI)
    assert (status, made["tags"], made["fields"]) == (201, ["gold"], {"city": "Roma"})
    assert made["numbers"][0] == {
        "number": "06 12345678 int. 12",
        "e164": "+390612345678",
        "label": "office",
        "extension": "12",
    }
    path = f"/api/v1/contacts/{made['id']}"
    again = await send(bench, "POST", "/api/v1/contacts", ANNA_VERDI)
    assert (again[0], made["id"] in again[1]["detail"]) == (409, True)
    assert again[1]["detail"].startswith("This entry is in the directory already. ")
    await refresh(bench)
    for wanted in ("ver", "anna%20studio", "06%201234", "333123", "+39333"):
        assert [one["id"] for one in await bench.items(f"/api/v1/contacts?q={wanted}")] == [
            made["id"]
        ]
    assert await bench.items("/api/v1/contacts?q=zz") == []
    status, changed = await send(bench, "PATCH", path, {"at_risk": True, "vip": False})
    assert (status, changed["at_risk"], changed["vip"], changed["name"]) == (
        *(200, True, False),
        "Anna Verdi",
    )
    assert (await send(bench, "DELETE", path))[0] == 204
    assert (await send(bench, "GET", path))[0] == 404
    assert (await send(bench, "DELETE", path))[0] == 404


async def test_an_edit_of_what_somebody_else_changed_is_refused(bench: WebBench) -> None:
    """Two agents with the same card open must not undo each other's work."""
    _, made = await send(bench, "POST", "/api/v1/contacts", ANNA_VERDI)
    path = f"/api/v1/contacts/{made['id']}"
    tag = (await bench.get(path)).headers["ETag"]
    assert tag == f'"c{made["change"]}"'
    assert (await send(bench, "PATCH", path, {"owner": "luca"}, **{"If-Match": tag}))[0] == 200
    late = await send(bench, "PATCH", path, {"owner": "sara"}, **{"If-Match": tag})
    assert (late[0], late[1]["type"].rpartition(":")[2]) == (412, "edited-meanwhile")
    assert (await send(bench, "PATCH", path, {"change": made["change"], "vip": True}))[0] == 412
    assert (await send(bench, "DELETE", path, **{"If-Match": tag}))[0] == 412
    assert (await (await bench.get(path)).json())["owner"] == "luca"


async def test_a_person_belongs_to_a_company_that_is_there(bench: WebBench) -> None:
    """The company's people are listed under it."""
    body = {"kind": "company", "company": "Verdi Spa", "numbers": [{"number": "06 1234*"}]}
    _, firm = await send(bench, "POST", "/api/v1/contacts", body)
    assert (firm["name"], firm["numbers"][0]["e164"]) == (None, "+39061234*")
    person = {"name": "Zoe", "company_id": firm["id"]}
    status, zoe = await send(bench, "POST", "/api/v1/contacts", person)
    assert (status, zoe["company"]) == (201, "Verdi Spa")
    path = f"/api/v1/contacts?company_id={firm['id']}"
    assert [one["name"] for one in await bench.items(path)] == ["Zoe"]
    assert (await send(bench, "POST", "/api/v1/contacts", person | {"company_id": "x"}))[0] == 422
    await refresh(bench)
    found = await (await bench.get("/api/v1/match?number=0612349999&lang=it")).json()
    assert (found["match"]["kind"], found["contact"]["id"]) == ("company", firm["id"])
    assert "arco di numeri +39061234* di Verdi Spa" in found["match"]["steps"][-1]


async def test_a_choice_between_several_is_remembered_until_it_is_taken_back(
    bench: WebBench,
) -> None:
    """The family's number is Zoe's for whoever answers next, and it says who decided that."""
    number = {"numbers": [{"number": "0612345678"}]}
    _, zoe = await send(bench, "POST", "/api/v1/contacts", {"name": "Zoe", **number})
    _, max_ = await send(bench, "POST", "/api/v1/contacts", {"name": "Max", **number})
    record = an_ended_call()
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    await refresh(bench)
    path = "/api/v1/match?number=0612345678"
    several = await (await bench.get(path)).json()
    assert (several["match"]["kind"], several["known"]) == ("several", False)
    assert {one["id"] for one in several["candidates"]} == {zoe["id"], max_["id"]}
    assert several["reasons"] == ["person", "person"]
    choice = {"number": "06 12345678", "contact": zoe["id"]}
    status, made = await send(bench, "POST", "/api/v1/match/choice", choice)
    assert (status, made["number"], made["by"]) == (201, "+390612345678", "anna")
    await refresh(bench)
    chosen = await (await bench.get(path)).json()
    assert (chosen["match"]["kind"], chosen["contact"]["id"]) == ("exact", zoe["id"])
    assert chosen["choice"]["by"] == "anna"
    assert "Zoe was chosen for this number by anna on" in chosen["match"]["steps"][-1]
    assert (await send(bench, "DELETE", "/api/v1/match/choice?number=0612345678"))[0] == 204
    assert (await send(bench, "DELETE", "/api/v1/match/choice?number=0612345678"))[0] == 404
    await refresh(bench)
    assert (await (await bench.get(path)).json())["match"]["kind"] == "several"


@pytest.mark.parametrize("number", ["anonymous", "201", "112", "abc"])
async def test_nobody_is_chosen_for_a_hidden_or_short_number(bench: WebBench, number: str) -> None:
    """All hidden callers are not one person."""
    _, zoe = await send(bench, "POST", "/api/v1/contacts", {"name": "Zoe"})
    choice = {"number": number, "contact": zoe["id"]}
    assert (await send(bench, "POST", "/api/v1/match/choice", choice))[0] == 422


@pytest.mark.parametrize("written", ["%C2%90", "%40%3A", "%EF%BC%90%EF%BC%96", "9" * 64])
async def test_what_is_no_number_matches_nobody_and_says_so(bench: WebBench, written: str) -> None:
    """Control characters, signs, digits of another script, 64 digits: an answer, not a fault."""
    answer = await bench.get(f"/api/v1/match?number={written}")
    assert answer.status == 200, await answer.text()
    found = await answer.json()
    assert (found["match"]["kind"], found["contact"]) == ("none", None)
    assert found["match"]["steps"]


async def test_ignored_numbers_are_listed_and_named_in_a_match(bench: WebBench) -> None:
    """A call centre's range is silenced once for all."""
    body = {"number": "02 9999*", "reason": "spam"}
    assert (await send(bench, "POST", "/api/v1/ignored", body))[0] == 201
    assert [one["number"] for one in await bench.items("/api/v1/ignored")] == ["+39029999*"]
    await refresh(bench)
    found = await (await bench.get("/api/v1/match?number=0299991234")).json()
    assert found["ignored"]["reason"] == "spam"
    for wide in ("0*", "+39*", "+353*", "+3906*", "+353 12*"):
        assert (await send(bench, "POST", "/api/v1/ignored", body | {"number": wide}))[0] == 422
    assert (await send(bench, "DELETE", "/api/v1/ignored?number=02%209999*"))[0] == 204
    assert await bench.items("/api/v1/ignored") == []


async def test_a_file_is_previewed_then_imported(bench: WebBench) -> None:
    """An administrator sees what would happen before it does."""
    text = "id;nome;telefono\n1;Anna;0612345678\n2;;333\n3;=cmd();06 abc\n".encode("utf-16")
    url = f"{bench.url}/api/v1/contacts/import"
    headers = bench.bearer("anna") | {"Content-Type": "text/csv"}
    answer = await bench.client.post(url + "?preview=true", data=text, headers=headers)
    seen = await answer.json()
    assert (answer.status, seen["imported"], seen["refused"]) == (200, 2, 1)
    assert seen["refusals"][0]["line"] == 3
    italian = headers | {"Accept-Language": "it-IT,it;q=0.9"}
    answer = await bench.client.post(url + "?preview=true", data=text, headers=italian)
    assert (await answer.json())["refusals"][0]["reason"] == "né nome né azienda"
    assert seen["differences"][0]["values"][0] == ["ref", "", "1"]
    assert await bench.items("/api/v1/contacts") == []
    done = await (await bench.client.post(url, data=text, headers=headers)).json()
    assert (done["imported"], done["oddities"][0]["line"]) == (2, 4)
    assert {one["name"] for one in await bench.items("/api/v1/contacts")} == {"Anna", "=cmd()"}
    cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoe\r\nTEL:0612345679\r\nEND:VCARD\r\n"
    headers["Content-Type"] = "text/vcard"
    done = await (await bench.client.post(url, data=cards, headers=headers)).json()
    assert done["imported"] == 1
    refused = await bench.client.post(url, data=b"PK\x03\x04", headers=headers)
    assert (refused.status, "workbook" in (await refused.json())["detail"]) == (422, True)
    headers["Content-Type"] = "application/json"
    assert (await bench.client.post(url, data=b"{}", headers=headers)).status == 415


async def test_a_file_that_is_imported_has_no_name_on_the_disk(
    bench: WebBench, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill -9 in the midst of it must leave nobody's address book behind."""
    folder = tmp_path_factory.mktemp("uploads")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    seen: list[str] = []

    async def watched(
        db: Database, path: Path, *, plan: NumberPlan, wishes: Wishes
    ) -> ImportReport:
        seen.extend(await asyncio.to_thread(os.listdir, folder))
        return await import_file(db, path, plan=plan, wishes=wishes)

    monkeypatch.setattr("gateway.web.contact_import.import_file", watched)
    headers = bench.bearer("anna") | {"Content-Type": "text/csv"}
    url = f"{bench.url}/api/v1/contacts/import"
    done = await bench.client.post(url, data=b"name;phone\nAnna;0612345678\n", headers=headers)
    assert ((await done.json())["imported"], seen) == (1, [])


async def test_calls_are_found_by_a_plus_that_nobody_encoded(bench: WebBench) -> None:
    """It arrives as a space, and what is left of a foreign number would be read as one of ours."""
    number = "+4930123456"
    record = an_ended_call(caller=Party(number=number, e164=number))
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    for written in ("+49 30 123456", "%2B49 30 123456", "0049 30 123456"):
        url = f"{bench.url}/api/v1/calls?number={written.replace(' ', '%20')}"
        answer = await bench.client.get(URL(url, encoded=True), headers=bench.bearer("sara"))
        assert [one["id"] for one in (await answer.json())["items"]] == [str(record.id)], written


async def test_who_shares_a_number_is_listed_page_by_page_and_within_a_company(
    bench: WebBench,
) -> None:
    """A parameter that is not heeded would be a wrong answer."""
    _, firm = await send(bench, "POST", "/api/v1/contacts", {"kind": "company", "company": "Blu"})
    made: list[str] = []
    for name, company in (("Zoe", None), ("Max", firm["id"]), ("Ida", firm["id"])):
        body = {"name": name, "company_id": company, "numbers": [{"number": "0612345678"}]}
        made.append((await send(bench, "POST", "/api/v1/contacts", body))[1]["id"])
    path = "/api/v1/contacts?number=06%2012345678"
    seen: list[str] = []
    cursor = ""
    for _ in made:
        page = await (await bench.get(f"{path}&limit=1{cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert (sorted(seen), page["next"]) == (sorted(made), None)
    both = await bench.items(f"{path}&company_id={firm['id']}")
    assert {one["id"] for one in both} == set(made[1:])
    refused = await bench.get(f"{path}&q=zoe")
    assert (refused.status, "q alone" in (await refused.json())["detail"]) == (422, True)
