"""Fuzzes what reads bytes and what follows calls, each target for a bounded time.

    .venv/bin/python fuzz/run.py [TARGET…] [--seconds N]

Needs atheris (`pip install --require-hashes -r requirements/fuzz.txt`, done by `make fuzz`). Seeds
are the packaged samples, the recorded calls of the tests and tests/unit/fuzz/corpus; what was found
is kept in .fuzz/TARGET (ignored by git). An input that breaks a target is written there as crash-…
and shown in base64: put that line into tests/unit/fuzz/corpus/TARGET.txt, and the unit tests run it
from then on.
"""

import argparse
import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "unit" / "fuzz" / "corpus"
WORK = ROOT / ".fuzz"
SEED_BYTES = 6_000
CHOICES = bytes(4)
sys.path.insert(0, str(ROOT / "tests"))


def seeds(target: str) -> Iterator[tuple[str, bytes]]:
    """Yield what the fuzzer begins with: what was kept, and recorded streams."""
    for number, line in enumerate((CORPUS / f"{target}.txt").read_text("ascii").split()):
        yield f"kept-{number}", base64.b64decode(line)
    if target in {"framing", "translation"}:
        yield from streams()
    if target == "sip":
        yield from torture()
    samples = sorted((ROOT / "adapters/asterisk/samples").glob("*.ami"))
    for path in samples[:3] if target == "decoding" else ():
        for number, frame in enumerate(path.read_bytes().split(b"\r\n\r\n")[:40]):
            yield f"{path.stem}-{number}", CHOICES[:2] + frame


def torture() -> Iterator[tuple[str, bytes]]:
    """Yield the torture messages of RFC 4475, each as the second of two datagrams."""
    from support.sip_torture import ANSWERED, VALID  # noqa: PLC0415  # below tests/

    messages = [*(data for _, data in VALID), *(data for _, data, _ in ANSWERED)]
    for number, data in enumerate(messages):
        if len(data) < SEED_BYTES:
            cancel = data.replace(b"INVITE", b"CANCEL")
            yield f"torture-{number}", b"\0\0\0\1" + data + b"\0\0\0\1" + cancel


def streams() -> Iterator[tuple[str, bytes]]:
    """Yield beginning, middle and end of each recording, of a size that mutates quickly."""
    for folder in ("adapters/asterisk/samples", "tests/scenarios/captures"):
        for path in sorted((ROOT / folder).glob("*.ami")):
            data = path.read_bytes()
            for part, start in enumerate((0, len(data) // 2, max(0, len(data) - SEED_BYTES))):
                yield f"{path.stem}-{part}", CHOICES + data[start : start + SEED_BYTES]


def dictionary(path: Path) -> None:
    """Write the words of AMI and SIP that a mutation should know of."""
    from adapters.asterisk.link import FOLLOWED  # noqa: PLC0415  # instrumented in the child only

    words = {name.decode() for name in FOLLOWED}
    words |= {"Uniqueid: ", "Linkedid: ", "DestUniqueid: ", "Channel: ", "Event: ", "Response: "}
    words |= {
        "\\x0d\\x0a",
        "\\x0d\\x0a\\x0d\\x0a",
        "PJSIP/1001-1",
        "PJSIP/carrier-1",
        "CANCEL",
        "INVITE",
        "Call-ID: ",
        "CSeq: ",
        ";branch=z",
        ";tag=1",
        "Reason: SIP;cause=200",
        "Local/1@q-1;1",
        ";2",
    }
    path.write_text("".join(f'"{word}"\n' for word in sorted(words)), encoding="ascii")


def child(target: str, arguments: list[str]) -> None:
    """Run one target inside the fuzzer; never returns."""
    import atheris  # noqa: PLC0415  # only here, and not installed with the product

    with atheris.instrument_imports(include=["adapters", "gateway.core"]):
        from support.fuzz_targets import TARGETS  # noqa: PLC0415  # instrumented

    atheris.Setup([sys.argv[0], *arguments], TARGETS[target])
    atheris.Fuzz()


def fuzz(target: str, seconds: int) -> int:
    """Run one target in a process of its own for `seconds` and return its exit status."""
    work, start = WORK / target, WORK / f"{target}.seeds"
    work.mkdir(parents=True, exist_ok=True)
    start.mkdir(exist_ok=True)
    for name, data in seeds(target):
        (start / name).write_bytes(data)
    dictionary(WORK / "words.txt")
    print(f"== {target}: {seconds} s", flush=True)
    ended = subprocess.run(
        [
            sys.executable,
            __file__,
            "--child",
            target,
            str(work),
            str(start),
            f"-max_total_time={seconds}",
            "-max_len=8192",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
            f"-dict={WORK / 'words.txt'}",
            f"-artifact_prefix={work}/",
        ],
        check=False,
    )
    return ended.returncode


def main() -> int:
    """Fuzz the targets asked for, all of them by default; 1 if one of them broke."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default 60)")
    options = parser.parse_args()
    from support.fuzz_targets import TARGETS  # noqa: PLC0415  # not instrumented here

    unknown = sorted(set(options.targets) - TARGETS.keys())
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    broken = [name for name in options.targets or TARGETS if fuzz(name, options.seconds)]
    print(f"broken: {', '.join(broken)}" if broken else "nothing broke", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
