"""A real Odoo 14 for tests: one cluster per test session, one fresh database per test module.

Run this file to build what the tests need beforehand: `python tests/support/odoo_lab.py`.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.crm_build import CrmUnavailableError, say
from support.odoo_build import (
    ADMIN,
    LAB,
    SALES,
    TEMPLATE_DB,
    cluster_folder,
    instance_files,
    postgres_program,
    prepare,
    psql,
    rpc,
    running_cluster,
    running_odoo,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partners:
    """The people and companies of one lab; written as the administrator."""

    lab: "OdooLab"

    def create(self, **values: object) -> int:
        """Create a `res.partner` and return its id; `name` is needed, `phone` and `mobile` help."""
        return int(self.lab.ask("res.partner", "create", values))


@dataclass(frozen=True, slots=True, kw_only=True)
class OdooLab:
    """One Odoo with one database, and a witness that looks at it apart from the connector."""

    url: str
    database: str
    username: str
    password: str
    postgres_port: int
    _uid: list[int] = field(default_factory=list)

    @property
    def partners(self) -> Partners:
        """Return the address book."""
        return Partners(lab=self)

    def phonecalls(self) -> list[dict[str, Any]]:
        """Return every phone call in the database, oldest first, as Odoo itself reads it."""
        found: list[dict[str, Any]] = self.ask(
            "crm.phonecall", "search_read", [["active", "in", [True, False]]], order="id"
        )
        return found

    def count_in_database(self) -> int:
        """Return how many phone calls PostgreSQL holds, whatever Odoo's rules would show."""
        address = f"postgresql://odoo@127.0.0.1:{self.postgres_port}/{self.database}"
        counted = subprocess.run(
            [postgres_program("psql"), "-XAt", address, "-c", "SELECT count(*) FROM crm_phonecall"],
            check=True,
            capture_output=True,
            text=True,
        )
        return int(counted.stdout)

    def ask(self, model: str, method: str, *arguments: object, **named: object) -> Any:  # noqa: ANN401
        """Call any method as the administrator."""
        if not self._uid:
            self._uid.append(rpc(self.url, "common", "authenticate", [self.database, *ADMIN, {}]))
        sign_in = [self.database, self._uid[0], ADMIN[1]]
        return rpc(
            self.url, "object", "execute_kw", [*sign_in, model, method, list(arguments), named]
        )


@contextlib.contextmanager
def cluster_in(scratch: Path) -> Iterator[int]:
    """Run a private copy of the prepared PostgreSQL cluster in a folder and give its port."""
    prepare()
    scratch.chmod(0o755)
    data = scratch / "cluster"
    subprocess.run(["cp", "-r", cluster_folder(), data], check=True)
    subprocess.run(["chown", "-R", "postgres:postgres", data], check=True)
    with running_cluster(data) as port:
        yield port


@contextlib.contextmanager
def odoo_cluster() -> Iterator[int]:
    """Run such a copy in a folder that goes with it."""
    with (
        tempfile.TemporaryDirectory(prefix="filodiretto-odoo-") as scratch,
        cluster_in(Path(scratch)) as port,
    ):
        yield port


@contextlib.contextmanager
def odoo_lab(postgres_port: int, name: str) -> Iterator[OdooLab]:
    """Serve a fresh database called `name`, cloned from the template in half a second."""
    psql(postgres_port, "postgres", f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE_DB}')
    with instance_files(postgres_port, name) as config, running_odoo(config) as url:
        yield OdooLab(
            url=url,
            database=name,
            username=SALES[0],
            password=SALES[1],
            postgres_port=postgres_port,
        )


def main() -> int:
    """Build what is missing and try it once; the exit code is 1 if Odoo cannot be had."""
    began = time.monotonic()
    try:
        with odoo_cluster() as port, odoo_lab(port, "try_out") as lab:
            lab.phonecalls()
    except CrmUnavailableError as error:
        say(LAB, str(error))
        return 1
    say(LAB, f"Odoo 14 is ready ({time.monotonic() - began:.1f} s)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
