"""Whether a caller withholds the number, as channel variables tell it (manager.conf: channelvars).

Measured on Asterisk 16 and 22: at Newchannel a PJSIP channel always says `allowed_not_screened`,
because the caller is put on it a moment later; its next event tells the truth.
"""

from datetime import datetime
from typing import Final

from adapters.asterisk.codec import Frame
from adapters.asterisk.words import withheld
from gateway.core.inputs import ChannelKind, Identity, PresentationTold

_VARIABLE: Final = b"\r\nChanVariable: "
_DOUBTFUL_KEPT: Final = 10_000


class Presentations:
    """Keeps the callers of whom no event but the first has told; they count as withheld."""

    def __init__(self) -> None:
        self.doubtful: dict[str, None] = {}

    def at_start(self, frame: Frame, identity: Identity) -> bool | None:
        """Return what a Newchannel tells: withheld until told better, None if nothing will tell."""
        uid = frame.get("Uniqueid")
        is_caller = identity.kind is ChannelKind.TRUNK and frame.get("Linkedid") == uid
        told = withheld(frame) if is_caller else None
        if told is None:
            return None
        if not told:
            self.doubtful[uid] = None
            if len(self.doubtful) > _DOUBTFUL_KEPT:
                del self.doubtful[next(iter(self.doubtful))]
        return True

    def later(self, frame: Frame, at: datetime, seq: int) -> tuple[PresentationTold, ...]:
        """Return what the second event of a caller's channel tells, if this is it."""
        if _VARIABLE not in frame.raw:
            return ()
        uid = frame.get("Uniqueid")
        if uid not in self.doubtful:
            return ()
        told = withheld(frame)
        if told is None:
            return ()
        del self.doubtful[uid]
        return (PresentationTold(at=at, seq=seq, channel=uid, withheld=told),)
