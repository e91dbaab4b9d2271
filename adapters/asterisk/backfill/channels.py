"""What the rows of one channel tell together: who dialled it, how it ended, what it ran."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from adapters.asterisk.backfill.rows import CelRow
from adapters.asterisk.naming import Naming
from gateway.core.inputs import ChannelKind

NOWHERE: Final = frozenset({"", "s"})
# Set by Dial, Queue and Originate on the channels that they make.
DIALLED_BY: Final = frozenset({"AppDial", "AppQueue", "AppDial2"})
DIALLERS: Final = frozenset({"Dial", "Queue", "FollowMe", "Page"})
MOMENT: Final = timedelta(seconds=1)
BY_HAND: Final = timedelta(milliseconds=500)
# Nobody answers, or refuses by hand; busy (17) and unknown numbers (1, 3 …) ring nowhere.
_RANG: Final = frozenset({"0", "16", "19", "21", "26"})


class Seen:
    """One channel's whole story, read before the rows are told one by one."""

    __slots__ = ("answered", "apps", "first", "hangup", "identity", "last", "rows")

    def __init__(self, naming: Naming, rows: Sequence[CelRow]) -> None:
        self.rows = rows
        self.first, self.last = rows[0], rows[-1]
        name = next((row.channel for row in rows if row.channel), "")
        self.identity = naming.identity(name)
        self.apps = {row.app for row in rows}
        self.answered = any(row.event == "ANSWER" for row in rows)
        self.hangup = next((row for row in rows if row.event == "HANGUP"), None)

    @property
    def begun(self) -> bool:
        """Whether the rows hold its beginning."""
        return self.first.event == "CHAN_START"

    @property
    def ended(self) -> bool:
        """Whether the rows hold its end."""
        return self.hangup is not None or any(row.event == "CHAN_END" for row in self.rows)

    @property
    def is_party(self) -> bool:
        """Whether a phone or a trunk stands at its end."""
        return self.identity.kind in {ChannelKind.EXTENSION, ChannelKind.TRUNK}

    @property
    def was_dialled(self) -> bool:
        """Whether the PBX called it, rather than it the PBX."""
        if self.identity.kind is ChannelKind.RELAY:
            return self.identity.half == 1 and bool(self.apps & DIALLED_BY)
        return self.is_party and self.first.exten in NOWHERE

    @property
    def asked_to_end(self) -> bool:
        """Whether its own far end hung up.

        A channel that the PBX refuses (`Busy()`) names itself as the source as well.
        """
        row = self.hangup
        if row is None or not row.extra.get("hangupsource"):
            return False
        if row.extra["hangupsource"] != self.identity.name:
            return False
        refused = row.extra.get("dialstatus") in {"BUSY", "CONGESTION", "CHANUNAVAIL"}
        return not (refused and not self.answered)

    @property
    def given_up(self) -> bool:
        """Whether the PBX stopped dialling it: nobody answered and its far end did not refuse."""
        row = self.hangup
        if row is None or self.answered or not self.was_dialled or self.asked_to_end:
            return False
        return row.extra.get("hangupcause") in {"0", "16"}

    @property
    def goes_to(self) -> str:
        """Where a channel that was called first goes in the dialplan, "" if nowhere."""
        return next((row.exten for row in self.rows if row.exten not in NOWHERE), "")

    @property
    def rang(self) -> bool:
        """Whether its phone rang, which CEL does not tell: it answered, or was not refused at once.

        A person cannot refuse at once what has not rung yet; a machine does.
        """
        if self.answered:
            return True
        row = self.hangup
        if row is None:
            return True
        cause = row.extra.get("hangupcause", "")
        lasted = row.at - self.first.at >= BY_HAND
        return lasted and cause in _RANG


def by_channel(naming: Naming, rows: Iterable[CelRow]) -> dict[str, Seen]:
    """Return each channel's story, in the order of their first rows."""
    found: dict[str, list[CelRow]] = {}
    for row in rows:
        if row.event != "LINKEDID_END":
            found.setdefault(row.uniqueid, []).append(row)
    return {uid: Seen(naming, own) for uid, own in found.items()}
