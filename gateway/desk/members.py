"""Signing in to queues and out, pausing, and the message lamp: for oneself, or as a supervisor."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Final

from gateway.core import control
from gateway.core.attendance import Member
from gateway.core.queues import QueueBoard
from gateway.desk.controlled import ControlledPbx, Pbxs, Person, cannot
from gateway.desk.queueboard import QueueDesk
from gateway.desk.refusals import ForbiddenError, NotFoundError, NotNowError, no_pbx

SEEN_S: Final = 1.0
LOOK_EVERY_S: Final = 0.02

Work = Callable[[], Awaitable[None]]


class MemberAction(StrEnum):
    """What can be done with a queue's member."""

    ADD = "add"
    REMOVE = "remove"
    PAUSE = "pause"
    UNPAUSE = "unpause"


class QueueControl:
    """Finds the queue and the member that an order means and makes a command of it."""

    def __init__(self, pbxs: Pbxs, queues: QueueDesk) -> None:
        self._pbxs = pbxs
        self._queues = queues

    def prepare(
        self,
        person: Person,
        action: MemberAction,
        *,
        queue: str,
        extension: str,
        pbx: str | None,
        reason: str = "",
        name: str = "",
    ) -> tuple[str, Work]:
        """Return the PBX's name and the work, nothing of it begun; `queue` "" means all queues.

        Raises NotFoundError, ForbiddenError, NotNowError, NotPossibleError.
        """
        target, board = self._find(pbx, queue, extension)
        _check_right(person, target, extension)
        if not target.control().capabilities.queue_members:
            raise cannot(
                target.name,
                "This PBX does not let us change the members of queues.",
                target.control().capabilities.reason,
            )
        commands = _commands(board, action, queue, extension, reason=reason, name=name)

        async def work() -> None:
            await target.perform_all(commands)
            await _seen(lambda: _is_done(board, action, queue, extension))

        return target.name, work

    def message_waiting(
        self, person: Person, *, extension: str, pbx: str | None, new: int, old: int
    ) -> tuple[str, Work]:
        """Return the PBX's name and the work of lighting an extension's message lamp."""
        target = self._target(pbx)
        _check_right(person, target, extension)
        if not target.control().capabilities.message_waiting:
            raise cannot(
                target.name,
                "This PBX does not let us set the message lamp.",
                "Load res_mwi_external and res_mwi_external_ami (instead of app_voicemail).",
            )
        command = control.SetMessageWaiting(mailbox=extension, new=new, old=old)
        return target.name, partial(target.perform, command)

    def _find(
        self, pbx: str | None, queue: str, extension: str
    ) -> tuple[ControlledPbx, QueueBoard]:
        """Return the PBX that has the queue, or on which the extension serves any."""
        for target in self._pbxs.values() if pbx is None else (self._target(pbx),):
            board = self._queues.board(target.name)
            if board is None:
                continue
            if queue and board.queue(queue) is not None:
                return target, board
            if not queue and any(_members(board, "", extension)):
                return target, board
        if queue:
            raise NotFoundError("There is no such queue.", remedy="GET /api/v1/queues lists them.")
        raise NotNowError("This phone serves no queue now.", remedy="Sign it in to a queue first.")

    def _target(self, pbx: str | None) -> ControlledPbx:
        if pbx is None and len(self._pbxs) == 1:
            return next(iter(self._pbxs.values()))
        target = self._pbxs.get(pbx or "")
        if target is None:
            raise no_pbx()
        return target


async def _seen(done: Callable[[], bool]) -> None:
    """Wait a moment until the events show it: whoever asks next finds things as they are."""
    for _ in range(round(SEEN_S / LOOK_EVERY_S)):
        if done():
            return
        await asyncio.sleep(LOOK_EVERY_S)


def _is_done(board: QueueBoard, action: MemberAction, queue: str, extension: str) -> bool:
    mine = _members(board, queue, extension)
    if action in {MemberAction.ADD, MemberAction.REMOVE}:
        return bool(mine) is (action is MemberAction.ADD)
    return all(member.paused is (action is MemberAction.PAUSE) for member in mine)


def _check_right(person: Person, target: ControlledPbx, extension: str) -> None:
    own = person.oversees or person.has(target.name, extension)
    if not own and not person.oversees_phone(target.name, extension):
        raise ForbiddenError(
            "This is not your telephone.",
            remedy="Only supervisors may do this, for the members of their teams.",
        )


def _members(board: QueueBoard, queue: str, extension: str) -> list[Member]:
    return [
        member
        for view in board.queues()
        if queue in {"", view.name}
        for member in view.members
        if member.extension == extension
    ]


def _commands(
    board: QueueBoard,
    action: MemberAction,
    queue: str,
    extension: str,
    *,
    reason: str,
    name: str,
) -> tuple[control.Command, ...]:
    mine = _members(board, queue, extension)
    if action is MemberAction.ADD:
        if mine:
            raise NotNowError(
                "This phone is signed in to the queue already.", remedy="Nothing needs to be done."
            )
        view = board.queue(queue)
        like = tuple(member.interface for member in view.members) if view is not None else ()
        return (control.AddMember(queue=queue, extension=extension, name=name, like=like),)
    if not mine:
        raise NotNowError("This phone is not signed in to the queue.", remedy="Sign it in first.")
    interfaces = dict.fromkeys(member.interface for member in mine)
    if action is MemberAction.REMOVE:
        return tuple(control.RemoveMember(queue=queue, interface=one) for one in interfaces)
    paused = action is MemberAction.PAUSE
    return tuple(
        control.PauseMember(interface=one, queue=queue, paused=paused, reason=reason)
        for one in interfaces
    )
