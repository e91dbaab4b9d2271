"""The commands as an administrator meets them: cause, remedy and exit code."""

import asyncio
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.asterisk_lab.daemon import pbx_toml
from support.asterisk_lab.lab import AsteriskLab
from support.daemon import Daemon
from support.empty_store import open_daemons_store
from support.store import an_effect, an_ended_call

from gateway.store.calls import save_call
from gateway.store.database import Connection, Database
from gateway.store.outbox import enqueue
from gateway.store.people import Role, User, add_user

# a command is a process that starts anew: five of them can take long on a busy machine
pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


def findings(daemon: Daemon, *, expect: int) -> dict[str, dict[str, str]]:
    """Run `check` and return its findings by subject; the last of a subject wins."""
    lines = daemon.command("check", "--json", expect=expect).splitlines()
    return {row["subject"]: row for row in map(json.loads, lines)}


def test_check_of_a_working_link_is_ok(tmp_path: Path, asterisk: AsteriskLab) -> None:
    """The shipped stanza is enough: nothing fails on a PBX configured by the book."""
    daemon = Daemon(tmp_path, pbx_toml(asterisk))
    rows = [json.loads(line) for line in daemon.command("check", "--json", expect=0).splitlines()]
    assert not [row for row in rows if row["verdict"] == "failed"]
    assert any("pbx" in row["subject"] and row["verdict"] == "ok" for row in rows)


def test_wrong_password_is_named_with_its_remedy(tmp_path: Path, asterisk: AsteriskLab) -> None:
    """The most common mistake of the first ten minutes."""
    text = pbx_toml(asterisk)
    secret = text.partition('secret = "')[2].partition('"')[0]
    daemon = Daemon(tmp_path, text.replace(secret, "another-password"))
    rows = [json.loads(line) for line in daemon.command("check", "--json", expect=1).splitlines()]
    [failed] = [row for row in rows if row["verdict"] == "failed"]
    assert "password" in f"{failed['cause']} {failed['remedy']}".lower()
    assert "another-password" not in json.dumps(rows)


def test_refused_port_is_named_with_its_remedy(tmp_path: Path) -> None:
    """A wrong port or a stopped Asterisk."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    table = (
        f'[[pbx]]\nname = "hq"\nhost = "127.0.0.1"\nport = {port}\n'
        'username = "filodiretto"\nsecret = "s3cret-s3cret"\n'
    )
    rows = findings(Daemon(tmp_path, table), expect=1)
    [failed] = [row for row in rows.values() if row["verdict"] == "failed"]
    assert "refuse" in failed["cause"].lower()
    assert failed["remedy"]


def test_typo_stops_every_command_with_exit_2(tmp_path: Path) -> None:
    """Nothing starts on a configuration that is not what was meant."""
    daemon = Daemon(tmp_path, '[[pbx]]\nname = "hq"\nhots = "127.0.0.1"\n')
    for command in (["check"], ["run"], ["users", "list"]):
        assert daemon.command(*command, expect=2) == ""


def test_taken_port_says_what_to_do(tmp_path: Path) -> None:
    """Two daemons on one port: the second says so instead of a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        daemon = Daemon(tmp_path)
        port = taken.getsockname()[1]
        text = daemon.config.read_text("utf-8").replace("127.0.0.1:0", f"127.0.0.1:{port}")
        daemon.config.write_text(text, encoding="utf-8")
        daemon.command("run", expect=2)


def test_contacts_in_another_encoding_are_found_by_number(tmp_path: Path) -> None:
    """Windows spreadsheets write Windows-1252 and semicolons."""
    daemon = Daemon(tmp_path)
    file = tmp_path / "rubrica.csv"
    file.write_bytes(
        "id;nome;azienda;telefono\n7;Nicolò Però;Caffè Già;06 1234 5678\n".encode("cp1252")
    )
    daemon.command("contacts", "import", str(file))
    found = json.loads(daemon.command("contacts", "find", "+390612345678", "--json"))
    assert found["match"] == "exact"
    assert found["contacts"][0]["name"] == "Nicolò Però"
    again = json.loads(daemon.command("contacts", "import", str(file), "--json"))
    assert (again["imported"], again["unchanged"]) == (0, 1)


def test_ignoring_a_whole_country_needs_force(tmp_path: Path) -> None:
    """One typing mistake, `+39*`, would mark every customer; the refusal says how many."""
    daemon, file = Daemon(tmp_path), tmp_path / "rubrica.csv"
    file.write_text("name;phone\nAnna;06 1234 5678\nBruno;+41446681800\n", encoding="utf-8")
    daemon.command("contacts", "import", str(file))
    refused = daemon.run("contacts", "ignore", "+39*", "--reason", "spam")
    assert (refused.returncode, ": 1 contacts and 0 " in refused.stderr) == (2, True)
    assert "--force" in refused.stderr
    daemon.command("contacts", "ignore", "06 123*", "--reason", "spam")
    daemon.command("contacts", "ignore", "+39*", "--reason", "spam", "--force")
    daemon.command("contacts", "ignore", "+39*", "--remove")


def test_person_added_on_an_empty_machine_gets_a_token(tmp_path: Path) -> None:
    """The fifth of the first ten minutes' steps: nobody made the database before."""
    daemon = Daemon(tmp_path)
    daemon.command("users", "add", "anna", "--name", "Anna", "--role", "agent")
    assert daemon.command("tokens", "create", "anna").startswith("fd_")


async def test_backup_of_a_store_in_use_is_whole(tmp_path: Path) -> None:
    """A copy that cannot be opened, or lacks what was written last, is no backup."""
    daemon, copied = Daemon(tmp_path), tmp_path / "copy.db"
    anna = User(login="anna", name="Anna", role=Role.AGENT)

    def add(conn: Connection) -> None:
        add_user(conn, anna, password_hash=None, now=datetime.now(UTC))

    db = await open_daemons_store(tmp_path)
    await db.write(add)  # stays in the log beside the file while somebody has it open
    await asyncio.to_thread(daemon.command, "db", "backup", str(copied))
    await db.close()
    copy = Daemon(tmp_path / "data", f'[database]\nurl = "sqlite:///{copied}"\n')
    assert "anna" in await asyncio.to_thread(copy.command, "users", "list")
    assert await asyncio.to_thread(copy.command, "db", "check")


def test_record_names_cause_and_remedy_and_leaves_nothing(tmp_path: Path) -> None:
    """A wrong port, or a file that exists, ends in two sentences, not in a traceback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    table = (
        f'[[pbx]]\nname = "hq"\nhost = "127.0.0.1"\nport = {port}\n'
        'username = "filodiretto"\nsecret = "s3cret-s3cret"\n'
    )
    daemon, output = Daemon(tmp_path, table), tmp_path / "call.ami"
    arguments = ["record", "--pbx", "hq", "-o", str(output)]
    refused = daemon.run(*arguments)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: The PBX refuses connections on this port.\nremedy: ")
    assert not list(tmp_path.glob("call.*"))
    output.touch()
    taken = daemon.run(*arguments)
    assert taken.returncode == 2
    assert "Traceback" not in taken.stderr
    assert "remedy: Choose a name that is not taken" in taken.stderr


def test_outbox_lists_all_effects_beyond_one_page(tmp_path: Path) -> None:
    """Who counts them against the CRM must not miss the oldest."""
    daemon = Daemon(tmp_path)
    daemon.command("db", "upgrade")
    records = [an_ended_call(number) for number in range(205)]

    def fill(conn: Connection) -> None:
        for record in records:
            save_call(conn, record, state=None)
            enqueue(conn, an_effect(record))

    asyncio.run(_write(f"sqlite:///{tmp_path / 'data' / 'filodiretto.db'}", fill))
    rows = [json.loads(line) for line in daemon.command("outbox", "list", "--json").splitlines()]
    assert {row["call"] for row in rows} == {str(record.id) for record in records}


async def _write(url: str, work: Callable[[Connection], None]) -> None:
    database = await Database.open(url)
    await database.write(work)
    await database.close()
