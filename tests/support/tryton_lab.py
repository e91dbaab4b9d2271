"""A real Tryton with its party module, on SQLite, inside the Debian that BottleCRM brings.

It has neither an object for calls nor tasks: a call becomes a note on the party.
"""

import contextlib
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.bottle_build import (
    command,
    install,
    prepare,
    root_folder,
    work_folder,
)
from support.crm_build import CrmUnavailableError, free_port, say, stopped_afterwards

PACKAGES = ("trytond~=8.2.0", "trytond-party~=8.2.0", "phonenumbers")
KEY = "filodiretto" * 4
PREPARE = """
import os, sys
os.chdir(sys.argv[1])
open("trytond.conf", "w").write("[database]\\nuri = sqlite://\\npath = .\\n")
open("crm.sqlite", "w").close()
open("password", "w").write("parola-segreta")
os.environ["TRYTONPASSFILE"] = "password"
from trytond.cli.admin import main
sys.argv = ["trytond-admin", "-c", "trytond.conf", "-d", "crm", "--email", "a@example.test",
            "-u", "party", "--activate-dependencies"]
main()
from trytond.pool import Pool
from trytond.transaction import Transaction
pool = Pool("crm")
pool.init()
with Transaction().start("crm", 1, context={"active_test": False}) as transaction:
    [admin] = pool.get("res.user").search([("login", "=", "admin")])
    pool.get("res.user.application").create(
        [{"key": os.environ["KEY"], "user": admin.id, "application": "rest", "state": "validated"}]
    )
    transaction.commit()
"""
SERVE = """
import os, sys
os.chdir(sys.argv[1])
from trytond.config import config
config.update_etc("trytond.conf")
from trytond.application import app
from werkzeug.serving import run_simple
run_simple("127.0.0.1", int(sys.argv[2]), app, threaded=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrytonLab:
    """One Tryton with one database, and a witness that asks apart from the connector."""

    url: str
    key: str = KEY

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Ask Tryton itself; gives the JSON of its answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/crm/rest/model/{path}", content, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error

    def add_party(self, name: str, phone: str) -> int:
        """Make a party with a telephone number and return its id."""
        party = self.ask("POST", "party.party", {"name": name})
        number = {"party": party["id"], "type": "phone", "value": phone}
        self.ask("POST", "party.contact_mechanism", number)
        return int(party["id"])

    def notes(self, party: int) -> list[dict[str, Any]]:
        """Return the notes on a party."""
        domain = json.dumps([["resource", "=", f"party.party,{party}"]]).encode()
        wanted = urlsafe_b64encode(domain).decode()
        found: list[dict[str, Any]] = self.ask("GET", f"ir.note?d={wanted}&f=message")
        return found


def _folder() -> Path:
    return root_folder() / "opt" / "tryton-1"


def prepare_tryton() -> None:
    """Install Tryton beside BottleCRM once; raises CrmUnavailableError."""
    prepare()
    if not _folder().exists():
        say("tryton", "installing Tryton (about ten seconds)")
        partial = _folder().with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        install(root_folder(), f"/opt/{partial.name}", *PACKAGES)
        partial.rename(_folder())


@contextlib.contextmanager
def tryton_lab() -> Iterator[TrytonLab]:
    """Serve a Tryton with a database of its own."""
    prepare_tryton()
    port = free_port()
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "USER": "tryton",
        "PYTHONPATH": f"/opt/{_folder().name}",
        "KEY": KEY,
    }
    with work_folder() as work:
        made = subprocess.run(
            command(PREPARE, work), env=environment, check=False, capture_output=True, text=True
        )
        if made.returncode:
            raise CrmUnavailableError(f"Tryton has no database: {made.stderr[-1500:]}")
        server = subprocess.Popen(
            command(SERVE, work, str(port)), env=environment, stderr=subprocess.DEVNULL
        )
        with stopped_afterwards(server):
            lab = TrytonLab(url=f"http://127.0.0.1:{port}")
            _wait(lab, server)
            yield lab


def _wait(lab: TrytonLab, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CrmUnavailableError(f"Tryton ended at once with {server.returncode}")
        with contextlib.suppress(OSError):
            lab.ask("GET", "party.party?s=1")
            return
        time.sleep(0.1)
    raise CrmUnavailableError("Tryton does not answer after 60 s")
