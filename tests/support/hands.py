"""Hands at a PBX that does nothing: what they were told to do, and what they should answer."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from gateway.core.control import Command, ControlCapabilities
from gateway.core.dialable import DialRules
from gateway.core.errors import FilodirettoError
from gateway.core.ids import CallId, call_id
from gateway.core.inputs import ChannelState
from gateway.core.lines import Line
from gateway.core.numbers import NumberPlan
from gateway.core.record import Called, CallRecord, CallState, Direction, Party
from gateway.desk.controlled import ControlledPbx

EVERYTHING: Final = ControlCapabilities(
    dial=True,
    hang_up=True,
    blind_transfer=True,
    attended_transfer=True,
    park=True,
    queue_members=True,
    message_waiting=True,
)


@dataclass
class FakeHands:
    """Implements `PbxControl`; `error` is raised by the next commands until it is None again.

    `asked` is set by the first command.
    """

    capabilities: ControlCapabilities = EVERYTHING
    done: list[Command] = field(default_factory=list)
    error: FilodirettoError | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Have no link to keep."""

    async def perform(self, command: Command) -> None:
        """Note the command, then fail if a test says so."""
        self.done.append(command)
        self.asked.set()
        if self.error is not None:
            raise self.error


@dataclass
class FakePbx:
    """A PBX of which a test says what is up; `view` is what call control sees of it."""

    name: str = "hq"
    hands: FakeHands | None = field(default_factory=FakeHands)
    rules: DialRules = field(default_factory=DialRules)
    records: dict[CallId, CallRecord] = field(default_factory=dict)
    lines: dict[CallId, tuple[Line, ...]] = field(default_factory=dict)
    followed_since: datetime | None = None

    @property
    def view(self) -> ControlledPbx:
        """Return it as the desk is given it."""
        return ControlledPbx(
            name=self.name,
            plan=NumberPlan("IT"),
            rules=self.rules,
            hands=self.hands,
            record=self.records.get,
            lines=lambda call: self.lines.get(call, ()),
            followed_since=lambda: self.followed_since,
        )

    def up(self, root: str, *lines: Line, state: CallState = CallState.LIVE) -> CallRecord:
        """Let a call be up with these lines and return its record."""
        now = datetime.now(UTC)
        record = CallRecord(
            id=call_id(self.name, root),
            pbx=self.name,
            linkedid=root,
            direction=Direction.INBOUND,
            state=state,
            caller=Party(number="0612345678", e164="+390612345678"),
            called=Called(number="1001"),
            rung=(tuple(line.extension for line in lines if line.extension),),
            started_at=now,
            ended_at=now if state is CallState.ENDED else None,
        )
        self.records[record.id] = record
        self.lines[record.id] = lines
        return record


def line(
    channel: str,
    extension: str = "",
    *,
    state: ChannelState = ChannelState.UP,
    partners: tuple[str, ...] = (),
    initiator: bool = False,
    held: bool = False,
    placed: bool = False,
) -> Line:
    """Return one party's channel."""
    return Line(
        channel=channel,
        name=f"PJSIP/{extension or 'carrier'}-{channel}",
        extension=extension,
        state=state,
        initiator=initiator,
        placed=placed,
        held=held,
        parked=False,
        partners=partners,
    )
