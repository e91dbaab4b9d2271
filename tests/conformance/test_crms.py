"""What every connector to a CRM with people must do: search, choose, task, contact, poison."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from importlib.metadata import entry_points

import pytest
from support.connector_rigs import REAL, ConnectorRig, honest, kind_of
from support.crm_records import MORNING, HandClock, answered, effect, missed
from support.hubspot_rig import HubSpotRig
from support.peer_http import Behaviour, Received, answer, drip, huge
from support.people_rigs import SEARCHED, TASKED, people_of, tasks_of
from support.vendor_rigs import VendorRig
from support.worker_rig import worker_rig

from crm_sync.connectors.hubspot.plugin import plugin as hubspot
from crm_sync.http import GuardedHttp
from gateway.core.errors import AdapterError, AmbiguousError, RejectedError
from gateway.core.ports import CrmWriter, Receipt
from gateway.core.record import CallRecord, MatchKind, Party, WrapUp
from gateway.core.writing import Creation, CrmPreviewer, TaskPlan, WritePlan, plain_plan
from gateway.runtime.clock import SystemClock
from gateway.store.database import Database
from gateway.store.outbox import EffectState

PLUGINS = {point.name: point.load() for point in entry_points(group="filodiretto.connectors")}
Open = Callable[..., CrmWriter]

pytestmark = pytest.mark.timeout(120)


def these(names: tuple[str, ...]) -> pytest.MarkDecorator:
    """Return the parameter for rigs of these names."""
    marks = {name: (pytest.mark.integration,) if kind_of(name) in REAL else () for name in names}
    return pytest.mark.parametrize(
        "connector", [pytest.param(name, marks=marks[name]) for name in names]
    )


@pytest.fixture
async def writer(rig: ConnectorRig, connector: str) -> AsyncIterator[CrmWriter]:
    """Give the connector, opened as the daemon opens it."""
    async with GuardedHttp(adapter="crm", allow_private=True, total_s=2.0) as http:
        plugin = PLUGINS[kind_of(connector)]
        settings = plugin.settings_model.model_validate(rig.table)
        yield plugin.open(settings, http, SystemClock())


async def write(
    writer: CrmWriter, record: CallRecord, kind: str = "call.ended", plan: WritePlan | None = None
) -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at, plan=plan
    )


@pytest.mark.parametrize("connector", ["hubspot"])
async def test_stale_search_index_doubles_nothing(
    rig: ConnectorRig, connector: str, db: Database
) -> None:
    """The answer was lost and the search does not find the call yet: waited for, not repeated."""
    assert isinstance(rig, HubSpotRig)
    rig.indexed = False

    async def lose(request: Received) -> bool:
        return not rig.is_write(request)

    rig.front.default = rig.served(lose)
    settings = hubspot.settings_model.model_validate({**rig.table, "search_lag_s": 60})
    one = effect(answered("stale.1"))
    async with GuardedHttp(adapter="crm", allow_private=True, total_s=2.0) as http:
        writer = hubspot.open(settings, http, SystemClock())
        clock = HandClock(MORNING + timedelta(hours=1))
        promise = hubspot.capabilities_of(settings)
        async with worker_rig(db, {"crm": writer}, capabilities=promise, clock=clock) as worker:
            await worker.put(one)
            for _ in range(400):
                if len(rig.of("calls")) == 1:
                    break
                await asyncio.sleep(0.05)
            await worker.reaches(one, EffectState.PENDING)
            rig.front.default = rig.served(honest)
            for _ in range(5):  # 50 s: whoever asked now would find nothing, and write again
                worker.later(10)
                await asyncio.sleep(0.05)
            assert len(await rig.calls()) == 1
            rig.indexed = True
            worker.later(30)
            await worker.reaches(one, EffectState.DELIVERED)
    assert len(await rig.calls()) == 1


def calling(root: str, e164: str) -> CallRecord:
    """Return an answered call from a number of its own."""
    return answered(root, caller=Party(number=e164, e164=e164))


@these(SEARCHED)
async def test_number_is_found_in_every_form(rig: ConnectorRig, writer: CrmWriter) -> None:
    """People write numbers as they like; a CRM's own search finds few of those forms."""
    people = people_of(rig)
    forms = (
        "+390655501{0:02d}",
        "06 5550 1{0:02d}",
        "0039 06 55501{0:02d}",
        "(06) 555-01{0:02d}",
        "06/555.01.{0:02d}",
        "06.555.01{0:02d}",
    )
    for number, form in enumerate(forms):
        made = await people.add_person(name=f"P{number}", phone=form.format(number))
        await write(writer, calling(f"form.{number}", f"+390655501{number:02d}"))
        assert (await people.persons())[-1] == made, form
    # one digit more, and the same digits behind another area code, are somebody else
    await people.add_person(name="Longer", phone="06 5550 2000")
    for other in ("+39065550200", "+390255502000"):
        await write(writer, calling(f"form.{other}", other))
        assert (await people.persons())[-1] is None


@these(SEARCHED)
async def test_several_people_with_the_number_are_nobodys(
    rig: ConnectorRig, writer: CrmWriter
) -> None:
    """The first row is not the right one; the note says that nobody was chosen."""
    people = people_of(rig)
    for name in ("Anna", "Bruno"):
        await people.add_person(name=name, phone="06 5550 3001")
    await write(writer, calling("several.1", "+390655503001"))
    assert (await people.persons())[-1] is None
    assert "Più contatti hanno questo numero" in await people.shown()


@these(SEARCHED)
async def test_correction_keeps_what_people_wrote(rig: ConnectorRig, writer: CrmWriter) -> None:
    """Title and note are theirs once they touched them; only our part is renewed."""
    people = people_of(rig)
    await write(writer, answered("edit.1"))
    await people.edit("Da richiamare lunedi")
    noted = WrapUp(agent="anna", disposition="sale", note="due caldaie", at=MORNING)
    await write(writer, answered("edit.1", revision=1, wrap_ups=(noted,)), "call.updated")
    shown = await people.shown()
    assert shown.startswith("Da richiamare lunedi\n")
    assert shown.count("Da richiamare lunedi") == 2
    assert "due caldaie" in shown
    assert len(await rig.calls()) == 1


@these(SEARCHED)
async def test_preview_names_the_person_and_writes_nothing(
    rig: ConnectorRig, writer: CrmWriter
) -> None:
    """A dry run over yesterday's calls must not leave a trace."""
    people = people_of(rig)
    await people.add_person(name="Verdi", phone="06 5550 7001")
    assert isinstance(writer, CrmPreviewer)
    for number, match in (("+390655507001", MatchKind.EXACT), ("+390655507002", MatchKind.NONE)):
        record = calling(f"preview.{number}", number)
        plan = replace(plain_plan(record, "call.ended"), creates=Creation.CONTACT)
        seen = await writer.preview(record, plan=plan)
        assert (seen.match, number in seen.title) == (match, True)
    assert await rig.calls() == []
    assert not any(rig.is_write(request) for request in rig.front.requests)


@these(TASKED)
async def test_missed_call_is_one_task_however_often_it_is_sent(
    rig: ConnectorRig, writer: CrmWriter
) -> None:
    """A repeat after a lost answer must not make a second thing to do."""
    people = tasks_of(rig)
    await people.add_person(name="Verdi", phone="06 5550 4001")
    record = missed("task.1", caller=Party(number="0655504001", e164="+390655504001"))
    await write(writer, record)
    plan = replace(
        plain_plan(record, "task.missed"),
        task=TaskPlan(title="Richiamare Verdi", note="06 5550 4001", due_on=date(2026, 10, 5)),
    )
    for _ in range(3):
        assert isinstance(await write(writer, record, "task.missed", plan), Receipt)
    assert await people.tasks() == ["Richiamare Verdi"]
    assert len(await rig.calls()) == 1


@these(TASKED)
async def test_stranger_who_calls_twice_becomes_one_contact(
    rig: ConnectorRig, writer: CrmWriter
) -> None:
    """By policy alone; without it nobody is made."""
    people = tasks_of(rig)
    before = await people.strangers()
    await write(writer, calling("new.0", "+390655505000"))
    assert await people.strangers() == before
    for number in range(2):
        record = calling(f"new.{number + 1}", "+390655505001")
        plan = replace(plain_plan(record, "call.ended"), creates=Creation.CONTACT)
        await write(writer, record, plan=plan)
    assert await people.strangers() == before + 1
    persons = await people.persons()
    assert persons[-1] is not None
    assert persons[-1] == persons[-2]


@these(SEARCHED)
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(drip(0.05), AmbiguousError, id="slow-drip"),
        pytest.param(huge(3 * 1024 * 1024), RejectedError, id="huge-body"),
    ],
)
async def test_answer_without_end_ends_here(
    rig: ConnectorRig, writer: CrmWriter, fault: Behaviour, kind: type[AdapterError]
) -> None:
    """Neither may hold the worker or fill its memory."""
    rig.front.default = rig.faulty(fault)
    with pytest.raises(kind) as caught:
        await write(writer, answered("end.1"))
    assert caught.value.remedy


@these(("hubspot", "salesforce"))
async def test_token_refused_in_between_costs_no_call(
    rig: ConnectorRig, writer: CrmWriter, connector: str, db: Database
) -> None:
    """One that can be renewed is, at once; one that cannot holds the connector until it is good."""
    assert isinstance(rig, VendorRig)
    plugin = PLUGINS[kind_of(connector)]
    promise = plugin.capabilities_of(plugin.settings_model.model_validate(rig.table))
    first, second = effect(answered("token.1")), effect(answered("token.2"))
    clock = HandClock(MORNING + timedelta(hours=1))
    async with worker_rig(db, {"crm": writer}, capabilities=promise, clock=clock) as worker:
        await worker.put(first)
        await worker.reaches(first, EffectState.DELIVERED)
        token = rig.front.requests[-1].headers["authorization"].removeprefix("Bearer ")
        rig.refused_tokens.add(token)
        await worker.put(second)
        if connector == "hubspot":
            row = await worker.waits(second)
            assert "Private Apps" in (row.cause or "")
            rig.refused_tokens.clear()
            worker.later(900)
        await worker.reaches(second, EffectState.DELIVERED)
    assert len(await rig.calls()) == 2


@these(SEARCHED)
async def test_poison_record_is_a_dead_letter_and_holds_up_nobody(
    rig: ConnectorRig, writer: CrmWriter, connector: str, db: Database
) -> None:
    """One call that the CRM will never take waits for a person; the ones behind it do not."""
    whole = rig.served(honest)
    refuse = answer(400, b"{}")

    async def picky(request: Received, stream: asyncio.StreamWriter) -> None:
        poison = rig.is_write(request) and b"P0IS0N" in request.body
        await (refuse if poison else whole)(request, stream)

    rig.front.default = picky
    bad = effect(answered("bad.1", caller=Party(number="0655506001", name="P0IS0N")))
    good = [effect(answered(f"good.{number}")) for number in range(3)]
    plugin = PLUGINS[kind_of(connector)]
    promise = plugin.capabilities_of(plugin.settings_model.model_validate(rig.table))
    clock = HandClock(MORNING + timedelta(hours=1))
    async with worker_rig(db, {"crm": writer}, capabilities=promise, clock=clock) as worker:
        await worker.put(bad, *good)
        for one in good:
            await worker.reaches(one, EffectState.DELIVERED)
        await worker.reaches(bad, EffectState.DEAD)
    assert len(await rig.calls()) == 3
