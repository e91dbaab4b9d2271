"""CRMs that call us: a click in them rings the user's phone, within the limits of click-to-call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.hands import FakeHands, FakePbx
from support.web import WebBench, running_web

from gateway.core.control import Originate
from gateway.desk.callcontrol import CallControl
from gateway.desk.controls import Controls
from gateway.desk.dialling import ClickToCall
from gateway.desk.inbound import Door, Proof
from gateway.desk.members import QueueControl
from gateway.desk.once import Once
from gateway.desk.queueboard import QueueDesk
from gateway.web.services import Services

pytestmark = pytest.mark.integration

SECRET = "a-secret-of-the-crm"
BEARER = {"Authorization": f"Bearer {SECRET}"}
DOORS = (
    Door(name="json", secret=SECRET, prefix="Bearer ", number="call.to", user="agent", key="id"),
    Door(
        name="get",
        secret=SECRET,
        proof=Proof.QUERY,
        proof_name="secret",
        allow_get=True,
        number="to",
        user="from",
    ),
    Door(
        name="form",
        secret=SECRET,
        proof=Proof.FIELD,
        proof_name="auth[application_token]",
        number="data[PHONE_NUMBER]",
        user="data[USER_ID]",
        users={"42": "1001"},
        only_if={"event": "ONEXTERNALCALLSTART"},
    ),
)


@dataclass
class Rig:
    """A running application whose PBX does as told."""

    web: WebBench
    hands: FakeHands

    async def send(
        self,
        name: str,
        method: str = "POST",
        **given: Any,  # noqa: ANN401 - of the client
    ) -> tuple[int, dict[str, Any]]:
        """Send what a CRM sends; a Problem's type is cut to its slug."""
        url = f"{self.web.url}/api/v1/inbound/{name}"
        async with self.web.client.request(method, url, **given) as answer:
            data: dict[str, Any] = await answer.json()
            data["type"] = data.get("type", "").rpartition(":")[2]
            return answer.status, data

    def rung(self) -> list[tuple[str, str]]:
        """Return phone and number of every call that was placed."""
        placed = [one for one in self.hands.done if isinstance(one, Originate)]
        return [(one.extension, one.to) for one in placed]


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    """Give the application with three systems that may ask."""
    monkeypatch.setattr("gateway.desk.dialling.SEEN_S", 0.0)
    hands = FakeHands()
    pbxs = {"hq": FakePbx(hands=hands).view}

    def extend(services: Services) -> Services:
        queues = QueueDesk(services.hub, services.roster, services.clock)
        controls = Controls(
            dialling=ClickToCall(services.db, services.clock, pbxs, node="a"),
            calls=CallControl(pbxs),
            members=QueueControl(pbxs, queues),
            once=Once(services.db, services.clock, node="a"),
        )
        doors = {door.name: door for door in DOORS}
        return replace(services, controls=controls, inbound=doors)

    async with running_web(tmp_path, extend=extend) as web:
        yield Rig(web=web, hands=hands)


async def test_json_of_a_crm_rings_the_phone_of_its_user_once(rig: Rig) -> None:
    """By login; a repetition with the same id is the same call."""
    asked = {"call": {"to": "06 1234 5678"}, "agent": "anna", "id": 17}
    first = await rig.send("json", json=asked, headers=BEARER)
    assert (first[0], first[1]["state"]) == (202, "accepted")
    assert await rig.send("json", json=asked, headers=BEARER) == first
    assert rig.rung() == [("1001", "0612345678")]


async def test_form_and_query_work_as_well_by_extension(rig: Rig) -> None:
    """The fields are named by the table, the user is mapped to an extension."""
    form = {
        "event": "ONEXTERNALCALLSTART",
        "data[PHONE_NUMBER]": "0612345678",
        "data[USER_ID]": "42",
        "auth[application_token]": SECRET,
    }
    assert (await rig.send("form", data=form))[0] == 202
    query = {"secret": SECRET, "to": "0612345678", "from": "1002", "context": "whatever"}
    assert (await rig.send("get", "GET", params=query))[0] == 202
    assert [phone for phone, _ in rig.rung()] == ["1001", "1002"]
    status, told = await rig.send("form", data=form | {"event": "ONTASKADD"})
    assert (status, told["state"]) == (200, "ignored")


@pytest.mark.parametrize(
    ("name", "given", "status", "kind"),
    [
        ("json", {"json": {"agent": "anna"}}, 422, "nothing-asked"),
        ("json", {"json": {"call": {"to": "061"}, "agent": "zoe"}}, 404, "unknown-user"),
        ("json", {"json": {"call": {"to": "061"}, "agent": "paula"}}, 403, "forbidden"),
        (
            "json",
            {"json": {"call": {"to": "+41446681800"}, "agent": "anna"}},
            403,
            "number-denied",
        ),
        (
            "json",
            {"data": b"{", "headers": {"Content-Type": "application/json"}},
            400,
            "bad-request",
        ),
        (
            "json",
            {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}},
            415,
            "wrong-media-type",
        ),
        ("other", {"json": {}}, 404, "not-found"),
    ],
)
async def test_refusal_says_what_is_wrong(
    rig: Rig, name: str, given: dict[str, Any], status: int, kind: str
) -> None:
    """Whoever sets it up reads the reason in the CRM's own log."""
    headers = BEARER | given.pop("headers", {})
    got, told = await rig.send(name, headers=headers, **given)
    assert (got, told["type"]) == (status, kind)
    assert rig.rung() == []


async def test_get_places_no_call_unless_it_is_allowed(rig: Rig) -> None:
    """A link in a mail or a browser's look ahead must ring nobody."""
    query = {"call.to": "0612345678", "agent": "anna"}
    status, told = await rig.send("json", "GET", params=query, headers=BEARER)
    assert (status, told["type"]) == (405, "method-not-allowed")
    assert rig.rung() == []


async def test_guessing_the_secret_is_slowed_down(rig: Rig) -> None:
    """Twenty wrong ones from one address, then even the right one waits."""
    wrong = {"Authorization": "Bearer no"}
    answers = [await rig.send("json", json={}, headers=wrong) for _ in range(21)]
    assert [status for status, _ in answers] == [401] * 20 + [429]
    assert answers[0][1]["type"] == "wrong-secret"
    assert (await rig.send("json", json={}, headers=BEARER))[0] == 429
