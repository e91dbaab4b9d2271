"""What agents and supervisors see of a mystery call."""

from dataclasses import replace

from support.desk import START, DeskBench, answered, dialled, inbound, types

from gateway.core.events import CallEnded, CallUpdated
from gateway.core.record import CallState, EndedBy, Outcome


async def test_agent_gets_the_pop_and_hears_at_the_end_that_it_was_a_test() -> None:
    """It is a mystery call: nothing tells it from a customer's, but no outcome is asked for."""
    bench = DeskBench()
    record = inbound(rung=(("1001",),))
    bench.desk.handle(CallUpdated(at=START, record=record), test=True)
    bench.desk.handle(dialled(record, "1001"), test=True)
    talking = replace(record, answered_by="1001", final_talker="1001", outcome=Outcome.ANSWERED)
    bench.desk.handle(answered(talking, "1001"), test=True)
    ended = replace(talking, state=CallState.ENDED, ended_by=EndedBy.CALLER)
    bench.desk.handle(CallEnded(at=START, record=ended), test=True)
    frames = await bench.sent("anna")
    assert types(frames) == ["pop.offered", "pop.answered", "pop.closed"]
    assert frames[-1]["data"]["reason"] == "test"
    assert await bench.sent("sara") == []
    assert bench.desk.live_calls() == ()
