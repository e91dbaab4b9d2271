"""AMI's UserEvent, with which a dialplan leaves a note for the agent who will answer.

`UserEvent(Filodiretto,Reason: …,Note: …,Done: …,Wants: …,Said: a|b,Verified: yes)`; all parts are
optional. What such an event says of where the call comes from is read in `provenance`.
Source: Asterisk documentation, application UserEvent.
"""

from datetime import datetime
from typing import Final

from adapters.asterisk.acquaintance import NOTHING, Acquaintance, Told
from adapters.asterisk.codec import Frame
from adapters.asterisk.provenance import provenance_of
from gateway.core.handoff import Handoff, cleaned
from gateway.core.noting import NoteLeft
from gateway.core.provenance import ProvenanceTold

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
    origin = provenance_of(frame)
    uid, news = met.meet(frame, at)
    if origin is not None:
        told = ProvenanceTold(at=at, seq=met.seq, channel=uid, provenance=origin)
        if handoff.is_empty:  # it speaks of nothing else: no note is taken back by it
            return (*news, told)
        news = (*news, told)
    return (*news, NoteLeft(at=at, seq=met.seq, channel=uid, handoff=handoff))
