"""The embedded AMI server that plays recordings: it must be indistinguishable for the link."""

import asyncio
import time
from pathlib import Path

import pytest
from support.ami_client import FAST, Follower, following

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.playback import PlaybackServer
from adapters.asterisk.recording import Recording, samples
from adapters.asterisk.session import open_session
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.errors import AuthError, RejectedError, UsageError
from gateway.core.inputs import ChannelCreated, ChannelHungUp, Snapshot
from gateway.runtime.clock import SystemClock

USER, SECRET = "demo", "demo-secret"


def settings(server: PlaybackServer, **changes: object) -> AsteriskSettings:
    """Return settings for a playback server."""
    table: dict[str, object] = {
        "name": "demo",
        "host": "127.0.0.1",
        "port": server.port,
        "username": USER,
        "secret": SECRET,
        "link": FAST,
    }
    return AsteriskSettings.model_validate(table | changes)


def created(follower: Follower) -> list[ChannelCreated]:
    """Return the channels that appeared."""
    return [item for item in follower.inputs if isinstance(item, ChannelCreated)]


def hung_up(follower: Follower) -> list[ChannelHungUp]:
    """Return the channels that went."""
    return [item for item in follower.inputs if isinstance(item, ChannelHungUp)]


@pytest.fixture(scope="module")
def recording() -> Recording:
    """Return the first packaged sample."""
    return Recording.load(samples()[0])


@pytest.fixture(scope="module")
def queued() -> Recording:
    """Return the sample of a call in a queue."""
    return next(Recording.load(path) for path in samples() if "queue-second" in path.name)


async def test_two_rounds_give_the_same_calls_with_fresh_ids(recording: Recording) -> None:
    """The demonstration runs for hours; each round must be new calls for the call table."""
    plays: list[str] = []
    async with (
        PlaybackServer(
            [recording], username=USER, secret=SECRET, speed=200, rounds=2, on_play=plays.append
        ) as server,
        following(settings(server)) as follower,
    ):
        await asyncio.wait_for(server.finished.wait(), 30)
        await follower.until(lambda: len(hung_up(follower)) == len(created(follower)) > 0)
        ids = [item.channel for item in created(follower)]
    assert plays == [recording.name, recording.name]
    assert len(set(ids)) == len(ids)
    assert len(ids) % 2 == 0
    assert all(abs(float(one.partition(".")[0]) - time.time()) < 60 for one in ids)


async def test_plays_may_overlap(recording: Recording) -> None:
    """A wallboard is only shown well with several calls at a time."""
    async with (
        PlaybackServer(
            [recording, recording], username=USER, secret=SECRET, speed=50, every_s=0.1, rounds=1
        ) as server,
        following(settings(server)) as follower,
    ):
        await asyncio.wait_for(server.finished.wait(), 30)
        await follower.until(lambda: len(hung_up(follower)) == len(created(follower)) > 0)
        first_end = follower.inputs.index(hung_up(follower)[0])
        assert follower.inputs.index(created(follower)[len(created(follower)) // 2]) < first_end


async def test_who_signs_in_late_is_told_what_is_up(recording: Recording) -> None:
    """A daemon that restarts in mid-call must find the call in its snapshot."""
    async with (
        PlaybackServer([recording], username=USER, secret=SECRET, speed=4, rounds=1) as server,
        following(settings(server)) as follower,
    ):
        await follower.until(lambda: len(created(follower)) >= 2)
        up = {item.channel for item in created(follower)}
        server.cut()
        await follower.up(2)
        snapshots = [item for item in follower.inputs if isinstance(item, Snapshot)]
        assert snapshots[0].channels == ()
        assert up <= {channel.channel for channel in snapshots[1].channels}
        assert follower.losses == 1


async def test_pace_follows_the_recording_and_the_speed(recording: Recording) -> None:
    """Agents judge the product by when the pop comes, so recorded pauses must be kept."""
    length = recording.events[-1][0]
    async with PlaybackServer(
        [recording], username=USER, secret=SECRET, speed=length / 0.6, rounds=1, pause_s=0
    ) as server:
        stamps: list[float] = []

        def stamp(_: list[Frame]) -> None:
            stamps.append(time.monotonic())

        async with open_session(settings(server), SystemClock(), on_frames=stamp, wanted=None):
            await asyncio.wait_for(server.finished.wait(), 30)
            await asyncio.sleep(0.05)
    assert stamps[-1] - stamps[1] == pytest.approx(0.6, abs=0.2)


@pytest.mark.parametrize(
    ("classes", "heard"),
    [
        ("on", {"call", "agent", "dialplan"}),
        ("call,agent", {"call", "agent"}),
        ("system", set()),
        ("off", set()),
    ],
)
async def test_client_hears_the_classes_that_it_asked_for(
    classes: str, heard: set[str], queued: Recording
) -> None:
    """As from Asterisk: who watches trunks is not sent every call as well."""
    frames: list[Frame] = []
    async with (
        PlaybackServer([queued], username=USER, secret=SECRET, speed=200, rounds=1) as server,
        open_session(
            settings(server), SystemClock(), on_frames=frames.extend, wanted=None, events=classes
        ) as session,
    ):
        await asyncio.wait_for(server.finished.wait(), 30)
        await session.ask(Action.PING, {}, timeout_s=10)
    told = [frame for frame in frames if frame.name != "FullyBooted"]
    assert {frame.get("Privilege").partition(",")[0] for frame in told} == heard


async def test_wrong_password_is_refused(recording: Recording) -> None:
    """The demonstration's secret is invented at each start; nobody else may listen."""
    async with PlaybackServer([recording], username=USER, secret=SECRET) as server:
        with pytest.raises(AuthError):
            async with open_session(
                settings(server, secret="other"),
                SystemClock(),
                on_frames=lambda _: None,
                wanted=None,
            ):
                pass


async def test_action_that_cannot_be_is_an_error_and_not_silence(recording: Recording) -> None:
    """A recording cannot place calls, and a button must say so at once."""
    async with (
        PlaybackServer([recording], username=USER, secret=SECRET) as server,
        open_session(
            settings(server), SystemClock(), on_frames=lambda _: None, wanted=None
        ) as session,
    ):
        with pytest.raises(RejectedError, match="does not know"):
            await session.ask(Action.ORIGINATE, {"Channel": "PJSIP/1001"}, timeout_s=2)


async def test_index_beside_a_recording_is_required(tmp_path: Path) -> None:
    """Without times there is no pace to keep."""
    (tmp_path / "a.ami").write_bytes(b"Asterisk Call Manager/11.0.0\r\n")
    with pytest.raises(UsageError, match="cannot be read"):
        Recording.load(tmp_path / "a.ami")
