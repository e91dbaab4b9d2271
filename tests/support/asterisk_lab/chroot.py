"""Unpacks a Debian build of Asterisk or Kamailio into a cache outside the repository, once."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Only extracted, not configured: no maintainer script runs, nothing has to be mounted, and the
# whole build takes as long as the download. `base-files` brings the links /bin, /lib and /sbin.
ASTERISK = ("base-files", "asterisk", "asterisk-modules", "asterisk-core-sounds-en-gsm")
NOT_NEEDED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/perl", "usr/lib/git")
BUILD_TIMEOUT_S = 900.0

Progress = Callable[[str], None]


class LabUnavailableError(RuntimeError):
    """This machine cannot run the Asterisk lab; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One telephone system to test against, the Debian suite that ships it, and in what."""

    name: str
    suite: str
    packages: tuple[str, ...] = ASTERISK
    version: tuple[str, ...] = ("/usr/sbin/asterisk", "-V")


ASTERISK_22 = Release(name="asterisk22", suite="forky")
# Without app_voicemail: it is a package of its own there, missing from Debian's mirrors.
ASTERISK_16 = Release(name="asterisk16", suite="bullseye")
KAMAILIO = Release(
    name="kamailio",
    suite="bookworm",
    packages=("base-files", "kamailio"),
    version=("/usr/sbin/kamailio", "-v"),
)
RELEASES = {release.name: release for release in (ASTERISK_22, ASTERISK_16, KAMAILIO)}


def cache_dir() -> Path:
    """Return the folder that holds unpacked components; it survives between test runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "filodiretto"


def say(line: str) -> None:
    """Show a line of progress at once, also from below pytest's capture."""
    stream = sys.__stderr__ or sys.stderr
    stream.write(f"{line}\n")
    stream.flush()


def ensure_chroot(release: Release, *, progress: Progress = say) -> Path:
    """Return the chroot of `release`, building it on first use.

    A build goes to a temporary folder beside the final one and is renamed when complete, under a
    lock, so that neither a killed nor a second builder leaves half a chroot. Raises
    LabUnavailableError if it cannot be built here.
    """
    root = cache_dir() / release.name
    if root.is_dir():
        return root
    if os.geteuid() != 0:
        raise LabUnavailableError("unpacking and chroot need root; run the tests as root")
    root.parent.mkdir(parents=True, exist_ok=True)
    with _locked(root.with_suffix(".lock"), progress):
        if not root.is_dir():
            _build(release, root, progress)
    return root


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"{path.stem}: another run is unpacking it, waiting …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(release: Release, root: Path, progress: Progress) -> None:
    _need_mmdebstrap(progress)
    started = time.monotonic()
    progress(f"{release.name}: unpacking from Debian {release.suite} into {root} …")
    work = Path(tempfile.mkdtemp(prefix=f"{release.name}.build-", dir=root.parent))
    try:
        target = work / "root"
        command = [
            "mmdebstrap",
            '--aptopt=Acquire::Check-Valid-Until "false"',
            "--variant=extract",
            f"--include={','.join(release.packages)}",
            release.suite,
            str(target),
        ]
        _run(command, timeout_s=BUILD_TIMEOUT_S)
        for name in NOT_NEEDED:
            shutil.rmtree(target / name, ignore_errors=True)
        if release.packages == ASTERISK:
            # Debian's alternatives system would make this link when the package is configured.
            (target / "usr/share/asterisk/sounds/en").symlink_to("en_US_f_Allison")
        said = _run(["chroot", str(target), *release.version], timeout_s=30)
        version = said.strip().partition("\n")[0]
        target.rename(root)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress(f"{release.name}: {version} ready after {time.monotonic() - started:.0f} s")


def _need_mmdebstrap(progress: Progress) -> None:
    if shutil.which("mmdebstrap"):
        return
    if not shutil.which("apt-get"):
        raise LabUnavailableError("mmdebstrap is not installed and this is no Debian system")
    progress("installing mmdebstrap …")
    _run(["apt-get", "update", "-q"], timeout_s=300)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "mmdebstrap"]
    _run(install, timeout_s=300)


def _run(command: list[str], *, timeout_s: float) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabUnavailableError(f"{command[0]} could not be run: {error}") from error
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise LabUnavailableError(f"{command[0]} failed ({done.returncode}):\n{tail}")
    return done.stdout


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [ASTERISK_22.name]:
        ensure_chroot(RELEASES[wanted])
