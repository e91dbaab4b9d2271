"""What comes after a call over REST: wrap-ups, promises, who waits, the timeline."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from support.store import CUSTOMER, a_call, an_ended_call
from support.web import WebBench, frame

from gateway.core.matching import Contact, ContactNumber
from gateway.core.record import CallRecord, Outcome, Party, Presentation, Seconds, time_json
from gateway.store.calls import save_call
from gateway.store.contacts import save_contacts
from gateway.store.teams import put_teams
from gateway.store.wrapups import with_wrap_ups

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC).replace(microsecond=0)
MOBILE = "+393471112223"
PAOLA = Contact(
    id="c-paola",
    name="Paola Neri",
    vip=True,
    email="Paola@Neri.example",
    numbers=(ContactNumber(raw=CUSTOMER, e164=CUSTOMER), ContactNumber(raw=MOBILE, e164=MOBILE)),
)


@pytest.fixture(autouse=True)
def the_present() -> None:
    """Let each test begin now: a long run imports its modules long before it gets here."""
    global NOW  # noqa: PLW0603 - one test at a time
    NOW = datetime.now(UTC).replace(microsecond=0)


def lately(number: int, minutes: float, **changes: object) -> CallRecord:
    """Return an ended call of so many minutes ago, answered by 1002 (Luca)."""
    at = NOW - timedelta(minutes=minutes)
    record = replace(
        an_ended_call(number),
        started_at=at,
        answered_at=at + timedelta(seconds=9),
        ended_at=at + timedelta(seconds=90),
    )
    return replace(record, **changes)  # type: ignore[arg-type] # the tests name real fields


def missed_call(number: int, minutes: float, **changes: object) -> CallRecord:
    """Return a call of so many minutes ago that nobody answered."""
    nobody: dict[str, object] = {
        "outcome": Outcome.ABANDONED,
        "answered_by": None,
        "final_talker": None,
        "answered_at": None,
        "seconds": Seconds(wait=30.0),
    }
    return lately(number, minutes, **(nobody | changes))


async def keep(bench: WebBench, *records: CallRecord) -> None:
    """Store calls as the pipeline does, and let them be followed."""
    for record in records:
        await bench.db.write(partial(save_call, record=record, state=None))
    await follow(bench)


async def follow(bench: WebBench) -> None:
    """Take in what changed in the store, as the daemon does twice a second."""
    while await bench.services.follow_ups.missed.step():
        pass


async def post(
    bench: WebBench, path: str, body: Mapping[str, object] | None = None, login: str = "anna"
) -> tuple[int, dict[str, Any]]:
    """Send a POST and return status and body."""
    answer = await bench.client.post(bench.url + path, json=body, headers=bench.bearer(login))
    return answer.status, await answer.json()


async def patch(
    bench: WebBench, path: str, body: dict[str, object], login: str = "anna"
) -> tuple[int, dict[str, Any]]:
    """Send a PATCH and return status and body."""
    answer = await bench.client.patch(bench.url + path, json=body, headers=bench.bearer(login))
    return answer.status, await answer.json()


async def test_agent_says_what_their_call_was_and_may_say_it_anew(bench: WebBench) -> None:
    """The last word counts; the outcome stays what the network did."""
    call = lately(1, 5)
    await keep(bench, call)
    path = f"/api/v1/calls/{call.id}/wrap-up"
    first = {"disposition": "Resolved", "note": "Credit note\nby Friday"}
    assert (await post(bench, path, first, "luca"))[0] == 200
    status, record = await post(bench, path, {"disposition": "Complaint"}, "luca")
    assert status == 200
    (said,) = record["wrap_ups"]
    assert (said["agent"], said["disposition"], said["note"]) == ("luca", "Complaint", None)
    assert (record["outcome"], record["revision"]) == ("answered", 2)


async def test_later_save_of_the_call_does_not_erase_what_was_said(bench: WebBench) -> None:
    """Late facts and back-fill write the whole record anew."""
    call = lately(1, 5)
    await keep(bench, call)
    await post(bench, f"/api/v1/calls/{call.id}/wrap-up", {"note": "Wants a visit"}, "luca")
    amended = replace(call, revision=1, trunk="carrier")
    await bench.db.write(lambda conn: save_call(conn, with_wrap_ups(conn, amended), state=None))
    record = await (await bench.get(f"/api/v1/calls/{call.id}", "luca")).json()
    assert (record["trunk"], record["wrap_ups"][0]["note"]) == ("carrier", "Wants a visit")


@pytest.mark.parametrize(("login", "status"), [("anna", 404), ("sara", 403), ("paula", 403)])
async def test_others_cannot_speak_for_the_agent(bench: WebBench, login: str, status: int) -> None:
    """A supervisor sees the call but did not have it; a colleague does not even see it."""
    call = lately(1, 5, rung=(("1002",),))
    await keep(bench, call)
    path = f"/api/v1/calls/{call.id}/wrap-up"
    assert (await post(bench, path, {"note": "x"}, login))[0] == status


async def test_unknown_disposition_is_refused_with_what_to_do(bench: WebBench) -> None:
    """Reports count words: a new spelling would be a new word."""
    call = lately(1, 5)
    await keep(bench, call)
    status, problem = await post(
        bench, f"/api/v1/calls/{call.id}/wrap-up", {"disposition": "resolved"}, "luca"
    )
    assert (status, "dispositions" in problem["detail"]) == (422, True)


async def test_interaction_told_twice_is_on_the_timeline_once(bench: WebBench) -> None:
    """A help desk that repeats its request must not double the customer's mails."""
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    mail: dict[str, object] = {
        "channel": "mail",
        "direction": "inbound",
        "external_id": "msg-1",
        "email": "paola@neri.EXAMPLE",
        "subject": "Invoice 2214",
    }
    status, first = await post(bench, "/api/v1/interactions", mail)
    again, second = await post(bench, "/api/v1/interactions", mail | {"summary": "Twice debited"})
    assert (status, again, first["id"] == second["id"]) == (201, 200, True)
    assert first["contact_id"] == PAOLA.id
    (item,) = await bench.items(f"/api/v1/contacts/{PAOLA.id}/timeline")
    assert (item["subject"], item["text"]) == ("Invoice 2214", "Twice debited")


async def test_timeline_has_all_channels_newest_first_in_pages(bench: WebBench) -> None:
    """Also a call of before the directory knew the number; pages never repeat or lose an entry."""
    await keep(bench, missed_call(1, 50), lately(2, 40))
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    await keep(bench, lately(3, 30, caller=Party(number=MOBILE, e164=MOBILE)))
    promise: dict[str, object] = {
        "contact_id": PAOLA.id,
        "text": "Offer",
        "due_at": time_json(NOW + timedelta(hours=1)),
    }
    await post(bench, "/api/v1/promises", promise, "luca")
    visit: dict[str, object] = {
        "channel": "visit",
        "direction": "outbound",
        "contact_id": PAOLA.id,
        "at": time_json(NOW - timedelta(minutes=35)),
    }
    await post(bench, "/api/v1/interactions", visit)
    path, seen, cursor = f"/api/v1/contacts/{PAOLA.id}/timeline?limit=2", [], ""
    for _page in range(3):
        page = await (await bench.get(path + cursor)).json()
        seen += [(item["kind"], item["channel"], item["missed"]) for item in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == [
        ("promise", "call", False),
        ("call", "call", False),
        ("interaction", "visit", False),
        ("call", "call", False),
        ("call", "call", True),
    ]


async def test_timeline_says_who_had_the_customer_and_what_may_be_opened(
    bench: WebBench,
) -> None:
    """The colleague's call is the customer's history; its whole record stays the colleague's."""
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    await keep(bench, lately(1, 5, rung=(("1002",),)))
    for login, readable in (("anna", False), ("luca", True), ("sara", True)):
        (item,) = await bench.items(f"/api/v1/contacts/{PAOLA.id}/timeline", login)
        assert item["readable"] is readable
        assert item["who"] == [{"extension": "1002", "logins": ["luca"]}]
    answer = await bench.get(f"/api/v1/contacts/{PAOLA.id}/timeline", "paula")
    assert answer.status == 403


async def test_promise_is_kept_by_a_talk_on_another_number(bench: WebBench) -> None:
    """Whoever reaches the customer's mobile has kept what was promised to the office number."""
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    body: dict[str, object] = {
        "number": "06 1234 5678",
        "text": "Call back about the offer",
        "due_at": time_json(NOW + timedelta(hours=1)),
    }
    status, promise = await post(bench, "/api/v1/promises", body)
    assert (status, promise["contact_id"], promise["assignee"]) == (201, PAOLA.id, "anna")
    later = lately(1, -1, caller=Party(number=MOBILE, e164=MOBILE))
    await keep(bench, later)
    (kept,) = await bench.items(f"/api/v1/promises?contact={PAOLA.id}")
    assert (kept["state"], kept["to_do"], kept["settled_by"]) == ("kept", False, str(later.id))


async def test_promise_that_falls_due_is_told_once_and_is_broken(bench: WebBench) -> None:
    """To its assignee and the supervisor, not to a colleague, and not again after a restart."""
    due = datetime.now(UTC) - timedelta(seconds=1)
    body: dict[str, object] = {"number": CUSTOMER, "text": "Offer", "due_at": time_json(due)}
    _status, promise = await post(bench, "/api/v1/promises", body | {"assignee": "luca"})
    sockets = {login: await bench.socket(login) for login in ("anna", "luca", "sara")}
    for socket in sockets.values():
        await frame(socket)
    for _restart in range(2):
        await bench.services.follow_ups.promises.tell_due()
    for login in ("luca", "sara"):
        told = await frame(sockets[login])
        assert (told["type"], told["data"]["id"]) == ("promise.due", promise["id"])
        assert (told["data"]["state"], told["data"]["to_do"]) == ("broken", True)
        assert bench.services.hub.seq(login) == told["seq"]
    assert bench.services.hub.seq("anna") == 0


async def test_promise_is_changed_by_those_it_concerns(bench: WebBench) -> None:
    """A colleague may not withdraw what I promised; a supervisor hands it over."""
    body: dict[str, object] = {
        "number": CUSTOMER,
        "text": "Offer",
        "due_at": time_json(NOW + timedelta(hours=1)),
    }
    _status, promise = await post(bench, "/api/v1/promises", body)
    path = f"/api/v1/promises/{promise['id']}"
    assert (await patch(bench, path, {"state": "withdrawn"}, "luca"))[0] == 403
    assert (await patch(bench, path, {"assignee": "luca"}, "sara"))[0] == 200
    past = time_json(NOW - timedelta(minutes=5))
    status, problem = await patch(bench, path, {"due_at": past}, "luca")
    assert (status, "time zone" in problem["detail"]) == (422, True)
    status, changed = await patch(bench, path, {"state": "kept"}, "luca")
    assert (status, changed["state"], changed["settled_by"]) == (200, "kept", "luca")
    assert await bench.items("/api/v1/promises?to_do=true") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_at": "2026-11-22T15:00:00"},
        {"number": "201"},
        {"number": None},
        {"text": "\u0000"},
        {"assignee": "nobody"},
        {"contact_id": "unknown"},
        {"due_at": "9999-01-01T00:00:00Z"},
        {"due_at": "2026-01-01T00:00:00Z"},
    ],
)
async def test_promise_that_cannot_be_is_refused(bench: WebBench, wrong: dict[str, object]) -> None:
    """A time without a zone or that has passed, a number nobody can call, nobody to do it."""
    body: dict[str, object] = {
        "number": CUSTOMER,
        "text": "Offer",
        "due_at": time_json(NOW + timedelta(hours=1)),
    }
    assert (await post(bench, "/api/v1/promises", body | wrong))[0] == 422


async def test_customer_waits_once_and_closes_by_itself(bench: WebBench) -> None:
    """Across numbers and queues; a call that was found later changes nothing that was settled."""
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    mobile = Party(number=MOBILE, e164=MOBILE)
    await keep(bench, missed_call(1, 30), missed_call(2, 20, caller=mobile, queue="sales"))
    (item,) = await bench.items("/api/v1/missed")
    assert (item["contact"]["name"], item["attempts"]) == ("Paola Neri", 2)
    assert (item["queues"], item["reasons"][0]) == (["support", "sales"], "vip")
    await keep(bench, lately(3, 10))
    assert await bench.items("/api/v1/missed") == []
    await keep(bench, missed_call(4, 15))
    assert await bench.items("/api/v1/missed") == []
    await keep(bench, missed_call(5, 5))
    (item,) = await bench.items("/api/v1/missed")
    assert (item["attempts"], item["number"]) == (1, CUSTOMER)


async def test_item_of_a_number_goes_to_its_contact_with_whoever_took_it(
    bench: WebBench,
) -> None:
    """A contact created while somebody calls back must not put the customer on the list twice."""
    await keep(bench, missed_call(1, 30))
    (item,) = await bench.items("/api/v1/missed")
    assert (await post(bench, f"/api/v1/missed/{item['id']}/claim"))[0] == 200
    await bench.db.write(lambda conn: save_contacts(conn, [PAOLA]))
    await keep(bench, missed_call(1, 30, trunk="carrier", revision=1))
    (moved,) = await bench.items("/api/v1/missed")
    assert (moved["contact"]["id"], moved["claimed_by"]) == (PAOLA.id, "anna")


async def test_call_that_became_part_of_another_leaves_the_list(bench: WebBench) -> None:
    """A pickup found out late: the survivor was answered."""
    gone = missed_call(1, 30)
    await keep(bench, gone)
    await keep(bench, replace(gone, merged_into=lately(2, 29).id, revision=1))
    assert await bench.items("/api/v1/missed") == []


async def test_supervisor_settles_only_what_is_their_teams(bench: WebBench) -> None:
    """Once there are teams, somebody else's promise and customer are none of theirs."""
    body: dict[str, object] = {
        "number": CUSTOMER,
        "text": "Offer",
        "due_at": time_json(NOW + timedelta(hours=1)),
    }
    _status, promise = await post(bench, "/api/v1/promises", body)
    await keep(bench, missed_call(1, 30, queue=None))
    (item,) = await bench.items("/api/v1/missed")
    assert (await post(bench, f"/api/v1/missed/{item['id']}/claim"))[0] == 200
    for login, team in (("anna", "north"), ("sara", "south")):
        await bench.db.write(lambda conn, login=login, team=team: put_teams(conn, login, [team]))  # type: ignore[misc]
    await bench.watch.check_all()
    path = f"/api/v1/promises/{promise['id']}"
    release = f"/api/v1/missed/{item['id']}/release"
    assert (await patch(bench, path, {"state": "withdrawn"}, "sara"))[0] == 403
    assert (await post(bench, release, login="sara"))[0] == 403
    await bench.db.write(lambda conn: put_teams(conn, "sara", ["north"]))
    await bench.watch.check_all()
    assert (await patch(bench, path, {"state": "withdrawn"}, "sara"))[0] == 200
    assert (await post(bench, release, login="sara"))[0] == 200


async def test_withheld_numbers_are_counted_and_never_listed(bench: WebBench) -> None:
    """There is nobody to call back, but the supervisor must know how many were lost."""
    hidden = Party(number=CUSTOMER, e164=CUSTOMER, presentation=Presentation.WITHHELD)
    await keep(bench, missed_call(1, 30, caller=hidden), lately(2, 20, caller=hidden))
    page = await (await bench.get("/api/v1/missed")).json()
    assert (page["items"], page["withheld"]["count"]) == ([], 1)


async def test_of_many_who_take_a_customer_one_gets_them(bench: WebBench) -> None:
    """Two call-backs within a minute are worse than none."""
    await keep(bench, missed_call(1, 30))
    (item,) = await bench.items("/api/v1/missed")
    path = f"/api/v1/missed/{item['id']}"
    tries = [post(bench, f"{path}/claim", login=who) for who in ("anna", "luca", "sara") * 4]
    answers = await asyncio.gather(*tries)
    winners = {body["claimed_by"] for status, body in answers if status == 200}
    assert len(winners) == 1
    assert sorted({status for status, _body in answers}) == [200, 409]
    (winner,) = winners
    loser = next(who for who in ("anna", "luca") if who != winner)
    assert (await post(bench, f"{path}/release", login=loser))[0] == 403
    assert (await post(bench, f"{path}/release", login="sara"))[0] == 200
    assert (await post(bench, f"{path}/release", login=winner))[0] == 409


async def test_pages_are_told_who_waits_and_who_has_taken_them(bench: WebBench) -> None:
    """Every list of missed customers is the same list."""
    socket = await bench.socket("luca")
    await frame(socket)
    await keep(bench, missed_call(1, 30))
    opened = await frame(socket)
    await post(bench, f"/api/v1/missed/{opened['data']['id']}/claim")
    taken = await frame(socket)
    await keep(bench, lately(2, 10))
    closed = await frame(socket)
    assert {told["type"] for told in (opened, taken, closed)} == {"missed.updated"}
    assert (opened["data"]["state"], taken["data"]["claimed_by"]) == ("open", "anna")
    assert closed["data"]["state"] == "closed"


async def test_live_talk_closes_at_once(bench: WebBench) -> None:
    """A colleague must not call somebody who is on the telephone with us."""
    await keep(bench, missed_call(1, 30))
    live = replace(
        a_call(2), started_at=NOW, answered_at=NOW, outcome=Outcome.ANSWERED, answered_by="1002"
    )
    await keep(bench, live)
    assert await bench.items("/api/v1/missed") == []
