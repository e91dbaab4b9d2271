"""Many live calls: what an event costs, what a call weighs, how long taking stock lasts.

    .venv/bin/python bench/scale.py [--live 10 100 1000 10000] [--rounds N]

Live calls are a packaged recording, cut when two people talk, as often as asked for with fresh ids.
On top of them whole queue calls are followed, from bytes to record; every figure stands beside a
floor of the same run and its ratio to that. CPU time, medians of the rounds; memory by tracemalloc.
"""

import argparse
import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from adapters.asterisk.codec import Frame, Framer
from adapters.asterisk.link import FOLLOWED
from adapters.asterisk.recording import SAMPLES, Recording
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.stage import Stage
from adapters.asterisk.translate import Translator
from gateway.core.events import CallEvent
from gateway.core.inputs import LinkDown
from gateway.core.matching import MatchResult
from gateway.core.numbers import NumberPlan
from gateway.core.record import MatchKind
from gateway.core.table import CallTable
from gateway.desk.hub import Hub
from gateway.desk.pops import PopDesk
from gateway.runtime.clock import SystemClock

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
START = datetime(2026, 11, 21, 20, tzinfo=UTC)
CHURN = 400
RESYNCED = 1_000
PIECE = 65_536
SETTINGS = AsteriskSettings(name="bench", host="127.0.0.1", username="u", secret="s")  # noqa: S106
PLAN = NumberPlan("IT")


@dataclass(frozen=True, slots=True)
class Recordings:
    """Where the calls come from: one until two people talk, and one that is whole."""

    talking: Recording
    whole: Recording

    @classmethod
    def load(cls) -> "Recordings":
        """Read the packaged samples."""
        known = Recording.load(SAMPLES / "01-known-customer.ami")
        until = [n for n, (_, raw) in enumerate(known.events) if b"Event: BridgeEnter" in raw][1]
        talking = Recording(name=known.name, events=known.events[: until + 1])
        whole = Recording.load(SAMPLES / "02-queue-second-agent.ami")
        return cls(talking, whole)


def plays(recording: Recording, count: int, *, first: int) -> list[bytes]:
    """Return the events of so many calls, each with ids of its own."""
    epoch = int(START.timestamp())
    return [
        raw
        for number in range(first, first + count)
        for _, raw in recording.freshened(play=number, epoch=epoch).events
    ]


def stream(events: Sequence[bytes]) -> bytes:
    """Return events as the bytes of one connection."""
    return BANNER + b"".join(raw + b"\r\n\r\n" for raw in events)


class Tracking:
    """One PBX as the daemon follows it, without socket, store and page."""

    def __init__(self, *, desk: bool = False) -> None:
        self.translator = Translator(SETTINGS)
        self.table = CallTable("bench", PLAN)
        self.framer = Framer(FOLLOWED)
        self.desk: PopDesk | None = None
        self.at = START
        if desk:
            nobody = MatchResult(kind=MatchKind.NONE)
            hub = Hub(SystemClock(), epoch="bench")
            self.desk = PopDesk(hub, lambda _pbx, _extension: (), lambda _number: nobody)

    def feed(self, data: bytes) -> None:
        """Follow a stream at about 3 000 events a second."""
        for start in range(0, len(data), PIECE):
            self.at += timedelta(milliseconds=55)
            for frame in self.framer.feed(data[start : start + PIECE]):
                for told in self.translator.translate(frame, self.at):
                    for output in self.table.apply(told):
                        if self.desk is not None and isinstance(output, CallEvent):
                            self.desk.handle(output)


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one run, without the collector's whims."""
    gc.collect()
    gc.disable()
    began = time.process_time()
    work()
    spent = time.process_time() - began
    gc.enable()
    return spent


def per_event(recordings: Recordings, live: Sequence[int], rounds: int) -> None:
    """Print what an event costs with so many calls up, beside finding its end in the bytes."""
    print("\nCost of an event, from bytes to record, with calls up")
    print(f"{'live calls':>12} {'us/event':>9} {'x floor':>8} {'x least':>8}")
    first = 0.0
    for count in live:
        tracking = Tracking()
        tracking.feed(stream(plays(recordings.talking, count, first=0)))
        assert len(tracking.table.live()) == count
        ours: list[float] = []
        floors: list[float] = []
        for turn in range(rounds):
            events = plays(recordings.whole, CHURN, first=20_000 + turn * CHURN)
            data = stream(events)[len(BANNER) :]
            floors.append(cpu_s(partial(data.split, b"\r\n\r\n")) / len(events))
            ours.append(cpu_s(partial(tracking.feed, data)) / len(events))
        assert len(tracking.table.live()) == count
        cost, floor = statistics.median(ours), statistics.median(floors)
        first = first or cost
        print(f"{count:12,} {cost * 1e6:9.2f} {cost / floor:8.1f} {cost / first:8.2f}")


def weighed(work: Callable[[], object], count: int) -> float:
    """Return how many bytes a call weighs that `work` brings to life and returns."""
    gc.collect()
    tracemalloc.start()
    kept = work()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return size / count


def memory(recordings: Recordings, live: Sequence[int]) -> None:
    """Print what a live call weighs, beside a dict of the fields of its record."""
    print("\nMemory of a live call, KB")
    print(f"{'live calls':>12} {'table':>8} {'+ desk':>8} {'floor':>8} {'x floor':>8}")
    for count in live:
        data = stream(plays(recordings.talking, count, first=0))

        def tracked(data: bytes = data, *, desk: bool = False) -> Tracking:
            tracking = Tracking(desk=desk)
            tracking.feed(data)
            return tracking

        def floor(count: int = count) -> dict[str, dict[str, object]]:
            record = tracked(stream(plays(recordings.talking, 1, first=0))).table.live()[0]
            names = record.__slots__
            return {
                f"{START.timestamp():.0f}.{number}": {
                    name: str(getattr(record, name)) if name in {"id", "linkedid"} else None
                    for name in names
                }
                for number in range(count)
            }

        tracked()  # what is cached for all calls is no call's weight
        alone, desked = weighed(tracked, count), weighed(partial(tracked, desk=True), count)
        least = weighed(floor, count)
        print(
            f"{count:12,} {alone / 1024:8.2f} {desked / 1024:8.2f} {least / 1024:8.2f}"
            f" {desked / least:8.1f}"
        )


def lists(events: Sequence[bytes]) -> bytes:
    """Return what CoreShowChannels and BridgeList say after these events."""
    stage = Stage()
    for raw in events:
        name = raw.partition(b"\r\n")[0].removeprefix(b"Event: ").decode()
        stage.follow(Frame(name, raw, 0), 0.0)
    named = [("CoreShowChannel", one) for one in stage.channels(60.0)]
    named += [("BridgeListItem", one) for one in stage.bridges()]
    return stream(
        [
            "\r\n".join([f"Event: {name}", *(f"{k}: {v}" for k, v in one.items())]).encode()
            for name, one in named
        ]
    )


def resync(recordings: Recordings, rounds: int) -> None:
    """Print how long taking stock of 1 000 calls lasts, beside framing the lists."""
    events = plays(recordings.talking, RESYNCED, first=0)
    calls, listed = stream(events), lists(events)
    size = len(Framer().feed(listed))
    print(f"\nTaking stock of {RESYNCED:,} live calls ({size:,} list entries), ms")
    print(f"{'what the table knew':>24} {'ms':>8} {'x floor':>8}")
    floors: list[float] = []
    found: dict[str, list[float]] = {"the same calls": [], "nothing": [], "calls that ended": []}
    for _ in range(rounds):
        floors.append(cpu_s(lambda: Framer().feed(listed)))
        for name, times in found.items():
            tracking = Tracking(desk=True)
            if name != "nothing":
                tracking.feed(calls)
            tracking.table.apply(LinkDown(at=tracking.at))
            data = BANNER if name == "calls that ended" else listed
            times.append(cpu_s(partial(_take_stock, tracking, data)))
            expected = 0 if name == "calls that ended" else RESYNCED
            assert len(tracking.table.live()) == expected
    least = statistics.median(floors)
    print(f"{'floor: framing':>24} {least * 1e3:8.1f} {1:8.1f}")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"{name:>24} {middle * 1e3:8.1f} {middle / least:8.1f}")


def _take_stock(tracking: Tracking, data: bytes) -> None:
    frames = Framer().feed(data)
    seq = tracking.translator.seq
    for output in tracking.table.apply(tracking.translator.snapshot(tracking.at, seq, frames)):
        if tracking.desk is not None and isinstance(output, CallEvent):
            tracking.desk.handle(output)


def main() -> None:
    """Measure and print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--live", nargs="+", type=int, default=[10, 100, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    recordings = Recordings.load()
    print(
        f"live: {len(recordings.talking.events)} events a call;"
        f" followed on top: {CHURN} queue calls of {len(recordings.whole.events)} events"
    )
    per_event(recordings, options.live, options.rounds)
    memory(recordings, [count for count in options.live if count >= 1_000] or options.live)
    resync(recordings, options.rounds)


if __name__ == "__main__":
    main()
