"""Calls whose contact names a record of the CRM: theirs, with owner and company, or gone."""

from typing import Any

import pytest
from support.crm_records import answered
from support.rest_peer import Asked, RestPeer, put, reply

from gateway.core.errors import RejectedError
from gateway.core.ports import HttpAnswer
from gateway.core.record import CallRecord, ContactRef, MatchKind

ANNA: dict[str, Any] = {"id": 15, "name": "Anna", "tel": "06 12345678", "home": 7, "boss": 3}
BRUNO: dict[str, Any] = {"id": 16, "name": "Bruno", "tel": "06 12345678", "home": 8, "boss": 4}
SEARCH = [{"path": "/people", "phones": "tel", "company": "home", "owner": "boss"}]
CALL: dict[str, Any] = {
    "idempotency": "header",
    "create": {
        "path": "/calls",
        "id": "id",
        "body": {
            "person": "{{ person }}",
            "company": "{{ company }}",
            "owner": "{{ contact.owner }}",
            "title": "{{ title }}",
        },
    },
}


class Crm:
    """A CRM that refuses calls of people it does not have, and titles it does not like."""

    def __init__(self, *people: dict[str, Any]) -> None:
        self.people = list(people)
        self.calls: list[dict[str, Any]] = []
        self.refuses = False

    def handle(self, asked: Asked) -> HttpAnswer:
        """Find people, keep calls."""
        if asked.path == "/people":
            return reply(self.people)
        person = asked.json.get("person")
        known = {None, *(one["id"] for one in self.people)}
        if self.refuses or person not in known:
            return reply({"error": "no such record"}, status=422)
        self.calls.append(asked.json)
        return reply({"id": len(self.calls)})


def named(ref: str = "person:15") -> CallRecord:
    """Return a call whose contact is a record of the CRM."""
    contact = ContactRef(id="ours", ref=ref, name="Anna", match=MatchKind.EXACT, crm="crm")
    return answered(contact=contact)


async def test_reference_decides_and_the_search_adds_owner_and_company() -> None:
    """An agent chose one of two; without an owner the task of a missed call would be nobody's."""
    crm = Crm(BRUNO, ANNA)
    await put(RestPeer(crm.handle).writer(search=SEARCH, call=CALL), named())
    [made] = crm.calls
    assert (made["person"], made["company"], made["owner"]) == (15, 7, 3)
    assert "Anna" in made["title"]


async def test_record_that_no_search_finds_is_believed() -> None:
    """Its number may stand in a field that the search does not know."""
    crm = Crm({**ANNA, "tel": "none"})
    await put(RestPeer(crm.handle).writer(search=SEARCH, call=CALL), named())
    assert [one["person"] for one in crm.calls] == [15]


@pytest.mark.parametrize(("left", "person"), [((BRUNO,), 16), ((), None)])
async def test_record_that_is_gone_costs_no_call(
    left: tuple[dict[str, Any], ...], person: int | None
) -> None:
    """Deleted or merged between the ring and the writing; the directory learns of it by night."""
    crm = Crm(*left)
    await put(RestPeer(crm.handle).writer(search=SEARCH, call=CALL), named())
    assert [one.get("person") for one in crm.calls] == [person]


async def test_call_that_is_refused_for_another_reason_stays_refused() -> None:
    """The reason is told; it is asked once, or once more where the record is in doubt."""
    crm = Crm(ANNA)
    crm.refuses = True
    peer = RestPeer(crm.handle)
    with pytest.raises(RejectedError):
        await put(peer.writer(search=SEARCH, call=CALL), named())
    assert len(peer.to("/calls")) == 1
    crm.people.clear()
    with pytest.raises(RejectedError):
        await put(peer.writer(search=SEARCH, call=CALL), named())
    assert len(peer.to("/calls")) == 3
