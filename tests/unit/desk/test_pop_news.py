"""The desk: what is new is told, what a page shows already is not told again."""

from dataclasses import replace
from datetime import timedelta

from support.desk import START, DeskBench, alerting, closed, dialled, inbound, types

from gateway.core.events import CallUpdated, CloseReason
from gateway.core.record import Party


async def test_equal_record_is_told_once_to_each_who_sees_it() -> None:
    """An agent's page is not drawn again because the PBX said the same in two ways."""
    bench, record = DeskBench(), inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    bench.desk.handle(CallUpdated(at=START, record=replace(record)))
    assert types(await bench.sent("sara")) == ["call.updated"]
    assert types(await bench.sent("anna")) == ["pop.offered", "call.updated"]
    bench.desk.handle(CallUpdated(at=START, record=replace(record, caller=Party(name="Ada"))))
    assert types(await bench.sent("sara")) == ["call.updated"]


async def test_card_that_closes_shows_what_it_showed_and_why_it_goes() -> None:
    """The last frame is whole too, however long the phone rang, and says nothing of before."""
    bench, record = DeskBench(), inbound(rung=(("1001",),))
    bench.desk.handle(dialled(record, "1001"))
    bench.desk.handle(alerting(record, "1001"))
    (offered,) = await bench.sent("anna")
    event = closed(record, "1001", CloseReason.TIMEOUT)
    bench.desk.handle(replace(event, at=event.at + timedelta(seconds=20)))
    (last,) = await bench.sent("anna")
    assert last["type"] == "pop.closed"
    assert last["data"] == {**offered["data"], "reason": "timeout"}
