"""Times in templates: days of tasks as moments, and what is no time said before it is lost."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError
from support.crm_records import answered, missed
from support.rest_peer import RestPeer, put, reply

from gateway.core.errors import RejectedError
from gateway.core.writing import TaskPlan


async def task_body(body: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever was sent
    """Return what a task due on the fourth of October is written with, in a CRM of Rome."""
    peer = RestPeer(lambda _asked: reply({"id": 1}))
    table = {"idempotency": "own_id", "create": {"path": "/tasks", "body": body}}
    call = {"idempotency": "own_id", "create": {"path": "/calls"}}
    task = TaskPlan(title="Richiamare", note="", due_on=date(2026, 10, 4))
    await put(peer.writer(call=call, task=table), missed(), "task.missed", task=task)
    return peer.to("/tasks")[-1].json


@pytest.mark.parametrize("name", ["task.due_on", "task.due_at"])
async def test_due_day_is_its_midnight_where_the_crm_is(name: str) -> None:
    """CRMs want seconds, UTC or their own spelling; the day begins in Rome, not in London."""
    body = {"unix": f"{{{{ {name} | unix }}}}", "utc": f"{{{{ {name} | utc }}}}"}
    body |= {"iso": f"{{{{ {name} | plus(32400) | iso }}}}"}
    body |= {"when": f"{{{{ {name} | when('%d/%m/%Y') }}}}"}
    assert await task_body(body) == {
        "unix": 1791064800,
        "utc": "2026-10-03T22:00:00Z",
        "iso": "2026-10-04T09:00:00+02:00",
        "when": "04/10/2026",
    }


async def test_due_day_without_a_filter_stays_a_day() -> None:
    """Most CRMs take the day as it is written."""
    assert await task_body({"due": "{{ task.due_on }}"}) == {"due": "2026-10-04"}


@pytest.mark.parametrize("name", ["call.talk_s", "task.title", "number.e164", "call"])
def test_filter_for_times_on_another_name_is_refused_beforehand(name: str) -> None:
    """It would give nothing, and the CRM would miss a field that it requires."""
    peer = RestPeer(lambda _asked: reply({}))
    create = {"path": "/calls", "body": {"at": f"{{{{ {name} | unix }}}}"}}
    with pytest.raises(ValidationError, match=r"call\.create\.body\.at.*call\.started_at"):
        peer.writer(call={"create": create})


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-44"])
async def test_value_that_is_no_time_is_said_with_its_template(text: str) -> None:
    """What an answer holds is known only when it is there."""
    peer = RestPeer(lambda _asked: reply({"at": text}))
    call = {
        "idempotency": "header",
        "create": {"path": "/calls", "id": "at"},
        "then": [{"path": "/then", "body": {"at": "{{ answer.at | utc }}"}}],
    }
    with pytest.raises(RejectedError) as caught:
        await put(peer.writer(call=call), answered())
    assert caught.value.detail == "{{ answer.at | utc }}"
    assert "no time" in caught.value.message
    assert peer.to("/then") == []
