"""Where an Odoo keeps its calls, found by what the database has; Enterprise and OCA alike."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from support.crm_records import MORNING, HandClock, answered, effect, missed
from support.peer_http import Received
from support.rest_rig import MemoryHttp

from crm_sync.connectors.odoo.link import OdooWriter
from crm_sync.connectors.odoo.links import Linker
from crm_sync.connectors.odoo.objects import PhoneCalls, find_object
from crm_sync.connectors.odoo.partners import Partner
from crm_sync.connectors.odoo.session import OdooSession
from crm_sync.connectors.odoo.settings import OdooSettings
from crm_sync.connectors.odoo.translate import Links
from crm_sync.connectors.odoo.voip import VoipCalls, state_of
from gateway.core.errors import AuthError
from gateway.core.record import CallRecord, CallState, Direction, Outcome
from gateway.core.writing import WritePlan

OCA = ("phone_number", "type_call", "state", "start_date", "end_date", "activity_name")
ENTERPRISE = ("phone_number", "direction", "state", "start_date", "end_date", "activity_name")
MESSAGE = ("model", "res_id", "message_type", "subtype_id", "mail_activity_type_id", "message_id")
SETTINGS = OdooSettings(
    name="odoo", url="https://odoo.example.com", secret="x", database="d", username="u"
)


class FakeOdoo:
    """Answers what `find_object` asks; `models` are its objects with their fields."""

    def __init__(self, models: Mapping[str, tuple[str, ...]], *, version: str = "14.0") -> None:
        self.models = dict(models)
        self.version = version
        self.allowed = True
        self.rights: list[str] = []
        self.rows: list[tuple[str, set[str]]] = []

    def handle(self, request: Received) -> tuple[int, object]:
        """Answer one JSON-RPC call."""
        params = orjson.loads(request.body)["params"]
        if params["service"] == "common":
            told: object = {"server_version": self.version}
            return 200, {"result": 7 if params["method"] == "authenticate" else told}
        _, _, _, model, method, arguments, _ = params["args"]
        if method == "load":
            return 200, self.loaded(model, arguments)
        if method == "search_read" and model != "ir.model":
            return 200, {"result": []}
        return 200, {"result": self.answer(model, method, arguments)}

    def loaded(self, model: str, arguments: list[Any]) -> dict[str, object]:
        """Keep a row, or refuse it as Odoo refuses an object that is not there."""
        if model not in self.models:
            return {"error": {"data": {"name": "builtins.KeyError"}}}
        fields = {name.partition("/")[0] for name in arguments[0]} - {"id"}
        if not fields <= set(self.models[model]):
            unknown = {"type": "error", "field": "x", "message": "unknown"}
            return {"result": {"ids": False, "messages": [unknown]}}
        self.rows.append((model, fields))
        return {"result": {"ids": [len(self.rows)], "messages": []}}

    def answer(self, model: str, method: str, arguments: list[Any]) -> object:
        """Do what a model's method does."""
        if model == "ir.model":
            return [{"model": name} for name in arguments[0][0][2] if name in self.models]
        if method in {"check_access_rights", "has_access"}:
            self.rights.append(method)
            return self.allowed
        if model == "res.users":
            return [{"id": 7, "partner_id": [70, "Filodiretto"]}]
        return {name: {"type": "char"} for name in self.models.get(model, ())}


def session_of(odoo: FakeOdoo) -> OdooSession:
    """Return a session with it."""
    return OdooSession(SETTINGS, MemoryHttp(handle=odoo.handle), HandClock(MORNING))


@pytest.mark.parametrize(
    ("models", "model"),
    [
        ({"crm.phonecall": ("name",), "voip.call": OCA, "mail.message": ()}, "crm.phonecall"),
        ({"voip.call": OCA, "mail.message": ()}, "voip.call"),
        ({"mail.message": ("body",)}, "mail.message"),
    ],
)
async def test_best_object_that_is_there_is_taken(
    models: dict[str, tuple[str, ...]], model: str
) -> None:
    """A call object gives lists and reports; a message is better than nothing."""
    kept, fields = await find_object(session_of(FakeOdoo(models)), "odoo")
    assert kept.model == model
    assert fields == set(models[model])


@pytest.mark.parametrize(
    ("fields", "field"), [(OCA, "type_call"), (ENTERPRISE, "direction")], ids=["oca", "enterprise"]
)
async def test_direction_has_another_name_in_each_edition(
    fields: tuple[str, ...], field: str
) -> None:
    """Both call their object `voip.call`."""
    kept, _ = await find_object(session_of(FakeOdoo({"voip.call": fields})), "odoo")
    values = kept.made(answered("v.1"), Links(partner=8, user=5), "en", WritePlan())
    assert values == {
        field: "incoming",
        "phone_number": "+390612345678",
        "state": "terminated",
        "start_date": "2026-10-03 08:30:04",
        "end_date": "2026-10-03 08:31:34",
        "activity_name": "Call from Studio Verdi (+390612345678)",
        "partner_id/.id": "8",
        "user_id/.id": "5",
    }


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (answered(), "terminated"),
        (missed(), "missed"),
        (missed(outcome=Outcome.REJECTED), "rejected"),
        (missed(direction=Direction.OUTBOUND), "aborted"),
        (missed(state=CallState.LIVE, outcome=None), "calling"),
        (answered(state=CallState.LIVE, outcome=None), "ongoing"),
    ],
)
def test_state_is_one_that_voip_call_has(record: CallRecord, state: str) -> None:
    """A value outside the selection would make a dead letter."""
    assert state_of(record) == state


def test_person_and_title_that_people_set_stay() -> None:
    """Nobody's call becomes the answerer's; somebody's stays theirs."""
    kept = VoipCalls(direction="direction")
    row = {"activity_name": "Mine", "partner_id": [3, "X"], "user_id": [9, "Anna"]}
    links = Links(partner=8, user=5)
    plan = WritePlan()
    changed = kept.changed(answered(), links, "en", plan, row=row, account=7)
    assert {"activity_name", "partner_id/.id", "user_id/.id"}.isdisjoint(changed)
    ours = {"activity_name": False, "partner_id": False, "user_id": [7, "Filodiretto"]}
    changed = kept.changed(answered(), links, "en", plan, row=ours, account=7)
    assert (changed["partner_id/.id"], changed["user_id/.id"]) == ("8", "5")


@pytest.mark.parametrize(
    ("version", "method"),
    [
        ("14.0-20231205", "check_access_rights"),
        ("17.0", "check_access_rights"),
        ("saas~17.4", "check_access_rights"),
        ("18.0", "has_access"),
        ("19.0+e", "has_access"),
    ],
)
async def test_rights_are_asked_for_as_each_version_knows_it(version: str, method: str) -> None:
    """`check_access_rights` gave way to `has_access` in 18."""
    odoo = FakeOdoo({"crm.phonecall": ("name",)}, version=version)
    kept, _ = await find_object(session_of(odoo), "odoo")
    assert isinstance(kept, PhoneCalls)
    assert odoo.rights == [method]


async def test_odoo_without_crm_has_no_deals() -> None:
    """Asking an object that is not there would make a dead letter of every call."""
    odoo = FakeOdoo({"mail.message": ("body",)})
    linker = Linker(SETTINGS, session_of(odoo))
    partner = Partner(
        id=1, name="X", is_company=False, company=None, owner=None, country=None, numbers=()
    )
    assert await linker.deal(partner) is None


async def test_module_or_field_that_is_gone_since_yesterday_costs_no_call() -> None:
    """Somebody tidied up in Odoo while Filodiretto ran: asked again, then written."""
    odoo = FakeOdoo({"crm.phonecall": ("name", "state", "duration"), "mail.message": MESSAGE})
    writer = OdooWriter(SETTINGS, MemoryHttp(handle=odoo.handle), HandClock(MORNING))

    async def write(root: str) -> None:
        one = effect(answered(root))
        await writer.write(
            one.record, idempotency_key=one.key, kind=one.kind, occurred_at=one.occurred_at
        )

    await write("gone.1")
    odoo.models["crm.phonecall"] = ("name", "state")
    await write("gone.2")
    del odoo.models["crm.phonecall"]
    await write("gone.3")
    assert [model for model, _ in odoo.rows] == ["crm.phonecall", "crm.phonecall", "mail.message"]


async def test_account_without_rights_is_told_which_groups_it_needs() -> None:
    """Found at the check, not at the first call."""
    odoo = FakeOdoo({"crm.phonecall": ("name",)})
    odoo.allowed = False
    with pytest.raises(AuthError) as caught:
        await find_object(session_of(odoo), "odoo")
    assert "Sales" in caught.value.remedy
