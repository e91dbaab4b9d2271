"""Which AMI events the call table is told of; all others are passed over undecoded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Event name -> nothing (all of them), or byte needles of which one must be in the event.
WANTED: Final[Mapping[bytes, tuple[bytes, ...]]] = MappingProxyType(
    {
        b"AgentConnect": (),
        b"AttendedTransfer": (),
        b"BlindTransfer": (),
        b"BridgeEnter": (),
        b"BridgeLeave": (),
        # What tells a voicemail where the class `dialplan` is not read (AMI.md: Rights).
        b"CEL": (b"\nApplication: VoiceMail\r\n",),
        b"ConfbridgeJoin": (),
        b"DialBegin": (),
        b"DialEnd": (),
        b"DialState": (b"DialStatus: RINGING",),
        b"Hangup": (),
        b"HangupRequest": (),
        b"Hold": (),
        b"Newchannel": (),
        b"Newexten": (
            b"Application: Queue\r\n",
            b"Application: VoiceMail\r\n",
            b"Application: BackGround\r\n",
            b"Application: Background\r\n",
            b"Application: WaitExten",
            b"Application: Read\r\n",
        ),
        b"Newstate": (),
        b"OriginateResponse": (),
        b"ParkedCall": (),
        b"Pickup": (),
        b"QueueCallerJoin": (),
        b"QueueCallerLeave": (),
        b"Rename": (),
        b"SoftHangupRequest": (),
        b"UnParkedCall": (),
        b"Unhold": (),
        b"UserEvent": (b"UserEvent: Filodiretto\r\n",),
        b"VarSet": (
            b"Variable: QUEUESTATUS\r\n",
            b"Variable: MIXMONITOR_FILENAME\r\n",
            b"Variable: DIALSTATUS\r\nValue: CHANUNAVAIL",
        ),
    }
)
