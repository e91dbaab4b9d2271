"""The state of one call as bytes, so that a restart in mid-call costs nothing.

A dump holds the call, its channels and where they stand. Bridges shared by several calls are put
together again from the dumps of all of them.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.core.board import Board
from gateway.core.calls import Call, Move
from gateway.core.channels import Channel
from gateway.core.ids import CallId
from gateway.core.inputs import BridgeKind, ChannelKind, ChannelState, Identity
from gateway.core.legs import Leg
from gateway.core.record import Direction, EndedBy, EndKind, Recording, TransferType

VERSION: Final = 4
_TIMES: Final = (
    "started_at",
    "agent_up_at",
    "left_at",
    "answered_at",
    "voicemail_at",
    "queue_since",
    "queue_left_at",
    "ivr_since",
    "hold_since",
    "parted_at",
    "ended_at",
)
_PLAIN: Final = (
    "root",
    "linkedid",
    "begin_seen",
    "complete",
    "born",
    "direction_fixed",
    "originated",
    "root_up",
    "initiator",
    "anchor",
    "swapped",
    "handed_over",
    "caller_number",
    "caller_party",
    "caller_name",
    "called",
    "withheld",
    "trunk",
    "rings",
    "answered",
    "answered_by",
    "final_talker",
    "answer_queue",
    "conference",
    "parked_by",
    "parting",
    "queue_uid",
    "queued",
    "in_queue",
    "last_queue",
    "queue_gave_up",
    "ivr_s",
    "hold_s",
    "gap",
    "ring_unknown",
    "wait_unknown",
    "menu_unseen",
    "taken_unseen",
    "stale",
    "cut_short",
    "dial_failed",
    "stage_is_over",
    "ended",
    "revision",
)
_ENUMS: Final[dict[str, type[StrEnum]]] = {
    "direction": Direction,
    "verdict": EndedBy,
    "end": EndKind,
}
_TUPLES: Final = ("talking", "last_talking", "talked", "menus", "requests", "groups")
_LEG: Final = (
    "uid",
    "party",
    "number",
    "extension",
    "relay",
    "via",
    "stage",
    "ring_no",
    "queue",
    "pending",
    "presumed",
    "open",
    "own",
    "alerted",
    "answered",
    "forwarded",
    "self_ended",
    "cause",
    "tech_cause",
)
_CHANNEL: Final = (
    "uid",
    "linkedid",
    "state",
    "number",
    "caller_name",
    "exten",
    "past_bridge",
    "held",
    "called",
    "introduced",
    "mark",
)
_IDENTITY: Final = ("name", "kind", "party", "relay", "half", "target", "prefix")


# A dump is made at every event: these read many attributes in one step, and what they read is
# written without names. Whoever changes them gives the next version.
_SAME: Final = (*_PLAIN, *_TIMES, *_ENUMS, *_TUPLES)
_same_of: Final = attrgetter(*_SAME)
_leg_of: Final = attrgetter(*_LEG)
_channel_of: Final = attrgetter(*_CHANNEL)
_identity_of: Final = attrgetter(*_IDENTITY)


def dump(board: Board, call: Call) -> bytes:
    """Return the state of one call; what it holds is personal data."""
    state = {
        "v": VERSION,
        "id": call.id,
        "told": board.hangups_told,
        "same": _same_of(call),
        "merged_into": call.merged_into,
        "linkedids": call.linkedids,
        "recordings": [(one.url, one.from_at) for one in call.recordings],
        "legs": [_leg_of(leg) for stage in call.stages for leg in stage],
        "stages": len(call.stages),
        "relays": [_leg_of(leg) for leg in call.pending.values() if leg.relay],
        "moves": [
            (m.type, m.key, m.from_party, m.to_party, m.at, m.relay, m.completed, m.open)
            for m in call.moves
        ],
        "channels": [
            _dump_channel(channel)
            for uid in sorted(call.channels)
            if (channel := board.channels.get(uid)) is not None
        ],
    }
    return orjson.dumps(state)


def _dump_channel(channel: Channel) -> tuple[object, ...]:
    bridge = channel.bridge
    return (
        _channel_of(channel),
        _identity_of(channel),
        bridge.id if bridge is not None else "",
        bridge.kind if bridge is not None else "",
        _leg_of(channel.leg) if channel.leg is not None else None,
    )


def restore(board: Board, states: Iterable[bytes]) -> None:
    """Rebuild calls from their dumps; one that cannot be read is passed over."""
    board.restored = True
    for state in states:
        try:
            data = orjson.loads(state)
        except orjson.JSONDecodeError:
            continue
        if isinstance(data, dict) and data.get("v") == VERSION:
            _restore_call(board, data)


def _restore_call(board: Board, data: dict[str, Any]) -> None:
    call_id = CallId(UUID(data["id"]))
    if call_id in board.calls:
        return
    same = dict(zip(_SAME, data["same"], strict=True))
    started_at = datetime.fromisoformat(same["started_at"])
    call = Call(call_id, same["root"], started_at)
    for name in _PLAIN:
        setattr(call, name, same[name])
    for name in _TIMES:
        setattr(call, name, _time(same[name]))
    for name, kind in _ENUMS.items():
        setattr(call, name, kind(same[name]) if same[name] is not None else None)
    for name in _TUPLES:
        setattr(call, name, tuple(same[name]))
    call.merged_into = CallId(UUID(data["merged_into"])) if data["merged_into"] else None
    call.recordings = tuple(
        Recording(url=url, from_at=_time(begun)) for url, begun in data.get("recordings", ())
    )
    call.moves = tuple(_restore_move(fields) for fields in data["moves"])
    board.calls[call_id] = call
    board.hangups_told = board.hangups_told or data["told"]
    call.linkedids = tuple(data["linkedids"])
    for linkedid in call.linkedids:
        board.by_linkedid[linkedid] = call
    legs = _restore_legs(call, data)
    for fields in data["channels"]:
        _restore_channel(board, call, fields, legs)
    if call.ended:
        call.final = board.project(call)
        board.bury_call(call, call.ended_at or started_at)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _restore_move(fields: list[Any]) -> Move:
    kind, key, from_party, to_party, at, relay, completed, is_open = fields
    move = Move(
        TransferType(kind),
        key=key,
        from_party=from_party,
        to_party=to_party,
        at=_time(at),
        relay=relay,
    )
    move.completed, move.open = completed, is_open
    return move


def _restore_leg(fields: list[Any]) -> Leg:
    values = dict(zip(_LEG, fields, strict=True))
    leg = Leg(
        values["uid"],
        party=values["party"],
        number=values["number"],
        extension=values["extension"],
        relay=values["relay"],
        via=values["via"],
    )
    for name, value in values.items():
        setattr(leg, name, value)
    return leg


def _restore_legs(call: Call, data: dict[str, Any]) -> dict[str, Leg]:
    legs: dict[str, Leg] = {}
    call.stages = [[] for _ in range(data["stages"])]
    for fields in data["legs"]:
        leg = _restore_leg(fields)
        legs[leg.uid] = leg
        call.stages[leg.stage].append(leg)
    for fields in data["relays"]:
        leg = _restore_leg(fields)
        legs[leg.uid] = leg
    call.pending = {leg.uid: leg for leg in legs.values() if leg.pending}
    return legs


def _restore_channel(board: Board, call: Call, fields: list[Any], legs: dict[str, Leg]) -> None:
    facts, identity, bridge, kind, leg = fields
    values = dict(zip(_CHANNEL, facts, strict=True))
    names = dict(zip(_IDENTITY, identity, strict=True))
    names["kind"] = ChannelKind(names["kind"])
    channel = Channel(
        values["uid"], values["linkedid"], Identity(**names), ChannelState(values["state"])
    )
    channel.number = values["number"]
    channel.caller_name = values["caller_name"]
    channel.exten = values["exten"]
    channel.past_bridge = values["past_bridge"]
    channel.held = values["held"]
    channel.called = values["called"]
    channel.introduced = values["introduced"]
    channel.mark = values["mark"]
    if leg is not None:
        channel.leg = legs.get(channel.uid) or _restore_leg(leg)
    board.add(channel)
    board.attach(channel, call)
    if bridge:
        board.enter(channel, bridge, BridgeKind(kind))
