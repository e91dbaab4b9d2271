"""AMI's queues, menus, voicemail and conferences, as inputs for the core."""

from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from adapters.asterisk.acquaintance import NOTHING, Acquaintance, Told
from adapters.asterisk.codec import Frame
from gateway.core.inputs import (
    Application,
    ApplicationStarted,
    ConferenceJoined,
    DialFailed,
    QueueAnswered,
    QueueJoined,
    QueueLeft,
    QueueRefused,
    RecordingStarted,
)

_MENUS: Final = frozenset({"BackGround", "Background", "WaitExten", "Read"})
_REFUSED: Final = frozenset({"JOINEMPTY", "FULL", "JOINUNAVAIL"})


def on_queue_join(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that a caller waits in a queue."""
    uid, news = met.meet(frame, at)
    return (*news, QueueJoined(at=at, seq=met.seq, channel=uid, queue=frame.get("Queue")))


def on_queue_leave(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that a caller is out of a queue."""
    uid = frame.get("Uniqueid")
    return (QueueLeft(at=at, seq=met.seq, channel=uid, queue=frame.get("Queue")),)


def on_agent_connect(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that an agent of a queue takes a caller."""
    uid, news = met.meet(frame, at)
    return (*news, QueueAnswered(at=at, seq=met.seq, channel=uid, queue=frame.get("Queue")))


def on_varset(
    met: Acquaintance, frame: Frame, at: datetime, link: Callable[[str], str | None]
) -> Told:
    """Tell what only a variable tells: a queue that refuses, a phone that has no contact.

    Or into which file MixMonitor records; `link` says where that can be heard.
    """
    variable, value = frame.get("Variable"), frame.get("Value")
    if variable == "QUEUESTATUS" and value in _REFUSED:
        uid, news = met.meet(frame, at)
        return (*news, QueueRefused(at=at, seq=met.seq, channel=uid))
    if variable == "DIALSTATUS" and value == "CHANUNAVAIL":
        uid, news = met.meet(frame, at)
        return (*news, DialFailed(at=at, seq=met.seq, channel=uid))
    if variable == "MIXMONITOR_FILENAME":
        url = link(value)
        if url is not None:
            uid, news = met.meet(frame, at)
            return (*news, RecordingStarted(at=at, seq=met.seq, channel=uid, url=url))
    return NOTHING


def on_conference(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that a bridge is a conference."""
    uid, news = met.meet(frame, at)
    bridge = frame.get("BridgeUniqueid")
    return (*news, ConferenceJoined(at=at, seq=met.seq, channel=uid, bridge=bridge))


def on_newexten(met: Acquaintance, frame: Frame, at: datetime, ivr_contexts: Sequence[str]) -> Told:
    """Tell that the dialplan runs an application in which nobody talks."""
    name = frame.get("Application")
    if name == "Queue":
        application, subject = Application.QUEUE, frame.get("AppData").partition(",")[0]
    elif name == "VoiceMail":
        application, subject = Application.VOICEMAIL, frame.get("AppData").partition(",")[0]
    elif name in _MENUS:
        application, subject = Application.MENU, menu_name(frame.get("Context"), ivr_contexts)
    else:
        return NOTHING
    uid, news = met.meet(frame, at)
    started = ApplicationStarted(
        at=at,
        seq=met.seq,
        channel=uid,
        application=application,
        subject=subject,
        exten=frame.get("Exten"),
    )
    return (*news, started)


def on_cel(met: Acquaintance, frame: Frame, at: datetime) -> Told:
    """Tell that a voicemail has the channel: it answered, or was heard (event class `call`)."""
    started = ApplicationStarted(
        at=at,
        seq=met.seq,
        channel=frame.get("UniqueID"),
        application=Application.VOICEMAIL,
        subject=frame.get("ApplicationData").partition(",")[0],
        exten=frame.get("Exten"),
    )
    return (started,)


def menu_name(context: str, patterns: Sequence[str]) -> str:
    """Name a menu by its context: what the pattern's star stands for, else the whole."""
    for pattern in patterns:
        if "*" in pattern and fnmatchcase(context, pattern):
            return context.removeprefix(pattern.partition("*")[0]) or context
    return context
