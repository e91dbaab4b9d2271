"""What a playback does when it is told to: hand-overs, hanging up, holding, calls by click, queues.

What follows was recorded too, and is put behind the call that plays: `samples/moves` and the
hand-over among the samples. Phones answer by themselves after a while.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from adapters.asterisk.casting import (
    MOVES,
    frame_of,
    graft,
    paced,
    person_of,
    recast,
    tail,
    turned_back,
)
from adapters.asterisk.codec import Frame
from adapters.asterisk.play import Play
from adapters.asterisk.played_queue import PlayedQueue
from adapters.asterisk.recording import SAMPLES, Recording
from adapters.asterisk.stage import Stage

BLIND: Final = "03-blind-transfer"
# Who they were in the recordings.
_TARGET, _TARGET_NAME = "1003", "Carla Neri"
_DIALLED, _DIALLER, _DIALLER_NAME = "3391112222", "1001", "Anna Rossi"
_ASKED: Final = "lab-2"
CONSULT_S: Final = 20.0
COMMANDS: Final = (
    "Hangup",
    "BlindTransfer",
    "Atxfer",
    "CancelAtxfer",
    "PJSIPNotify",
    "Originate",
    "QueueAdd",
    "QueueRemove",
    "QueuePause",
)

Told = Iterable[tuple[str, Mapping[str, str]]]


class Room(Protocol):
    """What the hands need of the server that plays."""

    stage: Stage
    queue: PlayedQueue | None

    def play_of(self, uniqueid: str) -> Play | None:
        """Return the play that a channel belongs to."""

    def fresh(self, recording: Recording) -> Recording:
        """Return a recording with ids of its own."""

    def begin(self, recording: Recording) -> None:
        """Play something beside what plays."""

    def tell(self, name: str, headers: Mapping[str, str]) -> None:
        """Send one event to everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long phones ring and people talk, in seconds."""

    ring_s: float = 8.0
    talk_s: float = 60.0

    def of(self, recording: Recording) -> Recording:
        """Return a recording at this pace."""
        return paced(recording, ring_s=self.ring_s, talks_s=(self.talk_s,))


class PlayedHands:
    """Does what the control user asks; `do` returns why not, "" if it is done."""

    def __init__(self, room: Room, pace: Pace) -> None:
        self._room = room
        self._pace = pace
        self._blind = Recording.load(SAMPLES / f"{BLIND}.ami")
        self._attended = Recording.load(MOVES / "attended-transfer.ami")
        self._cancelled = Recording.load(MOVES / "attended-cancelled.ami")
        self._turning_back: WeakKeyDictionary[Play, Recording] = WeakKeyDictionary()
        self._click = Recording.load(MOVES / "click-to-call.ami")
        self._doers: dict[str, Callable[[Frame], str]] = {
            "Hangup": self._hang_up,
            "BlindTransfer": self._transfer,
            "Atxfer": self._consult,
            "CancelAtxfer": self._turn_back,
            "PJSIPNotify": self._hold,
            "Originate": self._dial,
            "QueueAdd": self._queue_add,
            "QueueRemove": self._queue_remove,
            "QueuePause": self._queue_pause,
        }

    def do(self, action: str, frame: Frame) -> str:
        """Do one thing."""
        return self._doers[action](frame)

    def _hang_up(self, frame: Frame) -> str:
        play = self._play(frame)
        if play is None:
            return "No such channel"
        if play.may_be_hurried:
            play.hurry()
        else:
            play.go_on_with(None)
        return ""

    def _transfer(self, frame: Frame) -> str:
        return self._hand_over(
            frame, self._blind, lambda event: event.name == "BlindTransfer", consults=False
        )

    def _consult(self, frame: Frame) -> str:
        return self._hand_over(
            frame, self._attended, lambda event: event.name == "Hold", consults=True
        )

    def _hand_over(
        self,
        frame: Frame,
        recording: Recording,
        begins: Callable[[Frame], bool],
        *,
        consults: bool,
    ) -> str:
        play, live = self._play(frame), self._room.stage.talk(frame.get("Channel"))
        if play is None or live is None:
            return "Channel is not bridged"
        to, phones = frame.get("Exten"), self._phones()
        if to not in phones or to == live.agent.extension:
            return "Extension does not exist"
        recorded, rest = tail(self._room.fresh(recording), begins)
        others = {_TARGET: to, _TARGET_NAME: phones[to]}
        grafted = graft(recorded, rest, live, others)
        if consults:
            talked, end = tail(self._room.fresh(self._cancelled), begins)
            back = turned_back(grafted, graft(talked, end, live, others))
            # the only pause in it is the talk with the customer, who is in the bridge already
            talk_s = self._pace.talk_s
            self._turning_back[play] = paced(back, ring_s=talk_s, talks_s=(talk_s,))
        rest = self._consulted(grafted) if consults else self._pace.of(grafted)
        play.go_on_with(rest, may_be_hurried=consults)
        return ""

    def _turn_back(self, frame: Frame) -> str:
        play = self._play(frame)
        back = self._turning_back.pop(play, None) if play is not None else None
        if play is None or back is None or not play.may_be_hurried:
            return "Channel is not consulting"
        play.go_on_with(back)
        return ""

    def _consulted(self, grafted: Recording) -> Recording:
        """Let colleagues talk for a while first, then the one who asked goes."""
        talks_s = (min(CONSULT_S, self._pace.talk_s), self._pace.talk_s)
        return paced(grafted, ring_s=self._pace.ring_s, talks_s=talks_s)

    def _hold(self, frame: Frame) -> str:
        headers = self._room.stage.headers(frame.get("Channel"))
        if headers is None:
            return "No such channel"
        held = frame.get("Variable").endswith("hold")
        self._room.tell("Hold" if held else "Unhold", {**headers, "MusicClass": ""})
        return ""

    def _dial(self, frame: Frame) -> str:
        extension = frame.get("Channel").rpartition("/")[2]
        phones = self._phones()
        if extension not in phones:
            return "Extension does not exist"
        fresh = self._room.fresh(self._click)
        channel = frame.get("ChannelId")
        parts = {
            person_of(frame_of(fresh.events[0][1])).uniqueid: channel,
            _ASKED: channel,
            _DIALLED: frame.get("Exten"),
            _DIALLER: extension,
            _DIALLER_NAME: phones[extension],
        }
        self._room.begin(self._pace.of(recast(fresh, parts)))
        return ""

    def _queue_add(self, frame: Frame) -> str:
        return self._told(self._queue_do(frame, PlayedQueue.join), "Unable to add interface")

    def _queue_remove(self, frame: Frame) -> str:
        return self._told(self._queue_do(frame, PlayedQueue.leave), "Unable to remove interface")

    def _queue_pause(self, frame: Frame) -> str:
        queue = self._room.queue
        if queue is None:
            return "Interface not found"
        paused, reason = frame.get("Paused") == "true", frame.get("Reason")
        return self._told(
            queue.pause(_extension(frame), paused=paused, reason=reason), "Interface not found"
        )

    def _queue_do(self, frame: Frame, do: Callable[[PlayedQueue, str], Told | None]) -> Told | None:
        queue = self._room.queue
        if queue is None or frame.get("Queue") != queue.queue:
            return None
        return do(queue, _extension(frame))

    def _told(self, events: Told | None, trouble: str) -> str:
        if events is None:
            return trouble
        for name, headers in events:
            self._room.tell(name, headers)
        return ""

    def _play(self, frame: Frame) -> Play | None:
        headers = self._room.stage.headers(frame.get("Channel"))
        return self._room.play_of(headers["Uniqueid"]) if headers is not None else None

    def _phones(self) -> Mapping[str, str]:
        queue = self._room.queue
        return queue.phones if queue is not None else {}


def _extension(frame: Frame) -> str:
    return frame.get("Interface").rpartition("/")[2]
