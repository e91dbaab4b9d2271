"""Hand-off notes over REST: who may leave one, who sees it, what a transfer does with it."""

from dataclasses import replace

from support.desk import answered, dialled, inbound
from support.web import WebBench, frame

from gateway.core.record import CallState
from gateway.store.calls import save_call

NOTE = {
    "reason": "Carta rifiutata",
    "done": "Pagina riavviata",
    "said": ["Codice"],
    "verified": True,
}


async def talking(bench: WebBench) -> str:
    """Let Anna talk with Marta; return the call's path."""
    record = inbound(rung=(("1001",),), answered_by="1001", final_talker="1001")
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    bench.services.desk.handle(dialled(record, "1001"))
    bench.services.desk.handle(answered(record, "1001"))
    return f"/api/v1/calls/{record.id}"


async def test_note_left_by_rest_is_on_the_card_of_the_next_agent(bench: WebBench) -> None:
    """Anna writes, Luca's phone rings, Luca's page knows."""
    path = await talking(bench)
    answer = await bench.client.put(
        bench.url + path + "/handoff", json=NOTE, headers=bench.bearer("anna")
    )
    assert answer.status == 200, await answer.text()
    told = await answer.json()
    assert (told["by"], told["extension"], told["note"]) == ("anna", "1001", None)
    socket = await bench.socket("luca")
    assert (await frame(socket))["type"] == "hello"
    moved = inbound(rung=(("1001",), ("1002",)), answered_by="1001", final_talker="1001")
    bench.services.desk.handle(dialled(moved, "1002"))
    pop = await frame(socket)
    assert pop["type"] == "pop.offered"
    assert pop["data"]["handoff"]["reason"] == "Carta rifiutata"
    assert pop["data"]["first"]["title"] == "Carta rifiutata"
    assert [one["kind"] for one in pop["data"]["said"]] == ["identity_verified", "told"]


async def test_note_can_be_read_changed_and_taken_back(bench: WebBench) -> None:
    """One note of each person and call."""
    path = await talking(bench) + "/handoff"
    for body in ({"reason": "first"}, {"reason": "second"}):
        await bench.client.put(bench.url + path, json=body, headers=bench.bearer("anna"))
    assert [note["reason"] for note in await bench.items(path)] == ["second"]
    await bench.client.put(bench.url + path, json={}, headers=bench.bearer("anna"))
    assert await bench.items(path) == []


async def test_note_on_somebody_elses_call_is_refused(bench: WebBench) -> None:
    """Luca was not in this call."""
    path = await talking(bench)
    answer = await bench.client.put(
        bench.url + path + "/handoff", json=NOTE, headers=bench.bearer("luca")
    )
    assert answer.status == 404
    assert await bench.items(path + "/handoff") == []


async def test_too_long_a_reason_is_refused_with_the_field_named(bench: WebBench) -> None:
    """A line is a line."""
    path = await talking(bench)
    answer = await bench.client.put(
        bench.url + path + "/handoff", json={"reason": "x" * 161}, headers=bench.bearer("anna")
    )
    assert answer.status == 422
    assert "reason" in await answer.text()


async def test_note_on_a_consultation_that_became_part_goes_to_the_customers_call(
    bench: WebBench,
) -> None:
    """The page may still name the call that was."""
    path = await talking(bench)
    customer = inbound().id
    consultation = replace(
        inbound("2.1", rung=(("1001",),)), state=CallState.ENDED, merged_into=customer
    )
    await bench.db.write(lambda conn: save_call(conn, consultation, state=None))
    answer = await bench.client.put(
        f"{bench.url}/api/v1/calls/{consultation.id}/handoff",
        json=NOTE,
        headers=bench.bearer("anna"),
    )
    assert answer.status == 200
    assert [note["reason"] for note in await bench.items(path + "/handoff")] == ["Carta rifiutata"]


async def test_apology_ticked_off_is_answered_with_the_first_tick(bench: WebBench) -> None:
    """A second click, or a colleague's, changes nothing."""
    path = await talking(bench) + "/done"
    first = await bench.client.post(
        bench.url + path, json={"kind": "apologise"}, headers=bench.bearer("anna")
    )
    assert first.status == 201, await first.text()
    again = await bench.client.post(
        bench.url + path, json={"kind": "apologise"}, headers=bench.bearer("anna")
    )
    assert await again.json() == await first.json()
