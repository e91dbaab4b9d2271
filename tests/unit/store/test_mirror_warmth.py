"""The local copy of a large directory while its file is on the disk alone."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.core.contact import Contact, ContactNumber
from gateway.core.numbers import PhoneNumber
from gateway.core.record import MatchKind
from gateway.store import contacts
from gateway.store.database import Database
from gateway.store.mirror import Mirror, MirrorBusy
from gateway.store.mirror_warmth import MISSING, SAMPLES, Warmth, missing

VERDI = "+390612345678"
NUMBER = PhoneNumber("0612345678", VERDI)


class Disk:
    """Says how many pages are missing; the second to ask is who has read the file."""

    def __init__(self) -> None:
        self.missing = SAMPLES
        self.asked: list[str] = []
        self.read = threading.Event()

    def __call__(self, path: Path) -> int:
        """Answer as the kernel would."""
        self.asked.append(threading.current_thread().name)
        if self.asked[-1] == "mirror-warming":
            self.read.wait(20)
            self.missing = 0
        assert path.is_file()
        return self.missing


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """Give a store that holds one person."""
    database = await Database.open(f"sqlite:///{tmp_path / 'store.db'}")
    verdi = Contact(id="c-1", ref="1", name="Anna", numbers=(ContactNumber(raw="", e164=VERDI),))
    await database.write(partial(contacts.save_contacts, entries=[verdi]))
    yield database
    await database.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


async def test_pop_waits_for_no_disk_while_a_large_copy_is_read_and_is_answered_beside_it(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cold disk takes ten milliseconds for a page, and all calls would wait for it."""
    disk = Disk()
    path = tmp_path / "mirror.db"
    monkeypatch.setattr("gateway.store.mirror.PATIENCE_S", 10.0)
    monkeypatch.setattr("gateway.store.mirror.AT_ONCE_BYTES", 0)
    monkeypatch.setattr("gateway.store.mirror.Warmth", partial(Warmth, missing=disk))
    mirror = await Mirror.open(path, store=store)
    with pytest.raises(MirrorBusy):
        await mirror.look_up(NUMBER)
    await mirror.refresh()
    assert mirror.ready
    for ask in (partial(mirror.find, VERDI), partial(mirror.match, NUMBER)):
        with pytest.raises(MirrorBusy, match="on the disk"):
            ask()
    found = await mirror.look_up(NUMBER)
    assert found.kind is MatchKind.EXACT
    assert (await mirror.look_up(PhoneNumber("117"))).kind is MatchKind.NONE
    disk.read.set()
    await until(lambda: bool(mirror_finds(mirror)))
    assert mirror.match(NUMBER) == found
    assert "MainThread" not in disk.asked
    await mirror.close()
    with pytest.raises(MirrorBusy):
        await mirror.look_up(NUMBER)


def mirror_finds(mirror: Mirror) -> bool:
    """Tell whether the mirror answers at once."""
    try:
        return bool(mirror.find(VERDI))
    except MirrorBusy:
        return False


async def test_small_copy_is_in_memory_before_the_first_call(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nearly every directory is so small that a start reads it without anybody noticing."""
    monkeypatch.setattr("gateway.store.mirror.PATIENCE_S", 10.0)
    monkeypatch.setattr("gateway.store.mirror.Warmth", partial(Warmth, missing=Disk()))
    mirror = await Mirror.open(tmp_path / "mirror.db", store=store)
    await mirror.refresh()
    assert mirror_finds(mirror)
    await mirror.close()


def test_copy_larger_than_half_of_the_memory_stays_on_the_disk_and_is_told_once(
    tmp_path: Path,
) -> None:
    """To read it would drive out what other programs need, and itself again."""
    path = tmp_path / "mirror.db"
    path.write_bytes(bytes(101))
    warmth = Warmth(path, missing=Disk(), available=lambda: 200)
    with capture_logs() as logs:
        warmth.look()
        warmth.look()
    assert warmth.cold
    assert [entry["event"] for entry in logs] == ["mirror.larger_than_memory"]
    warmth.stop()


def test_stop_ends_the_reading_of_a_large_copy(tmp_path: Path) -> None:
    """A service that is told to stop must not wait for gigabytes."""
    path = tmp_path / "mirror.db"
    with path.open("wb") as file:
        file.truncate(2**40)
    disk = Disk()
    disk.read.set()
    warmth = Warmth(path, missing=disk, available=lambda: 2**42)
    warmth.look()
    assert warmth.cold
    warmth.stop()
    assert disk.asked[-1] == "mirror-warming"


def test_copy_that_somebody_took_away_is_no_reason_to_stop(tmp_path: Path) -> None:
    """What is open goes on being read, and the store is asked for the rest."""
    warmth = Warmth(tmp_path / "gone.db")
    warmth.look()
    assert not warmth.cold
    warmth.stop()


def test_what_was_just_written_is_in_memory_and_seen_there(tmp_path: Path) -> None:
    """The kernel is asked page by page, and nothing is fetched for it."""
    path = tmp_path / "mirror.db"
    path.write_bytes(bytes(4_096 * 10))
    assert missing(path) <= MISSING
