"""A desk phone that obeys NOTIFY talk/hold, acted by SIPp, and a telephone system that sends it."""

import asyncio
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import UNPLUGGED
from support.components import missing

SCENARIO = Path(__file__).parent / "sipp/obeys_notify.xml"
END_S = 20.0


class ObedientLab(AsteriskLab):
    """A lab that follows docs/control.md: res_pjsip_notify, and a control user with `system`.

    The phone that is unplugged elsewhere, 1020, is plugged in here, at `phone_address`.
    """

    @property
    def phone_address(self) -> str:
        """Where 1020 is."""
        return f"127.{self.net}.0.4"

    def _configure(self, root: Path) -> None:
        super()._configure(root)
        etc = self.pbx.home / "etc"
        _edit(etc / "modules.conf", "load = chan_pjsip.so\n", "load = res_pjsip_notify.so\n")
        # without this file, be it empty, the module refuses to load
        (etc / "pjsip_notify.conf").touch()
        aor = f"[{UNPLUGGED}](phone-aor)\n"
        _edit(etc / "pjsip.conf", aor, f"contact = sip:{UNPLUGGED}@{self.phone_address}:5060\n")
        _edit(etc / "manager_filodiretto_control.conf", "write = originate,call,agent", ",system")


class ObedientPhone:
    """`async with ObedientPhone(address) as phone:` takes one call; `obeyed()` once it is over."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self._log = folder / "sipp.log"

    async def __aenter__(self) -> Self:
        sipp = shutil.which("sipp")
        if sipp is None:
            missing("SIPp", "the package sip-tester is not installed")
            raise RuntimeError
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sipp, "-sf", str(SCENARIO), "-m", "1", "-nostdin", "-trace_err", "-error_file"),
                *(str(self._log.with_suffix(".errors")), "-i", self._address, "-p", "5060"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"TERM": "dumb"},
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def obeyed(self) -> None:
        """Wait until its call is over; raises AssertionError if not every step was as awaited."""
        async with asyncio.timeout(END_S):
            code = await self._process.wait()
        errors = self._log.with_suffix(".errors")
        assert code == 0, errors.read_text("utf-8") if errors.exists() else code


def _edit(path: Path, behind: str, more: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(behind) != 1:
        raise ValueError(f"{path.name} should hold {behind!r} once")
    path.write_text(text.replace(behind, behind + more), encoding="utf-8")
