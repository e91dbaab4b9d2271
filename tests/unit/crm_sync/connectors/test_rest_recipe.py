"""The recipe of docs/rest.md for a CRM with a query language, as an administrator copies it."""

import json
import tomllib
from pathlib import Path
from typing import Any

from support.crm_records import HandClock, answered
from support.rest_peer import Asked, RestPeer, put, reply

from crm_sync.connectors.rest.directory import RestDirectory
from crm_sync.connectors.rest.settings import RestSettings
from gateway.core.ports import HttpAnswer
from gateway.core.record import CallState, Seconds

TEXT = (Path(__file__).parents[4] / "docs" / "rest.md").read_text(encoding="utf-8")
TABLES = [tomllib.loads(one.split("```")[0]) for one in TEXT.split("```toml\n")[1:]]
[RECIPE] = [
    one["crm"][0] for one in TABLES if "crm" in one and one["crm"][0]["name"] == "challenge"
]
MANDATORY = ("subject", "date_start", "due_date", "eventstatus", "activitytype", "duration_hours")


class Vtiger:
    """Answers as the documents of vtiger 7 say; `asked` are the questions in its language."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.events: list[dict[str, Any]] = []

    def handle(self, asked: Asked) -> HttpAnswer:
        """Do one operation."""
        form = asked.form if asked.method == "POST" else {}
        operation = form.get("operation") or asked.one("operation")
        return reply({"success": True, "result": self._done(str(operation), asked, form)})

    def _done(self, operation: str, asked: Asked, form: dict[str, str]) -> object:
        if operation == "getchallenge":
            return {"token": "t0k"}
        if operation == "login":
            return {"sessionName": "s3ss", "userId": "19x1"}
        if operation == "query":
            question = str(asked.one("query"))
            self.asked.append(question)
            person = {"id": "12x7", "lastname": "Verdi", "mobile": "06 12345678"}
            return self.events if "FROM Events" in question else [person]
        element = json.loads(form["element"])
        if operation == "create":
            assert all(element.get(name) not in {None, ""} for name in MANDATORY)
            self.events.append({"id": "18x1", **element})
        else:
            self.events[0] |= element
        return self.events[0]


def recipe() -> dict[str, Any]:
    """Return the table with a secret of its own."""
    return {key: value for key, value in RECIPE.items() if key != "secret_file"}


async def test_live_call_of_the_recipe_is_completed_at_its_end() -> None:
    """The status is mandatory from the beginning; who took it and how long comes later."""
    crm = Vtiger()
    writer = RestPeer(crm.handle).writer(**recipe() | {"users": {"1002": "19x5"}})
    over = answered()
    live = answered(
        state=CallState.LIVE,
        outcome=None,
        ended_at=None,
        answered_by=None,
        final_talker=None,
        seconds=Seconds(),
    )
    await put(writer, live, "call.started")
    [made] = crm.events
    assert (made["eventstatus"], made["assigned_user_id"]) == ("Planned", "19x1")
    await put(writer, over, "call.ended", follows=True, creates_record=False)
    [made] = crm.events
    assert (made["eventstatus"], made["assigned_user_id"]) == ("Held", "19x5")
    assert (made["duration_minutes"], made["due_date"]) == (2, "2026-10-03")
    assert "OR mobile LIKE '%0%6%" in crm.asked[0]


async def test_people_of_the_recipe_are_asked_for_page_by_page() -> None:
    """A sweep has no condition, a poll asks for what changed."""
    crm = Vtiger()
    settings = RestSettings.model_validate({"secret": "key-of-the-crm"} | recipe())
    directory = RestDirectory(settings, RestPeer(crm.handle), HandClock())
    page = await directory.everyone("")
    assert [one.ref for one in page.entries] == ["person:12x7"]
    assert not page.more
    await directory.changed(await directory.mark())
    assert [one.removeprefix("SELECT * FROM Contacts ") for one in crm.asked] == [
        "ORDER BY id LIMIT 0, 100;",
        "WHERE modifiedtime >= '2026-10-03 08:25:00' ORDER BY id LIMIT 0, 100;",
    ]
    assert directory.capabilities.cut is False
