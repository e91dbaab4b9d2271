"""The directory of a running node: who comes into it later is named in the calls of before."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from support.daemon import Daemon
from support.store import CUSTOMER, NOON, an_ended_call

from gateway.core.contact import Contact, ContactNumber
from gateway.core.marks import Mark, MarkKind
from gateway.store import adoption, contacts
from gateway.store.calls import CallFilter, list_calls, save_call
from gateway.store.database import Database
from gateway.store.marks import set_mark

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

CALLS = adoption.PAGE + 20
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoe\r\nTEL;TYPE=CELL:06 12345678\r\nEND:VCARD\r\n"


async def test_an_import_beside_the_daemon_names_the_calls_of_before(tmp_path: Path) -> None:
    """The command line writes, the daemon notices, and each earlier call gets its contact."""
    daemon = Daemon(tmp_path)
    card = tmp_path / "zoe.vcf"
    card.write_text(CARD, encoding="utf-8")
    async with daemon:
        store = await Database.open(f"sqlite:///{tmp_path / 'data' / 'filodiretto.db'}")
        for number in range(CALLS):
            await store.write(partial(save_call, record=an_ended_call(number), state=None))
        preview = daemon.command("contacts", "import", str(card), "--preview")
        assert "nothing was written" in preview
        assert await store.read(contacts.count_contacts) == 0
        daemon.command("contacts", "import", str(card))
        wanted = CallFilter(number=CUSTOMER, limit=500)
        named: set[str] = set()
        async with asyncio.timeout(45):
            while len(named) < CALLS:
                await asyncio.sleep(0.1)
                page = await store.read(partial(list_calls, wanted=wanted))
                named = {str(one.id) for one in page.items if one.contact is not None}
        assert "Zoe" in daemon.command("contacts", "find", "06/12345678")
        await store.close()


async def test_an_erased_person_is_in_no_file_of_a_running_daemon(tmp_path: Path) -> None:
    """The command line erases; the daemon forgets, and wipes the store, the mirror and the logs."""
    daemon, data = Daemon(tmp_path), tmp_path / "data"
    numbers = (ContactNumber(raw=CUSTOMER, e164=CUSTOMER),)
    zoe = Contact(id="zoe", name="Zoe Quercetta", numbers=numbers)
    mark = Mark(kind=MarkKind.IGNORED, e164=CUSTOMER, by="anna", at=NOON, reason="Quercetta")
    async with daemon:
        store = await Database.open(f"sqlite:///{data / 'filodiretto.db'}")
        await store.write(partial(save_call, record=an_ended_call(1), state=None))
        await store.write(lambda conn: contacts.save_contacts(conn, [zoe]) and None)
        await store.write(partial(set_mark, mark=mark))
        traces = (CUSTOMER, "Quercetta", "quercetta", "0612345678")
        await _until(lambda: any(name.startswith("mirror") for name, _ in _found(data, traces)))
        assert "1 contact, 1 calls" in daemon.command("privacy", "erase", CUSTOMER)
        await _until(lambda: not _found(data, traces))
        await store.close()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(25):
        done = False
        while not done:
            done = await asyncio.to_thread(holds)
            await asyncio.sleep(0.1)


def _found(folder: Path, traces: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return which traces stand in which files."""
    files: dict[str, bytes] = {}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # a log that has just been taken in
            files[path.name] = path.read_bytes()
    return [(name, one) for name, text in files.items() for one in traces if one.encode() in text]
