"""From a call record to the fields of one Task.

Read in the object reference, "Task": Subject 255 characters, Description 32 000; TaskSubtype is
set once and never updated; with a lead as WhoId there is no WhatId.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from crm_sync.connectors import notes, texts
from crm_sync.connectors.parties import heading, said_last, title_of
from crm_sync.connectors.people import Entity, Person
from crm_sync.connectors.salesforce.settings import SalesforceSettings
from gateway.core.record import CallRecord, CallState, Direction, Outcome
from gateway.core.text import clean_text
from gateway.core.writing import Link, TaskPlan, WritePlan

DESCRIPTION_LIMIT: Final = 32_000
_WORD_LIMIT: Final = 255
_CALL_TYPES: Final = MappingProxyType(
    {
        Direction.INBOUND: "Inbound",
        Direction.OUTBOUND: "Outbound",
        Direction.INTERNAL: "Internal",
    }
)
OUTCOMES: Final = MappingProxyType({outcome: outcome.value.capitalize() for outcome in Outcome})


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The records a call belongs to; None is not known. `deal` is an open deal or case."""

    person: Person | None = None
    deal: str | None = None
    user: str | None = None
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What Salesforce holds of this call already, perhaps edited by people."""

    id: str
    subject: str
    description: str
    status: str
    who: str | None
    what: str | None
    owner: str | None
    result: str


def new_call(
    record: CallRecord, links: Links, plan: WritePlan, settings: SalesforceSettings, at: datetime
) -> dict[str, object]:
    """Return the fields of a call that Salesforce does not have yet."""
    title, block = _texts(record, links, plan, settings)
    fields: dict[str, object] = {
        **_facts(record, settings, at),
        "Subject": title,
        "Description": notes.fitting("", block, "text", most=DESCRIPTION_LIMIT),
        "Status": status_of(record, settings),
        "TaskSubtype": "Call",
        **_relations(links, plan),
    }
    result = _result(record, plan)
    if result is not None:
        fields["CallDisposition"] = result
    if links.user is not None:
        fields["OwnerId"] = links.user
    return fields


def changed_call(
    record: CallRecord,
    links: Links,
    existing: Existing,
    plan: WritePlan,
    *,
    settings: SalesforceSettings,
    at: datetime,
    ours: str,
) -> dict[str, object]:
    """Return the fields of a call that Salesforce has; what people edited there stays.

    The block in the description is replaced; subject, status, result and owner only where they
    are as we set them (`ours` is the integration user's id); relations only where there are none.
    """
    title, block = _texts(record, links, plan, settings)
    fields = _facts(record, settings, at)
    note = notes.fitting(existing.description, block, "text", most=DESCRIPTION_LIMIT)
    if note is not None:
        fields["Description"] = note
    if existing.subject == texts.heading_of(existing.description):
        fields["Subject"] = title
    if existing.status == settings.status_open:
        fields["Status"] = status_of(record, settings)
    result = _result(record, plan)
    if result is not None and existing.result in {"", *OUTCOMES.values()}:
        fields["CallDisposition"] = result
    if existing.who is None and existing.what is None:
        fields |= _relations(links, plan)
    if links.user is not None and existing.owner == ours:
        fields["OwnerId"] = links.user
    return fields


def new_task(
    record: CallRecord, links: Links, plan: WritePlan, task: TaskPlan, settings: SalesforceSettings
) -> dict[str, object]:
    """Return the fields of the follow-up of a missed call."""
    usual = title_of(record, None, texts.LANGUAGES[settings.language])
    fields: dict[str, object] = {
        "Subject": clean_text(task.title, limit=_WORD_LIMIT) or usual,
        "Description": task.note[:DESCRIPTION_LIMIT],
        "Status": settings.status_open,
        "TaskSubtype": "Task",
        **_relations(links, plan),
    }
    if task.due_on is not None:
        fields["ActivityDate"] = task.due_on.isoformat()
    if links.user is not None:
        fields["OwnerId"] = links.user
    return fields


def new_person(record: CallRecord, number: str, words: texts.Words) -> dict[str, object]:
    """Return the fields of a contact or lead made of a caller; LastName must not be empty."""
    name = texts.harmless(record.caller.name) if record.direction is Direction.INBOUND else ""
    return {"LastName": (name or number or words.unknown)[:80], "Phone": number}


def status_of(record: CallRecord, settings: SalesforceSettings) -> str:
    """Return the status of a call: a log entry is done, one that is going on is not."""
    return settings.status_open if record.state is CallState.LIVE else settings.status_done


def _texts(
    record: CallRecord, links: Links, plan: WritePlan, settings: SalesforceSettings
) -> tuple[str, str]:
    words = texts.LANGUAGES[settings.language]
    name = links.person.name if links.person is not None else None
    title = heading(record, plan, name, words)
    block = texts.block(
        record, title, words, several=links.several, body=plan.note, recording=plan.recording_url
    )
    return title, block


def _facts(record: CallRecord, settings: SalesforceSettings, at: datetime) -> dict[str, object]:
    began = record.started_at or record.answered_at or record.ended_at or at
    return {
        "CallType": _CALL_TYPES[record.direction],
        "CallDurationInSeconds": round(record.seconds.talk or 0.0),
        "CallObject": str(record.id),
        "ActivityDate": began.astimezone(ZoneInfo(settings.timezone)).date().isoformat(),
    }


def _result(record: CallRecord, plan: WritePlan) -> str | None:
    """Return what became of the call: the agent's word, else the network's."""
    said = plan.disposition or said_last(record)
    if said is not None:
        return texts.harmless(said, limit=_WORD_LIMIT)
    return OUTCOMES[record.outcome] if record.outcome is not None else None


def _relations(links: Links, plan: WritePlan) -> Mapping[str, str]:
    person, found = links.person, dict[str, str]()
    if person is None:
        return found
    if person.entity is Entity.LEAD:
        return {"WhoId": person.id} if Link.CONTACT in plan.links else found
    if person.entity is Entity.PERSON and Link.CONTACT in plan.links:
        found["WhoId"] = person.id
    company = person.id if person.entity is Entity.COMPANY else person.company
    if links.deal is not None and Link.DEAL in plan.links:
        found["WhatId"] = links.deal
    elif company is not None and Link.COMPANY in plan.links:
        found["WhatId"] = company
    return found
