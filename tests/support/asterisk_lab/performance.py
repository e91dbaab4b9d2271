"""Plays performed on labs before the eyes of the adapter, one play on each lab at a time."""

import asyncio
import json
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from support.asterisk_lab.chroot import ASTERISK_22, Release
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.follower import Follower, observer
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.plays.play import Play
from support.asterisk_lab.recording import Recording
from support.asterisk_lab.settings import LAB_SECRET
from support.asterisk_lab.truth import Truth, differences
from support.asterisk_lab.variants import StampedLab

from gateway.core.events import Anomaly
from gateway.core.record import CallRecord

PLAY_S = 120.0
QUIET_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What became of one play: what happened, and what the product says about it."""

    truths: tuple[Truth, ...]
    records: tuple[CallRecord, ...]
    anomalies: tuple[Anomaly, ...]
    still_live: tuple[CallRecord, ...]

    def wrong(self) -> list[str]:
        """Return every difference between what happened and what is said about it."""
        found = compare(self.truths, self.records)
        found += [f"anomaly: {one}" for one in self.anomalies]
        found += [f"still live: {one.id} of {one.caller.number}" for one in self.still_live]
        return found


def compare(truths: Sequence[Truth], records: Sequence[CallRecord]) -> list[str]:
    """Return every difference, calls of the same two numbers matched in the order they began."""
    left = sorted(records, key=lambda record: (record.started_at is None, record.started_at))
    found: list[str] = []
    for truth in truths:
        match = next(
            (
                record
                for record in left
                if (record.caller.number, record.called.number) == (truth.caller, truth.called)
            ),
            None,
        )
        if match is None:
            found.append(f"no record of {truth.caller} calling {truth.called}")
            continue
        left.remove(match)
        found += [f"{truth.caller} → {truth.called}: {one}" for one in differences(truth, match)]
    found += [
        f"invented: {record.caller.number} calls {record.called.number}, {record.outcome}"
        for record in left
    ]
    return found


async def perform(lab: AsteriskLab, play: Play, *, save: Path | None = None) -> Performance:
    """Perform one play; with `save` the whole stream and the truth are kept beside each other."""
    async with (
        asyncio.timeout(PLAY_S),
        Driver(lab, media=play.media) as driver,
        Recording(lab, user="lab", secret=LAB_SECRET) as recording,
        Follower(observer(lab, **play.settings)) as follower,
    ):
        await follower.up()
        await recording.booted()
        try:
            await play.act(driver)
            truths = await driver.truths()
            await driver.quiet(QUIET_S)
            await follower.settled()
        finally:
            if save is not None:
                recording.save(save)
        performance = Performance(
            truths=truths,
            records=follower.final(),
            anomalies=tuple(follower.anomalies),
            still_live=follower.table.live(),
        )
    if save is not None:
        _keep_truth(save, play, lab.release, performance)
    return performance


def _keep_truth(save: Path, play: Play, release: Release, performance: Performance) -> None:
    told = {
        "scenario": play.name,
        "family": play.family,
        "description": (play.act.__doc__ or "").strip(),
        "asterisk": release.name,
        "media": play.media,
        "timestampevents": play.stamped,
        "settings": dict(play.settings),
        "calls": [truth.to_json() for truth in performance.truths],
        "differences": performance.wrong(),
    }
    text = json.dumps(told, indent=1, ensure_ascii=False)
    save.with_suffix(".json").write_text(f"{text}\n", encoding="utf-8")


Result = Performance | Exception


def perform_all(
    plays: Sequence[Play],
    *,
    release: Release = ASTERISK_22,
    labs: int = 4,
    save: Path | None = None,
    on_result: Callable[[Play, Result], None] | None = None,
) -> dict[str, Result]:
    """Perform plays on a few labs side by side and return what became of each, by name."""
    results: dict[str, Result] = {}
    for stamped, kind in ((False, AsteriskLab), (True, StampedLab)):
        wanted = [play for play in plays if play.stamped is stamped]
        with ExitStack() as stack:
            stages = [
                stack.enter_context(kind(release=release)) for _ in range(min(labs, len(wanted)))
            ]
            asyncio.run(_share(stages, wanted, results, save, on_result))
    return results


async def _share(
    stages: Sequence[AsteriskLab],
    plays: Sequence[Play],
    results: dict[str, Result],
    save: Path | None,
    on_result: Callable[[Play, Result], None] | None,
) -> None:
    """Let each lab take the next play until none is left."""
    left = list(reversed(plays))

    async def work(lab: AsteriskLab) -> None:
        while left:
            play = left.pop()
            path = save / play.name if save is not None else None
            try:
                results[play.name] = await perform(lab, play, save=path)
            except Exception as error:  # noqa: BLE001  # the play's own test raises it
                results[play.name] = error
                await _calm(lab)
            if on_result is not None:
                on_result(play, results[play.name])

    async with asyncio.TaskGroup() as group:
        for lab in stages:
            group.create_task(work(lab))


async def _calm(lab: AsteriskLab) -> None:
    """Leave nothing of a failed play to the next one."""
    async with Driver(lab) as driver:
        await driver.quiet(QUIET_S)


def explain(result: Result) -> list[str]:
    """Return what is wrong with a result, an exception told with its place."""
    if isinstance(result, Exception):
        return traceback.format_exception(result)[-4:]
    return result.wrong()
