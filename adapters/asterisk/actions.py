"""The actions we may send, and the one place that turns them into bytes."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from gateway.core.errors import UsageError

MAX_LINE_BYTES: Final = 1_000

# C0 and C1 controls with NEL, the two Unicode line ends, and what UTF-8 cannot carry.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


class Action(StrEnum):
    """Every AMI action the product can send; there is no way to send another."""

    LOGIN = "Login"
    LOGOFF = "Logoff"
    PING = "Ping"
    CORE_STATUS = "CoreStatus"
    CORE_SETTINGS = "CoreSettings"
    CORE_SHOW_CHANNELS = "CoreShowChannels"
    BRIDGE_LIST = "BridgeList"
    QUEUE_STATUS = "QueueStatus"
    DEVICE_STATE_LIST = "DeviceStateList"
    PRESENCE_STATE_LIST = "PresenceStateList"
    LIST_COMMANDS = "ListCommands"
    GETVAR = "Getvar"
    ORIGINATE = "Originate"
    HANGUP = "Hangup"
    REDIRECT = "Redirect"
    BLIND_TRANSFER = "BlindTransfer"
    ATXFER = "Atxfer"
    CANCEL_ATXFER = "CancelAtxfer"
    PARK = "Park"
    QUEUE_ADD = "QueueAdd"
    QUEUE_REMOVE = "QueueRemove"
    QUEUE_PAUSE = "QueuePause"
    MWI_UPDATE = "MWIUpdate"
    PLAY_DTMF = "PlayDTMF"
    PJSIP_NOTIFY = "PJSIPNotify"
    PJSIP_SHOW_REGISTRATIONS = "PJSIPShowRegistrationsOutbound"
    SIP_SHOW_REGISTRY = "SIPshowregistry"
    SIP_PEERS = "SIPpeers"


def encode_action(action: Action, fields: Mapping[str, str]) -> bytes:
    """Return the bytes of one action.

    Raises UsageError for a key that is no header name, for any control character or line end in a
    value (it could add headers or a second action), and for a line longer than 1 kB (Asterisk
    drops the whole message and never answers).
    """
    lines = [b"Action: " + action.value.encode()]
    for key, value in fields.items():
        if not _KEY.fullmatch(key) or key.lower() == "action":
            raise UsageError(
                "An AMI action was given a header name that cannot be one.",
                remedy="This is a programming error: please report it.",
            )
        if _FORBIDDEN.search(value):
            raise UsageError(
                "A value for the PBX holds a control character or a line end; it was not sent.",
                remedy="Remove the control characters from the number or name and try again.",
            )
        line = f"{key}: {value}".encode()
        if len(line) > MAX_LINE_BYTES:
            raise UsageError(
                "A value for the PBX is longer than 1 kB; it was not sent.",
                remedy="Shorten the number or name and try again.",
            )
        lines.append(line)
    return b"\r\n".join(lines) + b"\r\n\r\n"
