"""How fast AMI is read: ours beside a floor, panoramisk and cacofonisk, in one run.

    .venv/bin/python bench/ingest.py [STREAM.ami[.gz]] [--events N] [--rounds N]

Without a file the recorded calls of the tests (without them the packaged samples, which hold only
what the event filter of config/asterisk lets through) are played often enough, one every 0.2 s and
with fresh ids, as one stream. Everybody gets the same bytes in the same pieces, in process, so
that only CPU is compared; the figures are the medians of the rounds. Ratios carry over to other
machines, absolute figures do not.
"""

import argparse
import gc
import heapq
import logging
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from adapters.asterisk.codec import Framer
from adapters.asterisk.link import FOLLOWED
from adapters.asterisk.recording import Recording, read_bytes, samples
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.translate import Translator
from gateway.core.events import CallEnded
from gateway.core.inputs import Tick
from gateway.core.numbers import NumberPlan
from gateway.core.table import CallTable

ROOT = Path(__file__).parents[1]
PIECE = 65_536
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
EPOCH = datetime(2026, 11, 21, 20, tzinfo=UTC)
EVENTS_A_SECOND = 3_000
SETTINGS = AsteriskSettings(name="bench", host="127.0.0.1", username="u", secret="s")  # noqa: S106


@dataclass(frozen=True, slots=True)
class Result:
    """What one reader needed for the stream; `note` is what it made of it."""

    name: str
    cpu_s: float
    note: str


def own_streams() -> tuple[str, list[Path]]:
    """Return the recordings that the project holds, and what they are."""
    captures = sorted((ROOT / "tests" / "scenarios" / "captures").glob("*.ami"))
    if captures:
        return "recorded calls of the tests, unfiltered", captures
    return "packaged samples, filtered by the PBX", list(samples())


def many_calls(paths: list[Path], events: int) -> bytes:
    """Return recordings as one stream of about this many events."""
    recordings = [Recording.load(path) for path in paths]
    length = sum(len(recording.events) for recording in recordings) / len(recordings)
    plays = []
    for number, recording in enumerate(islice(cycle(recordings), int(events / length) + 1)):
        start = number * 0.2
        fresh = recording.freshened(play=number, epoch=int(EPOCH.timestamp() + start))
        plays.append([(start + at, number, raw) for at, raw in fresh.events])
    ordered = heapq.merge(*plays)
    return BANNER + b"".join(raw + b"\r\n\r\n" for _, _, raw in ordered)


def cut(stream: bytes, events: int) -> bytes:
    """Return the beginning of a stream with about this many events."""
    if stream.count(b"\r\n\r\n") <= events:
        return stream
    share = stream[: int(len(stream) * events / stream.count(b"\r\n\r\n"))]
    return share[: share.rfind(b"\r\n\r\n") + 4]


def pieces(stream: bytes) -> list[bytes]:
    """Return the stream in the pieces a socket gives."""
    return [stream[start : start + PIECE] for start in range(0, len(stream), PIECE)]


def moments() -> Iterator[datetime]:
    """Yield the arrival time of one piece after the other."""
    at = EPOCH
    while True:
        yield at
        at += timedelta(milliseconds=PIECE / 400 / EVENTS_A_SECOND * 1_000)


def floor(data: list[bytes]) -> str:
    """Only find the ends of the messages."""
    count, rest = 0, b""
    for piece in data:
        parts = (rest + piece).split(b"\r\n\r\n")
        rest = parts.pop()
        count += len(parts)
    return f"{count} messages"


def ours_frames(data: list[bytes]) -> str:
    """Frame, and drop by name what nobody uses."""
    framer = Framer(FOLLOWED)
    count = sum(len(framer.feed(piece)) for piece in data)
    return f"{count} followed"


def ours_parsed(data: list[bytes]) -> str:
    """Frame, read the headers, and make the core's inputs of them."""
    framer, translator = Framer(FOLLOWED), Translator(SETTINGS)
    count = 0
    for piece, at in zip(data, moments(), strict=False):
        for frame in framer.feed(piece):
            count += len(translator.translate(frame, at))
    return f"{count} inputs"


def ours_tracked(data: list[bytes]) -> str:
    """Do all of it: parse and follow every call to its record."""
    framer, translator = Framer(FOLLOWED), Translator(SETTINGS)
    table = CallTable("bench", NumberPlan("IT"))
    ended = 0
    for piece, at in zip(data, moments(), strict=False):
        for frame in framer.feed(piece):
            for told in translator.translate(frame, at):
                for output in table.apply(told):
                    ended += isinstance(output, CallEnded)
        due = table.next_deadline()
        while due is not None and due <= at:
            table.apply(Tick(at=due))
            due = table.next_deadline()
    return f"{ended} calls ended, {len(table.live())} live"


class _Transport:
    """A socket that swallows what is written."""

    def write(self, data: bytes) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _panoramisk(callback: Callable[[Any, Any], None], patterns: list[str]) -> Any:  # noqa: ANN401  # the library has no types
    from panoramisk.manager import Manager  # noqa: PLC0415  # a peer, not ours

    manager = Manager(log=logging.getLogger("peer"))
    for pattern in patterns:
        manager.register_event(pattern, callback)
    protocol = manager.config["protocol_factory"]()
    protocol.connection_made(_Transport())
    protocol.factory = manager
    protocol.encoding = "utf8"
    protocol.log = manager.log
    return protocol


def panoramisk(data: list[bytes]) -> str:
    """Let panoramisk parse and dispatch to one pattern, as its manual shows."""
    seen: list[None] = []
    protocol = _panoramisk(lambda _manager, _event: seen.append(None), ["*"])
    for piece in data:
        protocol.data_received(piece)
    return f"{len(seen)} events"


def cacofonisk(data: list[bytes]) -> str:
    """Let cacofonisk track the calls, on panoramisk, as its own runner joins the two."""
    from cacofonisk.handlers import EventHandler  # noqa: PLC0415  # a peer, not ours
    from cacofonisk.reporters import BaseReporter  # noqa: PLC0415  # a peer, not ours

    hangups = 0

    class Reporter(BaseReporter):  # type: ignore[misc]  # the library has no types
        """Counts what is reported."""

        def on_hangup(self, *_: object, **__: object) -> None:
            """Count a call that ended."""
            nonlocal hangups
            hangups += 1

    quiet = logging.getLogger("peer.cacofonisk")
    handler = EventHandler(reporter=Reporter(), hostname="bench", logger=quiet)
    protocol = _panoramisk(
        lambda _manager, event: handler.on_event(event), list(handler.event_handlers())
    )
    failed = 0
    for piece in data:
        try:
            protocol.data_received(piece)
        except Exception:  # noqa: BLE001  # a peer's bug must not end the comparison
            failed += 1
    note = f"{hangups} calls ended"
    return note + (f", {failed} pieces not understood" if failed else "")


READERS: tuple[tuple[str, Callable[[list[bytes]], str]], ...] = (
    ("floor: split only", floor),
    ("Filodiretto: frames", ours_frames),
    ("Filodiretto: parse", ours_parsed),
    ("Filodiretto: parse + track", ours_tracked),
    ("panoramisk: parse", panoramisk),
    ("cacofonisk: parse + track", cacofonisk),
)


def measure(data: list[bytes], rounds: int) -> list[Result]:
    """Run every reader `rounds` times, in turn, and return the medians."""
    times: dict[str, list[float]] = {name: [] for name, _ in READERS}
    notes: dict[str, str] = {}
    for _ in range(rounds):
        for name, reader in READERS:
            gc.collect()
            began = time.process_time()
            try:
                notes[name] = reader(data)
            except ImportError as error:
                notes[name] = f"not installed: {error.name} (requirements/bench.txt)"
                continue
            times[name].append(time.process_time() - began)
    return [
        Result(name, statistics.median(times[name]) if times[name] else 0.0, notes[name])
        for name, _ in READERS
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("stream", nargs="?", type=Path, help="a recorded stream (.ami or .ami.gz)")
    parser.add_argument("--events", type=int, default=40_000, help="how much of it (default 40000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (default 3)")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if options.stream is None:
        source, paths = own_streams()
        stream = many_calls(paths, options.events)
    else:
        source, stream = options.stream.name, cut(read_bytes(options.stream), options.events)
    data = pieces(stream)
    events = stream.count(b"\r\n\r\n")
    print(f"AMI ingest: {source}, {events} events, {len(stream) / 1e6:.1f} MB, CPU on one core")
    results = measure(data, options.rounds)
    ours = next(result.cpu_s for result in results if result.name == "Filodiretto: parse + track")
    print(f"{'reader':28} {'events/s':>10} {'us/event':>9} {'x ours':>7}  note")
    for result in results:
        if not result.cpu_s:
            print(f"{result.name:28} {'-':>10} {'-':>9} {'-':>7}  {result.note}")
            continue
        rate, cost = events / result.cpu_s, result.cpu_s / events * 1e6
        ratio = result.cpu_s / ours
        print(f"{result.name:28} {rate:10,.0f} {cost:9.2f} {ratio:7.2f}  {result.note}")


if __name__ == "__main__":
    main()
