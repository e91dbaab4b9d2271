"""What `check --try` shows beside the answered call, and what `check` warns of."""

from datetime import timedelta
from typing import Any

import pytest
from support.crm_records import HandClock
from support.rest_peer import SECRET, ZONES, Asked, RestPeer, reply

from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.planning import Planner
from crm_sync.wording import Wording
from gateway.core.ports import HttpAnswer
from gateway.runtime.commands.try_crm import example_call, samples_of
from gateway.store.mirror import no_own_numbers

VERDI = {"id": 11, "name": "Studio Verdi", "phone": "+39 06 1234 5678"}
BODY = {
    "title": "{{ title }}",
    "by": "{{ call.answered_by }}",
    "end": "{{ call.ended_at | utc }}",
    "is": "{{ call.outcome | mapped('is') }}",
    "person": "{{ person }}",
}
CALL = {
    "idempotency": "own_id",
    "create": {"path": "/calls", "body": BODY},
    "update": {"path": "/calls/{{ id }}", "body": {"title": "{{ title }}"}},
}
TASK = {
    "idempotency": "own_id",
    "create": {
        "path": "/tasks",
        "body": {
            "title": "{{ task.title }}",
            "note": "{{ task.note }}",
            "due": "{{ task.due_on }}",
            "by": "{{ call.answered_by }}",
            "person": "{{ person }}",
        },
    },
}
TABLE: dict[str, Any] = {
    "name": "crm",
    "kind": "rest",
    "url": "https://crm.example.com",
    "secret": SECRET,
    "users": {"1002": 7},
    "maps": {"is": {"answered": "held", "*": "missed"}},
    "search": [{"path": "/people"}],
    "call": CALL,
    "task": TASK,
}


async def tried(people: list[dict[str, Any]], **table: Any) -> dict[str, str]:  # noqa: ANN401
    """Return each request that would be sent, under what it is shown as; none was."""

    def handle(asked: Asked) -> HttpAnswer:
        assert asked.method == "GET"
        return reply(people)

    settings, clock = RestSettings.model_validate({**TABLE, **table}), HandClock()
    record = example_call(settings, "+39 06 1234 5678", clock)
    policy = settings.policy.policy(plugin.capabilities_of(settings))
    wording = Wording("crm", policy, zone=ZONES[0], language="it")
    planner = Planner(policy, wording, own=no_own_numbers, zone=ZONES[0])
    samples = samples_of("crm", planner, record, at=clock.now(), tasks=True)
    trial = await plugin.try_out(settings, RestPeer(handle), clock, record, samples)
    assert not trial.cause
    return {one.step: one.request for one in trial.exchanges if not one.answer}


async def test_task_is_shown_as_a_missed_call_makes_it() -> None:
    """An administrator sees the day it is due before the first customer is lost."""
    shown = await tried([VERDI], policy={"task_due_days": 1})
    task = shown["would be sent for a missed call"]
    assert '"title":"Richiamare +390612345678"' in task
    assert "conversazione: 0:04 / 0:04 / " in task
    due = (HandClock().now() + timedelta(days=1)).date()
    assert f'"due":"{due.isoformat()}"' in task
    assert '"by"' not in task
    assert '"person":11' in task
    assert '"by":"1002"' in shown["would be sent"]


async def test_live_call_is_shown_without_what_is_not_known_yet() -> None:
    """A CRM that requires one of these fields refuses the record while it rings."""
    shown = await tried([VERDI], policy={"when": "ring"})
    live = shown["would be sent while it is live: call.started"]
    assert '"title":' in live
    assert not any(f'"{name}":' in live for name in ("by", "end", "is"))
    assert '"is":"held"' in shown["would be sent"]


async def test_call_that_is_written_when_it_is_answered_has_its_agent() -> None:
    """Nobody hears of what rings only."""
    shown = await tried([VERDI], policy={"when": "answer"})
    assert '"by":"1002"' in shown["would be sent while it is live: call.answered"]


async def test_stranger_becomes_a_contact_before_the_call_is_written() -> None:
    """The call belongs to the one that the policy makes first."""
    made = {"create": {"path": "/people", "id": "id", "body": {"phone": "{{ number.e164 }}"}}}
    only = {**CALL, "only_if": "{{ person }}"}
    policy = {"create": "always"}
    shown = await tried([], contact=made, lead=made, call=only, policy=policy)
    assert next(iter(shown)) == "would make the contact first: create = always"
    assert '"person":"ID"' in shown["would be sent"]
    assert not any("lead" in step for step in shown)


async def test_stranger_whom_nobody_makes_leaves_the_call_alone() -> None:
    """Both are shown where the policy asks for neither."""
    made = {"create": {"path": "/people", "id": "id", "body": {"phone": "{{ number.e164 }}"}}}
    shown = await tried([], contact=made, lead=made)
    assert [step for step in shown if "policy" in step] == [
        "would make the contact, if the policy says so",
        "would make the lead, if the policy says so",
    ]
    assert '"person"' not in shown["would be sent"]


async def test_record_inside_a_form_is_shown_as_it_reads() -> None:
    """Percent signs hide what is wrong with it."""
    create = {"path": "/calls", "form": {"operation": "create"}, "body_field": "element"}
    call = {"idempotency": "own_id", "create": {**create, "body": BODY}}
    shown = await tried([VERDI], call=call)
    assert "operation = create" in shown["would be sent"]
    assert 'element = {"title":"Chiamata ricevuta da' in shown["would be sent"]


@pytest.mark.parametrize(
    ("when", "words", "warned"),
    [
        ("ring", {"*": "missed"}, True),
        ("ring", {"*": "missed", "none": "planned"}, False),
        ("end", {"*": "missed"}, False),
    ],
)
def test_map_without_a_word_for_live_calls_is_warned_of(
    when: str, words: dict[str, str], *, warned: bool
) -> None:
    """`*` is no word for what is not known yet."""
    settings = RestSettings.model_validate(
        {**TABLE, "policy": {"when": when}, "maps": {"is": words}}
    )
    said = [one.cause for one in plugin.cautions(settings)]
    assert [cause.startswith('maps.is has no entry "none"') for cause in said] == [True] * warned
