"""The AMI users of the lab's PBX: the stanzas that administrators copy, with passwords set."""

from support.asterisk_lab.settings import OBSERVER, OBSERVER_SECRET

STAND_IN = f"""
[{OBSERVER}]
secret = {OBSERVER_SECRET}
read = system,call,agent,dialplan,user
write = reporting
writetimeout = 5000
"""


def shipped_stanzas() -> str:
    """Return manager.conf text with the observer and the control user."""
    return STAND_IN
