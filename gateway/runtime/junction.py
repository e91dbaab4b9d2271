"""Where the pipelines of PBXs with `peers` meet: a call between two of them is one call."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import orjson
import structlog

from gateway.core.channels import NOWHERE
from gateway.core.events import CallEvent, Query
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    Identity,
    Input,
    LinkDown,
    QueryAnswer,
    Snapshot,
)
from gateway.core.numbers import NumberPlan
from gateway.core.peering import Peering, Said
from gateway.core.peers import End
from gateway.core.peertree import Known
from gateway.core.peerview import PeerTable
from gateway.core.phones import SeenPhone
from gateway.core.record import CallRecord, Direction
from gateway.core.table import CallTable
from gateway.runtime.settings import PbxSettings

VERSION: Final = 1
MARK: Final = "peer:"
# A question is lost with a busy PBX or a flapping link; the channel is still there.
TRIES: Final = 3

log = structlog.get_logger(__name__)


class PeeredPbx(Protocol):
    """What is read of a `[[pbx]]` table; an adapter without peers need not have it."""

    @property
    def name(self) -> str:
        """The PBX's name."""

    @property
    def peers(self) -> Mapping[str, str]:
        """Trunks that lead to other PBXs of ours."""

    def peer_query(self, channel: str) -> str:
        """Return the variable that holds a channel's SIP Call-ID; "" if it has none."""


class Line(Protocol):
    """One PBX's pipeline."""

    @property
    def pbx(self) -> str:
        """Its PBX."""

    def hand_on(self, event: CallEvent, *, aside: bool = False, alone: bool = False) -> None:
        """Tell desk, store and CRM what happened."""

    def greet(self, calls: Iterable[tuple[CallRecord, Iterable[SeenPhone]]], now: datetime) -> None:
        """Show the desk the calls that were up before a restart, and the phones in them."""

    def ask(self, query: Query) -> None:
        """Ask the PBX."""


def open_junction(pbxs: Iterable[Any]) -> "Junction | None":
    """Return where the configured PBXs meet, None if no trunk leads from one to another."""
    able = {pbx.name: pbx for pbx in pbxs if hasattr(pbx, "peers") and hasattr(pbx, "peer_query")}
    pairs = {
        (name, peer)
        for name, pbx in able.items()
        for peer in pbx.peers.values()
        if peer in able and peer != name
    }
    places = {name: able[name] for pair in sorted(pairs) for name in pair}
    return Junction(places) if places else None


def table_of(pbx: PbxSettings, plan: NumberPlan, junction: "Junction | None") -> CallTable:
    """Return a PBX's call table, one that meets the others' where it has peers."""
    query = getattr(pbx, "presentation_query", "")
    if junction is None or not junction.has(pbx.name):
        return CallTable(pbx.name, plan, presentation_query=query)
    table = PeerTable(pbx.name, plan, presentation_query=query)
    junction.add(table)
    return table


class Junction:
    """Hears the inputs and the events of the joined PBXs; owned by the event loop's thread."""

    def __init__(self, pbxs: Mapping[str, Any]) -> None:
        self._pbxs: Mapping[str, PeeredPbx] = pbxs
        self._tables: dict[str, PeerTable] = {}
        self._lines: dict[str, Line] = {}
        keepers = [name for name, pbx in pbxs.items() if _keeps_history(pbx)]
        self._peering = Peering(self._tables, keepers=frozenset(keepers))
        self._states: list[tuple[str, bytes]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None

    def has(self, pbx: str) -> bool:
        """Whether trunks lead from this PBX to another one that is followed, or to it."""
        return pbx in self._pbxs

    def add(self, table: PeerTable) -> None:
        """Take the call table of one of the PBXs."""
        self._tables[table.pbx] = table

    def join(self, line: Line) -> None:
        """Take the pipeline of one of the PBXs."""
        self._lines[line.pbx] = line

    # What the pipelines tell

    def before(self, pbx: str, item: Input) -> bool:
        """Hear an input before the call table; True if it was an answer to us."""
        if isinstance(item, ChannelCreated):
            if item.identity.prefix:
                calls = item.channel == item.linkedid and item.exten not in NOWHERE
                self._met(pbx, item.channel, item.identity, root=calls)
        elif isinstance(item, Snapshot):
            self._peering.link(pbx, up=True)
            for entry in item.channels:
                if entry.identity.prefix:
                    is_root = entry.channel == entry.linkedid
                    self._met(pbx, entry.channel, entry.identity, root=is_root)
        elif isinstance(item, LinkDown):
            self._peering.link(pbx, up=False)
        elif isinstance(item, QueryAnswer) and item.query_id.startswith(MARK):
            self._answered(pbx, item)
            return True
        return False

    def after(self, pbx: str, item: Input) -> None:
        """Hear an input once the call table knows it: now a channel has its call."""
        if isinstance(item, ChannelCreated):
            if item.identity.prefix:
                self._hand_on(self._peering.placed(pbx, item.channel, at=item.at, now=_now()))
        elif isinstance(item, ChannelHungUp):
            self._peering.gone(pbx, item.channel)
        elif isinstance(item, Snapshot):
            for entry in item.channels:
                if entry.identity.prefix:
                    self._hand_on(self._peering.placed(pbx, entry.channel, at=item.at, now=_now()))

    def take(self, event: CallEvent) -> None:
        """Hand on what a call table said, as what happened to the whole call."""
        self._hand_on(self._peering.take(event, _now()))

    # What a history tells

    def recalled(self, record: CallRecord) -> CallRecord:
        """Return a call found in a history, incomplete if it went on at another PBX or came over.

        No history tells a Call-ID, so what was not joined while it was up is not joined any more.
        """
        followed = {peer for peer in self._pbxs[record.pbx].peers.values() if peer in self._pbxs}
        labels = {label.partition(":")[0] for stage in record.rung for label in stage}
        talkers = (record.answered_by or "", record.final_talker or "")
        labels |= {label.partition(":")[0] for label in talkers if ":" in label}
        over = bool(labels & followed) or self.came_over(record)
        return replace(record, complete=False) if over else record

    def came_over(self, record: CallRecord) -> bool:
        """Whether a call came in from another PBX that is followed."""
        pbx = self._pbxs.get(record.pbx)
        peer = pbx.peers.get(record.trunk or "") if pbx is not None else None
        if peer is None or peer not in self._pbxs:
            return False
        from_there = (record.caller.number or "").startswith(peer + ":")
        return from_there or record.direction is Direction.INBOUND

    # Restarts

    def keep(self, pbx: str, states: Iterable[bytes]) -> None:
        """Keep the states of an earlier run until all PBXs have given theirs."""
        self._states += [(pbx, state) for state in states]

    def resume(self, now: datetime) -> None:
        """Take over the calls of an earlier run: their parts lie in the tables of several PBXs."""
        found: list[tuple[str, dict[str, Any]]] = []
        for pbx, state in self._states:
            found += [one for one in _parts(pbx, state) if one[0] in self._tables]
        for name, part in found:
            self._tables[name].restore([part["state"].encode()])
        for name, part in found:
            self._revive(name, part)
        self._states.clear()
        for pbx, line in self._lines.items():
            live = [
                self._peering.whole(record)
                for record in self._tables[pbx].live()
                if not self._peering.is_part(record.id)
            ]
            line.greet(((record, self._peering.phones(record)) for record in live), now)

    def _revive(self, pbx: str, part: dict[str, Any]) -> None:
        live = {str(record.id): record for record in self._tables[pbx].live()}
        record = live.get(part.get("call", ""))
        if record is not None:
            known = Known(pbx=pbx, record=record, said=part["said"], merged=part["merged"])
            known.extra, known.rings = part["extra"], part["rings"]
            self._peering.resume(known, [End(**one) for one in part["ends"]])

    def state(self, record: CallRecord) -> bytes:
        """Return what a restart needs of a call and of its parts on other PBXs."""
        parts = self._peering.parts(record.id)
        table = self._tables.get(record.pbx)
        if not parts:
            return b"" if table is None else table.dump(record.id)
        return orjson.dumps({"peers": VERSION, "parts": [self._written(known) for known in parts]})

    def _written(self, known: Known) -> dict[str, Any]:
        call = known.record.id
        return {
            "pbx": known.pbx,
            "call": str(call),
            "state": self._tables[known.pbx].dump(call).decode(),
            "said": known.said,
            "merged": known.merged,
            "extra": known.extra,
            "rings": known.rings,
            "ends": [_written_end(end) for end in self._peering.ends(call)],
        }

    # Questions

    def _met(self, pbx: str, channel: str, identity: Identity, *, root: bool) -> None:
        end = self._peering.met(
            pbx, channel, name=identity.name, peer=identity.prefix, root=root, now=_now()
        )
        if end is not None:
            end.asked = 0
            self._ask(end)

    def _ask(self, end: End) -> None:
        variable = self._pbxs[end.pbx].peer_query(end.name)
        line = self._lines.get(end.pbx)
        if variable and line is not None:
            end.asked += 1
            line.ask(Query(id=MARK + end.channel, channel=end.name, variable=variable))

    def _answered(self, pbx: str, item: QueryAnswer) -> None:
        channel = item.query_id.removeprefix(MARK)
        if item.value:
            self._hand_on(self._peering.told(pbx, channel, item.value, at=item.at, now=_now()))
            return
        end = self._peering.end(pbx, channel)
        if end is not None and end.asked < TRIES:
            self._ask(end)
        elif end is not None:
            log.debug("peers.dialog_unknown", pbx=pbx, channel=channel)
            self._hand_on(self._peering.untold(pbx, channel, at=item.at, now=_now()))

    # Handing on

    def _hand_on(self, said: Sequence[Said]) -> None:
        for one in said:
            line = self._lines.get(one.event.record.pbx)
            if line is not None:
                line.hand_on(one.event, aside=one.aside, alone=one.alone)
        self._set_timer()

    def _set_timer(self) -> None:
        due = self._peering.next_due()
        if due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._due = due
        if due is not None:
            self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = self._due = None
        self._hand_on(self._peering.tick(_now()))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _keeps_history(pbx: object) -> bool:
    return getattr(pbx, "cel", None) is not None or getattr(pbx, "cdr", None) is not None


def _parts(pbx: str, state: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Return the states of a call's parts by PBX; a plain state is a call of one PBX alone."""
    try:
        data = orjson.loads(state)
    except orjson.JSONDecodeError:
        return []
    if not isinstance(data, dict) or data.get("peers") != VERSION:
        return [(pbx, {"state": state.decode(errors="replace")})]
    return [(part["pbx"], part) for part in data["parts"]]


def _written_end(end: End) -> dict[str, Any]:
    return {
        name: getattr(end, name)
        for name in ("pbx", "channel", "name", "peer", "root", "dialog", "doubtful")
    }
