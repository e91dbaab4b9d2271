"""A real BottleCRM for tests: one cluster per test session, one fresh database per test module.

Run this file to build what the tests need beforehand: `python tests/support/bottle_lab.py`.
"""

import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.bottle_build import (
    TOKEN,
    prepare,
    restore,
    running_bottle,
)
from support.postgres import Cluster

# The first one waits until Django is imported.
ANSWER_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BottleLab:
    """One BottleCRM with one database, and a witness that reads its tables."""

    url: str
    token: str
    database: str
    cluster: Cluster

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query as the database's superuser sees them."""
        whole = f"SELECT coalesce(json_agg(one), '[]') FROM ({query}) one"  # noqa: S608 - ours
        text = self.cluster.sql_in(self.database, whole)
        found: list[dict[str, Any]] = json.loads(text)
        return found

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Ask the CRM itself, as a person's browser would; gives the JSON of its answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path, content, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def add_contact(self, name: str, phone: str, *, last_name: str = "srl") -> str:
        """Make a contact and return its id."""
        body = {"first_name": name, "last_name": last_name, "phone": phone}
        self.ask("POST", "/api/contacts/", body)
        return str(next(one["id"] for one in self.contacts() if one["phone"] == phone))

    def calls(self) -> list[dict[str, Any]]:
        """Return every logged call, oldest first."""
        return self.rows("SELECT * FROM interaction WHERE kind = 'call' ORDER BY created_at")

    def tasks(self) -> list[dict[str, Any]]:
        """Return every task, oldest first."""
        return self.rows("SELECT * FROM task ORDER BY created_at")

    def on_tasks(self) -> list[dict[str, Any]]:
        """Return which contact stands on which task."""
        return self.rows("SELECT task_id, contact_id FROM task_contacts")

    def contacts(self) -> list[dict[str, Any]]:
        """Return every contact, oldest first."""
        return self.rows("SELECT * FROM contacts ORDER BY created_at")


@contextlib.contextmanager
def bottle_lab(cluster: Cluster, database: str) -> Iterator[BottleLab]:
    """Serve a BottleCRM with a database of its own on the cluster."""
    prepare()
    restore(cluster, database)
    with running_bottle(cluster, database) as url:
        yield BottleLab(url=url, token=TOKEN, database=database, cluster=cluster)


if __name__ == "__main__":
    prepare()
