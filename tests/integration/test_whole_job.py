"""The whole job: a real call reaches the agent's screen and real CRMs, once, come what may.

Odoo is written by its connector, BottleCRM and Tryton by the very tables that `config/crm` ships.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.settings import did
from support.bottle_lab import BottleLab
from support.daemon import Daemon
from support.odoo_lab import OdooLab
from support.tryton_lab import TrytonLab

from gateway.store.people import Role

pytestmark = [pytest.mark.integration, pytest.mark.timeout(150)]

CALLER = "+393331234567"
CONTACTS = "id,name,company,mobile,vip\nC-17,Mario Bianchi,Officine Bianchi,333 123 4567,1\n"
WRITTEN_S = 30.0
# read before a test's event loop runs
SHIPPED = Path(__file__).parents[2] / "config" / "crm"
BOTTLE, TRYTON = ((SHIPPED / name).read_text("utf-8") for name in ("bottlecrm.toml", "tryton.toml"))


@pytest.fixture
def tables(driver: Driver, odoo: OdooLab) -> Iterator[str]:
    """Describe the lab's PBX and the Odoo to the daemon; start from an Odoo that knows Mario."""
    mario = odoo.partners.create(name="Mario Bianchi", mobile="+39 333 1234567")
    before = {call["id"] for call in odoo.phonecalls()}
    assert before == set()
    yield pbx_toml(driver.lab) + (
        f'[[crm]]\nname = "odoo"\nkind = "odoo"\nurl = "{odoo.url}"\n'
        f'database = "{odoo.database}"\nusername = "{odoo.username}"\n'
        f'secret = "{odoo.password}"\nallow_private = true\n'
    )
    odoo.ask("crm.phonecall", "unlink", [call["id"] for call in odoo.phonecalls()])
    odoo.ask("res.partner", "unlink", [mario])


@pytest.fixture
def mario(bottle: BottleLab) -> str:
    """Let the BottleCRM know Mario and somebody else; gives the id it has for him."""
    known = {one["phone"]: str(one["id"]) for one in bottle.contacts()}
    if CALLER in known:
        return known[CALLER]
    bottle.add_contact("Carla", "+393331234568", last_name="Neri")
    return bottle.add_contact("Mario", CALLER, last_name="Bianchi")


@pytest.fixture
def both(tables: str, bottle: BottleLab) -> str:
    """Describe the BottleCRM as well, by its shipped table."""
    return tables + by_configuration(BOTTLE, bottle.url, bottle.token)


def by_configuration(shipped: str, url: str, secret: str) -> str:
    """Return a shipped table with the two lines that an administrator changes."""
    here = re.sub(r'(?m)^url = ".*"', f'url = "{url}"\nallow_private = true', shipped)
    changed = re.sub(r'(?m)^secret_file = ".*?"', f'secret = "{secret}"', here)
    assert url in changed
    assert secret in changed
    return changed


async def until(found: Callable[[], Any], timeout_s: float = WRITTEN_S) -> Any:  # noqa: ANN401
    """Return the first truthy answer of a question asked off the loop."""
    async with asyncio.timeout(timeout_s):
        while True:
            answer = await asyncio.to_thread(found)
            if answer:
                return answer
            await asyncio.sleep(0.1)


async def prepared(folder: Path, tables: str) -> tuple[Daemon, str]:
    """Return a configured daemon with one contact, and the token of the agent at 1001."""
    daemon = Daemon(folder, tables)
    token = await daemon.token("anna", extensions=["1001"])
    (folder / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    await asyncio.to_thread(daemon.command, "contacts", "import", str(folder / "contacts.csv"))
    return daemon, token


async def test_call_is_popped_before_the_answer_and_written_once(  # noqa: PLR0917
    tmp_path: Path, driver: Driver, both: str, odoo: OdooLab, bottle: BottleLab, mario: str
) -> None:
    """What the product is for, end to end on a real Asterisk, a real Odoo and a real BottleCRM."""
    daemon, token = await prepared(tmp_path, both)
    async with daemon, daemon.events(token) as events:
        assert (await events.next("hello"))["data"]["epoch"]
        driver.phones["1001"].answers(after_s=1)
        call = await driver.call_in(caller=CALLER, name="M. BIANCHI", did=did("1001"))
        offered = await events.next("pop.offered")
        assert offered["data"]["contact"]["name"] == "Mario Bianchi"
        assert offered["data"]["extension"] == "1001"
        assert offered["data"]["match"]["kind"] == "exact"
        assert not any(leg.up.is_set() for leg in call.legs)
        await call.answered()
        answered = await events.next("pop.answered")
        assert answered["data"]["pop_id"] == offered["data"]["pop_id"]
        await asyncio.sleep(1)
        await call.hang_up()
        truth = await call.ended()
        ended = (await events.next("call.ended"))["data"]
        await until(lambda: len(_delivered(daemon)) == 2)
        written = await until(odoo.phonecalls)
        stored = await daemon.get(f"/api/v1/calls/{ended['id']}", token)
    assert ended["outcome"] == truth.outcome == "answered"
    assert ended["contact"]["name"] == "Mario Bianchi"
    assert stored["answered_by"] == "1001"
    assert len(written) == odoo.count_in_database() == 1
    assert written[0]["direction"] == "in"
    assert written[0]["partner_id"][1] == "Mario Bianchi"
    assert written[0]["duration"] * 60 == pytest.approx(truth.seconds["talk"], abs=0.7)
    [entry] = await asyncio.to_thread(bottle.calls)
    assert (entry["contact_id"], entry["direction"]) == (mario, "inbound")
    assert entry["outcome"] == "connected"
    assert entry["duration_seconds"] == pytest.approx(truth.seconds["talk"], abs=1.2)
    assert await asyncio.to_thread(bottle.tasks) == []


async def test_missed_call_leaves_one_task_on_the_customer(  # noqa: PLR0917
    tmp_path: Path, driver: Driver, both: str, odoo: OdooLab, bottle: BottleLab, mario: str
) -> None:
    """Whoever looks after the customer sees in each CRM that somebody has to call back."""
    before = {one["id"] for one in await asyncio.to_thread(bottle.calls)}
    daemon, token = await prepared(tmp_path, both)
    async with daemon, daemon.events(token) as events:
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        await events.next("pop.offered")
        await call.hang_up()
        await call.ended()
        await until(lambda: len(_delivered(daemon)) == 4)
        written = await until(odoo.phonecalls)
        tasks = await asyncio.to_thread(_tasks, odoo)
    assert [task["res_name"] for task in tasks] == ["Mario Bianchi"]
    assert len(written) == odoo.count_in_database() == 1
    assert written[0]["partner_id"][1] == "Mario Bianchi"
    [entry] = [one for one in await asyncio.to_thread(bottle.calls) if one["id"] not in before]
    assert (entry["contact_id"], entry["outcome"]) == (mario, "no_answer")
    [todo] = await asyncio.to_thread(bottle.tasks)
    assert (todo["status"], todo["priority"]) == ("New", "High")
    assert [one["contact_id"] for one in await asyncio.to_thread(bottle.on_tasks)] == [mario]


@pytest.mark.exhaustive
async def test_tryton_has_each_call_on_its_person_and_asks_to_ring_back(
    tmp_path: Path, driver: Driver, tryton: TrytonLab
) -> None:
    """The same by configuration alone in a third CRM, which has neither calls nor tasks."""
    await asyncio.to_thread(tryton.add_party, "Carla Neri", "+393331234568")
    mario = await asyncio.to_thread(tryton.add_party, "Mario Bianchi", CALLER)
    linked = by_configuration(TRYTON, f"{tryton.url}/crm", tryton.key)
    daemon, token = await prepared(tmp_path, pbx_toml(driver.lab) + linked)
    async with daemon, daemon.events(token) as events:
        driver.phones["1001"].answers(after_s=1)
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        await call.answered()
        await call.hang_up()
        await call.ended()
        await until(lambda: len(_delivered(daemon)) == 1)
        driver.phones["1001"].only_rings()
        call = await driver.call_in(caller=CALLER, did=did("1001"))
        await events.next("pop.offered")
        await call.hang_up()
        await call.ended()
        await until(lambda: len(_delivered(daemon)) == 3)
    notes = [note["message"] for note in await asyncio.to_thread(tryton.notes, mario)]
    titles = sorted(note.replace("[Filodiretto]\n", "").splitlines()[0] for note in notes)
    assert titles == [
        "Chiamata persa (ha riagganciato) da Mario Bianchi (+393331234567)",
        "Chiamata ricevuta da Mario Bianchi (+393331234567)",
        "Richiamare Mario Bianchi (+393331234567)",
    ]
    everyone = await asyncio.to_thread(tryton.ask, "GET", "ir.note?f=message")
    assert len(everyone) == len(notes)


async def test_daemon_killed_in_mid_call_still_gives_one_true_record(
    tmp_path: Path, driver: Driver, tables: str, odoo: OdooLab
) -> None:
    """A power cut must cost neither the start, nor the queue, nor the answer, nor write twice."""
    daemon, token = await prepared(tmp_path, tables)
    async with daemon:
        driver.phones["1001"].answers(after_s=1)
        call = await driver.call_in(caller=CALLER, did=did("2001"), queue="support")
        async with daemon.events(token) as events:
            await call.answered()
            await events.next("pop.answered")
            before = await _live(daemon, token)
        daemon.kill()
        await asyncio.sleep(0.5)
        await daemon.start()
        async with daemon.events(token) as events:
            await events.next("call.updated")
            after = await _live(daemon, token)
            await asyncio.sleep(0.5)
            await call.hang_up()
            truth = await call.ended()
            ended = (await events.next("call.ended"))["data"]
        written = await until(odoo.phonecalls)
        await until(lambda: _delivered(daemon))
        records = await daemon.get("/api/v1/calls?limit=50", token)
        chief = await daemon.token("chief", role=Role.ADMIN)
        gaps = await daemon.get("/api/v1/gaps", chief)
    for key in ("id", "started_at", "queue", "answered_at", "answered_by", "rung", "complete"):
        assert before[key] == after[key] == ended[key], key
    assert ended["queue"] == "support"
    assert ended["answered_by"] == "1001"
    assert ended["complete"] is True
    for name in ("ring", "wait", "talk"):
        assert ended["seconds"][name] == pytest.approx(truth.seconds[name], abs=0.7), name
    assert [record["id"] for record in records["items"]] == [ended["id"]]
    assert len(written) == odoo.count_in_database() == 1
    assert written[0]["duration"] * 60 == pytest.approx(truth.seconds["talk"], abs=0.7)
    assert len(gaps["items"]) == 1
    assert gaps["items"][0]["to"] is not None


def _delivered(daemon: Daemon) -> list[str]:
    return daemon.command("outbox", "list", "--state", "delivered", "--json").splitlines()


async def _live(daemon: Daemon, token: str) -> dict[str, Any]:
    """Return the one live call as the store has it, once its answer is durable."""
    async with asyncio.timeout(20):
        while True:
            page = await daemon.get("/api/v1/calls?state=live", token)
            if page["items"] and page["items"][0]["answered_at"]:
                record: dict[str, Any] = page["items"][0]
                return record
            await asyncio.sleep(0.05)


def _tasks(odoo: OdooLab) -> list[dict[str, Any]]:
    """Return the activities on customers."""
    on_people = [["res_model", "=", "res.partner"]]
    found: list[dict[str, Any]] = odoo.ask("mail.activity", "search_read", on_people, ["res_name"])
    return found
