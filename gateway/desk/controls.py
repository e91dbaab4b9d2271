"""Everything people can do with telephones, for whoever takes their requests."""

from dataclasses import dataclass

from gateway.desk.callcontrol import CallControl
from gateway.desk.dialling import ClickToCall
from gateway.desk.members import QueueControl
from gateway.desk.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """Click-to-call, calls that are up, queues' members, and the memory of what was asked."""

    dialling: ClickToCall
    calls: CallControl
    members: QueueControl
    once: Once
