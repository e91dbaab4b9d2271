"""Recording a PBX's stream for somebody else to look at."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.ami_client import settings_for
from support.fake_ami import BANNER, FakeAmi, event

from adapters.asterisk.recorder import record
from adapters.asterisk.recording import Recording
from gateway.core.errors import AuthError, TransientError, UsageError
from gateway.runtime.clock import SystemClock

CALL = event(
    "Newchannel",
    Channel="PJSIP/carrier-00000001",
    CallerIDNum="+393331234567",
    CallerIDName="Mario Bianchi",
    Uniqueid="1795291745.19",
)
SECRET = event("AuthDetail", Username="1001", Password="geheim1")
END = event("Hangup", Channel="PJSIP/carrier-00000001", Uniqueid="1795291745.19")


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    """Serve a healthy fake PBX."""
    async with FakeAmi() as server:
        yield server


async def recorded(pbx: FakeAmi, path: Path, *, pseudonymise: bool) -> None:
    """Record a call, then end as Ctrl-C does."""
    task = asyncio.create_task(
        record(settings_for(pbx), path, SystemClock(), pseudonymise=pseudonymise)
    )
    connection = await pbx.signed_in()
    connection.send(CALL + SECRET)
    await written(path, b"Event: Newchannel")
    connection.send(END)
    await written(path, b"Event: Hangup")
    task.cancel()
    result = await task
    assert result.events == 4


async def written(path: Path, what: bytes) -> None:
    """Wait until the file holds it; the recorder writes what it has every half a second."""
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(lambda: path.exists() and what in path.read_bytes()):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.02)


async def test_recording_can_be_played_and_holds_no_secret(pbx: FakeAmi, tmp_path: Path) -> None:
    """What is recorded must be worth recording: bytes, times, nothing else changed."""
    path = tmp_path / "call.ami"
    began = time.monotonic()
    await recorded(pbx, path, pseudonymise=False)
    took_s = time.monotonic() - began
    data = path.read_bytes()
    assert data.startswith(BANNER)
    assert CALL in data
    assert b"geheim1" not in data
    index = path.with_suffix(".idx").read_text(encoding="ascii").splitlines()
    assert index[-1].endswith(" -1")
    assert sum(int(line.split()[1]) for line in index[:-1]) == len(data)
    events = (await asyncio.to_thread(Recording.load, path)).events
    assert [raw.partition(b"\r\n")[0] for _, raw in events] == [
        b"Event: Newchannel",
        b"Event: AuthDetail",
        b"Event: Hangup",
    ]
    assert 0 == events[1][0] < events[2][0] < took_s


async def test_files_are_for_their_owner_alone(pbx: FakeAmi, tmp_path: Path) -> None:
    """They hold who called whom."""
    path = tmp_path / "call.ami"
    await recorded(pbx, path, pseudonymise=False)
    for file in (path, path.with_suffix(".idx")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_pseudonymised_recording_names_nobody(pbx: FakeAmi, tmp_path: Path) -> None:
    """A bug report goes to strangers."""
    path = tmp_path / "call.ami"
    await recorded(pbx, path, pseudonymise=True)
    data = path.read_bytes()
    assert b"Mario" not in data
    assert b"1234567" not in data
    assert len((await asyncio.to_thread(Recording.load, path)).events) == 3


async def test_lost_link_ends_the_recording_properly(pbx: FakeAmi, tmp_path: Path) -> None:
    """What was recorded until then is often what was wanted."""
    path = tmp_path / "call.ami"
    task = asyncio.create_task(record(settings_for(pbx), path, SystemClock()))
    connection = await pbx.signed_in()
    connection.send(CALL)
    await written(path, b"Event: Newchannel")
    connection.cut()
    with pytest.raises(TransientError):
        await task
    assert CALL in path.read_bytes()
    assert path.with_suffix(".idx").read_text(encoding="ascii").endswith(" -1\n")


async def test_time_limit_ends_the_recording(pbx: FakeAmi, tmp_path: Path) -> None:
    """Left alone overnight it must not fill the disk."""
    async with asyncio.timeout(20):
        result = await record(settings_for(pbx), tmp_path / "call.ami", SystemClock(), seconds=0.2)
    assert result.seconds >= 0.2


async def test_existing_file_and_wrong_name_are_refused(pbx: FakeAmi, tmp_path: Path) -> None:
    """An earlier recording must not be overwritten by a slip."""
    (tmp_path / "taken.ami").write_bytes(b"")
    for name in ("taken.ami", "call.txt", "none/call.ami"):
        with pytest.raises(UsageError):
            await record(settings_for(pbx), tmp_path / name, SystemClock())
    assert pbx.logins == 0


async def test_link_that_never_came_up_leaves_no_files(pbx: FakeAmi, tmp_path: Path) -> None:
    """The next try, with the right password, must not find the name taken."""
    settings = settings_for(pbx, secret="wrong")
    with pytest.raises(AuthError):
        await record(settings, tmp_path / "call.ami", SystemClock())
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
