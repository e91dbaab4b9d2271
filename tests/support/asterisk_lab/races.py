"""What two ends cannot both know of a call; the PBX's own stream says what came about.

Somebody gives up while somebody else lifts a receiver, two lift theirs in the same moment, a
phone asks for calls to be joined while the PBX goes down. The far ends are right of what they saw,
and the record must be what the PBX made of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from support.asterisk_lab.truth import Truth

from gateway.core.record import CallRecord, EndedBy, Outcome

# A CANCEL and the answer of a phone cross within a moment.
CROSSING_S: Final = 1.0
_HEADER: Final = re.compile(r"^(\w+): ([^\r]*)\r$", re.MULTILINE)
_HALF: Final = re.compile(r";[12]$")


def crossed(truth: Truth, record: CallRecord, streams: Sequence[bytes]) -> bool:
    """Tell a caller who gave up while a phone answered: each is right of what it saw.

    The PBX, which alone could join them, told nobody that the caller was in any bridge.
    """
    if truth.outcome != "answered" or (truth.seconds["talk"] or 0.0) > CROSSING_S:
        return False
    left = record.outcome is Outcome.ABANDONED and record.ended_by is EndedBy.CALLER
    caller = f"Uniqueid: {record.linkedid}\r".encode()
    return left and not any(caller in event for event in _events(b"BridgeEnter", streams))


def bridged(
    truth: Truth,
    lifted: Sequence[tuple[str, float]],
    record: CallRecord,
    streams: Sequence[bytes],
) -> Truth:
    """Return the truth without those whose receiver was lifted in vain.

    Of several who lift theirs in the same moment the PBX joins one to the caller. Only who never
    shared a bridge with the caller makes room, and only for one who did and lifted in that moment.
    """
    talkers = (truth.answered_by, truth.final_talker)
    if truth.outcome != "answered" or (record.answered_by, record.final_talker) == talkers:
        return truth
    moments = dict(lifted)
    reached = _reached(record, streams)
    spoke = [one for one in moments if any(f"PJSIP/{one}-" in channel for channel in reached)]

    def who(device: str | None) -> str | None:
        if device is None or device not in moments or device in spoke:
            return device
        near = [one for one in spoke if abs(moments[one] - moments[device]) <= CROSSING_S]
        return near[0] if len(near) == 1 else device

    met = (who(truth.answered_by), who(truth.final_talker))
    if met == talkers:
        return truth
    return replace(truth, answered_by=met[0], final_talker=met[1])


def joined(record: CallRecord, streams: Sequence[bytes]) -> bool:
    """Whether the PBX said that a call was handed over into another one."""
    own = f"TransfererUniqueid: {record.linkedid}\r".encode()
    return any(own in event for event in _events(b"AttendedTransfer", streams))


def _reached(record: CallRecord, streams: Sequence[bytes]) -> set[str]:
    """Return the channels that the caller ever shared a bridge with, through relays as well.

    A queue lets go of a member's relay while the member's phone is being joined to its far half.
    """
    call = f"\r\nLinkedid: {record.linkedid}\r".encode()
    rooms: dict[str, set[str]] = {}
    reached: set[str] = set()
    for event in _events(b"BridgeEnter", streams):
        if call in event:
            told = dict(_HEADER.findall(event.decode("utf-8", "replace")))
            rooms.setdefault(told["BridgeUniqueid"], set()).add(told["Channel"])
            if told["Uniqueid"] == record.linkedid:
                reached.add(told["Channel"])
    before = -1
    while len(reached) > before:
        before = len(reached)
        far = {_HALF.sub(lambda half: ";2" if half[0] == ";1" else ";1", one) for one in reached}
        reached |= {one for room in rooms.values() if room & (reached | far) for one in room}
    return reached


def _events(name: bytes, streams: Sequence[bytes]) -> Iterator[bytes]:
    for stream in streams:
        for event in stream.split(b"\r\n\r\n"):
            if event.startswith(b"Event: " + name + b"\r"):
                yield event + b"\r"
