"""`PbxControl` over AMI: each command becomes one action of a fixed form.

No Application, Data or Variable is ever sent with an Originate: whoever may set those may run
programs on the PBX (CVE-2024-42365).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from adapters.asterisk import faults
from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame
from adapters.asterisk.control_link import ControlLink
from adapters.asterisk.phones import Phones
from adapters.asterisk.settings import AsteriskSettings, ControlAccount
from adapters.asterisk.words import known
from gateway.core import control
from gateway.core.errors import AmbiguousError, NotPossibleError
from gateway.core.ports import Clock

ANSWER_S: Final = 5.0
REJECTED: Final = "21"
NORMAL: Final = "16"

# OriginateResponse's Reason (AST_CONTROL_*): what became of the first leg.
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "0": ("The phone could not be called.", "Check that it is switched on and registered."),
    "1": ("The phone was not answered.", "Pick up when your phone rings, then the call goes out."),
    "3": ("The phone was not answered.", "Pick up when your phone rings, then the call goes out."),
    "5": ("The phone is busy or refused the call.", "End the other call, or the do-not-disturb."),
    "8": ("The phone could not be reached.", "Check that it is switched on and registered."),
}
_UNREASONED: Final = ("The phone was not answered or could not be reached.", "Try again.")


class AsteriskControl:
    """The hands at one Asterisk; `told` hears what became of each originated call's first leg."""

    def __init__(
        self,
        settings: AsteriskSettings,
        account: ControlAccount,
        clock: Clock,
        *,
        told: Callable[[control.OriginateTold], None],
        answer_s: float = ANSWER_S,
    ) -> None:
        self._account = account
        self._answer_s = answer_s
        self._told = told
        self.watched: dict[str, Callable[[control.OriginateTold], None]] = {}
        """Who else hears what became of a call's first leg, by the id given to its channel."""
        self._link = ControlLink(settings, clock, heard=self._heard)
        self._phones = Phones(settings, account, self.ask)
        self._doers: dict[type[control.Command], Callable[[Any], Awaitable[None]]] = {
            control.Originate: self._originate,
            control.HangUp: self._hang_up,
            control.Hold: self._hold,
            control.BlindTransfer: self._blind,
            control.AttendedTransfer: self._attended,
            control.CancelTransfer: self._cancel,
            control.Park: self._park,
            control.AddMember: self._add_member,
            control.RemoveMember: self._remove_member,
            control.PauseMember: self._pause_member,
            control.SetMessageWaiting: self._message_waiting,
        }

    @property
    def capabilities(self) -> control.ControlCapabilities:
        """What this user may do on this PBX; before the first sign-in, what the stanza promises."""
        may = self.may
        return control.ControlCapabilities(
            dial=may(Action.ORIGINATE),
            hang_up=may(Action.HANGUP),
            blind_transfer=may(Action.BLIND_TRANSFER),
            attended_transfer=may(Action.ATXFER),
            park=may(Action.PARK),
            queue_members=may(Action.QUEUE_ADD),
            message_waiting=may(Action.MWI_UPDATE),
            hold=self._account.hold if may(Action.PJSIP_NOTIFY) else (),
            reason="The PBX's control user lacks the right, or the PBX the module.",
        )

    def may(self, action: Action) -> bool:
        """Whether this user may send an action, as far as is known."""
        commands = self._link.commands
        return commands is None or action.value in commands

    async def run(self) -> None:
        """Keep the link until cancelled."""
        await self._link.run()

    async def perform(self, command: control.Command) -> None:
        """Have one thing done; see the port for what is raised."""
        await self._doers[type(command)](command)

    # Calls

    async def _originate(self, command: control.Originate) -> None:
        phone = await self._phones.of(command.extension)
        await self.act(
            Action.ORIGINATE,
            {
                "ActionID": command.channel,
                "ChannelId": command.channel,
                "Channel": phone.dial,
                "Context": phone.context,
                "Exten": command.to,
                "Priority": "1",
                "CallerID": f'"{_display(command.caller_name)}" <{command.extension}>',
                "Timeout": str(self._account.ring_timeout_s * 1000),
                "Async": "true",
            },
        )

    def _heard(self, frame: Frame) -> None:
        """Take an OriginateResponse: to our own call, known by the id that we gave."""
        channel = frame.get("ActionID")
        if not channel:
            return
        told = self.watched.get(channel, self._told)
        if frame.get("Response") == "Success":
            told(control.OriginateTold(channel=channel, answered=True))
            return
        cause, remedy = _REASONS.get(known(frame.get("Reason")), _UNREASONED)
        told(control.OriginateTold(channel=channel, answered=False, cause=cause, remedy=remedy))

    async def _hang_up(self, command: control.HangUp) -> None:
        cause = REJECTED if command.reject else NORMAL
        await self.act(Action.HANGUP, {"Channel": command.channel, "Cause": cause})

    async def _hold(self, command: control.Hold) -> None:
        if not self.may(Action.PJSIP_NOTIFY):
            raise faults.not_installed("Holding needs write = system and res_pjsip_notify.")
        if not self._account.hold:
            raise faults.not_installed("No phone is named in pbx.control.hold.")
        event = "hold" if command.held else "talk"
        fields = {"Channel": command.channel, "Variable": f"Event={event}"}
        await self.act(Action.PJSIP_NOTIFY, fields)

    async def _blind(self, command: control.BlindTransfer) -> None:
        phone = await self._phones.of(command.extension)
        fields = {"Channel": command.channel, "Context": phone.context, "Exten": command.to}
        await self.act(Action.BLIND_TRANSFER, fields)

    async def _attended(self, command: control.AttendedTransfer) -> None:
        phone = await self._phones.of(command.extension)
        fields = {"Channel": command.channel, "Context": phone.context, "Exten": command.to}
        await self.act(Action.ATXFER, fields)

    async def _cancel(self, command: control.CancelTransfer) -> None:
        await self.act(Action.CANCEL_ATXFER, {"Channel": command.channel})

    async def _park(self, command: control.Park) -> None:
        fields = {"Channel": command.channel, "TimeoutChannel": command.parker}
        await self.act(Action.PARK, fields)

    # Queues and mailboxes

    async def _add_member(self, command: control.AddMember) -> None:
        fields = {"Queue": command.queue, **await self._phones.member(command)}
        if command.name:
            fields["MemberName"] = _display(command.name)
        await self.act(Action.QUEUE_ADD, fields)

    async def _remove_member(self, command: control.RemoveMember) -> None:
        fields = {"Queue": command.queue, "Interface": command.interface}
        await self.act(Action.QUEUE_REMOVE, fields)

    async def _pause_member(self, command: control.PauseMember) -> None:
        fields = {
            "Interface": command.interface,
            "Paused": "true" if command.paused else "false",
        }
        if command.queue:
            fields["Queue"] = command.queue
        if command.reason:
            fields["Reason"] = command.reason
        await self.act(Action.QUEUE_PAUSE, fields)

    async def _message_waiting(self, command: control.SetMessageWaiting) -> None:
        await self.act(
            Action.MWI_UPDATE,
            {
                "Mailbox": command.mailbox,
                "NewMessages": str(command.new),
                "OldMessages": str(command.old),
            },
        )

    # The wire

    async def act(self, action: Action, fields: Mapping[str, str]) -> None:
        """Send an action once and understand a refusal; raises what `perform` raises."""
        if not self.may(action):
            raise _not_among(action)
        answer = await self._link.send(action, fields, timeout_s=self._answer_s)
        if answer.get("Response") == "Error":
            raise _refusal(action, answer.get("Message"))

    async def ask(self, variable: str) -> str:
        """Return the value of a function of the PBX, "" if it has none; raises TransientError."""
        fields = {"Variable": variable}
        try:
            answer = await self._link.send(Action.GETVAR, fields, timeout_s=self._answer_s)
        except AmbiguousError:
            # a lost question changes nothing on the PBX: what it was asked for was not done
            raise faults.no_control(self._link.trouble) from None
        return "" if answer.get("Response") == "Error" else known(answer.get("Value"))


def _refusal(action: Action, message: str) -> Exception:
    lowered = message.lower()
    if "permission" in lowered or "unknown command" in lowered:
        return _not_among(action)
    error = faults.refused_action(message)
    if "feature code" in lowered:
        return NotPossibleError(
            error.message, adapter=error.adapter, remedy=error.remedy, detail=error.detail
        )
    return error


def _not_among(action: Action) -> NotPossibleError:
    return faults.not_installed(f"{action.value} is not among this user's actions.")


def _display(name: str) -> str:
    """Return a name that cannot end the quotes it stands in."""
    return "".join(letter for letter in name if letter not in '"<>\\' and letter.isprintable())[:60]
