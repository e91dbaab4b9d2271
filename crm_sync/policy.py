"""What one CRM wants to hear of calls, and how: the `policy` of its `[[crm]]` table, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from gateway.core.history import is_missed
from gateway.core.record import CallRecord, Direction, MatchKind, Outcome, WrapUp
from gateway.core.writing import ALL_LINKS, Assignee, Creation, Link, answering


class Moment(StrEnum):
    """When a CRM hears of a call for the first time; it hears of the end in any case."""

    RING = "ring"
    ANSWER = "answer"
    END = "end"


class Interest(StrEnum):
    """Whose calls are written: everybody's, or only those of people the directory knows."""

    ALL = "all"
    KNOWN = "known"


class AssignTo(StrEnum):
    """Whose record a call becomes; one that nobody of ours took is always the owner's."""

    ANSWERED_BY = "answered_by"
    FINAL_TALKER = "final_talker"
    OWNER = "owner"


class Create(StrEnum):
    """Which unknown callers become contacts or leads in the CRM; `ask`: those a person names."""

    NEVER = "never"
    ASK = "ask"
    MISSED = "missed"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPolicy:
    """Tasks for missed calls: whether, how long a call back is awaited first, and when due.

    `due_days` counts from the day of the call. `otherwise` is the extension whose task it is where
    the customer has no owner.
    """

    wanted: bool = False
    after_s: float = 0.0
    due_days: int = 0
    otherwise: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which calls, when, to whom, linked to what. Internal calls only if `directions` names them.

    Empty `outcomes` and `queues` are all. `keep_days`: how long what was sent is kept, None for
    the gateway's own. `dispositions` maps what agents say to the CRM's words.
    """

    directions: frozenset[Direction] = frozenset({Direction.INBOUND, Direction.OUTBOUND})
    outcomes: frozenset[Outcome] = frozenset()
    queues: frozenset[str] = frozenset()
    except_queues: frozenset[str] = frozenset()
    interest: Interest = Interest.ALL
    when: Moment = Moment.END
    assign: AssignTo = AssignTo.ANSWERED_BY
    links: frozenset[Link] = ALL_LINKS
    create: Create = Create.NEVER
    create_as: Creation = Creation.CONTACT
    task: TaskPolicy = TaskPolicy()
    title: str | None = None
    note: str | None = None
    dispositions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    recording: bool = True
    keep_days: int | None = None

    def wants(self, record: CallRecord) -> bool:
        """Return whether the CRM hears of this call at all; a live one has no outcome yet."""
        if record.direction not in self.directions or not self._wants_queue(record.queue):
            return False
        if self.outcomes and record.outcome is not None and record.outcome not in self.outcomes:
            return False
        known = record.contact is not None and record.contact.match is not MatchKind.NONE
        return known or self.interest is Interest.ALL

    def wants_task(self, record: CallRecord) -> bool:
        """Return whether somebody has to call back because of this call."""
        return self.task.wanted and record.outside_number is not None and is_missed(record)

    def assignee(self, record: CallRecord) -> Assignee:
        """Return whose record a call becomes."""
        extension = answering(record)
        if self.assign is AssignTo.FINAL_TALKER and record.final_talker is not None:
            extension = record.final_talker
        return Assignee(extension=extension, owner_first=self.assign is AssignTo.OWNER)

    def creates(self, record: CallRecord, *, asked: bool = False) -> Creation | None:
        """Return what is made of a caller whom the CRM does not know; the number is not looked at.

        `asked`: a person said so. While a call is up nobody is made of it: it may be merged.
        """
        wanted = {
            Create.NEVER: False,
            Create.ASK: asked,
            Create.MISSED: asked or is_missed(record),
            Create.ALWAYS: record.outcome is not None,
        }
        internal = record.direction is Direction.INTERNAL
        return self.create_as if wanted[self.create] and not internal else None

    def dressed(self, record: CallRecord) -> CallRecord:
        """Return the record in the CRM's words, without the recording's address unless wanted."""
        if self.dispositions and record.wrap_ups:
            record = replace(record, wrap_ups=tuple(map(self._worded, record.wrap_ups)))
        return record if self.recording or not record.recordings else replace(record, recordings=())

    def _worded(self, said: WrapUp) -> WrapUp:
        word = self.dispositions.get(said.disposition or "")
        return said if word is None else replace(said, disposition=word)

    def _wants_queue(self, queue: str | None) -> bool:
        if queue in self.except_queues:
            return False
        return not self.queues or queue in self.queues
