"""Call scenarios as tables: one event a line, `seconds verb channels key=value …`.

Channels have short names; `new A PJSIP/carrier-1 Ring num=333 exten=2001` makes A a first channel,
`of=A` a channel of A's call. The verbs are those in `VERBS`; times are seconds from the start.
"""

import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from support.recorded import PLAN, at, settings

from adapters.asterisk.naming import Naming
from adapters.asterisk.words import STATES
from gateway.core import inputs
from gateway.core.events import Anomaly, CallEvent, Output
from gateway.core.ids import CallId
from gateway.core.inputs import Application, BridgeKind, ChannelState, Input
from gateway.core.record import CallRecord
from gateway.core.table import CallTable

Maker = Callable[[dict[str, Any], list[str], dict[str, str]], Input]


# A call comes in and rings at one phone.
RINGS = """
0.0 new A PJSIP/carrier-1 Ring num=+393331234567 exten=+390299991001
0.1 new B PJSIP/1001-2 Down of=A exten=s
0.1 dial A B exten=1001 number=1001
0.2 rings B
"""
# ... and is answered.
TALKS = (
    RINGS
    + """
2.0 dialend B answered
2.0 enter X B
2.0 enter X A
"""
)


def consults(extension: str) -> str:
    """Return how B has A on hold and consults that phone (C) behind a relay of the PBX (L)."""
    return f"""
4.0 new L1 Local/{extension}@from-internal-9;1 Down of=A exten={extension}
4.0 new L2 Local/{extension}@from-internal-9;2 Ring of=A exten={extension}
4.0 enter Y L1
4.0 leave X B
4.0 enter Y B
4.1 new C PJSIP/{extension}-3 Down of=A exten=s
4.1 dial L2 C exten={extension} number={extension}
4.2 rings C
"""


class Story:
    """Plays a table into a call table and keeps what it said."""

    def __init__(self, text: str, *, query: str = "", **changes: Any) -> None:  # noqa: ANN401
        self.table = CallTable("pbx", PLAN, presentation_query=query)
        self.said: list[Output] = []
        self._naming = Naming(settings(**changes))
        self._names: dict[str, str] = {}
        self._seq = 0
        self.play(text)

    def play(self, text: str) -> "Story":
        """Tell the table the events of a text, one a line."""
        for line in text.strip().splitlines():
            words = shlex.split(line, comments=True)
            if words:
                self.tell(self.read(words))
        return self

    def tell(self, item: Input) -> tuple[Output, ...]:
        """Apply one input and keep what comes out."""
        out = self.table.apply(item)
        self.said.extend(out)
        return out

    def later(self, seconds: float) -> "Story":
        """Let time pass until that second."""
        self.tell(inputs.Tick(at=at(seconds)))
        return self

    def uid(self, name: str) -> str:
        """Return the unique id of a channel of the story."""
        return self._names[name]

    @property
    def seq(self) -> int:
        """Return the number of the last event."""
        return self._seq

    def records(self) -> list[CallRecord]:
        """Return the newest record of every call that was not merged, in order of appearance."""
        found: dict[CallId, CallRecord] = {}
        for one in self.said:
            if isinstance(one, CallEvent):
                found[one.record.id] = one.record
        for record in self.table.live():
            found[record.id] = record
        return [record for record in found.values() if record.merged_into is None]

    def record(self) -> CallRecord:
        """Return the record of the only call."""
        (record,) = self.records()
        return record

    def kinds(self) -> list[str]:
        """Return the names of what was said, in order."""
        return [type(one).__name__ for one in self.said]

    def anomalies(self) -> list[str]:
        """Return the kinds of the contradictions found."""
        return [one.kind for one in self.said if isinstance(one, Anomaly)]

    def read(self, words: list[str]) -> Input:
        """Return the input that one line means."""
        seconds, verb, *rest = words
        names = [word for word in rest if "=" not in word]
        given = dict(word.split("=", 1) for word in rest if "=" in word)
        self._seq += 1
        stamp = {"at": at(float(seconds)), "seq": self._seq}
        if verb == "new":
            return self._new(stamp, names, given)
        return VERBS[verb](stamp, [self._names.get(name, name) for name in names], given)

    def _new(self, stamp: dict[str, Any], names: list[str], given: dict[str, str]) -> Input:
        name, channel, state = names
        uid = self._names[name] = f"1795000000.{len(self._names)}"
        return inputs.ChannelCreated(
            **stamp,
            channel=uid,
            linkedid=self._names[given["of"]] if "of" in given else uid,
            identity=self._naming.identity(channel),
            state=STATES[state],
            number=given.get("num", ""),
            caller_name=given.get("name", ""),
            exten=given.get("exten", ""),
            begin="met" not in given,
            since=self._since(given),
        )

    @staticmethod
    def _since(given: dict[str, str]) -> datetime | None:
        return at(0) + timedelta(seconds=float(given["met"])) if "met" in given else None


def _state(stamp: dict[str, Any], who: list[str], _: dict[str, str]) -> Input:
    return inputs.ChannelStateChanged(**stamp, channel=who[0], state=ChannelState(who[1]))


def _dial(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    channel, dest = who if len(who) > 1 else ("", who[0])
    exten, number = given.get("exten", ""), given.get("number", "")
    return inputs.DialBegan(**stamp, channel=channel, dest=dest, exten=exten, number=number)


def _dial_end(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    answered, forward = "answered" in who, given.get("forward", "")
    return inputs.DialEnded(**stamp, dest=who[0], answered=answered, forward=forward)


def _enter(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    kind = BridgeKind(given.get("kind", "ordinary"))
    return inputs.BridgeEntered(**stamp, channel=who[1], bridge=who[0], kind=kind)


def _leave(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    kind = BridgeKind(given.get("kind", "ordinary"))
    return inputs.BridgeLeft(**stamp, channel=who[1], bridge=who[0], kind=kind)


def _gone(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    cause = int(given.get("cause", "16"))
    tech = int(given["tech"]) if "tech" in given else None
    return inputs.ChannelHungUp(**stamp, channel=who[0], cause=cause, tech_cause=tech)


def _bye(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    cause = int(given["cause"]) if "cause" in given else None
    return inputs.HangupRequested(**stamp, channel=who[0], soft="soft" in who, cause=cause)


def _app(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    subject, exten = given.get("subject", ""), given.get("exten", "")
    return inputs.ApplicationStarted(
        **stamp, channel=who[0], application=Application(who[1]), subject=subject, exten=exten
    )


def _failed(stamp: dict[str, Any], who: list[str], given: dict[str, str]) -> Input:
    kind = inputs.ChannelKind.EXTENSION
    return inputs.OriginateFailed(**stamp, kind=kind, party=who[0], exten=given["exten"])


VERBS: dict[str, Maker] = {
    "state": _state,
    "dial": _dial,
    "rings": lambda stamp, who, _: inputs.DialAlerted(**stamp, dest=who[0]),
    "dialend": _dial_end,
    "nochannel": lambda stamp, who, _: inputs.DialFailed(**stamp, channel=who[0]),
    "enter": _enter,
    "leave": _leave,
    "room": lambda s, who, _: inputs.ConferenceJoined(**s, channel=who[1], bridge=who[0]),
    "bye": _bye,
    "gone": _gone,
    "hold": lambda stamp, who, _: inputs.HoldChanged(**stamp, channel=who[0], held=True),
    "unhold": lambda stamp, who, _: inputs.HoldChanged(**stamp, channel=who[0], held=False),
    "app": _app,
    "join": lambda stamp, who, _: inputs.QueueJoined(**stamp, channel=who[0], queue=who[1]),
    "quit": lambda stamp, who, _: inputs.QueueLeft(**stamp, channel=who[0], queue=who[1]),
    "refused": lambda stamp, who, _: inputs.QueueRefused(**stamp, channel=who[0]),
    "agent": lambda stamp, who, _: inputs.QueueAnswered(**stamp, channel=who[0], queue=who[1]),
    "pickup": lambda stamp, who, _: inputs.PickedUp(**stamp, channel=who[0], target=who[1]),
    "park": lambda stamp, who, _: inputs.Parked(**stamp, channel=who[0], parker=who[1]),
    "unpark": lambda stamp, who, _: inputs.Unparked(**stamp, channel=who[0], retriever=who[1]),
    "blind": lambda s, who, _: inputs.BlindTransferred(
        **s, transferer=who[0], transferee=who[1], exten=who[2]
    ),
    "attended": lambda s, who, _: inputs.AttendedTransferred(**s, first=who[0], second=who[1]),
    "originated": lambda s, who, _: inputs.OriginateAnswered(**s, channel=who[0], exten=who[1]),
    "notoriginated": _failed,
    "linkdown": lambda stamp, _, __: inputs.LinkDown(at=stamp["at"]),
    "restart": lambda stamp, _, __: inputs.PbxRestarted(at=stamp["at"]),
}


def moves(story: Story) -> list[tuple[str, str | None, str | None, bool]]:
    """Return the transfers of the only call, shortened."""
    return [
        (move.type.value, move.from_party, move.to_party, move.completed)
        for move in story.record().transfers
    ]


def rung(story: Story) -> list[list[str]]:
    """Return the stages of the only call."""
    return [sorted(stage) for stage in story.record().rung]
