"""A flood of INVITEs from hosts that are not allowed: what it does to calls of the provider.

    python bench/sip_flood.py [--calls 200] [--rate 20000] [--json]

Milliseconds from the provider's INVITE until the call is fed to the core, through the real child
process, in one run by turns: `quiet`, with the flood at another port of this machine (`elsewhere`:
what the sender's own work costs on these cores), and with the flood at the trunk's port (`flood`).
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.sip_registrar import SipRegistrar
from support.sip_trunk import Followed, following, free_port

from gateway.core.inputs import ChannelCreated

STRANGER = "127.0.0.9"
TURNS = 5
GAP_S = 0.02
INVITE = (
    "INVITE sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{0};rport\r\n"
    "From: <sip:+39061@h>;tag=1\r\nTo: <sip:us@h>\r\nCall-ID: {0}\r\nCSeq: 1 {1}\r\n\r\n"
)
FLOOD = """
import socket, sys, time
host, port, rate, own = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sending.bind((own, 0))
text = sys.argv[5]
sent, began = 0, time.monotonic()
while True:
    while sent < (time.monotonic() - began) * rate:
        sending.sendto((text % (sent, sent)).encode(), (host, port))
        sent += 1
    time.sleep(0.001)
"""


@contextmanager
def flooding(port: int, rate: float) -> Iterator[None]:
    """Send INVITEs from a stranger at a rate, by a process of their own."""
    text = INVITE.format("%d", "INVITE").replace("%d\r\nCSeq", "f-%d\r\nCSeq")
    process = subprocess.Popen(
        [sys.executable, "-c", FLOOD, "127.0.0.1", str(port), str(rate), STRANGER, text]
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def calls(provider: SipRegistrar, told: Followed, name: str, count: int) -> list[float]:
    """Let calls ring and be taken back, one after the other; return their milliseconds."""
    taken = []
    for number in range(count):
        texts = {
            method: INVITE.format(f"{name}{number}", method).replace("INVITE", method).encode()
            for method in ("INVITE", "CANCEL", "ACK")
        }
        before = told.count(ChannelCreated)
        began = time.perf_counter()
        provider.send(texts["INVITE"])
        while told.count(ChannelCreated) == before:
            told.news.clear()
            await told.news.wait()
        taken.append((time.perf_counter() - began) * 1000)
        provider.send(texts["CANCEL"])
        await asyncio.sleep(GAP_S)
        provider.send(texts["ACK"])
    return taken


async def run(count: int, rate: float) -> dict[str, list[float]]:
    """Measure the three by turns."""
    found: dict[str, list[float]] = {"quiet": [], "elsewhere": [], "flood": []}
    elsewhere = free_port("127.0.0.1")
    async with SipRegistrar() as provider, following(provider.registrar) as told:
        await told.up()
        for turn in range(TURNS):
            for what, port in (("quiet", 0), ("elsewhere", elsewhere), ("flood", told.listen[1])):
                name = f"{what}-{turn}-"
                if port == 0:
                    found[what] += await calls(provider, told, name, count // TURNS)
                    continue
                with flooding(port, rate):
                    await asyncio.sleep(0.3)
                    found[what] += await calls(provider, told, name, count // TURNS)
    return found


def main() -> None:
    """Print the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20_000, help="datagrams a second")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments.calls, arguments.rate))
    cuts = {what: statistics.quantiles(taken, n=100) for what, taken in found.items()}
    figures = {
        what: {"p50_ms": round(cut[49], 2), "p99_ms": round(cut[98], 2)}
        for what, cut in cuts.items()
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    for what, one in figures.items():
        ratio = one["p50_ms"] / figures["quiet"]["p50_ms"]
        p50, p99 = one["p50_ms"], one["p99_ms"]
        print(f"{what:<10} p50 {p50:>6.2f} ms ({ratio:4.1f} x)  p99 {p99:>7.2f} ms")


if __name__ == "__main__":
    main()
