"""Recorded calls with other people in them: the same events, other numbers, names and channels.

A demonstration has more customers and more hand-overs than anybody recorded. Nothing is invented:
every event happened, in this order, with these pauses; only who it was is put in anew.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.recording import SAMPLES, Recording

MOVES: Final = SAMPLES / "moves"
UNKNOWN: Final = "<unknown>"
_EXTENSION: Final = re.compile(r"^[A-Za-z0-9]+/(\d{2,6})-")
# A pause that somebody made: a phone that rings, people who talk. Machines are faster.
_PAUSE_S: Final = 0.9
_ENDS: Final = b"Event: HangupRequest\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One side of a conversation as AMI names it."""

    channel: str
    uniqueid: str
    number: str
    name: str

    @property
    def extension(self) -> str:
        """The extension in the channel's name, "" for a trunk."""
        found = _EXTENSION.match(self.channel)
        return found.group(1) if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Two people in a bridge: one of ours and the other."""

    agent: Person
    other: Person
    bridge: str
    linkedid: str


def frame_of(raw: bytes) -> Frame:
    """Return an event of a recording as its reader sees it."""
    return Frame(raw[7:].partition(b"\r\n")[0].decode("latin-1"), raw, 0)


def recast(recording: Recording, parts: Mapping[str, str]) -> Recording:
    """Return the recording with other words in place of some: all at once, whole words only."""
    if not parts:
        return recording
    words = sorted(parts, key=len, reverse=True)
    pattern = re.compile(
        rb"(?<![\w+.;-])(?:"
        + b"|".join(re.escape(word.encode()) for word in words)
        + rb")(?![\w.])"
    )

    def put(found: re.Match[bytes]) -> bytes:
        return parts[found.group().decode()].encode()

    return replace(
        recording, events=tuple((at, pattern.sub(put, raw)) for at, raw in recording.events)
    )


def paced(recording: Recording, *, ring_s: float, talks_s: Sequence[float]) -> Recording:
    """Return the recording with pauses for people who look: the rings, and each talk in turn.

    The last of `talks_s` counts for all that follow.
    """
    lengths = deque(talks_s)
    events: list[tuple[float, bytes]] = []
    ringing: set[str] = set()
    bridges: dict[str, set[str]] = {}
    shift, before = 0.0, 0.0
    for at, raw in recording.events:
        gap = at - before
        if gap >= _PAUSE_S:
            if not ringing and any(len(inside) > 1 for inside in bridges.values()):
                wanted = lengths.popleft() if len(lengths) > 1 else lengths[0]
            else:
                wanted = max(ring_s, gap)
            shift += wanted - gap
        events.append((at + shift, raw))
        before = at
        frame = frame_of(raw)
        match frame.name:
            case "DialBegin":
                ringing.add(frame.get("DestUniqueid"))
            case "DialEnd":
                ringing.discard(frame.get("DestUniqueid"))
            case "BridgeEnter":
                bridges.setdefault(frame.get("BridgeUniqueid"), set()).add(frame.get("Uniqueid"))
            case "BridgeLeave":
                bridges.get(frame.get("BridgeUniqueid"), set()).discard(frame.get("Uniqueid"))
    return replace(recording, events=tuple(events))


def tail(recording: Recording, begins: Callable[[Frame], bool]) -> tuple[Talk, Recording]:
    """Return who talked before the first event that `begins` names, and the events from there on.

    Raises ValueError if there is no such event or nobody talked before it.
    """
    agent = other = None
    bridge = linkedid = ""
    for number, (at, raw) in enumerate(recording.events):
        frame = frame_of(raw)
        if begins(frame):
            rest = tuple((one - at, event) for one, event in recording.events[number:])
            break
        if frame.name == "BridgeEnter":
            person, bridge = person_of(frame), frame.get("BridgeUniqueid")
            linkedid = frame.get("Linkedid")
            if person.extension:
                agent = person
            else:
                other = person
    else:
        raise ValueError("the recording has no such event")
    if agent is None or other is None:
        raise ValueError("nobody talked before the event")
    talk = Talk(agent=agent, other=other, bridge=bridge, linkedid=linkedid)
    return talk, replace(recording, events=rest)


def turned_back(consulting: Recording, cancelled: Recording) -> Recording:
    """Return how a consultation ends without a hand-over, put behind another one that began.

    Both are grafted behind the same talk; the same channels and bridges come up in the same order.
    """
    parts = dict(zip(_made(cancelled), _made(consulting), strict=False))
    first = next(
        number for number, (_, raw) in enumerate(cancelled.events) if raw.startswith(_ENDS)
    )
    begins = cancelled.events[first][0]
    rest = tuple((at - begins, raw) for at, raw in cancelled.events[first:])
    return recast(replace(cancelled, events=rest), parts)


def _made(recording: Recording) -> list[str]:
    """Return the channels, their ids and the bridges that a consultation makes, in order."""
    frames = [frame_of(raw) for _, raw in recording.events]
    fresh = [frame for frame in frames if frame.name == "Newchannel"]
    bridges = [frame.get("BridgeUniqueid") for frame in frames if frame.name == "BridgeEnter"]
    return [
        *(frame.get(key) for frame in fresh for key in ("Channel", "Uniqueid")),
        *list(dict.fromkeys(bridges))[:2],
    ]


def person_of(frame: Frame) -> Person:
    """Return whose channel an event is about."""
    return Person(
        channel=frame.get("Channel"),
        uniqueid=frame.get("Uniqueid"),
        number=frame.get("CallerIDNum"),
        name=frame.get("CallerIDName"),
    )


def graft(recorded: Talk, rest: Recording, live: Talk, others: Mapping[str, str]) -> Recording:
    """Return what followed a recorded talk as if it followed another one, with `others` in it."""
    parts = {recorded.bridge: live.bridge, **others}
    for old, new in ((recorded.agent, live.agent), (recorded.other, live.other)):
        parts |= {old.channel: new.channel, old.uniqueid: new.uniqueid}
        names = (
            (old.extension or old.number, new.extension or new.number),
            (old.name, new.name),
        )
        parts |= {was: now for was, now in names if was and was != UNKNOWN}
    moved = recast(rest, parts)
    # of a call that we placed, the first channel is the agent's
    was, now = (f"inkedid: {one}\r".encode() for one in (parts[recorded.linkedid], live.linkedid))
    return replace(moved, events=tuple((at, raw.replace(was, now)) for at, raw in moved.events))
