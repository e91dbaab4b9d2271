"""Which channels of a live call can be acted upon: a view of the call table for call control."""

from dataclasses import dataclass

from gateway.core.board import Board
from gateway.core.calls import Call
from gateway.core.channels import Channel
from gateway.core.inputs import BridgeKind, ChannelState
from gateway.core.reach import reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One party's channel in a live call.

    `channel` is the unique id, `name` the PBX's name of it, `extension` "" for a party outside.
    `partners` are the channels it speaks with now, in order; `placed`: the call was originated for
    this phone, so its ringing is no incoming call.
    """

    channel: str
    name: str
    extension: str
    state: ChannelState
    initiator: bool
    placed: bool
    held: bool
    parked: bool
    partners: tuple[str, ...]

    @property
    def rings(self) -> bool:
        """Whether the phone is being called and nobody has answered it."""
        return self.state in {ChannelState.RINGING, ChannelState.DOWN} and not self.initiator

    @property
    def is_up(self) -> bool:
        """Whether somebody is on the line."""
        return self.state is ChannelState.UP


def lines_of(board: Board, call: Call | None) -> tuple[Line, ...]:
    """Return the parties' channels of a live call, in the order of their unique ids."""
    if call is None or call.ended:
        return ()
    found = (board.channels.get(uid) for uid in sorted(call.channels))
    return tuple(
        _line(board, call, channel) for channel in found if channel is not None and channel.is_party
    )


def _line(board: Board, call: Call, channel: Channel) -> Line:
    bridge = channel.bridge
    return Line(
        channel=channel.uid,
        name=channel.name,
        extension=channel.party if channel.is_extension else "",
        state=channel.state,
        initiator=channel.uid == call.initiator,
        placed=call.originated and channel.uid == call.root,
        held=channel.held,
        parked=bridge is not None and bridge.kind is BridgeKind.PARKING,
        partners=tuple(one.uid for one in reach(board, channel)),
    )
