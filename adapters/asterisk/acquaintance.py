"""Which channels we have met: an event of a stranger comes with who it is."""

from collections import OrderedDict
from datetime import datetime
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming
from adapters.asterisk.words import STATES, epoch_of, known, name_of
from gateway.core.inputs import ChannelCreated, ChannelState, Input

# Events may overtake the Hangup of their channel; so many are not taken for new ones.
_GONE_KEPT: Final = 4_096

Told = tuple[Input, ...]
NOTHING: Final[Told] = ()


class Acquaintance:
    """Remembers the Uniqueids seen to begin, or met since, until they hang up."""

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self.seq = 0
        # Each id to itself: whoever keeps one keeps this very string, once for all its events.
        self._known: dict[str, str] = {}
        # A plain dict takes ever longer to find its oldest key while keys go at that end.
        self._gone: OrderedDict[str, None] = OrderedDict()

    def introduce(self, uid: str) -> str:
        """Note a channel that is told to exist; return the string that is kept for its id."""
        self._gone.pop(uid, None)
        return self._known.setdefault(uid, uid)

    def is_gone(self, uid: str) -> bool:
        """Whether a channel hung up lately."""
        return uid in self._gone

    def same(self, uid: str) -> str:
        """Return the string that is kept for a Uniqueid anyway."""
        return self._known.get(uid, uid)

    def dismiss(self, uid: str) -> None:
        """Note that a channel is gone."""
        self._known.pop(uid, None)
        self._gone[uid] = None
        if len(self._gone) > _GONE_KEPT:
            self._gone.popitem(last=False)

    def meet(self, frame: Frame, at: datetime, prefix: str = "") -> tuple[str, Told]:
        """Return a channel's Uniqueid and, if it is new to us, who it is.

        `prefix` is that of the headers, for events of several channels (`Dest`, `Transferer`).
        """
        uid = frame.get(prefix + "Uniqueid")
        kept = self._known.get(uid)
        if kept is not None:
            return kept, NOTHING
        if not uid or uid in self._gone:
            return uid, NOTHING
        name = frame.get(prefix + "Channel")
        if not name:
            return uid, NOTHING
        self._known[uid] = uid
        linkedid = self.same(frame.get(prefix + "Linkedid") or uid)
        created = ChannelCreated(
            at=at,
            seq=self.seq,
            channel=uid,
            linkedid=linkedid,
            identity=self.naming.identity(name),
            state=STATES.get(frame.get(prefix + "ChannelStateDesc"), ChannelState.OTHER),
            number=known(frame.get(prefix + "CallerIDNum")),
            caller_name=name_of(frame.get(prefix + "CallerIDName")),
            exten=frame.get(prefix + "Exten"),
            begin=False,
            since=epoch_of(linkedid),
        )
        return uid, (created,)
