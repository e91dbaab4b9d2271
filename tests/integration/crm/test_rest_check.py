"""Trying out a description from the command line, as docs/rest.md tells administrators to."""

import asyncio
import json
from pathlib import Path

import pytest
from support.connector_rigs import honest
from support.daemon import Daemon
from support.peer_http import peer_server
from support.rest_rig import TOKEN, RestRig

pytestmark = pytest.mark.integration

TABLE = """
[[crm]]
name = "bottle"
kind = "rest"
url = "{url}"
secret = "{token}"
allow_private = true
search = [{{ path = "/api/contacts/", query.phone = "{{{{ number }}}}", items = "results" }}]
call.create = {{ path = "/api/interactions/", body = {{ s = "{{{{ call.{field} }}}}" }} }}
"""


async def test_trial_shows_search_and_request_and_writes_nothing(tmp_path: Path) -> None:
    """What the CRM answers is on the screen, the token is not."""
    async with peer_server() as front:
        rig = RestRig(front=front)
        rig.people.append({"id": 11, "name": "Studio Verdi", "phone": "06 12345678"})
        front.default = rig.served(honest)
        daemon = Daemon(tmp_path, TABLE.format(url=front.url, token=TOKEN, field="talk_s"))
        arguments = ("check", "--crm", "bottle", "--try", "06 1234 5678", "--json")
        printed = await asyncio.to_thread(daemon.command, *arguments, expect=0)
    rows = [json.loads(line) for line in printed.splitlines()]
    assert [row["step"] for row in rows] == ["search", "would be sent", "result"]
    assert "Studio Verdi" in rows[0]["answer"]
    assert '{"s":60}' in rows[1]["request"]
    assert rows[2]["request"] == "one record has this number"
    assert TOKEN not in printed
    assert rig.made == []


async def test_misspelt_name_is_said_with_the_key_it_stands_in(tmp_path: Path) -> None:
    """The mistake is found before the first call is."""
    daemon = Daemon(
        tmp_path, TABLE.format(url="http://127.0.0.1:9", token=TOKEN, field="talk_seconds")
    )
    ran = await asyncio.to_thread(daemon.run, "check")
    assert ran.returncode == 2
    assert "call.create.body.s" in ran.stderr
    assert "did you mean call.talk_s?" in " ".join(ran.stderr.split())


async def test_check_finds_a_wrong_path_and_shows_the_crms_own_words(tmp_path: Path) -> None:
    """A number that nobody has is searched for; the table is named, and what the CRM said."""
    async with peer_server() as front:
        front.default = RestRig(front=front).served(honest)
        table = TABLE.format(url=front.url, token=TOKEN, field="talk_s")
        told = await _found(Daemon(tmp_path, table.replace('"results"', '"result"')))
        refused = table.replace(TOKEN, "another") + 'errors.text = "detail"\n'
        said = await _found(Daemon(tmp_path, refused))
    assert "[[crm.search]] 1 (/api/contacts/), items" in told["crm bottle"]
    assert "[[crm.search]] 1 (/api/contacts/): HTTP 403, no" in said["crm bottle"]


async def _found(daemon: Daemon) -> dict[str, str]:
    ran = await asyncio.to_thread(daemon.run, "check", "--json")
    assert ran.returncode == 1
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    return {row["subject"]: row["cause"] for row in rows if row["verdict"] == "failed"}
