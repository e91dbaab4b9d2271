"""Runs the tests in two processes at once: those with calls mostly wait, the others mostly compute.

Every test belongs to exactly one of them, and always has the same neighbours. Usage:
`tools/tests.py [pytest's arguments]`; paths, or what needs the keyboard, are for one pytest alone.
"""  # noqa: INP001 - a program, not a package

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).parent.parent
PYTEST: Final = (sys.executable, "-m", "pytest")
# Asterisk acts these; a new folder of tests is among the others until it is named here.
CALLS: Final = (
    "tests/integration/asterisk",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/integration/test_*.py")),
)
OTHERS: Final = ("tests", *(f"--ignore={path}" for path in CALLS))
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
    began: float = field(default_factory=time.monotonic)
    result: int = 0
    took_s: float = 0.0
    bad: list[str] = field(default_factory=list)
    last: str = ""

    def start(self) -> None:
        """Start it; two caches, or each would forget what failed in the other."""
        colour = ["--color=yes"] if sys.stdout.isatty() else []
        self._process = subprocess.Popen(  # noqa: S603 - pytest
            [*PYTEST, "-o", f"cache_dir=.pytest_cache/{self.name}", *colour, *self.arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def interrupt(self) -> None:
        """Let it end its programs."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def wait(self) -> None:
        """Wait until it has ended and all it said is shown."""
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        report: list[str] = []
        for line in self._process.stdout:
            plain = COLOUR.sub("", line)
            if report or "= FAILURES =" in plain or "= ERRORS =" in plain:
                report.append(line)  # in one piece, as soon as it is whole
            else:
                self._show(f"{self.name:>6} | {line}")
            if plain.startswith(BAD):
                self.bad.append(line)
            self.last = plain.strip(" =\n") or self.last
        self.result = self._process.wait()
        self.took_s = time.monotonic() - self.began
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
    parts = [
        Part("calls", (*CALLS, *arguments), screen),
        Part("others", (*OTHERS, *arguments), screen),
    ]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for part in parts:
            part.interrupt()

    for part in parts:
        part.start()
    signal.signal(signal.SIGTERM, stop)
    try:
        for part in parts:
            part.wait()
    except KeyboardInterrupt:  # the terminal has told them too
        for part in parts:
            part.wait()
        return INTERRUPTED
    return _summed_up(parts)


def _summed_up(parts: Sequence[Part]) -> int:
    sys.stdout.write("\n")
    for part in parts:
        sys.stdout.writelines(part.bad)
    for part in parts:
        sys.stdout.write(f"{part.name:>6} | {part.last} (ended after {part.took_s:.0f} s)\n")
    results = {part.result for part in parts}
    if results == {NOTHING_CHOSEN}:
        return NOTHING_CHOSEN
    return max(results - {NOTHING_CHOSEN}, key=abs)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
