"""The recorded calls in tests/scenarios/captures, their ground truth, and ways to maltreat them."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.asterisk_lab.truth import Truth, read_truth

from adapters.asterisk.codec import Framer
from adapters.asterisk.replay import first_epoch, read_index
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.translate import WANTED, Translator
from gateway.core.inputs import Input
from gateway.core.numbers import NumberPlan
from gateway.core.record import CallRecord

CAPTURES = Path(__file__).parents[1] / "scenarios" / "captures"
NAMES = tuple(sorted(path.stem for path in CAPTURES.glob("*.ami")))
RECORDINGS = CAPTURES.parent / "recordings"
OWN_NAMES = tuple(sorted(path.stem for path in RECORDINGS.glob("*.ami")))
PLAN = NumberPlan("IT")
# The smallest difference between two reads that an .idx can tell.
TICK = timedelta(microseconds=100)


def settings(**changes: Any) -> AsteriskSettings:  # noqa: ANN401 - whatever a table holds
    """Return what `replay` uses without a configuration file."""
    table: dict[str, Any] = {"name": "pbx", "host": "127.0.0.1", "username": "u", "secret": "s"}
    return AsteriskSettings.model_validate(table | changes)


def recording(name: str) -> tuple[bytes, str]:
    """Return the bytes of a capture, or of a recording of our own, and its index."""
    folder = CAPTURES if name in NAMES else RECORDINGS
    ami = (folder / f"{name}.ami").read_bytes()
    return ami, (folder / f"{name}.idx").read_text(encoding="ascii")


def truths(name: str) -> tuple[Truth, ...]:
    """Return what really happened, in the terms of the call record."""
    calls = json.loads((CAPTURES / f"{name}.json").read_text(encoding="utf-8"))["calls"]
    for call in calls:
        for move in call["transfers"]:
            move["type"] = move["type"].removeprefix("refer-")
    return tuple(read_truth(call) for call in calls)


def cut_anywhere(idx: str, seed: int) -> str:
    """Return an index of the same bytes at the same times, cut into other reads."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice, no secret
    lines: list[str] = []
    for line in idx.splitlines():
        seconds, size = line.split()
        left = int(size)
        while left > 0:
            piece = min(left, chance.choice((1, 2, 3, 7, 60, 500, 4_000)))
            lines.append(f"{seconds} {piece}")
            left -= piece
        if int(size) < 0:
            lines.append(line)
    return "\n".join(lines)


def byte_by_byte(idx: str) -> str:
    """Return an index that delivers every byte alone."""
    lines: list[str] = []
    for line in idx.splitlines():
        seconds, size = line.split()
        lines.extend([f"{seconds} 1"] * int(size) if int(size) > 0 else [line])
    return "\n".join(lines)


def every_event_twice(ami: bytes, idx: str) -> tuple[bytes, str]:
    """Return a recording in which every event comes a second time, right after the first."""
    framer = Framer()
    ends: list[tuple[str, int]] = []
    position = 0
    for segment in read_index(idx, ami):
        position += len(segment.data)
        ends.extend((f"{segment.at_s:.4f}", frame.end) for frame in framer.feed(segment.data))
    out = bytearray()
    lines: list[str] = []
    start = 0
    for seconds, end in ends:
        frame = ami[start:end]
        repeated = frame.lstrip(b"\r\n").startswith(b"Event: ")
        twice = frame + frame.lstrip(b"\r\n") if repeated else frame
        out += twice
        lines.append(f"{seconds} {len(twice)}")
        start = end
    lines.append(f"{ends[-1][0]} -1")
    return bytes(out), "\n".join(lines)


def inputs_of(name: str) -> list[Input]:
    """Return what the call table is told of a capture."""
    ami, idx = recording(name)
    zero = first_epoch(ami)
    framer, translator = Framer(WANTED), Translator(settings())
    found: list[Input] = []
    for segment in read_index(idx, ami):
        at = zero + timedelta(seconds=segment.at_s)
        for frame in framer.feed(segment.data):
            found.extend(translator.translate(frame, at))
    return found


def moments(inputs: list[Input]) -> Iterator[list[Input]]:
    """Yield the inputs in groups of the same millisecond, whose order means nothing."""
    group: list[Input] = []
    for item in inputs:
        if group and item.at - group[0].at > timedelta(milliseconds=1):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def at(seconds: float) -> datetime:
    """Return a moment of an invented afternoon."""
    return datetime(2026, 11, 21, 15, 0, tzinfo=UTC) + timedelta(seconds=seconds)


def same_call(one: CallRecord, other: CallRecord) -> bool:
    """Whether two records tell the same, however often they were amended on the way."""
    return _plain(one) == _plain(other)


def _plain(record: CallRecord) -> CallRecord:
    return replace(record, revision=0)
