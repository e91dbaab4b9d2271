"""From what the child process tells to what the call table is fed with."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.sip.ringing import End
from gateway.core.elsewhere import TakenElsewhere
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelState,
    DialAlerted,
    DialBegan,
    HangupRequested,
    Identity,
    Input,
    Snapshot,
    SnapshotChannel,
)
from gateway.core.mystery import CHANNEL_PREFIX
from gateway.core.provenance import NOTHING_SAID, Provenance, ProvenanceTold

# Q.850 16 normal clearing, 19 no answer from user (ITU-T Q.850 table 1).
_NORMAL, _NO_ANSWER = 16, 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Ringing:
    """A call that rings at a trunk, as its child process told it."""

    call: str
    number: str
    name: str
    withheld: bool
    called: str
    began_at: datetime
    provenance: Provenance = NOTHING_SAID


@dataclass(slots=True)
class Translator:
    """Gives the events of one trunk their numbers; the Call-ID is the call's root.

    `rings` are the extensions whose phones ring beside us; nobody tells of those themselves.
    """

    trunk: str
    rings: tuple[str, ...] = ()
    seq: int = 0
    _up: dict[str, Ringing] = field(default_factory=dict)

    def began(self, ringing: Ringing) -> list[Input]:
        """Return what a call that begins to ring means: it, and the phones of our people."""
        ringing = replace(ringing, call=_theirs(ringing.call))
        if ringing.call in self._up:
            return []
        self._up[ringing.call] = ringing
        at = ringing.began_at
        items: list[Input] = [
            ChannelCreated(
                at=at,
                seq=self._next(),
                channel=ringing.call,
                linkedid=ringing.call,
                identity=self._root(ringing.call),
                state=ChannelState.RING,
                number=ringing.number,
                caller_name=ringing.name,
                exten=ringing.called,
                withheld=ringing.withheld,
            )
        ]
        if not ringing.provenance.is_empty:
            told = ringing.provenance
            items.append(
                ProvenanceTold(at=at, seq=self._next(), channel=ringing.call, provenance=told)
            )
        for extension in self.rings:
            leg = _leg(ringing.call, extension)
            items += (
                ChannelCreated(
                    at=at,
                    seq=self._next(),
                    channel=leg,
                    linkedid=ringing.call,
                    identity=_phone(leg, extension),
                    state=ChannelState.DOWN,
                ),
                DialBegan(
                    at=at,
                    seq=self._next(),
                    channel=ringing.call,
                    dest=leg,
                    exten=ringing.called,
                    number=extension,
                ),
                DialAlerted(at=at, seq=self._next(), dest=leg),
            )
        return items

    def stopped(self, call: str, end: End, at: datetime) -> list[Input]:
        """Return what the end of the ringing means; a call we do not know means nothing."""
        call = _theirs(call)
        if self._up.pop(call, None) is None:
            return []
        if end is End.ELSEWHERE:
            only = self.rings[0] if len(self.rings) == 1 else ""
            return [TakenElsewhere(at=at, seq=self._next(), channel=call, party=only)]
        items: list[Input] = [
            HangupRequested(
                at=at, seq=self._next(), channel=call, soft=end is End.NOBODY, cause=_NORMAL
            )
        ]
        cause = _NO_ANSWER if end is End.NOBODY else _NORMAL
        channels = (*(_leg(call, extension) for extension in self.rings), call)
        items.extend(
            ChannelHungUp(at=at, seq=self._next(), channel=channel, cause=cause)
            for channel in channels
        )
        return items

    def snapshot(self, at: datetime) -> Snapshot:
        """Return what rings now, as far as we know."""
        channels: list[SnapshotChannel] = []
        for ringing in self._up.values():
            channels.append(
                SnapshotChannel(
                    channel=ringing.call,
                    linkedid=ringing.call,
                    identity=self._root(ringing.call),
                    state=ChannelState.RING,
                    number=ringing.number,
                    caller_name=ringing.name,
                    exten=ringing.called,
                    since=ringing.began_at,
                    withheld=ringing.withheld,
                )
            )
            channels += (
                SnapshotChannel(
                    channel=_leg(ringing.call, extension),
                    linkedid=ringing.call,
                    identity=_phone(_leg(ringing.call, extension), extension),
                    state=ChannelState.RINGING,
                    since=ringing.began_at,
                )
                for extension in self.rings
            )
        return Snapshot(at=at, requested_seq=self.seq, channels=tuple(channels))

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def _root(self, call: str) -> Identity:
        return Identity(name=f"SIP/{call}", kind=ChannelKind.TRUNK, party=self.trunk)


def _theirs(call: str) -> str:
    """Return a Call-ID as a root that is none of ours: whoever calls may choose it (RFC 3261).

    One like the ids of our test calls would keep a customer out of every list.
    """
    return f"sip:{call}" if call.startswith(CHANNEL_PREFIX) else call


def _phone(leg: str, extension: str) -> Identity:
    return Identity(name=f"SIP/{leg}", kind=ChannelKind.EXTENSION, party=extension)


def _leg(call: str, extension: str) -> str:
    return f"{call} {extension}"
