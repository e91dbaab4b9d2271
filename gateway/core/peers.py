"""Which legs of different PBXs are the two ends of one SIP dialog."""

from dataclasses import dataclass

from gateway.core.ids import CallId


@dataclass(slots=True)
class End:
    """One end of a trunk between two PBXs of ours: a channel of `pbx` that leads to `peer`.

    `root`: the call of that PBX came in through it. `call` is the call it belongs to, as far as it
    is known; `dialog` the SIP Call-ID, which both ends share. `doubtful`: while it was alone, the
    other PBX could not be heard, so that nobody can say what became of it there. `met_at` is when
    it was met; `mute`: it was gone before its Call-ID could be asked.
    """

    pbx: str
    channel: str
    name: str
    peer: str
    root: bool
    call: CallId | None = None
    dialog: str = ""
    other: "End | None" = None
    asked: int = 0
    doubtful: bool = False
    met_at: float = 0.0
    mute: bool = False


class Ends:
    """All ends that are known; two of the same dialog on different PBXs find each other."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, str], End] = {}
        self._dialogs: dict[str, list[End]] = {}
        self._calls: dict[CallId, list[End]] = {}

    def add(self, end: End) -> None:
        """Keep an end."""
        self._ends[end.pbx, end.channel] = end

    def get(self, pbx: str, channel: str) -> End | None:
        """Return the end that a channel is."""
        return self._ends.get((pbx, channel))

    def of(self, call: CallId) -> tuple[End, ...]:
        """Return the ends of a call."""
        return tuple(self._calls.get(call, ()))

    def give(self, end: End, call: CallId) -> None:
        """Note which call an end belongs to (now)."""
        if end.call == call:
            return
        self._take(end)
        end.call = call
        self._calls.setdefault(call, []).append(end)

    def _take(self, end: End) -> None:
        if end.call is None:
            return
        left = [one for one in self._calls.get(end.call, ()) if one is not end]
        if left:
            self._calls[end.call] = left
        else:
            self._calls.pop(end.call, None)

    def alone_towards(self, pbx: str) -> tuple[End, ...]:
        """Return the ends that lead to a PBX and have not found their other one."""
        return tuple(end for end in self._ends.values() if end.peer == pbx and not end.other)

    def tell(self, end: End, dialog: str) -> End | None:
        """Note an end's Call-ID and return its other end if that is known now.

        Two ends that both called, or both were called, belong to nobody we know.
        """
        end.dialog = dialog
        found = self._dialogs.setdefault(dialog, [])
        for one in found:
            if one.other is None and one.pbx != end.pbx:
                end.other, one.other = one, end
                return one
        found.append(end)
        return None

    def pair(self, one: End, two: End) -> None:
        """Take two ends for one dialog although a Call-ID is not known."""
        one.other, two.other = two, one

    def forget(self, end: End) -> None:
        """Let go of an end whose call is over."""
        self._ends.pop((end.pbx, end.channel), None)
        self._take(end)
        left = [one for one in self._dialogs.get(end.dialog, ()) if one is not end]
        if left:
            self._dialogs[end.dialog] = left
        else:
            self._dialogs.pop(end.dialog, None)
