"""What stands still on its way to a CRM, over REST: seen by its cause, moved on, given up."""

from datetime import UTC, datetime

from support.crm_records import answered
from support.crm_records import effect as effect_of
from support.web import WebBench

from gateway.core.ports import Effect
from gateway.store.calls import save_call
from gateway.store.database import Connection
from gateway.store.outbox import dead, enqueue, lease
from gateway.store.retention import forget_calls

NOW = datetime(2027, 1, 1, tzinfo=UTC)
GONE = "The field is gone. Add it again."


async def refused(bench: WebBench, root: str) -> Effect:
    """Store an ended call of 1002 whose effect the CRM refused."""
    one = effect_of(answered(root))

    def work(conn: Connection) -> None:
        save_call(conn, one.record, state=None)
        enqueue(conn, one)
        lease(conn, owner="w", now=NOW, limit=1, lease_s=30, connectors=[one.connector])
        dead(conn, one.key, GONE)

    await bench.db.write(work)
    return one


async def test_whoever_may_retries_all_of_a_cause_and_gives_one_up(bench: WebBench) -> None:
    """A mend in the CRM is followed by one request, not by one for each call."""
    first, second = await refused(bench, "r.1"), await refused(bench, "r.2")
    (trouble,) = await bench.items("/api/v1/outbox/troubles", "sara")
    assert (trouble["connector"], trouble["cause"], trouble["count"]) == (first.connector, GONE, 2)
    dropping = f"{bench.url}/api/v1/outbox/{second.key}/drop"
    assert (await bench.client.post(dropping, headers=bench.bearer("anna"))).status == 403
    answer = await bench.client.post(dropping, headers=bench.bearer("sara"))
    assert (await answer.json())["state"] == "dropped"
    again = f"{bench.url}/api/v1/outbox/retry"
    said = {"connector": first.connector, "cause": GONE}
    assert (await bench.client.post(again, json=said, headers=bench.bearer("anna"))).status == 403
    answer = await bench.client.post(again, json=said, headers=bench.bearer("sara"))
    assert (answer.status, await answer.json()) == (202, {"count": 1})
    assert bench.woken == [True, True]
    states = {item["id"]: item["state"] for item in await bench.items("/api/v1/outbox", "sara")}
    assert states == {str(first.key): "pending", str(second.key): "dropped"}
    assert await bench.items("/api/v1/outbox/troubles", "sara") == []


async def test_a_deleted_call_is_told_to_a_copy_over_rest(bench: WebBench) -> None:
    """The answer of the sync says what to take out, and why."""
    record = answered("r.3")
    await bench.db.write(lambda conn: save_call(conn, record, state=None))
    before = await (await bench.get("/api/v1/calls?updated_after=0", "sara")).json()
    await bench.db.write(lambda conn: forget_calls(conn, NOW, at=NOW))
    path = f"/api/v1/calls?updated_after={before['updated_after']}"
    page = await (await bench.get(path, "sara")).json()
    assert page["items"] == []
    assert page["gone"] == [
        {"id": str(record.id), "reason": "expired", "at": "2027-01-01T00:00:00.000Z"}
    ]
    assert page["next"] is None
