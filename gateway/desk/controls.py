"""Everything people can do with telephones, for whoever takes their requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.desk.callcontrol import CallControl
from gateway.desk.dialling import ClickToCall
from gateway.desk.members import QueueControl
from gateway.desk.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Click-to-call, calls that are up, queues' members, and the memory of what was asked.

    `italian` is what the PBXs' own refusals say, sentence by sentence, in Italian.
    """

    dialling: ClickToCall
    calls: CallControl
    members: QueueControl
    once: Once
    italian: Mapping[str, str] = field(default_factory=dict)
