"""What `filodiretto check` finds out about one PBX: it signs in, looks, and changes nothing."""

import asyncio
import stat
from pathlib import Path
from typing import Final

from adapters.asterisk import trunk_events
from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.probe_trunks import trunk_findings
from adapters.asterisk.rights import Rights
from adapters.asterisk.session import Session, open_session
from adapters.asterisk.settings import Account, AsteriskSettings, PresentationSource, is_loopback
from adapters.asterisk.snapshot import LIST_EVENTS, take_lists
from gateway.core.errors import AdapterError, FilodirettoError
from gateway.core.findings import Finding, Verdict
from gateway.core.ports import Clock

OLDEST_TESTED: Final = 16
MAX_OFFSET_S: Final = 5.0
COSTLY: Final = ("Originate", "Redirect", "Command")
WATCHED: Final[dict[bytes, tuple[bytes, ...]]] = {
    **LIST_EVENTS,
    **trunk_events.WATCHED,
    **dict.fromkeys((b"FullyBooted", b"Newexten", b"VarSet", b"QueueCallerJoin"), ()),
}


class Probe:
    """Collects findings about one PBX; `run` returns them, worst news included, never raises."""

    def __init__(self, settings: AsteriskSettings, clock: Clock, *, listen_s: float = 1.0) -> None:
        self._settings = settings
        self._clock = clock
        self._listen_s = listen_s
        self._findings: list[Finding] = []
        self._rights = Rights()
        self._booted = asyncio.Event()

    async def run(self) -> tuple[Finding, ...]:
        """Look at everything that can be looked at."""
        await self._look_at_settings()
        try:
            async with open_session(
                self._settings, self._clock, on_frames=self._arrived, wanted=WATCHED
            ) as session:
                await self._look_at_session(session)
        except FilodirettoError as error:
            self._add(Verdict.FAILED, error.message, _with_detail(error))
            return tuple(self._findings)
        if self._settings.control is not None:
            await self._look_at_control(self._settings.control)
        return tuple(self._findings)

    def _add(self, verdict: Verdict, cause: str, remedy: str = "") -> None:
        subject = f"pbx {self._settings.name}"
        self._findings.append(Finding(subject=subject, verdict=verdict, cause=cause, remedy=remedy))

    def _arrived(self, frames: list[Frame]) -> None:
        if any(frame.name == "FullyBooted" for frame in frames):
            self._booted.set()
        self._rights.look(frames)

    async def _look_at_settings(self) -> None:
        settings = self._settings
        if not settings.tls and not is_loopback(settings.host):
            self._add(
                Verdict.WARNING,
                "AMI is not encrypted: passwords and numbers cross the network readable.",
                "Set tlsenable = yes in manager.conf, and tls = true with port 5039 here.",
            )
        file = settings.secret_file
        if file is not None and await asyncio.to_thread(_is_public, file):
            self._add(
                Verdict.WARNING,
                "Every user of this machine can read the password file.",
                f"chmod 600 {file}",
            )
        if settings.presentation is PresentationSource.TRUST:
            self._add(
                Verdict.WARNING,
                'presentation = "trust": a number that a caller withholds may be shown.',
                'Set presentation = "getvar", unless your carrier never sends withheld numbers.',
            )

    async def _look_at_session(self, session: Session) -> None:
        limits = self._settings.link
        await session.measure_clock(limits.ping_timeout_s)
        self._look_at_clock(session.clock_offset_s)
        try:
            async with asyncio.timeout(limits.booted_timeout_s):
                await self._booted.wait()
        except TimeoutError:
            self._rights.booted = False
        lists = await take_lists(session, limits.snapshot_timeout_s)
        self._rights.denied = lists.denied
        await asyncio.sleep(self._listen_s)
        cause, remedy = self._rights.verdict()
        if cause:
            blind = Action.CORE_SHOW_CHANNELS in lists.denied
            self._add(Verdict.FAILED if blind else Verdict.WARNING, cause, remedy)
        await self._look_at_commands(session)
        await self._look_at_version(session)
        self._findings += await trunk_findings(session, self._settings, self._clock)

    def _look_at_clock(self, offset_s: float | None) -> None:
        if offset_s is not None and abs(offset_s) > MAX_OFFSET_S:
            self._add(
                Verdict.WARNING,
                f"The PBX's clock differs from ours by {offset_s:+.0f} s.",
                "Let both machines synchronise their clocks (chrony, systemd-timesyncd).",
            )

    async def _look_at_commands(self, session: Session) -> None:
        """Warn of an observer that can do harm; a PBX that does not tell is no finding."""
        try:
            answer = await session.ask(
                Action.LIST_COMMANDS, timeout_s=self._settings.link.snapshot_timeout_s
            )
        except AdapterError:
            return
        if any(answer[0].get(action) for action in COSTLY):
            self._add(
                Verdict.WARNING,
                "The AMI user may place or redirect calls, which following them does not need.",
                "Use the observer of config/asterisk (write = reporting).",
            )

    async def _look_at_version(self, session: Session) -> None:
        try:
            answer = await session.ask(
                Action.CORE_SETTINGS, timeout_s=self._settings.link.snapshot_timeout_s
            )
            version = answer[0].get("AsteriskVersion")
        except AdapterError:
            version = ""
        major = version.partition(".")[0]
        if major.isdecimal() and int(major) < OLDEST_TESTED:
            self._add(
                Verdict.WARNING,
                f"Asterisk {version} is older than what Filodiretto is tested with (16 to 22).",
                "Compare some calls with the records, or update the PBX.",
            )
        known = f"Asterisk {version}" if version else session.banner
        self._add(Verdict.OK, f"Signed in: {known}.")

    async def _look_at_control(self, account: Account) -> None:
        """Sign in as the control user and see that it may do what it is for."""
        try:
            async with open_session(
                self._settings,
                self._clock,
                on_frames=lambda _: None,
                wanted=WATCHED,
                account=account,
            ) as session:
                answer = await session.ask(
                    Action.LIST_COMMANDS, timeout_s=self._settings.link.snapshot_timeout_s
                )
        except FilodirettoError as error:
            self._add(Verdict.FAILED, f"Control user: {error.message}", _with_detail(error))
            return
        if answer[0].get("Originate"):
            self._add(Verdict.OK, "The control user may place calls.")
        else:
            self._add(
                Verdict.FAILED,
                "The control user may not place calls.",
                "Install manager_filodiretto_control.conf (write = originate,call,agent).",
            )


def _with_detail(error: FilodirettoError) -> str:
    detail = getattr(error, "detail", "")
    return f"{error.remedy} ({detail})" if detail else error.remedy


def _is_public(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
