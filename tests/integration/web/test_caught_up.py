"""What a page was just told is what it reads, though it is written together with other calls."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from support.recorded import PLAN
from support.ringing import Calls, calling, over
from support.web import WebBench, frame, running_web

from gateway.core.events import CallEnded
from gateway.core.record import CallRecord
from gateway.core.table import CallTable
from gateway.runtime import recorder as module
from gateway.runtime.pipeline import GapLog, Pipeline
from gateway.runtime.recorder import Recorder
from gateway.web.services import Services

pytestmark = pytest.mark.integration

Line = tuple[WebBench, Pipeline]


class Lines:
    """The recorder and the pipeline behind a running application."""

    recorder: Recorder
    pipeline: Pipeline

    def extend(self, services: Services) -> Services:
        """Let the application wait for what this recorder has yet to write."""
        self.recorder = Recorder(services.db, on_effects=lambda: None)
        self.pipeline = Pipeline(
            "hq",
            CallTable("hq", PLAN),
            desk=services.desk,
            recorder=self.recorder,
            effects=lambda _event: (),
            gaps=cast("GapLog", None),
            lines={},
        )
        return replace(services, caught_up=self.recorder.caught_up)


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """Give an application whose store is told of ends an hour late, unless somebody asks."""
    monkeypatch.setattr(module, "LINGER_S", 3600.0)
    lines = Lines()
    async with running_web(tmp_path, extend=lines.extend) as bench:
        task = asyncio.ensure_future(lines.recorder.run())
        yield bench, lines.pipeline
        task.cancel()
        await asyncio.wait([task])


def hang_up(pipeline: Pipeline, record: CallRecord) -> None:
    """Let a call end of which no CRM is told."""
    ended = over(record)
    assert ended.ended_at is not None
    pipeline.hand_on(CallEnded(at=ended.ended_at, record=ended))


async def test_call_whose_end_a_page_was_told_of_is_over_for_whoever_asks(line: Line) -> None:
    """Its own address, the list, and a list of what changed: the page may ask for any of them."""
    bench, pipeline = line
    calls = Calls(bench)
    for root, path in (("1.1", "/{id}"), ("1.2", "?state=ended"), ("1.3", "?updated_after=0")):
        socket = await bench.socket()
        record = await calls.answer(await calls.ring(calling(root)))
        hang_up(pipeline, record)
        while (told := await frame(socket))["type"] != "call.ended":
            pass
        assert told["data"]["id"] == str(record.id)
        answer = await (await bench.get("/api/v1/calls" + path.format(id=record.id), "sara")).json()
        found = {one["id"]: one["state"] for one in answer.get("items", [answer])}
        assert found[str(record.id)] == "ended"
        await socket.close()


async def test_what_a_person_writes_of_a_call_meets_its_end(line: Line) -> None:
    """A wrap-up that found the call still up would be told again with an end that has passed."""
    bench, pipeline = line
    calls = Calls(bench)
    record = await calls.answer(await calls.ring(calling()))
    hang_up(pipeline, record)
    async with bench.client.post(
        f"{bench.url}/api/v1/calls/{record.id}/wrap-up",
        json={"disposition": "Resolved", "note": None},
        headers=bench.bearer("anna"),
    ) as answer:
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["state"] == "ended"


async def test_answers_that_need_no_store_wait_for_nothing(line: Line) -> None:
    """Whether the gateway lives, and its page, must not depend on a disk."""
    bench, pipeline = line
    record = await Calls(bench).ring(calling())
    hang_up(pipeline, record)
    for path in ("/healthz", "/readyz", "/metrics", "/"):
        async with bench.client.get(bench.url + path) as answer:
            await answer.read()
    assert pipeline._recorder.pending == 1
