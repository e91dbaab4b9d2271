"""`check` on people: what an administrator would otherwise find out from them."""

from pathlib import Path

from support.desk import ANNA, SARA, START
from support.empty_store import open_store

from gateway.runtime.commands.check_people import people_findings
from gateway.runtime.loading import parse
from gateway.store.database import Connection
from gateway.store.people import add_user
from gateway.store.teams import put_teams


async def test_team_of_an_import_without_queues_is_named(tmp_path: Path) -> None:
    """Its supervisors would wonder why nobody ever waits."""
    configured = {"team": [{"name": "north", "queues": ["support"], "members": ["sara"]}]}
    db = await open_store(tmp_path)

    def put(conn: Connection) -> None:
        for user in (ANNA, SARA):
            add_user(conn, user, password_hash=None, now=START)
        put_teams(conn, "anna", ["north", "south"])

    await db.write(put)
    found = await db.read(lambda conn: people_findings(conn, parse(configured)))
    await db.close()
    (told,) = [one.cause for one in found if "queues" in one.cause]
    assert told == "teams without queues, whose supervisors see none: south"
