"""Who dialled a leg: the Dial or Queue that ran when the leg began (CEL has no dial events)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.asterisk.backfill.channels import DIALLERS, MOMENT, NOWHERE, Seen
from adapters.asterisk.backfill.rows import CelRow
from adapters.asterisk.naming import dialled_number
from gateway.core.inputs import ChannelKind

_REDIRECTED: Final = "23"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialler:
    """The channel that dialled ("": nobody, originated), where it stood, and the number."""

    channel: str = ""
    exten: str = ""
    number: str = ""


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run of an application."""

    row: CelRow
    end: CelRow | None = None


class Diallers:
    """Knows the applications that dialled in the rows of calls that belong together."""

    def __init__(self, seen: Mapping[str, Seen], rows: Sequence[CelRow]) -> None:
        self._seen = seen
        self._order = {id(row): place for place, row in enumerate(rows)}
        self._runs: list[_Run] = []
        self._told = any(row.event == "APP_START" for row in rows)
        for row in rows:
            if row.event == "APP_START":
                self._runs.append(_Run(row=row))
            elif row.event in {"APP_END", "HANGUP", "CHAN_END"}:
                self._close(row)
        if not any(run.row.app in DIALLERS for run in self._runs):
            self._presume()

    def of(self, leg: Seen) -> Dialler:
        """Return who dialled a leg."""
        run = self._run_for(leg)
        if run is None:
            return self._relay_or_root(leg)
        if run.row.uniqueid == leg.first.uniqueid:
            return Dialler()
        number = _number(run.row.data, leg) if run.row.app == "Dial" else ""
        return Dialler(channel=run.row.uniqueid, exten=run.row.exten, number=number)

    def end_of(self, start: CelRow) -> CelRow | None:
        """Return the row that ended what `start` began."""
        return next((run.end for run in self._runs if run.row is start), None)

    def dialled_by(self, start: CelRow, end: CelRow) -> bool:
        """Whether any leg began between two rows."""
        low, high = self._order[id(start)], self._order[id(end)]
        return any(
            seen.begun and seen.was_dialled and low < self._order[id(seen.first)] < high
            for seen in self._seen.values()
            if seen.first.uniqueid != start.uniqueid
        )

    def in_vain(self, end: CelRow) -> list[str]:
        """Return the legs of a Dial that ends with `end` which did not answer."""
        run = next((run for run in self._runs if run.end is end), None)
        if run is None or run.row.app != "Dial":
            return []
        low, high = self._order[id(run.row)], self._order[id(end)]
        return [
            uid
            for uid, seen in self._seen.items()
            if seen.was_dialled
            and not seen.answered
            and low < self._order[id(seen.first)] < high
            and self._run_for(seen) is run
        ]

    def redirected(self, row: CelRow) -> str:
        """Return the leg that sent the caller of the row's channel elsewhere, "" if none shows.

        Dial may let go of it before the channel driver has noted cause and source: then it is the
        one that went nearest to the row.
        """
        near = [
            (seen.hangup.extra.get("hangupcause") != _REDIRECTED, abs(seen.hangup.at - row.at), uid)
            for uid, seen in self._seen.items()
            if seen.hangup is not None
            and seen.is_party
            and seen.was_dialled
            and not seen.answered
            and abs(seen.hangup.at - row.at) <= MOMENT
            and self.of(seen).channel == row.uniqueid
        ]
        return min(near)[2] if near else ""

    def _close(self, row: CelRow) -> None:
        for run in reversed(self._runs):
            if run.row.uniqueid != row.uniqueid or run.end is not None:
                continue
            if row.event != "APP_END" or run.row.app == row.app:
                run.end = row
                if row.event == "APP_END":
                    return

    def _presume(self) -> None:
        """Take the application columns of any row where starts are not told (cel.conf: apps)."""
        for seen in self._seen.values():
            known: set[tuple[str, str]] = set()
            for row in seen.rows:
                if row.app in DIALLERS and (row.app, row.data) not in known:
                    known.add((row.app, row.data))
                    self._runs.append(_Run(row=row))

    def _run_for(self, leg: Seen) -> _Run | None:
        place = self._order[id(leg.first)]
        best: _Run | None = None
        for run in self._runs:
            if run.row.app not in DIALLERS or run.row.uniqueid == leg.first.uniqueid:
                continue
            if self._told:
                begun = self._order[id(run.row)] < place
                over = run.end is not None and self._order[id(run.end)] < place
                if not begun or over:
                    continue
            if run.row.app == "Dial" and not _names(run.row.data, leg):
                continue
            # The latest one counts, but what names the leg's device more than what may have.
            better = best is None or (run.row.app == "Dial") > (best.row.app == "Dial")
            if better or (self._told and best is not None and run.row.app == best.row.app):
                best = run
        return best

    def _relay_or_root(self, leg: Seen) -> Dialler:
        """Guess where no application is told: the far half of its relay, else who called."""
        place = self._order[id(leg.first)]
        if leg.is_party:
            for uid, seen in self._seen.items():
                one = seen.identity
                if one.kind is ChannelKind.RELAY and one.half == 2 and seen.first.exten:  # noqa: PLR2004
                    near = one.target in {leg.identity.party, leg.first.number}
                    if near and self._order[id(seen.first)] < place:
                        return Dialler(channel=uid, exten=seen.first.exten)
        root = self._seen.get(leg.first.linkedid)
        if root is None or root is leg:
            return Dialler()
        if root.first.exten in NOWHERE:
            exten = next((row.exten for row in root.rows if row.exten not in NOWHERE), "")
            return Dialler(channel=leg.first.linkedid, exten=exten)
        exten = next((row.exten for row in reversed(root.rows) if row.exten), "")
        return Dialler(channel=leg.first.linkedid, exten=exten)


def _names(data: str, leg: Seen) -> bool:
    """Whether a Dial's arguments name a leg's device, or left it to the redirected one."""
    destinations = data.partition(",")[0].split("&")
    if leg.identity.kind is ChannelKind.RELAY:
        base = leg.identity.relay.rpartition("-")[0]
        if any(one.partition("/n")[0] == base or one == base for one in destinations):
            return True
        # A phone's 302 makes a relay of Dial's own.
        return not any(one.startswith("Local/") for one in destinations)
    device = leg.identity.name.rpartition("-")[0]
    technology, _, endpoint = device.partition("/")
    return any(
        one == device
        or (one.startswith(technology + "/") and endpoint in one.replace("@", "/").split("/"))
        for one in destinations
    )


def _number(data: str, leg: Seen) -> str:
    """Return the number that a leg's own part of Dial's arguments names."""
    technology = leg.identity.name.partition("/")[0] + "/"
    for one in data.partition(",")[0].split("&"):
        if one.startswith(technology) and (
            leg.identity.kind is not ChannelKind.TRUNK
            or leg.identity.party in one.replace("@", "/").split("/")
        ):
            return dialled_number(one)
    return ""
