"""One call as the table knows it: mutable, projected onto a record whenever somebody asks."""

from datetime import datetime

from gateway.core.ids import CallId
from gateway.core.legs import Leg
from gateway.core.record import (
    Called,
    CallRecord,
    Direction,
    EndedBy,
    EndKind,
    Party,
    Recording,
    TransferType,
)


class Move:
    """One transfer in the making.

    `key` tells duplicates apart (the channel or relay by which it happens), `relay` is the relay
    its target is reached through, `open` until it was completed or given up.
    """

    __slots__ = ("at", "completed", "from_party", "key", "open", "relay", "to_party", "type")

    def __init__(
        self,
        move_type: TransferType,
        *,
        key: str,
        from_party: str | None,
        to_party: str | None,
        at: datetime | None,
        relay: str = "",
    ) -> None:
        self.type = move_type
        self.key = key
        self.from_party = from_party
        self.to_party = to_party
        self.at = at
        self.relay = relay
        self.completed = False
        self.open = True


class Call:
    """The state of one call.

    `anchor` is the channel from which we look whom the call reaches: the initiator's, or, once the
    initiator has handed the call over (`swapped`; for good: `handed_over`), the far party's.
    `met_at` is when the first event of a call came whose first channel was not told yet.
    `talking` are the unique ids reached now, `talked` all ever reached. `born` once announced.
    `unseen` is the channel whose leaving a bridge it was not seen to enter made the call a `gap`.
    `queue_uid` is the channel that is in the queue; `groups` are numbers found to ring in turn.
    `parting` is the channel whose far end left at `parted_at`: the PBX may take long to notice.
    While nobody looked it may have heard a menu (`menu_unseen`), been taken by the PBX's voicemail
    or by somebody (`taken_unseen`). `parties` are those of the last record, and of what they were
    made.
    """

    __slots__ = (
        "agent_up_at",
        "anchor",
        "answer_queue",
        "answered",
        "answered_at",
        "answered_by",
        "begin_seen",
        "born",
        "called",
        "caller_name",
        "caller_number",
        "caller_party",
        "channels",
        "complete",
        "conference",
        "cut_short",
        "dial_failed",
        "direction",
        "direction_fixed",
        "end",
        "ended",
        "ended_at",
        "final",
        "final_talker",
        "gap",
        "groups",
        "handed_over",
        "hold_s",
        "hold_since",
        "id",
        "in_queue",
        "initiator",
        "ivr_s",
        "ivr_since",
        "last_queue",
        "last_talking",
        "left_at",
        "linkedid",
        "linkedids",
        "menu_unseen",
        "menus",
        "merged_into",
        "met_at",
        "moves",
        "originated",
        "parked_by",
        "parted_at",
        "parties",
        "parting",
        "pending",
        "queue_gave_up",
        "queue_left_at",
        "queue_since",
        "queue_uid",
        "queued",
        "recordings",
        "requests",
        "revision",
        "ring_unknown",
        "rings",
        "root",
        "root_up",
        "stage_is_over",
        "stages",
        "stale",
        "started_at",
        "swapped",
        "taken_unseen",
        "talked",
        "talking",
        "trunk",
        "unseen",
        "verdict",
        "voicemail_at",
        "wait_unknown",
        "withheld",
    )

    def __init__(  # noqa: PLR0915 - a call's state is listed once, here
        self, call_id: CallId, root: str, started_at: datetime
    ) -> None:
        self.id = call_id
        self.root = root
        self.linkedid = root
        self.linkedids: tuple[str, ...] = (root,)
        self.started_at: datetime = started_at
        self.begin_seen = True
        self.met_at: datetime | None = None
        self.complete = True
        self.born = False
        self.direction = Direction.INTERNAL
        self.direction_fixed = False
        self.originated = False
        self.agent_up_at: datetime | None = None
        self.root_up = False
        self.initiator = ""
        self.anchor = ""
        self.swapped = False
        self.handed_over = False
        self.caller_number = ""
        self.caller_party = False
        self.caller_name = ""
        self.called = ""
        self.withheld: bool | None = None
        self.trunk: str | None = None
        # Most calls have few channels, one talker and no moves: these are as small as can be.
        self.channels: list[str] = []
        self.stages: list[list[Leg]] = []
        self.stage_is_over = False
        self.pending: dict[str, Leg] = {}
        self.rings: dict[str, int] = {}
        self.talking: tuple[str, ...] = ()
        self.last_talking: tuple[str, ...] = ()
        self.left_at: datetime | None = None
        self.talked: tuple[str, ...] = ()
        self.answered = False
        self.answered_at: datetime | None = None
        self.answered_by: str | None = None
        self.final_talker: str | None = None
        self.answer_queue: str | None = None
        self.conference = False
        self.voicemail_at: datetime | None = None
        self.moves: tuple[Move, ...] = ()
        self.parked_by: str | None = None
        self.parting = ""
        self.parted_at: datetime | None = None
        self.groups: tuple[str, ...] = ()
        self.queued = False
        self.queue_uid = ""
        self.queue_since: datetime | None = None
        self.queue_left_at: datetime | None = None
        self.in_queue: str | None = None
        self.last_queue: str | None = None
        self.queue_gave_up = False
        self.menus: tuple[str, ...] = ()
        self.ivr_since: datetime | None = None
        self.ivr_s = 0.0
        self.hold_since: datetime | None = None
        self.hold_s = 0.0
        self.gap = False
        self.unseen = ""
        self.ring_unknown = False
        self.wait_unknown = False
        self.menu_unseen = False
        self.taken_unseen = False
        self.stale = False
        self.cut_short = False
        self.dial_failed = False
        self.verdict: EndedBy | None = None
        self.requests: tuple[str, ...] = ()
        self.recordings: tuple[Recording, ...] = ()
        self.ended = False
        self.end: EndKind | None = None
        self.ended_at: datetime | None = None
        self.revision = 0
        self.merged_into: CallId | None = None
        self.final: CallRecord | None = None
        self.parties: tuple[tuple[object, ...], tuple[Party, Called]] | None = None

    @property
    def last_stage(self) -> list[Leg]:
        """Return the legs dialled last; the agent's own phone of a click-to-call is aside."""
        for stage in reversed(self.stages):
            legs = [leg for leg in stage if not leg.own]
            if legs:
                return legs
        return []

    def disown(self, uid: str) -> None:
        """Have a channel that is over, or another call's, no longer."""
        if uid in self.channels:
            self.channels.remove(uid)

    def add_move(self, move: Move, index: int | None = None) -> None:
        """List a transfer, the last one unless `index` says where."""
        at = len(self.moves) if index is None else index
        self.moves = (*self.moves[:at], move, *self.moves[at:])

    def find_move(self, key: str, *types: TransferType) -> Move | None:
        """Return the transfer that was noted under `key`."""
        for move in self.moves:
            if move.key == key and move.type in types:
                return move
        return None

    def blind_open(self) -> bool:
        """Whether a blind transfer has not reached anybody yet."""
        return any(move.open and move.type is TransferType.BLIND for move in self.moves)
