"""AMI's UserEvent, with which a dialplan leaves a note for the agent who will answer.

`UserEvent(Filodiretto,Reason: …,Note: …,Done: …,Wants: …,Said: a|b,Verified: yes)`; all parts are
optional. Source: Asterisk documentation, application UserEvent.
"""

from datetime import datetime
from typing import Final

from adapters.asterisk.acquaintance import NOTHING, Acquaintance, Told
from adapters.asterisk.codec import Frame
from gateway.core.handoff import Handoff, cleaned
from gateway.core.noting import NoteLeft

OURS: Final = "Filodiretto"
_TRUE: Final = frozenset({"yes", "true", "1", "y", "on", "si", "sì"})


def on_user_event(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell what the dialplan knows of a caller; nothing for other people's events."""
    get = frame.get
    if get("UserEvent") != OURS or not get("Uniqueid"):
        return NOTHING
    handoff = cleaned(
        Handoff(
            at=at,
            reason=get("Reason"),
            done=get("Done"),
            wants=get("Wants"),
            note=get("Note"),
            said=tuple(get("Said").split("|")),
            verified=get("Verified").strip().lower() in _TRUE,
        )
    )
    uid, news = met.meet(frame, at)
    return (*news, NoteLeft(at=at, seq=met.seq, channel=uid, handoff=handoff))
