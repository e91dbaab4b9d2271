"""Whom a channel talks with: the bridges it is in, through relays (DESIGN: speaking)."""

from collections.abc import Iterator

from gateway.core.board import Board
from gateway.core.channels import Bridge, Channel
from gateway.core.inputs import BridgeKind, ChannelKind


def reach(board: Board, anchor: Channel) -> tuple[Channel, ...]:
    """Return the parties that `anchor` speaks with now; parking lots join nobody."""
    bridge = anchor.bridge
    if bridge is None or bridge.kind is BridgeKind.PARKING:
        return ()
    if bridge.kind is BridgeKind.CONFERENCE:
        return room(bridge, anchor)
    members = bridge.members
    if len(members) == 1:
        return ()
    found: list[Channel] = []
    seen = {bridge.id}
    todo = [bridge]
    while todo:
        for member in todo.pop().members.values():
            if member is anchor:
                continue
            if member.is_party:
                found.append(member)
            elif member.kind is ChannelKind.RELAY:
                beyond = beyond_relay(board, member)
                if beyond is not None and beyond.id not in seen:
                    seen.add(beyond.id)
                    todo.append(beyond)
    return tuple(found)


def beyond_relay(board: Board, half: Channel) -> Bridge | None:
    """Return the ordinary bridge in which the other half of a relay stands."""
    other = board.other_half(half)
    if other is None or other.bridge is None or other.bridge.kind is not BridgeKind.ORDINARY:
        return None
    return other.bridge


def room(bridge: Bridge, anchor: Channel) -> tuple[Channel, ...]:
    """Return the people an outside caller meets in a conference; extensions meet nobody there.

    Each participant's call is a record of its own (DESIGN: Conference).
    """
    if anchor.is_extension:
        return ()
    return tuple(one for one in bridge.members.values() if one.is_extension)


def relays_through(board: Board, uid: str) -> Iterator[str]:
    """Yield the relays through which the channel `uid` was dialled, the nearest first."""
    channel = board.channel(uid)
    seen: set[str] = set()
    while channel is not None and channel.leg is not None and channel.leg.via:
        dialler = board.channel(channel.leg.via)
        if dialler is None or dialler.kind is not ChannelKind.RELAY or dialler.relay in seen:
            return
        seen.add(dialler.relay)
        yield dialler.relay
        channel = first_half(board, dialler)


def first_half(board: Board, half: Channel) -> Channel | None:
    """Return the half of a relay that others dial."""
    if half.half == 1:
        return half
    return board.other_half(half)
