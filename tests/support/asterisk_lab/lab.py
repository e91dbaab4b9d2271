"""Three Asterisks on loopback: the company's PBX under test, its carrier, and its desk phones."""

import contextlib
import fcntl
import http.client
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from support.asterisk_lab.ami import AMI_PORT, Ami, AmiRefusedError
from support.asterisk_lab.chroot import (
    ASTERISK_22,
    LabUnavailableError,
    Release,
    cache_dir,
    ensure_chroot,
)
from support.asterisk_lab.configuration import (
    Addresses,
    append,
    mailboxes,
    pbx_accounts,
    phone_accounts,
    write_configuration,
)
from support.asterisk_lab.history import Postgres, keep_history
from support.asterisk_lab.instance import Instance
from support.asterisk_lab.settings import COMPANY_NUMBER, LAB_SECRET, Timing
from support.asterisk_lab.stanzas import install_stanzas

START_TIMEOUT_S = 60.0
ARI_PORT = 8088
# 127.0.0.x belongs to everybody; each lab takes one of the nets above.
NETS = range(41, 240)


class AsteriskLab:
    """A telephone system, its carrier and its phones, started together and always cleaned up.

    `with AsteriskLab() as lab:` takes about a second. Several labs run side by side, each on its
    own loopback net 127.N.0.x and in its own folder. With `history` the PBX writes CDR and CEL
    rows: into a PostgreSQL, or (True) into log/master.db of its folder.
    """

    def __init__(
        self,
        *,
        release: Release = ASTERISK_22,
        timing: Timing | None = None,
        history: bool | Postgres = False,
    ) -> None:
        self.release = release
        self.timing = timing or Timing()
        self.history = history
        self._cleanup = contextlib.ExitStack()
        self._running = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Unpack if need be, configure and start the three, and wait until they take calls.

        Raises LabUnavailableError if this machine cannot, InstanceError if an Asterisk fails.
        """
        root = ensure_chroot(self.release)
        try:
            self.net = _take_net(self._cleanup)
            self.addresses = Addresses.of_net(self.net)
            self.home = root / "lab" / f"{os.getpid()}-{self.net}"
            _sweep(self.home.parent)
            self._cleanup.callback(shutil.rmtree, self.home, ignore_errors=True)
            self._configure(root)
            self._running = True
            self._spawner = ThreadPoolExecutor(1, "asterisk-lab")
            self._cleanup.callback(self._spawner.shutdown)
            for instance in self.instances:
                self._cleanup.callback(instance.stop)
                self._spawn(instance)
            self._wait("the telephone system", self._pbx_is_ready)
            self._wait("the carrier", lambda: self._ari_is_ready(self.addresses.carrier))
            self._wait("the phones", lambda: self._ari_is_ready(self.addresses.phones))
        except BaseException:
            self._running = False
            self._cleanup.close()
            raise

    def stop(self) -> None:
        """End the three and remove their folder."""
        if self._running:
            self._running = False
            # Nobody has anything to save, and the phones would first try to unregister.
            for instance in self.instances:
                instance.terminate(kill=True)
            self._cleanup.close()

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The three processes."""
        return (self.pbx, self.carrier, self.phones)

    def restart_pbx(self, *, kill: bool = False) -> None:
        """Restart the telephone system, all its calls lost."""
        self.stop_pbx(kill=kill)
        self.start_pbx()

    def stop_pbx(self, *, kill: bool = False) -> None:
        """Stop the telephone system alone."""
        self.pbx.stop(kill=kill)

    def start_pbx(self) -> None:
        """Start the telephone system again after `stop_pbx`."""
        self._spawn(self.pbx)
        self._wait("the telephone system", self._pbx_is_ready)

    def ami(self) -> Ami:
        """Open a session of the lab's own user on the telephone system."""
        return Ami(self.addresses.pbx)

    def log(self) -> str:
        """Return the end of all three logs, for the report of a failed test."""
        return "\n".join(instance.log() for instance in self.instances)

    def _configure(self, root: Path) -> None:
        self.pbx = Instance(name="pbx", root=root, home=self.home / "pbx")
        self.carrier = Instance(name="carrier", root=root, home=self.home / "carrier")
        self.phones = Instance(name="phones", root=root, home=self.home / "phones")
        timing = self.timing
        shared = {
            "MODULES": f"/{_modules(root).relative_to(root)}",
            "PBX": self.addresses.pbx,
            "CARRIER": self.addresses.carrier,
            "COMPANY": COMPANY_NUMBER,
            "LAB_SECRET": LAB_SECRET,
            "MAILBOXES": mailboxes(),
            "RING_S": str(timing.ring_s),
            "AGENT_S": str(timing.agent_s),
            "QUEUE_WAIT_S": str(timing.queue_wait_s),
            "MENU_S": str(timing.menu_s),
            "OUTSIDE_RING_S": str(timing.outside_ring_s),
        }
        layers = {
            "pbx": ("common", "pbx"),
            "carrier": ("common", "far", "carrier"),
            "phones": ("common", "far", "phones"),
        }
        addresses = (self.addresses.pbx, self.addresses.carrier, self.addresses.phones)
        for instance, address in zip(self.instances, addresses, strict=True):
            values = {**shared, "ADDRESS": address, "HOME": instance.inside}
            write_configuration(instance.home, layers[instance.name], values)
        append(self.pbx.home, "pjsip.conf", pbx_accounts(self.addresses.phones))
        install_stanzas(self.pbx.home / "etc", self.release)
        if self.history:
            postgres = self.history if isinstance(self.history, Postgres) else None
            keep_history(self.pbx.home, _modules(root), postgres=postgres)
        append(self.phones.home, "pjsip.conf", phone_accounts())

    def _spawn(self, instance: Instance) -> None:
        # The kernel ties a child's fate to the thread that made it: one that lives as long as we.
        self._spawner.submit(instance.start).result()

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        watched = [instance for instance in self.instances if instance.started]
        end = time.monotonic() + START_TIMEOUT_S
        while not ready():
            for instance in watched:
                instance.check()
            if time.monotonic() > end:
                raise LabUnavailableError(
                    f"{what} did not come up within {START_TIMEOUT_S:.0f} s\n{self.log()}"
                )
            time.sleep(0.02)

    def _pbx_is_ready(self) -> bool:
        try:
            with self.ami() as ami:
                return "fully booted" in ami.command("core waitfullybooted").lower()
        except (OSError, AmiRefusedError):
            return False

    @staticmethod
    def _ari_is_ready(address: str) -> bool:
        connection = http.client.HTTPConnection(address, ARI_PORT, timeout=2)
        try:
            connection.request("GET", f"/ari/asterisk/info?api_key=lab:{LAB_SECRET}")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _modules(root: Path) -> Path:
    """Return Asterisk's module folder: Debian moved it below the architecture's name."""
    found = [*root.glob("usr/lib/*/asterisk/modules"), *root.glob("usr/lib/asterisk/modules")]
    return found[0]


@contextlib.contextmanager
def _held(path: Path) -> Iterator[IO[str]]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock


def _take_net(cleanup: contextlib.ExitStack) -> int:
    """Reserve a loopback net for as long as `cleanup` lives; the lock dies with the process."""
    folder = cache_dir() / "nets"
    folder.mkdir(parents=True, exist_ok=True)
    for net in NETS:
        try:
            cleanup.enter_context(_held(folder / str(net)))
        except BlockingIOError:
            continue
        if _is_free(Addresses.of_net(net).pbx):
            return net
    raise LabUnavailableError("all loopback nets are taken by other labs")


def _is_free(address: str) -> bool:
    """Return whether nobody with another cache folder, and so other locks, has a lab there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, AMI_PORT))
        except OSError:
            return False
        return True


def _sweep(folder: Path) -> None:
    """Remove what labs left behind whose process is gone."""
    for home in folder.glob("*-*"):
        if not Path(f"/proc/{home.name.partition('-')[0]}").exists():
            shutil.rmtree(home, ignore_errors=True)
