"""What a CRM's policy asks of its connector for one effect, and what a dry run is told of it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from gateway.core.record import CallRecord, Direction, MatchKind


class EffectKind(StrEnum):
    """What a CRM is told.

    All kinds but the task concern the one record of the call: the first that arrives makes it, the
    others bring it up to date. A task is a record of its own. `contact.asked`: a person wants the
    caller as a contact; else it is a correction.
    """

    STARTED = "call.started"
    ANSWERED = "call.answered"
    ENDED = "call.ended"
    UPDATED = "call.updated"
    CONTACT = "contact.asked"
    TASK = "task.missed"


class Link(StrEnum):
    """What a record is linked to; `deal` is an open deal or case, if there is exactly one."""

    CONTACT = "contact"
    COMPANY = "company"
    DEAL = "deal"


class Creation(StrEnum):
    """What is made of a caller whom the CRM does not know."""

    CONTACT = "contact"
    LEAD = "lead"


ALL_LINKS: Final = frozenset(Link)
CORRECTIONS: Final = frozenset({EffectKind.UPDATED, EffectKind.CONTACT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignee:
    """Whose record it becomes.

    `extension` of ours (at `record.pbx`) is mapped to a user by the connector. With `owner_first`
    it counts only if the customer has no owner in the CRM; without an extension it is the owner.
    """

    extension: str | None = None
    owner_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """The task for a missed call: one line, a text without our marks, and the day it is due."""

    title: str
    note: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WritePlan:
    """How one effect is written.

    `follows`: an earlier effect may have made the record already, so look before creating;
    `record_id` is what the CRM's last receipt called it. Without `creates_record` only what is
    there is brought up to date: a record that was written and is gone was deleted on purpose.
    `title` and `note` are texts of the administrator's template (no marks), None for the
    connector's own. `disposition` is the CRM's word for what an agent said. `creates` is None
    where nobody may be created; it is never set for a number of our own, a withheld or a missing
    one. `task` is set for `EffectKind.TASK` alone. `notice` is JSON text to be told instead of the
    call (`gateway.core.notices`).
    """

    kind: EffectKind = EffectKind.ENDED
    follows: bool = False
    record_id: str | None = None
    creates_record: bool = True
    assignee: Assignee = field(default_factory=Assignee)
    title: str | None = None
    note: str | None = None
    disposition: str | None = None
    recording_url: str | None = None
    links: frozenset[Link] = ALL_LINKS
    creates: Creation | None = None
    task: TaskPlan | None = None
    notice: str | None = None


def answering(record: CallRecord) -> str | None:
    """Return the extension of ours that a call belongs to: who answered, or who called."""
    if record.direction is Direction.INBOUND:
        return record.answered_by
    return record.caller.number


def plain_plan(record: CallRecord, kind: str) -> WritePlan:
    """Return the plan of a CRM without a policy of its own."""
    return WritePlan(
        kind=EffectKind(kind),
        follows=kind in {EffectKind.ANSWERED, *CORRECTIONS},
        creates_record=kind not in CORRECTIONS,
        assignee=Assignee(extension=answering(record)),
        recording_url=record.recordings[0].url if record.recordings else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would be written for one call; nothing was."""

    title: str
    match: MatchKind
    person: str | None = None
    assignee: str | None = None


@runtime_checkable
class CrmPreviewer(Protocol):
    """A writer that can say beforehand whom a call would be written to."""

    async def preview(self, record: CallRecord, *, plan: WritePlan) -> Preview:
        """Search as `write` does and write nothing; raises the same errors."""
