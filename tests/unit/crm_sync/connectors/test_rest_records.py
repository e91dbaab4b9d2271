"""One record of a CRM: read back, completed, replaced whole, corrected, left out."""

from typing import Any

import pytest
from support.crm_records import answered, missed
from support.rest_peer import Asked, RestPeer, put, reply

from gateway.core.errors import TransientError
from gateway.core.ports import HttpAnswer
from gateway.core.record import WrapUp
from gateway.core.writing import Creation


class Shelf:
    """A CRM that answers creations without an id and finds records by their text."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []
        self.then: list[Asked] = []
        self.fail_then = 0

    def handle(self, asked: Asked) -> HttpAnswer:
        """Keep, find, read and replace."""
        if asked.path == "/calls" and asked.method == "GET":
            return reply([{"id": one["id"], "ref": one["ref"]} for one in self.kept])
        if asked.path == "/calls":
            self.kept.append({"id": len(self.kept) + 1, "stage": "open", **asked.json})
            return reply({"error": False})
        if asked.path.endswith("/recording"):
            if self.fail_then:
                self.fail_then -= 1
                return reply(status=503)
            self.then.append(asked)
            return reply({})
        record = self.kept[int(asked.path.rpartition("/")[2]) - 1]
        if asked.method == "PUT":
            record.clear()
            record.update(asked.json)
        return reply(record)


SHELF: dict[str, Any] = {
    "idempotency": "marker",
    "record_url": "/ui/{{ id }}",
    "create": {
        "path": "/calls",
        "body": {"ref": "{{ key[:8] }}", "note": "{{ note }}", "title": "{{ title }}"},
    },
    "find": {"path": "/calls", "marker": "ref", "mark": "{{ key[:8] }}"},
    "read": {"path": "/calls/{{ id }}", "note": "note", "title": "title"},
    "update": {
        "method": "PUT",
        "path": "/calls/{{ id }}",
        "whole": True,
        "body": {"note": "{{ note }}", "title": "{{ title }}"},
    },
    "then": [
        {
            "method": "PUT",
            "path": "/calls/{{ id }}/recording",
            "only_if": "{{ call.outcome == 'answered' }}",
            "body": {"url": "https://pbx/{{ call.id }}"},
        }
    ],
}


async def test_id_that_no_answer_says_is_read_back_and_the_second_request_has_it() -> None:
    """A list shows the record that was just made; the recording goes to it."""
    shelf = Shelf()
    peer = RestPeer(shelf.handle)
    receipt = await put(peer.writer(call=SHELF), answered())
    assert (receipt.external_id, receipt.url) == ("1", "https://crm.example.com/ui/1")
    assert [one.path for one in shelf.then] == ["/calls/1/recording"]


async def test_second_request_is_made_up_for_after_a_failure() -> None:
    """The call is there, its recording is not: only that is sent."""
    shelf = Shelf()
    shelf.fail_then = 1
    writer = RestPeer(shelf.handle).writer(call=SHELF)
    with pytest.raises(TransientError):
        await put(writer, answered())
    await put(writer, answered())
    assert (len(shelf.kept), len(shelf.then)) == (1, 1)
    await put(writer, missed("m.1"))
    assert (len(shelf.kept), len(shelf.then)) == (2, 1)


async def test_record_that_is_replaced_whole_keeps_what_others_wrote() -> None:
    """A PUT that left out a field would empty it."""
    shelf = Shelf()
    writer = RestPeer(shelf.handle).writer(call=SHELF)
    await put(writer, missed())
    shelf.kept[0] |= {"stage": "won", "note": f"Sentito.\n{shelf.kept[0]['note']}"}
    noted = WrapUp(agent="anna", disposition="vendita", note="ok")
    await put(writer, missed(revision=1, wrap_ups=(noted,)), "call.updated")
    [record] = shelf.kept
    assert (record["stage"], record["id"]) == ("won", 1)
    assert record["note"].startswith("Sentito.\n[Filodiretto]")
    assert "vendita: ok" in record["note"]


async def test_whole_record_may_stand_inside_a_key() -> None:
    """Many interfaces wrap what they take."""
    shelf = Shelf()
    update = {**SHELF["update"], "whole": "data", "body": {"data": {"note": "{{ note }}"}}}
    peer = RestPeer(shelf.handle)
    writer = peer.writer(call={**SHELF, "update": update})
    await put(writer, missed())
    await put(writer, missed(revision=1), "call.updated")
    sent = next(one.json for one in peer.asked if one.method == "PUT")
    assert list(sent) == ["data"]
    assert (sent["data"]["stage"], sent["data"]["id"]) == ("open", 1)


async def test_call_that_was_written_as_it_rang_is_completed_not_doubled() -> None:
    """The effect of the end follows that of the ring."""
    shelf = Shelf()
    writer = RestPeer(shelf.handle).writer(call=SHELF)
    await put(writer, answered(outcome=None), "call.started")
    await put(writer, answered(), follows=True)
    assert len(shelf.kept) == 1
    assert "Chiamata ricevuta da" in shelf.kept[0]["title"]
    await put(writer, answered("never.rang"), follows=True)
    assert len(shelf.kept) == 2


async def test_call_that_was_left_out_is_written_once_somebody_is_made_of_its_caller() -> None:
    """A contact created later adopts the call; a call that people deleted stays deleted."""
    shelf = Shelf()
    peer = RestPeer(lambda asked: reply([]) if asked.path == "/people" else shelf.handle(asked))
    kept = {**SHELF, "only_if": "{{ person }}"}
    assert await put(peer.writer(call=kept, search=[{"path": "/people"}]), answered()) is not None
    assert shelf.kept == []
    peer.handle = lambda asked: (
        (reply({"id": 5}) if asked.method == "POST" else reply([]))
        if asked.path == "/people"
        else shelf.handle(asked)
    )
    contact = {"create": {"path": "/people", "id": "id"}}
    writer = peer.writer(call=kept, search=[{"path": "/people"}], contact=contact)
    asked = {"creates": Creation.CONTACT, "creates_record": False}
    await put(writer, answered(), "contact.asked", **asked)
    assert len(shelf.kept) == 1
    shelf.kept.clear()
    await put(writer, answered(), "contact.asked", **asked, record_id="1")
    assert shelf.kept == []


async def test_record_is_corrected_by_the_id_of_its_receipt_where_nothing_can_be_searched() -> None:
    """A CRM without a search for calls still takes the agent's word."""
    shelf = Shelf()
    call = {key: value for key, value in SHELF.items() if key not in {"find", "then"}}
    call = {**call, "idempotency": "header"}
    peer = RestPeer(shelf.handle)
    writer = peer.writer(call=call)
    await put(writer, missed())
    noted = WrapUp(agent="anna", disposition="vendita", note="ok")
    record = missed(revision=1, wrap_ups=(noted,))
    await put(writer, record, "call.updated", record_id="1")
    assert "vendita: ok" in shelf.kept[0]["note"]
    assert len(shelf.kept) == 1


@pytest.mark.parametrize("answer", [b"17", b'"17"'])
async def test_bare_id_is_a_number_in_every_later_request(answer: bytes) -> None:
    """It comes as JSON, as text, and out of the receipt; the CRM takes it as it gave it."""
    bare = HttpAnswer(status=200, headers={}, body=answer)
    peer = RestPeer(lambda asked: bare if asked.path == "/calls" else reply({"note": ""}))
    call = {
        "idempotency": "header",
        "create": {"path": "/calls", "id": "@"},
        "then": [{"path": "/then", "body": {"id": "{{ id }}"}}],
        "read": {"path": "/read", "method": "POST", "body": {"id": "{{ id }}"}, "note": "note"},
        "update": {"path": "/update", "body": {"id": "{{ id }}"}},
    }
    writer = peer.writer(call=call)
    receipt = await put(writer, answered())
    later = {"creates_record": False, "record_id": receipt.external_id}
    await put(writer, answered(revision=1), "call.updated", **later)
    sent = [one.json["id"] for path in ("/then", "/read", "/update") for one in peer.to(path)]
    assert sent == [17, 17, 17]
