"""From a call record to the properties of one call, all of them text.

Read in "Calls" and "Tasks" of HubSpot's documentation: `hs_call_duration` in milliseconds,
`hs_call_body` and `hs_task_body` are HTML, `hs_timestamp` is when the call was or the task is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from crm_sync.connectors import notes, texts
from crm_sync.connectors.hubspot.account import MARKER
from crm_sync.connectors.parties import heading, is_missed, outside_number
from crm_sync.connectors.people import Entity, Person
from gateway.core.record import CallRecord, CallState, Direction, Outcome, time_json
from gateway.core.text import clean_text
from gateway.core.writing import Link, TaskPlan, WritePlan

BODY_LIMIT: Final = 60_000
TASK_LIMIT: Final = 10_000
READ: Final = (
    MARKER,
    "hs_call_title",
    "hs_call_body",
    "hs_call_status",
    "hs_call_disposition",
    "hubspot_owner_id",
)
_LIVE: Final = frozenset({"RINGING", "IN_PROGRESS", "CONNECTING", "QUEUED"})
_STATUSES: Final = MappingProxyType(
    {
        Outcome.ANSWERED: "COMPLETED",
        Outcome.VOICEMAIL: "NO_ANSWER",
        Outcome.ABANDONED: "NO_ANSWER",
        Outcome.MISSED: "NO_ANSWER",
        Outcome.BUSY: "BUSY",
        Outcome.REJECTED: "NO_ANSWER",
        Outcome.FAILED: "FAILED",
    }
)
# HubSpot's own association types ("Associations v4", list of type ids)
_CALL_TYPES: Final = MappingProxyType({"contacts": 194, "companies": 182, "deals": 206})
_TASK_TYPES: Final = MappingProxyType({"contacts": 204, "companies": 192, "deals": 216})


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a call belongs to; `result` is the id of its outcome in HubSpot."""

    person: Person | None = None
    deal: str | None = None
    owner: str | None = None
    result: str | None = None
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What HubSpot holds of this call already, perhaps edited by people."""

    id: str
    title: str
    body: str
    status: str
    result: str
    owner: str
    linked: bool


def existing_of(row: Mapping[str, Any]) -> Existing:
    """Read a call that was asked for with its properties and associations."""
    told = row.get("properties") or {}
    return Existing(
        id=str(row["id"]),
        title=told.get("hs_call_title") or "",
        body=told.get("hs_call_body") or "",
        status=told.get("hs_call_status") or "",
        result=told.get("hs_call_disposition") or "",
        owner=told.get("hubspot_owner_id") or "",
        linked=bool(row.get("associations")),
    )


def new_call(
    record: CallRecord, links: Links, plan: WritePlan, language: str, at: datetime
) -> dict[str, str]:
    """Return the properties of a call that HubSpot does not have yet."""
    title, block = _texts(record, links, plan, language)
    return _given(
        {
            **_facts(record, plan, at),
            MARKER: str(record.id),
            "hs_call_title": title,
            "hs_call_body": notes.fitting("", block, "html", most=BODY_LIMIT),
            "hs_call_status": status_of(record),
            "hs_call_disposition": links.result,
            "hubspot_owner_id": links.owner,
        }
    )


def changed_call(
    record: CallRecord,
    links: Links,
    existing: Existing,
    plan: WritePlan,
    *,
    language: str,
    at: datetime,
    ours: frozenset[str],
) -> dict[str, str]:
    """Return the properties of a call that HubSpot has; what people edited there stays.

    The block in the body is replaced; title, status, outcome and owner only where nobody set them
    (`ours` are the outcomes we set by ourselves).
    """
    title, block = _texts(record, links, plan, language)
    changes: dict[str, str | None] = {
        **_facts(record, plan, at),
        "hs_call_body": notes.fitting(existing.body, block, "html", most=BODY_LIMIT),
    }
    if existing.title == notes.heading(existing.body, "html"):
        changes["hs_call_title"] = title
    if existing.status in _LIVE:
        changes["hs_call_status"] = status_of(record)
    if existing.result in {"", *ours}:
        changes["hs_call_disposition"] = links.result
    if not existing.owner:
        changes["hubspot_owner_id"] = links.owner
    return _given(changes)


def new_task(task: TaskPlan, links: Links, *, due: datetime, key: str) -> dict[str, str]:
    """Return the properties of the follow-up of a missed call; its body ends with our `key`."""
    body = f"{task.note[:TASK_LIMIT]}\n\n{texts.START} {key}"
    return _given(
        {
            "hs_timestamp": time_json(due),
            "hs_task_subject": clean_text(task.title, limit=200) or texts.START,
            "hs_task_body": notes.written(body, "html"),
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "CALL",
            "hs_task_priority": "HIGH",
            "hubspot_owner_id": links.owner,
        }
    )


def due_at(record: CallRecord, task: TaskPlan, at: datetime) -> datetime:
    """Return when a task is due, the same at every attempt: it is searched by this moment."""
    moment = (record.ended_at or at).astimezone(UTC)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment if task.due_on is None else datetime.combine(task.due_on, moment.timetz())


def new_person(record: CallRecord, number: str, *, lead: bool) -> dict[str, str]:
    """Return the properties of a contact made of a caller."""
    name = texts.harmless(record.caller.name) if record.direction is Direction.INBOUND else ""
    return _given(
        {"lastname": name or number, "phone": number, "lifecyclestage": "lead" if lead else None}
    )


def ends(links: Links, plan: WritePlan) -> dict[str, str]:
    """Return the ids of the records that a call or task is linked to, by their kind."""
    person, found = links.person, dict[str, str]()
    if person is None:
        return found
    if person.entity is not Entity.COMPANY and Link.CONTACT in plan.links:
        found["contacts"] = person.id
    company = person.id if person.entity is Entity.COMPANY else person.company
    if company is not None and Link.COMPANY in plan.links:
        found["companies"] = company
    if links.deal is not None and Link.DEAL in plan.links:
        found["deals"] = links.deal
    return found


def associations(name: str, targets: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what makes the links together with the record."""
    numbers = _CALL_TYPES if name == "calls" else _TASK_TYPES
    return [
        {
            "to": {"id": number},
            "types": [
                {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": numbers[kind]}
            ],
        }
        for kind, number in targets.items()
    ]


def status_of(record: CallRecord) -> str | None:
    """Return the status of a call, None if nobody knows how it ended."""
    if record.state is CallState.LIVE:
        return "RINGING" if record.answered_at is None else "IN_PROGRESS"
    if record.merged_into is not None:
        return "CANCELED"
    if record.outcome is Outcome.ABANDONED and not is_missed(record):
        return "CANCELED"
    return _STATUSES[record.outcome] if record.outcome is not None else None


def _texts(record: CallRecord, links: Links, plan: WritePlan, language: str) -> tuple[str, str]:
    words = texts.LANGUAGES[language]
    name = links.person.name if links.person is not None else None
    title = heading(record, plan, name, words)
    block = texts.block(
        record, title, words, several=links.several, body=plan.note, recording=plan.recording_url
    )
    return title, block


def _facts(record: CallRecord, plan: WritePlan, at: datetime) -> dict[str, str | None]:
    began = record.started_at or record.answered_at or record.ended_at or at
    inbound = record.direction is Direction.INBOUND
    customer, ours = outside_number(record), record.called.e164 or record.called.number
    recording = plan.recording_url or ""
    return {
        "hs_timestamp": time_json(began),
        "hs_call_direction": "INBOUND" if inbound else "OUTBOUND",
        "hs_call_duration": str(round((record.seconds.talk or 0.0) * 1000)),
        "hs_call_from_number": customer if inbound else record.caller.number,
        "hs_call_to_number": ours if inbound else customer,
        # HubSpot plays only what it can fetch itself, and only by https
        "hs_call_recording_url": recording if urlsplit(recording).scheme == "https" else None,
    }


def _given(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
