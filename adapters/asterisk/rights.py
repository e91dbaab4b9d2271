"""Which rights the AMI user lacks, judged by what it is and is not shown."""

from typing import Final

from adapters.asterisk.actions import Action
from adapters.asterisk.codec import Frame

# A queue caller's Newexten always comes first; one caller may have entered before we connected.
JOINS_WITHOUT_DIALPLAN: Final = 3
_DIALPLAN: Final = frozenset({"Newexten", "VarSet"})


class Rights:
    """What one connection has shown so far; `verdict` puts it into words."""

    def __init__(self) -> None:
        self.booted = True
        self.denied: tuple[Action, ...] = ()
        self.looking = True
        self._joins = 0

    @property
    def no_dialplan(self) -> bool:
        """Whether calls enter queues without any event of the dialplan."""
        return self._joins >= JOINS_WITHOUT_DIALPLAN

    def look(self, frames: list[Frame]) -> bool:
        """Watch for signs of read=dialplan; True once it is clear that they are missing."""
        for frame in frames:
            if frame.name in _DIALPLAN:
                self.looking = False
                self._joins = 0
                return False
            if frame.name == "QueueCallerJoin":
                self._joins += 1
                if self.no_dialplan:
                    self.looking = False
                    return True
        return False

    def verdict(self) -> tuple[str, str]:
        """Return cause and remedy of the worst shortfall, ("", "") if there is none."""
        if Action.CORE_SHOW_CHANNELS in self.denied:
            return (
                "The AMI user may not list channels: calls that were up at sign-in are unknown.",
                "Add write = reporting to the user in manager.conf and reload the manager.",
            )
        if not self.booted:
            return (
                "FullyBooted did not come: the AMI user lacks read = system.",
                "Add system to read in manager.conf (and FullyBooted to the event filter).",
            )
        if self.no_dialplan:
            return (
                "Queues are entered without a dialplan event: menus and voicemail are invisible.",
                "Add dialplan to read in manager.conf, or install the event filter again.",
            )
        if self.denied:
            return (
                "The AMI user may not list bridges or queues.",
                "Add write = reporting to the user in manager.conf and reload the manager.",
            )
        return "", ""
