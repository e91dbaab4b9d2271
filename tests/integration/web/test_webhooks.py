"""Webhooks that an administrator registers: posted by the running worker, signed, repeated."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from support.crm_records import answered, effect
from support.empty_store import open_store
from support.peer_http import PeerServer, Received, answer, never, peer_server
from support.web import WebBench, running_web

from crm_sync import intake
from crm_sync.connectors.webhook.signature import verify
from gateway.core.events import CallEnded
from gateway.core.history import Promise
from gateway.core.record import CallRecord
from gateway.core.trunks import AlarmKind, TrunkAlarm, TrunkRef
from gateway.core.trunkwords import NO_ANSWER
from gateway.desk.hub import Hub
from gateway.desk.promises import PromiseDesk
from gateway.desk.roster import Roster
from gateway.runtime.clock import SystemClock
from gateway.runtime.crms import CrmSide, Site
from gateway.runtime.hooks import HookSide
from gateway.runtime.trunk_memory import begin_alarm, end_alarm
from gateway.store.calls import save_call
from gateway.store.credentials import create_token
from gateway.store.database import Connection
from gateway.store.people import Role, User, add_user
from gateway.store.promises import add_promise
from gateway.store.sealing import Sealer
from gateway.web.shapes.trunks import TrunkAlarmNotice

pytestmark = pytest.mark.integration

ROOT = User(login="root", name="Root", role=Role.ADMIN)
HOOKS = "/api/v1/webhooks"


@dataclass
class Rig:
    """The application with a worker that runs, and a receiver."""

    web: WebBench
    crm: CrmSide
    peer: PeerServer
    hooks: HookSide

    async def ask(
        self, method: str, path: str = "", body: object = None, login: str = "root"
    ) -> tuple[int, Any]:
        """Send a request as the administrator and return status and JSON."""
        async with self.web.client.request(
            method, self.web.url + HOOKS + path, json=body, headers=self.web.bearer(login)
        ) as got:
            return got.status, await got.json() if got.status != 204 else None

    async def register(self, **body: object) -> tuple[str, str]:
        """Register the receiver and return id and secret."""
        status, made = await self.ask("POST", body={"url": f"{self.peer.url}/calls", **body})
        assert status == 201, made
        return made["id"], made["secret"]

    async def end(self, record: CallRecord) -> None:
        """Store a call and what it causes, as the daemon does."""
        told = self.crm.effects(CallEnded(at=record.ended_at or SystemClock().now(), record=record))

        def work(conn: Connection) -> None:
            save_call(conn, record, state=None)
            for one in told:
                intake.put(conn, one)

        await self.web.db.write(work)
        self.crm.worker.wake()

    async def merge(self, record: CallRecord) -> None:
        """Let a call become part of another."""

        def work(conn: Connection) -> None:
            save_call(conn, record, state=None)
            intake.merge(conn, record)

        await self.web.db.write(work)
        self.crm.worker.wake()

    async def until(self, good: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(4000):
            if good():
                return
            await asyncio.sleep(0.005)
        raise AssertionError([one.path for one in self.peer.requests])

    async def view(self, good: Callable[[dict[str, Any]], object] = bool) -> dict[str, Any]:
        """Return the only webhook as it is listed, once that is good."""
        for _ in range(2000):
            (item,) = await self.web.items(HOOKS, "root")
            if good(item):
                return item
            await asyncio.sleep(0.01)
        raise AssertionError(item)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Give the application, its worker and a receiver."""
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(peer_server())
        db = await open_store(tmp_path)
        stack.push_async_callback(db.close)
        clock = SystemClock()
        crm = await CrmSide.open(
            [], db, clock, stack, node="a", on_receipt=lambda _effect, _receipt: None, site=Site()
        )
        hooks = HookSide(db, clock, crm=crm, sealer=Sealer(), allow_private=True)
        await hooks.open(stack)
        web = await stack.enter_async_context(
            running_web(
                tmp_path,
                extend=lambda services: replace(
                    services, webhooks=hooks, wake_outbox=crm.worker.wake
                ),
            )
        )

        def root(conn: Connection) -> str:
            add_user(conn, ROOT, password_hash=None, now=clock.now())
            return create_token(conn, ROOT.login, now=clock.now())[1]

        web.tokens["root"] = await web.db.write(root)
        group = await stack.enter_async_context(asyncio.TaskGroup())
        running = group.create_task(crm.worker.run())
        stack.callback(running.cancel)
        yield Rig(web=web, crm=crm, peer=peer, hooks=hooks)


def read(request: Received, secret: str) -> dict[str, Any]:
    """Return a message whose signature fits."""
    return verify(secret, request.headers, request.body)


async def test_registered_address_gets_calls_signed_without_a_restart(rig: Rig) -> None:
    """The worker runs since before the address was known."""
    hook, secret = await rig.register(label="CRM")
    record = answered("w.1")
    await rig.end(record)
    await rig.until(lambda: rig.peer.requests)
    message = read(rig.peer.requests[0], secret)
    assert (message["type"], message["data"]["id"]) == ("call.ended", str(record.id))
    seen = await rig.view(lambda item: item["delivered_at"])
    assert (seen["id"], seen["label"], seen["pending"], seen["dead"]) == (hook, "CRM", 0, 0)
    assert seen["types"] == ["call.ended", "call.updated", "call.merged"]
    assert "secret" not in orjson.dumps(seen).decode().replace("former_secret_until", "")


async def test_only_registered_types_are_posted_and_a_merge_has_its_own(rig: Rig) -> None:
    """Whoever wants the ends of calls is not told of corrections; a voided call says so."""
    _, secret = await rig.register(types=["call.ended", "call.merged"])
    record = answered("w.2")
    await rig.end(record)
    await rig.until(lambda: len(rig.peer.requests) == 1)
    await rig.view(lambda item: item["delivered_at"])
    await rig.end(replace(record, revision=1, queue="sales"))
    await rig.merge(replace(record, revision=2, merged_into=answered("w.3").id, outcome=None))
    await rig.until(lambda: len(rig.peer.requests) == 2)
    second = read(rig.peer.requests[1], secret)
    assert second["type"] == "call.merged"
    assert second["data"]["merged_into"] == str(answered("w.3").id)
    corrections = await rig.web.items("/api/v1/outbox?state=dropped", "root")
    assert [item["kind"] for item in corrections] == ["call.updated"]


async def test_alarm_of_a_trunk_is_posted_when_it_begins_and_when_it_is_over(rig: Rig) -> None:
    """Whoever is on call hears of both, and of neither twice."""
    _hook, secret = await rig.register(types=["trunk.alarm"])
    ref, now = TrunkRef(pbx="hq", name="carrier"), SystemClock().now()
    alarm = TrunkAlarm(kind=AlarmKind.DOWN, since=now, words=NO_ANSWER)
    for write in (begin_alarm, begin_alarm, end_alarm, end_alarm):
        await rig.web.db.write(partial(write, ref=ref, alarm=alarm, at=now))
    await rig.end(answered("w.9"))
    await rig.until(lambda: len(rig.peer.requests) == 2)
    told = [read(request, secret) for request in rig.peer.requests]
    assert {message["type"] for message in told} == {"trunk.alarm"}
    for message, state in zip(told, ("began", "ended"), strict=True):
        TrunkAlarmNotice.model_validate(message["data"])
        assert message["data"]["state"] == state
        assert message["data"]["alarm"]["cause"] == "The far end does not answer."


async def test_promise_that_falls_due_is_posted_and_posted_again_on_demand(rig: Rig) -> None:
    """A notice is signed, repeated and replayed like a call, and its like is nobody else's."""
    hook, secret = await rig.register(types=["promise.due"])
    promise = Promise(
        id=str(uuid4()), contact_id=None, e164="+390612345678", text="Offerta",
        due_at=SystemClock().now() - timedelta(seconds=1), made_by="root",
        made_at=SystemClock().now() - timedelta(hours=1),
    )  # fmt: skip
    await rig.web.db.write(partial(add_promise, promise=promise))
    desk = PromiseDesk(rig.web.db, Hub(SystemClock(), epoch="e"), Roster(), SystemClock())
    await desk.tell_due()
    await rig.end(answered("w.9"))
    await rig.until(lambda: rig.peer.requests)
    message = read(rig.peer.requests[0], secret)
    assert (message["type"], message["data"]["id"]) == ("promise.due", promise.id)
    await rig.view(lambda item: item["delivered_at"])
    asked = {"message": rig.peer.requests[0].headers["webhook-id"]}
    assert (await rig.ask("POST", f"/{hook}/replay", asked))[0] == 202
    await rig.until(lambda: len(rig.peer.requests) == 2)
    assert rig.peer.requests[1].body == rig.peer.requests[0].body
    listed = await rig.web.items("/api/v1/outbox", "root")
    assert [item["kind"] for item in listed] == ["promise.due"]


async def test_failures_are_listed_and_a_replay_posts_the_same_id_again(rig: Rig) -> None:
    """What the receiver refused for a day is posted once it is mended, and known by its id."""
    rig.peer.default = answer(422)
    hook, secret = await rig.register()
    one, other = answered("w.4"), answered("w.5")
    await rig.end(one)
    seen = await rig.view(lambda item: item["dead"] == 1)
    assert (seen["failed_at"] is not None, "422" in seen["cause"]) == (True, True)
    rig.peer.default = answer(204, b"")
    started = one.started_at
    assert started is not None
    status, told = await rig.ask("POST", f"/{hook}/replay", {"since": started.isoformat()})
    assert (status, told) == (202, {"count": 1})
    await rig.until(lambda: len(rig.peer.requests) == 2)
    assert len({request.headers["webhook-id"] for request in rig.peer.requests}) == 1
    await rig.end(other)
    await rig.until(lambda: len(rig.peer.requests) == 3)
    await rig.view(lambda item: item["pending"] == 0)
    message = rig.peer.requests[2].headers["webhook-id"]
    status, _ = await rig.ask("POST", f"/{hook}/replay", {"message": message})
    assert status == 202
    await rig.until(lambda: len(rig.peer.requests) == 4)
    assert rig.peer.requests[3].body == rig.peer.requests[2].body
    assert read(rig.peer.requests[3], secret)["data"]["id"] == str(other.id)
    strange = str(effect(answered("w.6")).key)
    assert (await rig.ask("POST", f"/{hook}/replay", {"message": strange}))[0] == 404
    assert (await rig.ask("POST", f"/{hook}/replay", {}))[0] == 422


async def test_rotated_secret_signs_beside_the_one_before(rig: Rig) -> None:
    """A receiver changes over without losing a message."""
    hook, first = await rig.register()
    status, made = await rig.ask("POST", f"/{hook}/rotate")
    assert status == 201
    assert (await rig.ask("POST", f"/{hook}/test")) == (200, {"ok": True, "detail": ""})
    (request,) = rig.peer.requests
    assert read(request, first) == read(request, made["secret"])
    assert read(request, first)["type"] == "webhook.test"
    assert (await rig.view())["former_secret_until"] is not None


async def test_test_says_why_an_address_takes_nothing(rig: Rig) -> None:
    """The administrator sees cause and remedy at once, not in a log."""
    rig.peer.default = answer(403)
    hook, _ = await rig.register()
    status, told = await rig.ask("POST", f"/{hook}/test")
    assert (status, told["ok"]) == (200, False)
    assert told["detail"]


async def test_removed_address_gets_nothing_more(rig: Rig) -> None:
    """What waits for it is dropped, not kept for ever."""
    rig.peer.default = answer(503)
    hook, _ = await rig.register()
    await rig.end(answered("w.7"))
    await rig.until(lambda: rig.peer.requests)
    await rig.view(lambda item: item["cause"])
    assert (await rig.ask("DELETE", f"/{hook}"))[0] == 204
    (left,) = await rig.web.items("/api/v1/outbox", "root")
    assert left["state"] == "dropped"


async def test_removed_while_it_is_posted_to_gets_nothing_more(rig: Rig) -> None:
    """The attempt that fails after the removal does not come back to wait for ever."""
    rig.peer.default = never()
    hook, _ = await rig.register()
    await rig.end(answered("w.8"))
    await rig.until(lambda: rig.peer.requests)
    assert (await rig.ask("DELETE", f"/{hook}"))[0] == 204
    (left,) = await rig.web.items("/api/v1/outbox", "root")
    assert left["state"] == "dropped"
    await rig.end(answered("w.8"))
    assert len(await rig.web.items("/api/v1/outbox", "root")) == 1
    assert (await rig.ask("DELETE", f"/{hook}"))[0] == 404
    assert await rig.web.items(HOOKS, "root") == []


async def test_another_node_takes_up_what_was_registered_here(rig: Rig) -> None:
    """Each node delivers; the store says which addresses there are."""
    await rig.register()
    (connector,) = rig.crm.worker.states()
    rig.crm.unregister(connector)
    second = HookSide(rig.web.db, SystemClock(), crm=rig.crm, sealer=Sealer(), allow_private=True)
    await second.refresh()
    assert rig.crm.worker.states() == {}, "its secret is sealed with another key"
    assert len(await second.listed()) == 1


@pytest.mark.parametrize(
    "url", ["ftp://crm.example.com/", "http://crm.example.com/", "https://10.0.0.7/x", "calls"]
)
async def test_address_that_may_not_be_posted_to_is_refused(rig: Rig, url: str) -> None:
    """An administrator's token must not become a way into the network behind us."""
    strict = HookSide(rig.web.db, SystemClock(), crm=rig.crm, sealer=Sealer(), allow_private=False)
    with pytest.raises(Exception, match="address") as refusal:
        await strict.add(url, ["call.ended"], label="", by="root")
    assert type(refusal.value).__name__ == "UsageError"
    assert await rig.web.items(HOOKS, "root") == []


async def test_only_administrators_register(rig: Rig) -> None:
    """A supervisor could send every call of the house anywhere."""
    assert (await rig.ask("POST", body={"url": rig.peer.url}, login="sara"))[0] == 403
    assert (await rig.ask("GET", login="sara"))[0] == 403
