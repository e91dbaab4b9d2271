"""What people do with calls that are up: hang up, decline, hold, hand over, park."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from gateway.core import control
from gateway.core.ids import CallId
from gateway.core.lines import Line
from gateway.core.record import CallRecord, CallState
from gateway.desk.controlled import ControlledPbx, Pbxs, Person, cannot
from gateway.desk.refusals import NotFoundError, NotNowError
from gateway.desk.shown import extensions_of

Work = Callable[[], Awaitable[None]]


class CallAction(StrEnum):
    """What can be done with a call."""

    HANG_UP = "hangup"
    DECLINE = "decline"
    HOLD = "hold"
    UNHOLD = "unhold"
    TRANSFER = "transfer"
    PARK = "park"


class TransferKind(StrEnum):
    """How a call is handed over; `cancel` goes back from a consultation."""

    BLIND = "blind"
    ATTENDED = "attended"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOrder:
    """What is asked for: `to` and `kind` for a transfer, `extension` to choose among several."""

    action: CallAction
    to: str = ""
    kind: TransferKind = TransferKind.BLIND
    extension: str = ""


_LEFT: Final = "Look at the live calls: it may have ended or moved on."


class CallControl:
    """Finds the channel that an order means and makes a command of it.

    Agents act on the lines of their own extensions, supervisors on any line of their teams' calls.
    """

    def __init__(self, pbxs: Pbxs) -> None:
        self._pbxs = pbxs

    def prepare(self, person: Person, call: CallId, order: CallOrder) -> tuple[str, Work]:
        """Return the PBX's name and the work to be done, nothing of it begun.

        Raises NotFoundError for a call that is not up or not this person's, NotNowError if it is
        not in a state for it, NotPossibleError if PBX or phone cannot, UsageError for a number that
        is none and DeniedError for one that may not be dialled.
        """
        target, record = self._find(call)
        lines = self._lines(person, target, record, order)
        commands = self._commands(target, lines, order)
        return target.name, partial(target.perform_all, commands)

    def _find(self, call: CallId) -> tuple[ControlledPbx, CallRecord]:
        for target in self._pbxs.values():
            record = target.record(call)
            if record is not None and record.state is CallState.ENDED:
                raise NotFoundError("This call is over.", remedy=_LEFT)
            if record is not None:
                return target, record
        raise NotFoundError("There is no such call now, or it is not yours.", remedy=_LEFT)

    def _lines(
        self, person: Person, target: ControlledPbx, record: CallRecord, order: CallOrder
    ) -> tuple[Line, ...]:
        """Return the lines this person may act on, at least one."""
        lines = target.lines(record.id)
        own = tuple(line for line in lines if person.has(target.name, line.extension))
        took_part = any(person.has(target.name, name) for name in extensions_of(record))
        oversees = person.oversees or person.oversees_call(record)
        if not own and not took_part and not oversees:
            raise NotFoundError("There is no such call now, or it is not yours.", remedy=_LEFT)
        usable = own or (lines if oversees else ())
        if order.extension:
            usable = tuple(line for line in usable if line.extension == order.extension)
        if not usable:
            raise NotNowError("Your phone is not in this call any more.", remedy=_LEFT)
        return usable

    def _commands(
        self, target: ControlledPbx, lines: tuple[Line, ...], order: CallOrder
    ) -> tuple[control.Command, ...]:
        can = target.control().capabilities
        match order.action:
            case CallAction.HANG_UP:
                _need(target, can.hang_up, "This PBX does not let us hang up.")
                return _hang_up(lines)
            case CallAction.DECLINE:
                _need(target, can.hang_up, "This PBX does not let us decline a call.")
                return _decline(lines)
            case CallAction.HOLD | CallAction.UNHOLD:
                return (self._hold(target, lines, held=order.action is CallAction.HOLD),)
            case CallAction.TRANSFER:
                return (self._transfer(target, lines, order),)
            case CallAction.PARK:
                _need(target, can.park, "This PBX does not let us park calls.")
                line = _talking(lines)
                return (control.Park(channel=line.partners[0], parker=line.name),)

    @staticmethod
    def _hold(target: ControlledPbx, lines: tuple[Line, ...], *, held: bool) -> control.Command:
        line = _up(lines)
        if not target.control().capabilities.can_hold(line.extension):
            raise cannot(
                target.name,
                "This phone cannot be held from here: AMI has no such action.",
                "Use the phone's hold key. Phones that obey SIP NOTIFY talk/hold are named in"
                " pbx.control.hold; the control user then needs write = system.",
            )
        if line.held is held:
            state = "The call is on hold already." if held else "The call is not on hold."
            raise NotNowError(state, remedy="Nothing needs to be done.")
        return control.Hold(channel=line.channel, extension=line.extension, held=held)

    @staticmethod
    def _transfer(
        target: ControlledPbx, lines: tuple[Line, ...], order: CallOrder
    ) -> control.Command:
        can = target.control().capabilities
        if order.kind is TransferKind.CANCEL:
            _need(target, can.attended_transfer, "This PBX does not let us consult.")
            return control.CancelTransfer(channel=_up(lines).channel)
        goal = target.destination(order.to)
        line = _talking(lines)
        if order.kind is TransferKind.ATTENDED:
            _need(target, can.attended_transfer, "This PBX does not let us consult.")
            return control.AttendedTransfer(
                channel=line.channel, extension=line.extension, to=goal.keys
            )
        _need(target, can.blind_transfer, "This PBX does not let us transfer.")
        return control.BlindTransfer(channel=line.channel, extension=line.extension, to=goal.to)


def _hang_up(lines: tuple[Line, ...]) -> tuple[control.Command, ...]:
    """End the line on which somebody speaks; if nobody does, every phone that rings."""
    up = [line for line in lines if line.is_up]
    chosen = [line for line in up if line.extension][:1] or up[:1] or lines
    return tuple(control.HangUp(channel=line.channel) for line in chosen)


def _decline(lines: tuple[Line, ...]) -> tuple[control.Command, ...]:
    ringing = tuple(
        control.HangUp(channel=line.channel, reject=True)
        for line in lines
        if line.extension and line.rings and not line.placed
    )
    if not ringing:
        raise NotNowError("This call does not ring at your phone.", remedy=_LEFT)
    return ringing


def _up(lines: tuple[Line, ...]) -> Line:
    for line in lines:
        if line.extension and line.is_up:
            return line
    raise NotNowError("This call was not answered at this phone.", remedy="Answer it first.")


def _talking(lines: tuple[Line, ...]) -> Line:
    for line in lines:
        if line.extension and line.is_up and line.partners:
            return line
    raise NotNowError(
        "Nobody is on the other side of this call now.",
        remedy="Wait until the call is answered; from a consultation go back first.",
    )


def _need(target: ControlledPbx, able: bool, what: str) -> None:  # noqa: FBT001 - a condition
    if not able:
        raise cannot(target.name, what, target.control().capabilities.reason)
