"""Call control over HTTP: who may, what is answered, and what a repeated request does."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.hands import FakeHands, FakePbx, line
from support.web import WebBench, running_web

from adapters.asterisk import faults
from adapters.asterisk.italian_control import ITALIAN
from gateway.core.attendance import DeviceState, Member, MemberTold
from gateway.core.control import (
    AddMember,
    HangUp,
    PauseMember,
    RemoveMember,
    SetMessageWaiting,
)
from gateway.core.errors import (
    AmbiguousError,
    AuthError,
    FilodirettoError,
    NotPossibleError,
    RejectedError,
    TransientError,
)
from gateway.core.record import CallState
from gateway.desk.callcontrol import CallControl
from gateway.desk.controls import Controls
from gateway.desk.dialling import ClickToCall
from gateway.desk.members import QueueControl
from gateway.desk.once import Once
from gateway.desk.queueboard import QueueDesk
from gateway.store.calls import save_call
from gateway.store.credentials import create_token
from gateway.web.services import Services

pytestmark = pytest.mark.integration


@dataclass
class Desk:
    """A running application whose PBX does as told."""

    web: WebBench
    pbx: FakePbx
    hands: FakeHands

    async def post(
        self, path: str, body: object = None, login: str = "anna", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a POST with somebody's token; a Problem's type is cut to its slug."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.web.client.post(
            self.web.url + path, json=body, headers=self.web.bearer(login) | given
        ) as answer:
            data: dict[str, Any] = await answer.json()
            data["type"] = data.get("type", "").rpartition(":")[2]
            data["retry"] = answer.headers.get("Retry-After")
            return answer.status, data


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Give the application with a queue that Anna could serve and Luca serves."""
    monkeypatch.setattr("gateway.desk.dialling.SEEN_S", 0.0)
    monkeypatch.setattr("gateway.desk.members.SEEN_S", 0.0)
    hands = FakeHands()
    pbx = FakePbx(hands=hands)

    def extend(services: Services) -> Services:
        pbxs = {"hq": pbx.view}
        queues = QueueDesk(services.hub, services.roster, services.clock)
        take = queues.open("hq", pbx.records.get)
        luca = Member(interface="PJSIP/1002", extension="1002", name="Luca", state=DeviceState.IDLE)
        take(MemberTold(at=services.clock.now(), seq=1, queue="sales", member=luca))
        return replace(
            services,
            queues=queues,
            controls=Controls(
                dialling=ClickToCall(services.db, services.clock, pbxs, node="a"),
                calls=CallControl(pbxs),
                members=QueueControl(pbxs, queues),
                once=Once(services.db, services.clock, node="a"),
                italian=ITALIAN,
            ),
        )

    async with running_web(tmp_path, extend=extend) as web:
        yield Desk(web=web, pbx=pbx, hands=hands)


async def test_click_is_accepted_with_the_id_of_the_call_to_come(desk: Desk) -> None:
    """The page can wait for that call."""
    status, answer = await desk.post("/api/v1/calls", {"to": "+39 06 12345678"})
    assert (status, answer["state"]) == (202, "accepted")
    again, _ = await desk.post("/api/v1/calls", {"to": "+39 06 12345678"})
    assert again == 409


async def test_idempotency_key_makes_repetitions_harmless(desk: Desk) -> None:
    """The same request again is the same call; another request under the key is a mistake."""
    key = {"Idempotency_Key": "k-1"}
    first = await desk.post("/api/v1/calls", {"to": "1002"}, **key)
    assert await desk.post("/api/v1/calls", {"to": "1002"}, **key) == first
    status, answer = await desk.post("/api/v1/calls", {"to": "1003"}, **key)
    assert (status, answer["type"]) == (422, "key-reused")
    # keys are each person's own
    status, other = await desk.post("/api/v1/calls", {"to": "1001"}, "luca", **key)
    assert status == 202
    assert other["id"] != first[1]["id"]
    assert len(desk.hands.done) == 2


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"to": "+41446681800"}, 403, "number-denied"),
        ({"to": "899123456"}, 403, "number-denied"),
        ({"to": "*8"}, 422, "invalid"),
        ({"to": 17}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"to": "1002", "extension": "1002"}, 403, "forbidden"),
        ({"to": "1002", "pbx": "mars"}, 404, "not-found"),
    ],
)
async def test_click_that_may_not_be_is_refused(
    desk: Desk, body: dict[str, object], status: int, kind: str
) -> None:
    """With the reason, and nothing on the wire."""
    got, answer = await desk.post("/api/v1/calls", body)
    assert (got, answer["type"]) == (status, kind)
    assert answer["detail"]
    assert desk.hands.done == []


async def test_seventh_click_within_a_minute_says_when_to_come_back(desk: Desk) -> None:
    """Rule 21: six calls a minute, one at a time."""
    desk.hands.error = RejectedError("Refused.", adapter="asterisk", remedy="Do.")
    for _ in range(6):
        assert (await desk.post("/api/v1/calls", {"to": "1002"}))[0] == 409
    status, answer = await desk.post("/api/v1/calls", {"to": "1002"})
    assert (status, answer["type"], answer["retry"]) == (429, "too-many-calls", "60")
    assert len(desk.hands.done) == 6


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (TransientError("Down.", adapter="a", remedy="Wait."), 503, "unavailable"),
        (RejectedError("No.", adapter="a", remedy="Do."), 409, "pbx-refused"),
        (NotPossibleError("Cannot.", adapter="a", remedy="Load."), 501, "not-possible"),
        (AuthError("May not.", adapter="a", remedy="Allow."), 501, "not-possible"),
        (AmbiguousError("Who knows.", adapter="a", remedy="Look."), 504, "outcome-unknown"),
    ],
)
async def test_what_the_pbx_says_becomes_a_status_with_words(
    desk: Desk, error: FilodirettoError, status: int, kind: str
) -> None:
    """Cause and remedy reach the person who clicked."""
    call = desk.pbx.up("1.1", line("1.1", initiator=True), line("1.2", "1001")).id
    desk.hands.error = error
    got, answer = await desk.post(f"/api/v1/calls/{call}/hangup")
    assert (got, answer["type"]) == (status, kind)
    assert answer["detail"] == f"{error.message} {error.remedy}"


async def test_click_whose_answer_was_lost_is_accepted_as_unknown(desk: Desk) -> None:
    """It may ring: to call it failed would make people click again."""
    desk.hands.error = AmbiguousError("Who knows.", adapter="a", remedy="Look.")
    status, answer = await desk.post("/api/v1/calls", {"to": "1002"})
    assert (status, answer["state"], answer["detail"]) == (202, "unknown", "Who knows.")
    assert answer["id"]


async def test_action_under_a_key_is_done_once(desk: Desk) -> None:
    """Also a transfer or a hang-up must survive a client's retry."""
    call = desk.pbx.up("1.1", line("1.1", initiator=True), line("1.2", "1001")).id
    path = f"/api/v1/calls/{call}"
    for _ in range(3):
        status, answer = await desk.post(f"{path}/hangup", Idempotency_Key="k")
        assert (status, answer["state"]) == (202, "accepted")
    desk.pbx.up("1.1", line("1.1", initiator=True), line("1.3", "1002"))
    assert (await desk.post(f"{path}/hangup", Idempotency_Key="k"))[0] == 202
    desk.pbx.up("1.1", state=CallState.ENDED)
    assert (await desk.post(f"{path}/hangup", Idempotency_Key="k"))[0] == 202
    assert (await desk.post(f"{path}/hangup", Idempotency_Key="k2"))[0] in {404, 409}
    assert desk.hands.done == [HangUp(channel="1.2")]
    assert (await desk.post(f"{path}/decline", Idempotency_Key="k"))[0] == 422
    status, answer = await desk.post(f"{path}/hangup", {"extension": "1001"}, Idempotency_Key="k")
    assert (status, answer["type"]) == (422, "key-reused")


async def test_calls_of_others_and_calls_that_are_over(desk: Desk) -> None:
    """404 for what one may not know of, 409 for what is past."""
    call = desk.pbx.up("1.1", line("1.1", initiator=True), line("1.2", "1001")).id
    path = f"/api/v1/calls/{call}/hangup"
    assert (await desk.post(path, login="luca"))[0] == 404
    assert (await desk.post(path, login="paula"))[0] == 403
    assert (await desk.post(f"/api/v1/calls/{uuid4()}/hangup"))[0] == 404
    assert (await desk.post("/api/v1/calls/17/hangup"))[0] == 404
    over = desk.pbx.up("2.1", line("2.2", "1001"), state=CallState.ENDED)
    await desk.web.db.write(lambda conn: save_call(conn, over, state=None))
    desk.pbx.records.pop(over.id)
    status, answer = await desk.post(f"/api/v1/calls/{over.id}/hangup")
    assert (status, answer["type"]) == (409, "call-over")
    assert desk.hands.done == []


async def test_token_without_the_scope_may_not_dial(desk: Desk) -> None:
    """A token for reading calls must not cost money."""
    now = desk.web.services.clock.now()
    for scope, expected in (("calls:read", 403), ("calls:write", 403), ("calls:dial", 202)):
        desk.web.tokens["anna"] = (
            await desk.web.db.write(
                lambda conn, scope=scope: create_token(conn, "anna", now=now, scopes=[scope])  # type: ignore[misc]
            )
        )[1]
        assert (await desk.post("/api/v1/calls", {"to": "1002"}))[0] == expected
        assert (await desk.post(f"/api/v1/calls/{uuid4()}/park"))[0] in {403, 404}


async def test_members_of_queues(desk: Desk) -> None:
    """Oneself without saying who, a colleague only as a supervisor."""
    members = "/api/v1/queues/sales/members"
    assert (await desk.post(f"{members}/add", {"name": "Anna"}))[0] == 202
    assert (await desk.post(f"{members}/pause", {"reason": "lunch"}, login="luca"))[0] == 202
    status, _ = await desk.post(f"{members}/remove", {"extension": "1002"}, login="sara")
    assert status == 202
    assert (await desk.post("/api/v1/agents/1002/unpause", login="luca"))[0] == 202
    assert desk.hands.done == [
        AddMember(queue="sales", extension="1001", name="Anna", like=("PJSIP/1002",)),
        PauseMember(interface="PJSIP/1002", queue="sales", paused=True, reason="lunch"),
        RemoveMember(queue="sales", interface="PJSIP/1002"),
        PauseMember(interface="PJSIP/1002", paused=False),
    ]
    assert (await desk.post(f"{members}/pause", {"extension": "1002"}))[0] == 403
    assert (await desk.post(f"{members}/pause"))[0] == 409
    assert (await desk.post("/api/v1/queues/mars/members/add"))[0] == 404
    assert (await desk.post(f"{members}/add", login="sara"))[0] == 422


async def test_message_lamp_is_set_for_oneself(desk: Desk) -> None:
    """For a voicemail that lives outside the PBX."""
    path = "/api/v1/agents/1001/message-waiting"
    assert (await desk.post(path, {"new": 2}))[0] == 202
    assert desk.hands.done == [SetMessageWaiting(mailbox="1001", new=2)]
    assert (await desk.post(path, {"new": -1}))[0] == 422
    assert (await desk.post(path, {"new": 1}, login="luca"))[0] == 403


async def test_queues_and_agents_are_listed(desk: Desk) -> None:
    """Agents see the queues they serve."""
    (queue,) = await desk.web.items("/api/v1/queues", "luca")
    assert queue["members"][0]["extension"] == "1002"
    assert await desk.web.items("/api/v1/queues", "anna") == []
    agents = {one["login"]: one for one in await desk.web.items("/api/v1/agents")}
    (phone,) = agents["luca"]["extensions"]
    assert phone["queues"][0]["queue"] == "sales"


async def test_gateway_without_control_says_what_to_install(tmp_path: Path) -> None:
    """501 with the reason."""
    async with running_web(tmp_path) as web:
        bare = Desk(web=web, pbx=FakePbx(), hands=FakeHands())
        status, answer = await bare.post("/api/v1/calls", {"to": "1002"})
        assert status == 501
        assert "config/asterisk" in answer["detail"]
        assert await web.items("/api/v1/queues", "sara") == []


async def test_reasons_and_answers_are_in_the_language_of_the_page(desk: Desk) -> None:
    """Why a call is not done, by us or by the PBX, and what was done where it is."""
    italian = {"Accept_Language": "it-IT,it;q=0.9,en;q=0.5"}
    _, denied = await desk.post("/api/v1/calls", {"to": "+41446681800"}, **italian)
    assert denied["detail"].startswith("Da qui non si chiamano numeri esteri. Se serve,")
    _, denied = await desk.post("/api/v1/calls", {"to": "+41446681800"}, Accept_Language="de")
    assert denied["detail"].startswith("Numbers abroad are not dialled from here. If it")
    call = desk.pbx.up("1.1", line("1.1", initiator=True), line("1.2", "1001")).id
    status, done = await desk.post(f"/api/v1/calls/{call}/hangup", **italian)
    assert (status, done["detail"]) == (202, "Il centralino chiude la chiamata.")
    desk.hands.error = faults.refused_action("No such channel")
    _, refused = await desk.post(f"/api/v1/calls/{call}/hangup", **italian)
    assert refused["detail"].startswith("Questa chiamata sul centralino non c'è più. La chiamata")
