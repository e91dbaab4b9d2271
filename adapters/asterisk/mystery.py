"""`MysteryCaller` over AMI: placed by the control user, followed by what the observer hears.

The Originate has the fixed form of all others: no Application, Data or Variable. Its near end is
the context of config/asterisk/extensions_filodiretto.conf, which stays silent. Measured with
Asterisk 22: Newchannel and DialBegin come within 10 ms of the Originate; Newstate Ringing stands
for 180 only, a 183 tells nothing; HangupRequest and Hangup bear the SIP status (TechCause).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.control import NORMAL, AsteriskControl
from gateway.core.control import OriginateTold
from gateway.core.errors import NotPossibleError
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    ChannelState,
    ChannelStateChanged,
    DialAlerted,
    HangupRequested,
    Input,
    PbxRestarted,
    Snapshot,
)
from gateway.core.mystery import MysteryOrder, Progress, ProgressKind
from gateway.core.ports import Clock
from gateway.core.trunks import NO_WORDS, Words

CONTEXT: Final = "filodiretto-test"
EXTEN: Final = "s"
# The observer's link may bring the channel's own events a moment after the control user's answer.
GRACE_S: Final = 1.0
TONE_MS: Final = 200
PAUSE_S: Final = 0.4

_STATES: Final = {
    ChannelState.RINGING: ProgressKind.RINGING,
    ChannelState.UP: ProgressKind.ANSWERED,
}
_HEARD: Final = frozenset[type[Input]](
    {
        ChannelCreated,
        ChannelStateChanged,
        DialAlerted,
        HangupRequested,
        ChannelHungUp,
        Snapshot,
        PbxRestarted,
    }
)
_RESTARTED: Final = Words(
    cause="The PBX restarted during the call.",
    remedy="Start the test again.",
    translated=(
        ("it", "Il centralino si è riavviato durante la chiamata.", "Avviare di nuovo la prova."),
    ),
)


@dataclass(slots=True, kw_only=True)
class _Line:
    """One call that was placed, and who is told of it."""

    told: Callable[[Progress], None]
    code: int | None = None
    kinds: set[ProgressKind] = field(default_factory=set)


class AsteriskMysteryCaller:
    """Places test calls with the hands of one Asterisk."""

    def __init__(self, control: AsteriskControl, clock: Clock) -> None:
        self._control = control
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    async def place(self, order: MysteryOrder, told: Callable[[Progress], None]) -> None:
        """Originate the call; see the port for what is raised."""
        if await self._control.ask(f"DIALPLAN_EXISTS({CONTEXT},{EXTEN},1)") == "0":
            raise faults.no_test_context()
        self._lines[order.channel] = _Line(told=told)
        self._control.watched[order.channel] = self._originated
        dial = order.dial or "PJSIP/{number}@{trunk}"
        fields = {
            "ActionID": order.channel,
            "ChannelId": order.channel,
            "Channel": dial.replace("{number}", order.number).replace("{trunk}", order.trunk.name),
            "Context": CONTEXT,
            "Exten": EXTEN,
            "Priority": "1",
            "CallerID": f"<{order.caller_id}>",
            "Timeout": str(int(order.ring_s * 1000)),
            "Async": "true",
        }
        try:
            await self._control.act(Action.ORIGINATE, fields)
        except BaseException:
            self._forget(order.channel)
            raise

    async def press(self, channel: str, digits: str) -> None:
        """Send each digit as a tone (PlayDTMF, module app_senddtmf)."""
        for digit in digits:
            fields = {"Channel": channel, "Digit": digit, "Duration": str(TONE_MS)}
            await self._control.act(Action.PLAY_DTMF, fields)
            await asyncio.sleep(PAUSE_S)

    async def hang_up(self, channel: str) -> None:
        """End the call."""
        await self._control.act(Action.HANGUP, {"Channel": channel, "Cause": NORMAL})

    def why_not(self) -> NotPossibleError | None:
        """Return why this PBX cannot place test calls, as far as is known before trying."""
        for action in (Action.ORIGINATE, Action.HANGUP, Action.PLAY_DTMF):
            if not self._control.may(action):
                return faults.not_installed(f"{action.value} is not among this user's actions.")
        return None

    @property
    def hears(self) -> frozenset[type[Input]]:
        """Which inputs tell of a call's progress."""
        return _HEARD

    def hear(self, item: Input) -> None:
        """Take an input of the PBX; nearly all are of other calls."""
        if not self._lines:
            return
        match item:
            case ChannelCreated():
                self._tell(item.channel, ProgressKind.DIALLED, item)
            case ChannelStateChanged() if item.state in _STATES:
                self._tell(item.channel, _STATES[item.state], item)
            case DialAlerted():
                self._tell(item.dest, ProgressKind.RINGING, item)
            case HangupRequested() | ChannelHungUp():
                self._hangs_up(item)
            case Snapshot() | PbxRestarted():
                self._gone_unseen(item)
            case _:
                pass

    def _hangs_up(self, item: HangupRequested | ChannelHungUp) -> None:
        line = self._lines.get(item.channel)
        if line is None:
            return
        line.code = item.tech_cause or line.code
        if isinstance(item, ChannelHungUp):
            self._tell(item.channel, ProgressKind.ENDED, item, code=line.code, cause=item.cause)

    def _gone_unseen(self, item: Snapshot | PbxRestarted) -> None:
        """End the calls that ended while the link was down, or with the PBX."""
        up = {one.channel for one in item.channels} if isinstance(item, Snapshot) else set()
        words = _RESTARTED if isinstance(item, PbxRestarted) else NO_WORDS
        for channel, line in tuple(self._lines.items()):
            if channel not in up and (words.cause or ProgressKind.DIALLED in line.kinds):
                self._tell(channel, ProgressKind.ENDED, item, words=words)

    def _tell(
        self,
        channel: str,
        kind: ProgressKind,
        item: Input,
        *,
        code: int | None = None,
        cause: int | None = None,
        words: Words = NO_WORDS,
    ) -> None:
        line = self._lines.get(channel)
        if line is None or kind in line.kinds:
            return
        line.kinds.add(kind)
        if kind is ProgressKind.ENDED:
            self._forget(channel)
        line.told(Progress(at=item.at, kind=kind, code=code, cause=cause, words=words))

    def _originated(self, told: OriginateTold) -> None:
        """Hear of a call that came to nothing: perhaps there never was a channel to tell of it."""
        if not told.answered:
            loop = asyncio.get_running_loop()
            loop.call_later(GRACE_S, self._came_to_nothing, told.channel)

    def _came_to_nothing(self, channel: str) -> None:
        self._tell(channel, ProgressKind.ENDED, Input(at=self._clock.now()))

    def _forget(self, channel: str) -> None:
        self._lines.pop(channel, None)
        self._control.watched.pop(channel, None)
