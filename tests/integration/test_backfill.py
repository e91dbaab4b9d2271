"""Calls made while the daemon was dead, told by Asterisk's own CDR and CEL modules."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support import recorded_history
from support.asterisk_lab.chroot import LabUnavailableError
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.history import POSTGRES_TABLES, Postgres
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.recalled import (
    csv_url,
    history_toml,
    hook_toml,
    play,
    prepared,
    records,
    resolved,
    sqlite_url,
    told,
    written,
)
from support.asterisk_lab.settings import did
from support.asterisk_lab.truth import Truth, differences
from support.components import missing
from support.daemon import Daemon
from support.peer_http import PeerServer, peer_server
from support.postgres import Cluster, PostgresMissingError, running_cluster

from gateway.core.errors import TransientError
from gateway.core.record import CallRecord, EndKind, Outcome

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

AWAY = (
    "answered_and_caller_hangs_up",
    "answered_with_hold_and_agent_hangs_up",
    "caller_gives_up",
    "phone_is_busy",
    "queue_second_agent_answers",
    "queue_without_agents",
    "menu_then_queue",
    "outbound_answered",
    "internal_answered",
    "queue_with_local_members",
    "voicemail",
    "blind_transfer",
    "attended_transfer",
    "forward_by_phone",
    "pickup_of_a_colleague",
    "park_and_retrieve",
)
FEW = ("answered_and_caller_hangs_up", "queue_second_agent_answers", "phone_is_busy")
DATABASE = "asterisk"


@pytest.fixture
def lab() -> Iterator[AsteriskLab]:
    """Give a telephone system that writes SQLite and Master.csv, nothing written yet."""
    try:
        with AsteriskLab(history=True) as running:
            yield running
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a PostgreSQL with a database for Asterisk."""
    try:
        with running_cluster() as running:
            running.sql(f"CREATE DATABASE {DATABASE}")
            yield running
    except PostgresMissingError as error:
        missing("PostgreSQL", str(error))


@pytest.fixture
def postgres_lab(cluster: Cluster) -> Iterator[AsteriskLab]:
    """Give a telephone system that writes PostgreSQL, nothing written yet."""
    cluster.sql_in(DATABASE, "DROP TABLE IF EXISTS cel, cdr;" + POSTGRES_TABLES)
    try:
        with AsteriskLab(history=Postgres(port=cluster.port, database=DATABASE)) as running:
            yield running
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))


@pytest.fixture
async def hands(lab: AsteriskLab) -> AsyncIterator[Driver]:
    """Give the hands of everybody."""
    async with Driver(lab) as driver:
        yield driver


@pytest.fixture
async def crm() -> AsyncIterator[PeerServer]:
    """Give a CRM that takes everything."""
    async with peer_server() as peer:
        yield peer


async def died(daemon: Daemon) -> None:
    """Kill a daemon that has just noted that it hears the PBX, at the latest after a second."""
    await asyncio.sleep(1)
    daemon.kill()


def wrong(truths: list[Truth], found: list[CallRecord]) -> list[str]:
    """Return every difference between what happened and what the store says."""
    if len(truths) != len(found):
        return [f"{len(truths)} calls, {len(found)} records"]
    return [
        f"{number}: {line}"
        for number, (truth, record) in enumerate(zip(truths, found, strict=True))
        for line in differences(truth, record)
    ]


async def test_calls_made_while_the_daemon_was_killed_come_back_whole_from_cel(
    tmp_path: Path, lab: AsteriskLab, crm: PeerServer
) -> None:
    """None lost, none doubled, every field as the far ends saw it, the CRM told once."""
    tables = history_toml(lab, cel=sqlite_url(lab)) + hook_toml(crm)
    daemon, chief = await prepared(tmp_path, tables)
    async with daemon:
        seen = await play(lab, AWAY[:1])
        await records(daemon, chief, 1)
        daemon.kill()
        unseen = await play(lab, AWAY)
        await daemon.start()
        gaps = await resolved(daemon, chief)
        found = await records(daemon, chief, len(AWAY) + 1)
        effects = await told(crm, len(AWAY) + 1)
    assert wrong([*seen, *unseen], found) == []
    assert [record.end for record in found] == [EndKind.SEEN] + [EndKind.BACKFILLED] * len(AWAY)
    assert {record.sources for record in found[1:]} == {("cel",)}
    assert (gaps[0]["source"], gaps[0]["recovered"], gaps[0]["unknown"]) == (
        "cel",
        len(AWAY),
        False,
    )
    ids = [bodies[0]["data"]["id"] for bodies in effects.values()]
    assert sorted(ids) == sorted(str(record.id) for record in found)
    assert all(len(bodies) == 1 for bodies in effects.values())


async def test_call_that_ends_while_the_daemon_is_dead_is_whole_under_its_own_id(
    tmp_path: Path, hands: Driver, crm: PeerServer
) -> None:
    """What was live in the store when the power went is completed, not doubled."""
    tables = history_toml(hands.lab, cel=sqlite_url(hands.lab)) + hook_toml(crm)
    daemon, chief = await prepared(tmp_path, tables)
    async with daemon:
        hands.phones["1001"].answers(after_s=0.5)
        call = await hands.call_in(caller="+393331234567", did=did("2001"), queue="support")
        await call.answered()
        await asyncio.sleep(0.5)
        (before,) = (await daemon.get("/api/v1/calls", chief))["items"]
        daemon.kill()
        await call.hang_up()
        truth = await call.ended()
        await hands.quiet()
        await daemon.start()
        await resolved(daemon, chief)
        (found,) = await records(daemon, chief, 1)
        await told(crm, 1)
        await asyncio.sleep(1)
    assert before["state"] == "live"
    assert str(found.id) == before["id"]
    assert differences(truth, found) == []
    assert found.end is EndKind.BACKFILLED
    assert found.sources == ("ami", "cel")
    kinds = [bodies[0]["type"] for bodies in written(crm).values()]
    # once; where the history took longer than late facts are waited for, an update completes it
    assert kinds.count("call.ended") == 1
    assert set(kinds) <= {"call.ended", "call.updated"}


async def test_call_that_began_while_the_daemon_was_dead_is_whole_once_it_ends(
    tmp_path: Path, hands: Driver
) -> None:
    """Met in mid-call it is told in part; its rows complete it when it is over."""
    daemon, chief = await prepared(tmp_path, history_toml(hands.lab, cel=sqlite_url(hands.lab)))
    async with daemon:
        await died(daemon)
        hands.phones["1001"].answers(after_s=1.0)
        call = await hands.call_in(caller="+390612345678", did=did("1001"))
        await call.answered()
        await daemon.start()
        await asyncio.sleep(1)
        await call.hang_up()
        truth = await call.ended()
        (found,) = await records(daemon, chief, 1, complete=True)
    assert differences(truth, found) == []
    assert found.end is EndKind.SEEN
    assert found.sources == ("ami", "cel")


async def test_call_cut_off_by_a_dying_pbx_is_known_but_not_its_end(
    tmp_path: Path, hands: Driver
) -> None:
    """Neither AMI nor CEL saw how it ended: who talked stays, the end is null."""
    daemon, chief = await prepared(tmp_path, history_toml(hands.lab, cel=sqlite_url(hands.lab)))
    async with daemon:
        await died(daemon)
        hands.phones["1002"].answers(after_s=0.5)
        call = await hands.call_in(caller="+390287654321", did=did("1002"))
        await call.answered()
        await asyncio.sleep(0.5)
        await hands.restart_pbx(kill=True)
        await hands.forget(call)
        await asyncio.sleep(6)  # what began in the last seconds may be up without our knowing
        await daemon.start()
        await resolved(daemon, chief)
        page = await daemon.get("/api/v1/calls", chief)
    (lost,) = [one for one in page["items"] if one["caller"]["number"] == "+390287654321"]
    assert (lost["state"], lost["end"], lost["complete"]) == ("ended", "backfilled", False)
    assert (lost["outcome"], lost["answered_by"]) == ("answered", "1002")
    assert (lost["ended_at"], lost["ended_by"], lost["seconds"]["talk"]) == (None, None, None)


async def test_cdr_tells_parties_times_and_whether_it_was_answered(
    tmp_path: Path, lab: AsteriskLab
) -> None:
    """The rest is null, and the record says that it is not the whole story; Master.csv the same."""
    # Asterisk writes in UTC here: the zone is wrong on purpose, and the Uniqueids tell.
    tables = history_toml(lab, timezone="Europe/Rome", cdr=sqlite_url(lab))
    daemon, chief = await prepared(tmp_path, tables)
    async with daemon:
        await died(daemon)
        truths = await play(lab, FEW)
        await daemon.start()
        gaps = await resolved(daemon, chief)
        found = await records(daemon, chief, len(FEW))
    subset(truths, found)
    assert (gaps[0]["source"], gaps[0]["recovered"]) == ("cdr", len(FEW))
    assert "backfill.zone_corrected" in daemon.log_path.read_text("utf-8")
    by_file = await recorded_history.records(recorded_history.history(cdr=csv_url(lab)))
    subset(truths, by_file)
    assert [one.started_at for one in by_file] == [one.started_at for one in found]


def subset(truths: list[Truth], found: list[CallRecord]) -> None:
    """Compare what CDR knows; nothing that it cannot know may be said."""
    assert len(truths) == len(found)
    for truth, record in zip(truths, found, strict=True):
        assert not record.complete
        assert record.end is EndKind.BACKFILLED
        assert record.direction == truth.direction
        assert record.caller.number == truth.caller
        assert record.answered_by == truth.answered_by
        assert (record.outcome is Outcome.ANSWERED) == (truth.outcome == "answered")
        assert record.ended_by is None
        assert record.rung == ()
        assert record.seconds.wait is None


async def test_postgresql_written_by_asterisk_tells_the_same(
    tmp_path: Path, postgres_lab: AsteriskLab, cluster: Cluster
) -> None:
    """The other database that Asterisk's own modules write to."""
    url = cluster.url(DATABASE)
    daemon, chief = await prepared(tmp_path, history_toml(postgres_lab, cel=url, cdr=url))
    async with daemon:
        await died(daemon)
        truths = await play(postgres_lab, FEW)
        await daemon.start()
        await resolved(daemon, chief)
        found = await records(daemon, chief, len(FEW))
        checked = daemon.command("check", expect=None)
    assert wrong(truths, found) == []
    assert {record.sources for record in found} == {("cel",)}
    assert "newest row is less than a minute old" in " ".join(checked.split())
    by_cdr = await recorded_history.records(recorded_history.history(cdr=url, timezone="UTC"))
    subset(truths, by_cdr)
    assert [one.id for one in by_cdr] == [one.id for one in found]


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
async def test_password_in_an_address_is_in_no_message(scheme: str) -> None:
    """Errors are logged and shown; and each driver is there and knows its address."""
    source = recorded_history.history(cel=f"{scheme}://me:hunter2@127.0.0.1:1/none")
    with pytest.raises(TransientError) as refused:
        await recorded_history.records(source)
    error = refused.value
    assert "hunter2" not in f"{error} {error.remedy} {error.detail}"
    assert error.remedy


async def test_without_a_history_the_gap_stays_unknown(tmp_path: Path, lab: AsteriskLab) -> None:
    """Nobody is told that nothing happened when nobody knows."""
    daemon, chief = await prepared(tmp_path, history_toml(lab))
    async with daemon:
        await died(daemon)
        await play(lab, FEW[:1])
        await daemon.start()
        gaps = await resolved(daemon, chief, source=False)
        calls = (await daemon.get("/api/v1/calls", chief))["items"]
    assert (gaps[0]["source"], gaps[0]["unknown"], gaps[0]["recovered"]) == ("snapshot", True, 0)
    assert calls == []
