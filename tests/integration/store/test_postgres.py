"""PostgreSQL as the store: several nodes, and a server that goes away."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from support.components import missing
from support.postgres import Cluster, PostgresMissingError, running_cluster
from support.store import NOON, an_effect, an_ended_call

from gateway.core.errors import StoreCause, StoreError
from gateway.store import outbox
from gateway.store.calls import CallFilter, list_calls, save_call
from gateway.store.database import Connection, Database

pytestmark = pytest.mark.integration


@pytest.fixture
def server() -> Iterator[Cluster]:
    """Give a server of our own, to be stopped and started."""
    try:
        with running_cluster() as cluster:
            cluster.sql("CREATE DATABASE filodiretto TEMPLATE template0")
            yield cluster
    except PostgresMissingError as error:
        missing("PostgreSQL", str(error))


def store(conn: Connection, number: int) -> None:
    """Save one ended call and its effect."""
    record = an_ended_call(number)
    save_call(conn, record, state=None)
    outbox.enqueue(conn, an_effect(record))


@pytest.mark.timeout(120)
async def test_a_server_that_dies_refuses_and_comes_back_without_a_restart_of_ours(
    server: Cluster,
) -> None:
    """Writers and readers name the cause, and find the server again by themselves."""
    db = await Database.open(server.url("filodiretto"))
    await db.write(partial(store, number=1))
    await asyncio.to_thread(server.stop)
    for attempt in (
        db.write(partial(store, number=2)),
        db.write(partial(store, number=2)),
        db.read(outbox.counts),
    ):
        with pytest.raises(StoreError) as refusal:
            await attempt
        assert refusal.value.cause is StoreCause.UNREACHABLE
        assert refusal.value.remedy
    assert db.health().failure is not None
    await asyncio.to_thread(server.start)
    await db.write(partial(store, number=2))
    assert db.health().failure is None
    page = await db.read(lambda conn: list_calls(conn, CallFilter()))
    assert {record.id for record in page.items} == {an_ended_call(n).id for n in (1, 2)}
    await db.close()


@pytest.mark.timeout(120)
async def test_a_server_restarted_between_two_writes_costs_no_write(server: Cluster) -> None:
    """Nothing had begun, so a new connection is enough; readers likewise."""
    db = await Database.open(server.url("filodiretto"))
    await db.write(partial(store, number=1))
    assert await db.read(outbox.counts)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    await db.write(partial(store, number=2))
    assert await db.read(outbox.counts) == {("odoo", outbox.EffectState.PENDING): 2}
    await db.close()


@pytest.mark.timeout(120)
async def test_a_server_that_is_not_there_is_named_at_the_start(server: Cluster) -> None:
    """Cause and remedy instead of a traceback, and the password is in neither."""
    with pytest.raises(StoreError) as refusal:
        await Database.open(f"postgresql://filo:secret-word@127.0.0.1:{server.port}/missing")
    assert refusal.value.cause is StoreCause.UNREACHABLE
    assert "secret-word" not in f"{refusal.value} {refusal.value.remedy} {refusal.value.detail}"


@pytest.mark.timeout(120)
async def test_two_nodes_share_the_work_and_never_an_effect(server: Cluster) -> None:
    """SKIP LOCKED and leases: each effect is handed to one worker, however they race."""
    url = server.url("filodiretto")
    nodes = await asyncio.gather(*(Database.open(url) for _ in range(2)))
    await asyncio.gather(
        *(nodes[number % 2].write(partial(store, number=number)) for number in range(300))
    )

    async def work(name: str, db: Database) -> list[str]:
        mine: list[str] = []
        while True:
            leased = await db.write(
                partial(
                    outbox.lease, owner=name, now=NOON, limit=7, lease_s=60, connectors=["odoo"]
                )
            )
            mine += [str(one.effect.key) for one in leased]
            if not leased:
                return mine

    shares = await asyncio.gather(*(work(f"node{n}", db) for n, db in enumerate(nodes)))
    times = Counter(key for share in shares for key in share)
    changes = await nodes[0].read(lambda conn: list_calls(conn, CallFilter(updated_after=0)))
    for db in nodes:
        await db.close()
    assert len(times) == 300
    assert set(times.values()) == {1}
    assert changes.items
