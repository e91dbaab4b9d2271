"""One Asterisk process in a chroot: its folder, its pid, its log."""

import os
import signal
import subprocess
from pathlib import Path

STOP_TIMEOUT_S = 15.0


class InstanceError(RuntimeError):
    """An Asterisk did not start or died; the message holds the end of its log."""


class Instance:
    """An Asterisk that runs in the foreground, without privileges to lose and without a daemon.

    `home` is its folder below the chroot; Asterisk sees it without the chroot's path.
    """

    def __init__(self, *, name: str, root: Path, home: Path) -> None:
        self.name = name
        self.root = root
        self.home = home
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def inside(self) -> str:
        """The path of `home` as the chrooted process sees it."""
        return f"/{self.home.relative_to(self.root)}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process and return at once; it is killed should the test process die."""
        command = ["setpriv", "--pdeathsig", "KILL", "chroot", str(self.root)]
        command += ["/usr/sbin/asterisk", "-f", "-C", f"{self.inside}/etc/asterisk.conf"]
        with (self.home / "log/console").open("ab") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                cwd="/",
            )

    @property
    def started(self) -> bool:
        """Whether it was started and not stopped since, dead or alive."""
        return self._process is not None

    def check(self) -> None:
        """Raise InstanceError if the process is not running."""
        if self._process is None or self._process.poll() is not None:
            code = self._process.returncode if self._process else "never started"
            raise InstanceError(f"{self.name} is not running ({code})\n{self.log()}")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, e.g. SIGSTOP to freeze it and SIGCONT to let it go on."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def terminate(self, *, kill: bool = False) -> None:
        """Ask the process to end, without waiting."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL if kill else signal.SIGTERM)

    def stop(self, *, kill: bool = False) -> None:
        """End the process and wait for it; harmless if it is gone already."""
        process = self._process
        if process is None:
            return
        self.terminate(kill=kill)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
        self._process = None

    def log(self, lines: int = 40) -> str:
        """Return the end of what it said, for the report of a failed test."""
        text = ""
        for name in ("console", "messages"):
            path = self.home / "log" / name
            if path.is_file():
                tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
                text += f"--- {self.name} {name}\n" + "\n".join(tail) + "\n"
        return text
