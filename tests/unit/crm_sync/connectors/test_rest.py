"""The REST connector: calls, people and tasks of a CRM that is described by configuration."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from support.crm_records import HandClock, answered, effect, missed
from support.peer_http import PeerServer
from support.rest_rig import TOKEN, MemoryHttp, RestRig

from crm_sync.connectors.rest.link import RestWriter
from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.trial import Trial
from gateway.core.errors import AmbiguousError, AuthError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer, Receipt, Tier
from gateway.core.record import CallRecord, Party, Presentation, WrapUp
from gateway.core.writing import Creation, TaskPlan, plain_plan

VERDI = {"id": 11, "name": "Studio Verdi", "phone": "06 / 1234.5678", "owner": {"id": 3}}
OTHER = {"id": 12, "name": "Rossi", "phone": "+39 06 12345679"}


class Crm:
    """The fake CRM and a writer on it."""

    def __init__(self, changes: Mapping[str, Any] | None = None, how: str = "") -> None:
        self.rig = RestRig(front=PeerServer(port=9), how=how)
        self.http = MemoryHttp(self.rig.handle)
        self.settings = RestSettings.model_validate({**self.rig.table, **(changes or {})})
        self.writer = RestWriter(self.settings, self.http, HandClock())

    async def write(self, record: CallRecord, kind: str = "call.ended", **plan: object) -> Receipt:
        """Write one effect; `plan` changes what the policy asks."""
        one = effect(record, kind=kind, ordinal=record.revision)
        return await self.writer.write(
            record,
            idempotency_key=one.key,
            kind=kind,
            occurred_at=one.occurred_at,
            plan=replace(plain_plan(record, kind), **plan),  # type: ignore[arg-type]  # fields by name
        )


def task_table(idempotency: str = "marker") -> dict[str, Any]:
    """Return a description of a task."""
    return {
        "idempotency": idempotency,
        "create": {
            "path": "/api/tasks/",
            "id": "id",
            "body": {"title": "{{ task.title }}", "ref": "{{ key }}", "owner": "{{ user }}"},
        },
        "find": {"path": "/api/tasks/", "items": "results", "marker": "ref"},
    }


def contact_table() -> dict[str, Any]:
    """Return a description of a new contact."""
    body = {"name": "{{ call.caller.name or number.national }}", "phone": "{{ number.e164 }}"}
    return {"create": {"path": "/api/contacts/", "id": "id", "body": body}}


async def test_call_is_written_with_person_user_and_local_time() -> None:
    """Numbers stay numbers; half past eight UTC is half past ten in Rome in October."""
    crm = Crm()
    crm.rig.people.append(VERDI)
    receipt = await crm.write(answered())
    [made] = crm.rig.made
    assert made["duration_seconds"] == 90
    assert made["occurred_at"] == "2026-10-03 10:30:00"
    assert made["outcome"] == "connected"
    assert (made["contact"], made["assigned_to"]) == (11, 7)
    assert made["subject"] == "Chiamata ricevuta da Studio Verdi (+390612345678)"
    assert receipt == Receipt(external_id="1", url="http://127.0.0.1:9/interactions/1")


async def test_example_of_the_documentation_writes_a_call() -> None:
    """What an administrator copies works as it stands."""
    text = (Path(__file__).parents[4] / "docs" / "rest.md").read_text(encoding="utf-8")
    [table] = tomllib.loads(text.split("```toml")[1].split("```")[0])["crm"]
    del table["secret_file"]
    crm = Crm()
    crm.rig.people.append(VERDI)
    table |= {"name": "crm", "secret": TOKEN}
    crm.writer = RestWriter(RestSettings.model_validate(table), crm.http, HandClock())
    await crm.write(answered())
    await crm.write(answered(revision=1), "call.updated")
    [made] = crm.rig.made
    assert made["contact"] == 11
    assert made["occurred_at"] == "2026-10-03T08:30:00Z"
    assert made["assigned_to"] == 18


def test_every_example_of_the_documentation_is_a_valid_table() -> None:
    """The recipes, and the tables that config/crm ships."""
    root = Path(__file__).parents[4]
    blocks = (root / "docs" / "rest.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    files = [one.read_text(encoding="utf-8") for one in (root / "config" / "crm").glob("*.toml")]
    whole = [text for text in (one.split("```")[0] for one in blocks) if "[[crm]]" in text]
    assert len(whole) >= 5
    for text in [*whole, *files]:
        [table] = tomllib.loads(text)["crm"]
        RestSettings.model_validate(table)


async def test_answer_with_everybody_gives_only_who_has_the_number() -> None:
    """A CRM that ignores the filter lists all people, page by page; each is read again here."""
    crm = Crm()
    strangers = [{**OTHER, "id": 100 + number} for number in range(3)]
    crm.rig.people += [*strangers, VERDI]
    await crm.write(answered())
    assert crm.rig.made[0]["contact"] == 11


async def test_tie_is_nobodys_call_and_says_so() -> None:
    """Two people with one number: the first row would be a guess."""
    crm = Crm()
    crm.rig.people += [VERDI, {**VERDI, "id": 13}]
    await crm.write(answered())
    assert "contact" not in crm.rig.made[0]
    assert "Più contatti hanno questo numero" in crm.rig.made[0]["body"]


async def test_next_page_on_another_host_is_not_asked() -> None:
    """Our token goes to the CRM only."""
    crm = Crm()
    page = {"results": [], "next": "https://elsewhere.example/api/contacts/?offset=2"}
    crm.http.script += [_json(page), _json(page)]
    await crm.write(answered())
    assert [seen.path.partition("?")[0] for seen in crm.http.requests[:3]] == [
        "/api/contacts/",
        "/api/contacts/",
        "/api/interactions/",
    ]


async def test_withheld_number_is_neither_searched_nor_written() -> None:
    """Who hides the number is not looked up behind their back, and no contact is made of them."""
    crm = Crm({"contact": contact_table()})
    hidden = Party(number="0612345678", e164="+390612345678", presentation=Presentation.WITHHELD)
    await crm.write(answered(caller=hidden), creates=Creation.CONTACT)
    assert not any("contacts" in seen.path for seen in crm.http.requests)
    assert "12345678" not in json.dumps(crm.rig.made)


async def test_correction_keeps_what_people_wrote() -> None:
    """Only the part between our marks is replaced; a title of their own stays."""
    crm = Crm()
    await crm.write(missed())
    made = crm.rig.made[0]
    made["body"] = f"Sentito il cliente.\n{made['body']}\nRichiamare lunedì."
    made["subject"] = "Reclamo Verdi"
    noted = WrapUp(agent="anna", disposition="vendita", note="ok")
    await crm.write(missed(revision=1, wrap_ups=(noted,)), "call.updated")
    assert made["subject"] == "Reclamo Verdi"
    assert made["body"].startswith("Sentito il cliente.\n[Filodiretto]")
    assert made["body"].endswith("[/Filodiretto]\nRichiamare lunedì.")
    assert "vendita: ok" in made["body"]
    assert len(crm.rig.made) == 1


async def test_html_note_is_escaped_and_replaced_in_place() -> None:
    """A CRM with rich text must show a caller's name, not run it."""
    crm = Crm({"note_format": "html"})
    name = '<img src=x onerror="alert(1)">'
    await crm.write(missed(caller=Party(number="0612345678", e164="+390612345678", name=name)))
    made = crm.rig.made[0]
    assert "<img" not in made["body"]
    made["body"] = f"<p>Da <b>richiamare</b></p>{made['body']}"
    await crm.write(missed(revision=1), "call.updated")
    assert made["body"].startswith("<p>Da <b>richiamare</b></p>[Filodiretto]<br>")
    assert made["body"].count("[Filodiretto]") == 1


@pytest.mark.parametrize("idempotency", ["marker", "header"])
async def test_missed_call_has_one_task_also_after_a_lost_answer(idempotency: str) -> None:
    """The call was written, the task's answer was lost: neither is made twice."""
    changes = {"task": task_table(idempotency)}
    crm = Crm(changes, how="" if idempotency == "marker" else "keyed")
    await crm.write(missed())
    task = TaskPlan(title="Richiamare Studio Verdi", note="Ha chiamato due volte.")
    for _ in range(2):
        await crm.write(missed(), "task.missed", task=task)
    assert len(crm.rig.made) == len(crm.rig.tasks) == 1
    assert crm.rig.tasks[0]["title"] == "Richiamare Studio Verdi"
    assert crm.rig.tasks[0]["ref"] not in crm.rig.made[0]["body"]


async def test_unknown_caller_becomes_one_contact() -> None:
    """The second call of the same person finds the contact that the first one made."""
    crm = Crm({"contact": contact_table()})
    await crm.write(answered())
    assert crm.rig.people == []
    await crm.write(missed("c.1"), creates=Creation.CONTACT)
    await crm.write(missed("c.2"), creates=Creation.CONTACT)
    assert [one["phone"] for one in crm.rig.people] == ["+390612345678"]
    assert [one.get("contact") for one in crm.rig.made] == [None, 1, 1]


async def test_lost_answer_of_a_question_is_no_maybe() -> None:
    """Nothing was written yet, so a person need not be asked."""
    crm = Crm(how="blind")
    crm.http.script.append(AmbiguousError("lost", adapter="crm"))
    with pytest.raises(TransientError):
        await crm.write(answered())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HttpAnswer(status=200, headers={}, body=b"<html>login</html>"), AmbiguousError),
        (HttpAnswer(status=200, headers={}, body=b'{"error": true, "c": "BAD"}'), RejectedError),
        (HttpAnswer(status=200, headers={}, body=b'{"error": true, "c": "BUSY"}'), TransientError),
        (HttpAnswer(status=200, headers={}, body=b'{"error": true, "c": "EXP"}'), AuthError),
        (HttpAnswer(status=509, headers={}, body=b""), TransientError),
        (HttpAnswer(status=200, headers={}, body=b'{"error": false}'), AmbiguousError),
        (HttpAnswer(status=400, headers={}, body=b'{"c": "Mario Rossi e altro"}'), RejectedError),
    ],
)
async def test_answer_means_what_the_description_says(
    answer: HttpAnswer, kind: type[Exception]
) -> None:
    """Success inside the body, codes to try again, a missing id: each has its own consequence."""
    errors = {
        "ok": "error == `false` || !contains(keys(@), 'error')",
        "code": "c",
        "retry": ["BUSY"],
        "auth": ["EXP"],
        "retry_statuses": [509],
    }
    crm = Crm({"errors": errors, "search": []}, how="blind")
    crm.http.script.append(answer)
    with pytest.raises(kind) as caught:
        await crm.write(answered())
    assert "Rossi" not in f"{caught.value} {getattr(caught.value, 'detail', '')}"


async def test_own_id_that_is_there_already_counts_as_written() -> None:
    """SuiteCRM answers 400 for an id it has: that is success, not a dead letter."""
    create = {"path": "/c/{{ key }}", "method": "PUT", "duplicate_statuses": [409], "id": "id"}
    table = {"idempotency": "own_id", "create": create}
    crm = Crm({"call": table, "search": []})
    crm.http.script.append(HttpAnswer(status=409, headers={}, body=b"exists"))
    receipt = await crm.write(answered())
    assert receipt.external_id == str(crm.writer.key_of(answered()))
    assert plugin.capabilities_of(crm.settings).tier is Tier.A


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"search": [{"path": "/c", "query": {"q": "{{ nummer }}"}}]}, "did you mean number?"),
        ({"search": [{"path": "/c", "items": "results["}]}, "is not a JMESPath"),
        ({"call": {"create": {"path": "/c", "body": {"a": "{{ call.talk }}"}}}}, "call.talk_s?"),
        ({"call": {"create": {"path": "/c", "body": {"a": "{{ title"}}}}, "call.create.body.a"),
        ({"call": {"create": {"path": "/c", "body": {"a": "{{ 1|mapped('x') }}"}}}}, "maps.x"),
        ({"call": {"create": {"path": "c"}}}, "begin with one /"),
        ({"call": {"idempotency": "marker", "create": {"path": "/c"}}}, "needs a find table"),
        ({"call": {"create": {"path": "/c"}}, "task": task_table()}, "idempotency for both"),
        ({"profile": "pipdrive"}, "does not exist"),
        ({"timezone": "Roma"}, "Europe/Rome"),
        ({"sign_in": {"type": "oauth2"}}, "needs token_path, client_id"),
        ({"contact": contact_table(), "search": []}, "need a search"),
        ({"sign_in": {"type": "oauth2", "client_id": "x", "token_path": "token"}}, "begin with /"),
    ],
)
def test_mistake_in_a_description_is_found_at_the_start(changes: dict[str, Any], said: str) -> None:
    """The administrator reads what is wrong where, before the first call is lost to it."""
    rig = RestRig(front=PeerServer(port=9))
    with pytest.raises(ValidationError) as caught:
        RestSettings.model_validate({**rig.table, **changes})
    assert said in str(caught.value)


async def test_hostile_name_is_never_a_template() -> None:
    """Callers choose their names; only the administrator writes templates."""
    crm = Crm()
    evil = "{{ secret }}{{ ''.__class__.__mro__ }}"
    await crm.write(answered(caller=Party(number="0612345678", e164="+390612345678", name=evil)))
    assert "{{ secret }}" in crm.rig.made[0]["subject"]
    assert TOKEN not in json.dumps(crm.rig.made)


async def test_trial_shows_everything_but_secrets_and_writes_nothing() -> None:
    """`check --crm NAME --try NUMBER` is for a screen that others may see."""
    crm = Crm()
    crm.rig.people.append(VERDI)
    trial = await plugin.try_out(crm.settings, crm.http, HandClock(), answered())
    assert isinstance(trial, Trial)
    assert crm.rig.made == []
    assert not trial.cause
    assert [one.step for one in trial.exchanges] == ["search", "find", "would be sent"]
    assert "Studio Verdi" in trial.exchanges[0].answer
    assert "GET /api/interactions/?search=" in trial.exchanges[1].request
    assert "POST /api/interactions/" in trial.exchanges[2].request
    shown = " ".join(one.request + one.answer for one in trial.exchanges)
    assert TOKEN not in shown
    assert "•••" in shown


async def test_call_in_the_night_of_the_clock_change_keeps_its_moment() -> None:
    """At half past two the clock in Rome showed the same twice; UTC knows which."""
    body = {"local": "{{ call.started_at | when }}", "utc": "{{ call.started_at | utc }}"}
    body |= {"unix": "{{ call.started_at | unix }}"}
    crm = Crm({"call": {"create": {"path": "/api/interactions/", "body": body}}})
    at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    await crm.write(answered(started_at=at))
    [made] = crm.rig.made
    assert made["local"] == "2026-10-25 02:30:00"
    assert made["utc"] == "2026-10-25T01:30:00Z"
    assert made["unix"] == int(at.timestamp())


def _json(value: object) -> HttpAnswer:
    return HttpAnswer(status=200, headers={}, body=json.dumps(value).encode())
