"""Runs the tests part by part, two parts at once: those with calls mostly wait, others compute.

Every test belongs to exactly one part. Usage: `tools/tests.py [pytest's arguments]`; paths, or what
needs the keyboard, are for one pytest alone. JOBS=4 in the environment runs four parts at once.
"""  # noqa: INP001 - a program, not a package

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PYTEST: Final = (sys.executable, "-m", "pytest")
# The longest first; a part has its own Asterisk, Odoo and PostgreSQL.
NAMED: Final = {
    "calls": (
        "tests/integration/asterisk",
        *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/integration/test_*.py")),
    ),
    "suites": ("tests/conformance",),
    "crm": ("tests/integration/crm", "tests/integration/store"),
    "web": ("tests/integration/web",),
    "e2e": ("tests/e2e",),
}
OTHERS: Final = ("tests", *(f"--ignore={path}" for paths in NAMED.values() for path in paths))
ALONE: Final = ("-s", "--capture=no", "--pdb", "--co", "--collect-only", "-h", "--help")
NOTHING_CHOSEN: Final = 5
INTERRUPTED: Final = 130
BAD: Final = ("FAILED ", "ERROR ")
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Part:
    """One pytest, what it says line by line, and how it ended."""

    name: str
    arguments: Sequence[str]
    screen: threading.Lock
    result: int = NOTHING_CHOSEN
    took_s: float = 0.0
    bad: list[str] = field(default_factory=list)
    last: str = "not run"
    unwanted: bool = False
    process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Run it to its end; a cache of its own, or it would forget what failed elsewhere."""
        if self.unwanted:
            return
        began = time.monotonic()
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        self.process = subprocess.Popen(  # noqa: S603 - pytest
            [*PYTEST, "-o", f"cache_dir=.pytest_cache/{self.name}", *colour, *self.arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._read(self.process)
        self.result = self.process.wait()
        self.took_s = time.monotonic() - began

    def stop(self) -> None:
        """Let it end the programs it started; if it has not begun, it does not."""
        self.unwanted = True
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        report: list[str] = []
        for line in process.stdout:
            plain = COLOUR.sub("", line)
            if report or "= FAILURES =" in plain or "= ERRORS =" in plain:
                report.append(line)  # in one piece, as soon as it is whole
            else:
                self._show(f"{self.name:>6} | {line}")
            if plain.startswith(BAD):
                self.bad.append(line)
            self.last = plain.strip(" =\n") or self.last
        self._show("".join(report))

    def _show(self, text: str) -> None:
        with self.screen:
            sys.stdout.write(text)
            sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and return the exit code."""
    chosen = [word for word in arguments if (ROOT / word.partition("::")[0]).exists()]
    if chosen or any(word in ALONE for word in arguments):
        return subprocess.run([*PYTEST, *arguments], cwd=ROOT, check=False).returncode  # noqa: S603
    screen = threading.Lock()
    paths = {"calls": NAMED["calls"], "others": OTHERS} | NAMED
    parts = [Part(name, (*where, *arguments), screen) for name, where in paths.items()]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for part in parts:
            part.stop()

    signal.signal(signal.SIGTERM, stop)
    with ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        done = [pool.submit(part.run) for part in parts]
        try:
            for one in done:
                one.result()
        except KeyboardInterrupt:
            stop(signal.SIGINT, None)
            return INTERRUPTED
    return _summed_up(parts)


def _summed_up(parts: Sequence[Part]) -> int:
    sys.stdout.write("\n")
    for part in parts:
        sys.stdout.writelines(part.bad)
    for part in parts:
        sys.stdout.write(f"{part.name:>6} | {part.last} ({part.took_s:.0f} s with its start)\n")
    results = {part.result for part in parts}
    if any(part.unwanted for part in parts):
        return INTERRUPTED
    if results == {NOTHING_CHOSEN}:
        return NOTHING_CHOSEN
    return max(results - {NOTHING_CHOSEN}, key=abs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
