"""What every connector must do, whatever its CRM: found by entry point, tried on a real peer."""

import asyncio
import tomllib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from support.connector_rigs import REAL, ConnectorRig, honest, kind_of, variants
from support.crm_records import MORNING, HandClock, answered, effect, missed
from support.peer_http import Behaviour, Received, answer, cut, never
from support.worker_rig import worker_rig

import crm_sync.connectors
from crm_sync.connectors.settings import ConnectorSettings
from crm_sync.http import GuardedHttp
from gateway.core.errors import (
    AdapterError,
    AmbiguousError,
    AuthError,
    TransientError,
)
from gateway.core.ports import CrmCapabilities, CrmWriter, Receipt, Tier
from gateway.core.record import CallRecord, Party, WrapUp
from gateway.runtime.clock import SystemClock
from gateway.store.database import Database
from gateway.store.outbox import EffectState

PLUGINS = {point.name: point.load() for point in entry_points(group="filodiretto.connectors")}
RIGS = [
    pytest.param(name, marks=(pytest.mark.integration,) if kind_of(name) in REAL else ())
    for name in variants(PLUGINS)
]
REPEATABLE = {"odoo", "webhook", "rest:keyed", "salesforce", "hubspot:unique"}
every_kind = pytest.mark.parametrize("connector", sorted(PLUGINS))
every_connector = pytest.mark.parametrize("connector", RIGS)
repeatable = pytest.mark.parametrize(
    "connector",
    [one for one in RIGS if one.values[0] in REPEATABLE],
)
HOSTILE = "=1+1|' \"><script>\x00\r\n\u202e{{7*7}} ${x} %s 🙂 " + "x" * 5000
Open = Callable[..., CrmWriter]

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def open_writer(
    rig: ConnectorRig, connector: str, request: pytest.FixtureRequest
) -> AsyncIterator[Open]:
    """Give a function that opens the connector with changes to its table."""
    # impatient only where it is to run out of patience
    total_s = 2.0 if "[time-out-" in request.node.name else 20.0
    async with GuardedHttp(adapter="crm", allow_private=True, total_s=total_s) as http:

        def open_one(**changes: object) -> CrmWriter:
            plugin = PLUGINS[kind_of(connector)]
            settings = plugin.settings_model.model_validate({**rig.table, **changes})
            writer: CrmWriter = plugin.open(settings, http, SystemClock())
            return writer

        yield open_one


def promise(rig: ConnectorRig, connector: str) -> CrmCapabilities:
    """Return what this rig's settings promise."""
    plugin = PLUGINS[kind_of(connector)]
    settings = plugin.settings_model.model_validate(rig.table)
    capabilities: CrmCapabilities = plugin.capabilities_of(settings)
    return capabilities


async def write(writer: CrmWriter, record: CallRecord, kind: str = "call.ended") -> Receipt:
    """Write one effect."""
    one = effect(record, kind=kind, ordinal=record.revision)
    return await writer.write(
        record, idempotency_key=one.key, kind=kind, occurred_at=one.occurred_at
    )


@every_kind
def test_folder_says_what_it_promises(connector: str) -> None:
    """The administrator reads README and quality.toml; the worker asks the code: they agree."""
    folder = Path(crm_sync.connectors.__path__[0]) / connector
    quality = tomllib.loads((folder / "quality.toml").read_text(encoding="utf-8"))
    capabilities = PLUGINS[connector].capabilities
    assert quality["kind"] == PLUGINS[connector].kind == connector
    assert quality["tier"] == capabilities.tier.value
    assert quality["capabilities"]["updates"] is capabilities.updates
    assert quality["capabilities"].get("search_lag_s") == capabilities.search_lag_s
    root = Path(__file__).parents[2]
    for test in quality["promises"].values():
        path, _, name = test.partition("::")
        assert f"def {name}(" in (root / path).read_text(encoding="utf-8"), test
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")


@every_kind
def test_settings_refuse_typos_and_placeholders(connector: str) -> None:
    """A key nobody reads and a secret nobody set are found at the start, not at the first call."""
    model: type[BaseModel] = PLUGINS[connector].settings_model
    assert issubclass(model, ConnectorSettings)
    for table in ({"urll": "https://example.com"}, {"secret": "CHANGE_ME"}):
        with pytest.raises(ValidationError) as caught:
            model.model_validate({"name": "x", "kind": connector, **table})
        assert next(iter(table)) in str(caught.value)


@every_connector
async def test_secret_is_never_shown(rig: ConnectorRig, connector: str) -> None:
    """Settings end up in logs and error reports."""
    secret = str(rig.table["secret"])
    settings = PLUGINS[kind_of(connector)].settings_model.model_validate(rig.table)
    assert secret not in repr(settings) + str(settings) + settings.model_dump_json()


@every_connector
async def test_call_is_in_the_crm_once_it_has_a_receipt(
    rig: ConnectorRig, open_writer: Open
) -> None:
    """A receipt without a record would be a lost call that nobody looks for."""
    assert isinstance(await write(open_writer(), answered("c.1")), Receipt)
    assert len(await rig.calls()) == 1
    await write(open_writer(), missed("c.2"))
    assert len(await rig.calls()) == 2


@repeatable
async def test_same_effect_again_is_the_same_call(rig: ConnectorRig, open_writer: Open) -> None:
    """Tier A and A*: a repeat does no harm, whoever makes it."""
    first = await write(open_writer(), answered("r.1"))
    assert await write(open_writer(), answered("r.1")) == first
    assert len(await rig.calls()) == 1


@every_connector
async def test_correction_is_no_second_call(rig: ConnectorRig, open_writer: Open) -> None:
    """People count calls; an update belongs to the one it corrects."""
    writer = open_writer()
    await write(writer, missed("u.1"))
    noted = WrapUp(agent="anna", disposition="sale", note="ok", at=MORNING)
    await write(writer, missed("u.1", revision=1, wrap_ups=(noted,)), "call.updated")
    assert len(await rig.calls()) == 1


@every_connector
async def test_hostile_text_is_no_poison(rig: ConnectorRig, open_writer: Open) -> None:
    """Callers choose their names; none may make a call unwritable."""
    record = answered(
        "h.1",
        caller=Party(number="+39 06\u00a012345678", e164="+390612345678", name=HOSTILE),
        queue=HOSTILE,
        wrap_ups=(WrapUp(agent=HOSTILE, disposition=HOSTILE, note=HOSTILE),),
    )
    await write(open_writer(), record)
    assert len(await rig.calls()) == 1


@every_connector
async def test_sparse_record_is_written(rig: ConnectorRig, open_writer: Open) -> None:
    """A call adopted in the middle and lost again has hardly any facts."""
    whole = answered("s.1")
    sparse = CallRecord(
        id=whole.id, pbx="hq", linkedid="s.1", direction=whole.direction, state=whole.state
    )
    await write(open_writer(), sparse)
    assert len(await rig.calls()) == 1


@every_connector
async def test_refused_sign_in_is_an_auth_error(rig: ConnectorRig, open_writer: Open) -> None:
    """The worker pauses the connector for it instead of killing calls."""
    if rig.wrong_sign_in is None:
        rig.front.default = answer(401, b"")
        writer = open_writer()
    else:
        writer = open_writer(**rig.wrong_sign_in)
    with pytest.raises(AuthError) as caught:
        await write(writer, answered("a.1"))
    assert caught.value.remedy
    assert await rig.calls() == [] or rig.wrong_sign_in is None


@every_connector
async def test_probe_writes_nothing(rig: ConnectorRig, open_writer: Open) -> None:
    """`check` may be run at any time."""
    assert await open_writer().probe()
    assert not any(rig.is_write(seen) for seen in rig.front.requests)


@every_connector
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(answer(429, b"", headers={"Retry-After": "7"}), TransientError, id="429"),
        pytest.param(answer(503, b"", headers={"Retry-After": "7"}), TransientError, id="503"),
        pytest.param(answer(500, b"<h1>Error</h1>"), AmbiguousError, id="500"),
        pytest.param(answer(200, b"<html>Sign in</html>"), AmbiguousError, id="login-page"),
        pytest.param(cut(), AmbiguousError, id="cut"),
        pytest.param(never(), AmbiguousError, id="time-out"),
    ],
)
async def test_fault_has_its_class_and_its_remedy(
    rig: ConnectorRig, open_writer: Open, fault: Behaviour, kind: type[AdapterError]
) -> None:
    """What may have been done and what was certainly not done lead to different decisions."""
    rig.front.default = rig.faulty(fault)
    record = answered("f.1", caller=Party(number="0699887766", e164="+390699887766", name="Rossi"))
    with pytest.raises(kind) as caught:
        await write(open_writer(), record)
    error = caught.value
    assert error.adapter == "crm"
    assert error.remedy
    assert not any(
        word in f"{error} {error.remedy} {error.detail}" for word in ("99887766", "Ross")
    )
    if kind is TransientError:
        assert error.retry_after_s == 7.0


@every_connector
async def test_crm_that_is_down_is_certainly_not_written_to(
    rig: ConnectorRig, open_writer: Open
) -> None:
    """Nothing listens at the address."""
    writer = open_writer(url="http://127.0.0.1:9")
    with pytest.raises(TransientError):
        await write(writer, answered("d.1"))
    assert await rig.calls() == []


@every_connector
async def test_commit_then_lost_answer_keeps_the_promise(
    rig: ConnectorRig, open_writer: Open, connector: str, db: Database
) -> None:
    """Judged by what the CRM holds: one call in tiers A and B, none doubled in tier C."""
    lost = 0

    async def lose_three(request: Received) -> bool:
        nonlocal lost
        if rig.is_write(request) and lost < 3:
            lost += 1
            return False
        return True

    rig.front.default = rig.served(lose_three)
    capabilities = promise(rig, connector)
    one = effect(answered("l.1"))
    async with worker_rig(
        db, {"crm": open_writer()}, capabilities=capabilities, clock=_hour_later()
    ) as worker:
        await worker.put(one)
        row = await worker.row(one)
        async with asyncio.timeout(60):
            while row.state not in {EffectState.DELIVERED, EffectState.PARKED}:
                # an attempt is given its time, a pause is not waited for
                if row.state is EffectState.PENDING:
                    worker.later(60)
                await asyncio.sleep(0.05)
                row = await worker.row(one)
    expected = EffectState.PARKED if capabilities.tier is Tier.C else EffectState.DELIVERED
    assert row.state is expected
    assert len(await rig.calls()) == 1


@repeatable
async def test_many_writers_of_one_call_make_one_call(
    rig: ConnectorRig, open_writer: Open, connector: str, db: Database
) -> None:
    """Two nodes that both believe to hold the lease are a fault that happens."""
    record = answered("m.1")
    results = await asyncio.gather(
        *(write(open_writer(), record) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(one, Receipt | TransientError) for one in results), results
    await write(open_writer(), record)
    assert len(await rig.calls()) == 1


@every_connector
async def test_outage_of_an_hour_loses_and_doubles_nothing(
    rig: ConnectorRig, open_writer: Open, connector: str, db: Database
) -> None:
    """Twenty calls end while the CRM answers 503; all are there once afterwards."""
    rig.front.default = answer(503, b"")
    all_of_them: list[Any] = [effect(answered(f"o.{number}")) for number in range(20)]
    capabilities = promise(rig, connector)
    async with worker_rig(
        db, {"crm": open_writer()}, capabilities=capabilities, clock=_hour_later()
    ) as worker:
        await worker.put(*all_of_them)
        for _ in range(6):
            await asyncio.sleep(0.05)
            worker.later(600)
        rig.front.default = rig.served(honest)
        for one in all_of_them:
            for _ in range(100):
                if (await worker.row(one)).state is EffectState.DELIVERED:
                    break
                worker.later(900)
                await asyncio.sleep(0.05)
            await worker.reaches(one, EffectState.DELIVERED)
    assert len(await rig.calls()) == 20


def _hour_later() -> HandClock:
    return HandClock(MORNING + timedelta(hours=1))
