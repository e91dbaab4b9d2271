"""What goes wrong at a real Odoo 14, stands in the list with its remedy, and is written once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.crm_records import answered, effect
from support.odoo_lab import OdooLab
from support.odoo_writers import Open, odoo_writers
from support.peer_http import PeerServer, Received, answer, forward
from support.worker_rig import worker_rig

from gateway.core.ports import Effect
from gateway.core.record import Party, WrapUp
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.outbox import EffectState

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

_REASON = ["name", "=", "x_reason"]
LONG = "è andata così 😀 " * 12_000  # 200 kB and more


@pytest.fixture
async def open_writer(odoo: OdooLab) -> AsyncIterator[Open]:
    """Give a function that opens a writer with mistakes of one's own."""
    async with odoo_writers(odoo) as open_one:
        yield open_one


async def calls_from(odoo: OdooLab, e164: str) -> list[dict[str, Any]]:
    """Return what Odoo has of a caller."""
    every = await asyncio.to_thread(odoo.phonecalls)
    return [one for one in every if one["partner_phone"] == e164]


def call_from(e164: str, root: str = "") -> Effect:
    """Return what a call does at Odoo."""
    record = answered(f"mend.{e164}.{root}", caller=Party(number=e164, e164=e164))
    return effect(record, connector="odoo")


@pytest.mark.parametrize(
    ("mistake", "remedy"),
    [
        ({"secret": "wrong"}, "Check username, secret"),
        ({"database": "compani"}, "Check that the database"),
        ({"url": "{url}/crm"}, "Set url to scheme and host"),
        ({"url": "http://127.0.0.1:9"}, "host and port in url"),
    ],
    ids=["password", "database", "path", "port"],
)
async def test_mistake_in_the_table_is_told_and_its_calls_are_written_once_after_the_mend(
    odoo: OdooLab, open_writer: Open, db: Database, mistake: dict[str, str], remedy: str
) -> None:
    """Whoever reads the list knows what to correct, and loses no call meanwhile."""
    one, before = call_from("+390299991000", root=remedy), odoo.count_in_database()
    wrong = {key: value.replace("{url}", odoo.url) for key, value in mistake.items()}
    async with worker_rig(db, {"odoo": open_writer(**wrong)}) as rig:
        await rig.put(one)
        row = await rig.waits(one)
        assert remedy in (row.cause or "")
    async with worker_rig(db, {"odoo": open_writer()}) as rig:  # started anew
        rig.later(3600)
        await rig.reaches(one, EffectState.DELIVERED)
    assert odoo.count_in_database() == before + 1


@pytest.fixture
def mend(odoo: OdooLab) -> Iterator[Callable[[], None]]:
    """Add a field to phone calls that nobody may leave empty, as people do in Odoo's settings.

    Gives what takes it away again.
    """
    [model] = odoo.ask("ir.model", "search", [["model", "=", "crm.phonecall"]])
    values = {"model_id": model, "name": "x_reason", "field_description": "Reason", "ttype": "char"}
    field = int(odoo.ask("ir.model.fields", "create", values))
    everything = [one["id"] for one in odoo.phonecalls()]
    odoo.ask("crm.phonecall", "write", everything, {"x_reason": "-"})
    odoo.ask("ir.model.fields", "write", [field], {"required": True})

    def gone() -> None:
        odoo.ask("ir.model.fields", "unlink", odoo.ask("ir.model.fields", "search", [_REASON]))

    yield gone
    gone()


async def test_field_that_somebody_made_necessary_makes_a_dead_letter_until_it_is_not(
    odoo: OdooLab, open_writer: Open, db: Database, mend: Callable[[], None]
) -> None:
    """The schema of an Odoo is its people's; calls wait for them in the list, each once."""
    e164 = "+390299991010"
    one = call_from(e164)
    async with worker_rig(db, {"odoo": open_writer()}) as rig:
        await rig.put(one)
        row = await rig.reaches(one, EffectState.DEAD)
        assert "(x_reason) Look at required fields" in (row.cause or "")
        assert await calls_from(odoo, e164) == []
        await asyncio.to_thread(mend)
        await db.write(lambda conn: outbox.retry(conn, one.key, by="anna"))
        rig.worker.wake()
        await rig.reaches(one, EffectState.DELIVERED)
    assert len(await calls_from(odoo, e164)) == 1


async def test_day_without_odoo_costs_few_tries_and_no_call(
    odoo: OdooLab, open_writer: Open, db: Database, peer: PeerServer
) -> None:
    """A quarter of an hour between two tries at most, so that it is there soon after."""

    async def pass_on(_request: Received, _answer: bytes) -> bool:
        return True

    peer.default = answer(503, b"")
    e164 = "+390299991020"
    one = call_from(e164)
    async with worker_rig(db, {"odoo": open_writer(url=peer.url)}) as rig:
        await rig.put(one)
        for number in range(1, 97):
            await rig.until(lambda: rig.row(one), lambda row, n=number: row.attempts >= n)  # type: ignore[misc]  # a bound default
            await rig.waits(one)
            rig.later(900)
        assert "503" in ((await rig.waits(one)).cause or "")
        peer.default = forward(odoo.url, pass_on)
        rig.later(900)
        row = await rig.reaches(one, EffectState.DELIVERED)
    assert row.attempts <= 99
    assert len(await calls_from(odoo, e164)) == 1


async def test_long_texts_emoji_and_the_hour_that_comes_twice_arrive_whole(
    odoo: OdooLab, open_writer: Open, db: Database
) -> None:
    """In the night of the clock change, with an agent's long note and 200 kB of a person's."""
    e164 = "+390299991030"
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Rome, and an hour later again
    noted = (WrapUp(agent="anna", disposition="😀 venduto", note="😀" * 3_999),)
    async with worker_rig(db, {"odoo": open_writer()}) as rig:
        for number in range(2):
            began = first + timedelta(hours=number)
            record = answered(
                f"dst.{number}",
                caller=Party(number=e164, e164=e164, name="Zoë 😀"),
                started_at=began,
                ended_at=began + timedelta(seconds=95),
                wrap_ups=noted,
            )
            one = effect(record, connector="odoo")
            await rig.put(one)
            rig.clock.at = max(rig.clock.at, one.not_before)
            rig.worker.wake()
            await rig.reaches(one, EffectState.DELIVERED)
    made = await calls_from(odoo, e164)
    assert [one["date"] for one in made] == ["2026-10-25 00:30:00", "2026-10-25 01:30:00"]
    for call in made:
        assert "Zoë 😀" in call["name"]
        assert call["description"].count("😀") >= 4_000
    note = f"{LONG}\n{made[0]['description']}"
    await asyncio.to_thread(
        odoo.ask, "crm.phonecall", "write", [made[0]["id"]], {"description": note}
    )
    corrected = answered(
        "dst.0", caller=Party(number=e164, e164=e164, name="Zoë 😀"), started_at=first, revision=1
    )
    again = effect(corrected, connector="odoo", kind="call.updated", ordinal=1)
    await open_writer().write(
        corrected,
        idempotency_key=again.key,
        kind="call.updated",
        occurred_at=again.occurred_at,
    )
    [kept, _] = await calls_from(odoo, e164)
    assert kept["description"].startswith(LONG.rstrip())
    assert kept["description"].count("[Filodiretto]") == 1
