"""What templates may name: a call, its parties and its numbers, as plain values."""

from datetime import datetime, time
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers

from crm_sync.connectors.parties import agent_of, is_missed, known_number, outside_number
from gateway.core.record import CallRecord, CallState, to_json
from gateway.core.writing import TaskPlan, WritePlan

_TIMES: Final = ("started_at", "answered_at", "ended_at")
_SECONDS: Final = ("ring", "wait", "talk", "hold")
_LASTS: Final = range(6, 13)
NUMBER_KEYS: Final = frozenset(
    {
        "e164",
        "digits",
        "zeros",
        "international",
        "national",
        "national_digits",
        "pattern",
        "shown",
        *(f"last{count}" for count in _LASTS),
    }
)
CONTACT_KEYS: Final = frozenset({"id", "name", "entity", "company", "owner", "fields"})
TASK_KEYS: Final = frozenset({"title", "note", "due_on", "due_at"})
TIME_KEYS: Final = frozenset({*_TIMES, "due_on", "due_at"})
PAGE_NAMES: Final = MappingProxyType(
    {"offset": None, "page": None, "limit": None, "last": frozenset({"id"})}
)
"""What the templates of a list may name of the page that is asked for."""
CALL_KEYS: Final = frozenset(
    {
        "id",
        "pbx",
        "linkedid",
        "direction",
        "outcome",
        "ended_by",
        "trunk",
        "line",
        "queue",
        "answered_by",
        "final_talker",
        "caller",
        "called",
        "transfers",
        "recordings",
        "wrap_ups",
        "merged_into",
        "state",
        *_TIMES,
        *(f"{name}_s" for name in _SECONDS),
        "total_s",
        "agent",
        "recording",
        "missed",
    }
)


def number_forms(e164: str) -> dict[str, str]:
    """Return the ways people and CRMs write a number; `pattern` allows anything in between."""
    parsed = phonenumbers.parse(e164, None)
    digits = e164.removeprefix("+")
    national = phonenumbers.national_significant_number(parsed)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return {
        "e164": e164,
        "digits": digits,
        "zeros": f"00{digits}",
        "international": phonenumbers.format_number(
            parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL
        ),
        "national": written,
        "national_digits": "".join(filter(str.isdigit, written)),
        **{f"last{count}": digits[-count:] for count in _LASTS},
        "pattern": "%" + "%".join(national) + "%",
    }


def call_facts(
    record: CallRecord, zone: ZoneInfo, at: datetime, plan: WritePlan | None = None
) -> dict[str, object]:
    """Return a call as `call` in the templates: times are datetimes in `zone`, lengths seconds.

    `at` stands in where nobody saw when the call began: CRMs ask for a time. A live call has no
    `ended_at`.
    """
    facts = {key: value for key, value in to_json(record).items() if key in CALL_KEYS}
    began = record.started_at or record.answered_at or record.ended_at or at
    ended = record.ended_at
    over = ended or (None if record.state is CallState.LIVE else began)
    for name, moment in zip(_TIMES, (began, record.answered_at, over), strict=True):
        facts[name] = moment.astimezone(zone) if moment is not None else None
    for name in _SECONDS:
        facts[f"{name}_s"] = round(getattr(record.seconds, name) or 0)
    facts["total_s"] = round((ended - began).total_seconds()) if ended else 0
    facts["agent"] = agent_of(record)
    facts["missed"] = is_missed(record)
    first = record.recordings[0].url if record.recordings else None
    facts["recording"] = plan.recording_url if plan is not None else first
    return facts


def number_facts(record: CallRecord) -> dict[str, str]:
    """Return the customer's number in every form; {} if it is withheld, only `shown` if local."""
    shown, e164 = outside_number(record), known_number(record)
    if shown is None:
        return {}
    return {**(number_forms(e164) if e164 is not None else {}), "shown": shown}


def task_facts(task: TaskPlan | None, zone: ZoneInfo) -> dict[str, object]:
    """Return `task` in the templates; {} for a call. `due_at` is where the day begins in `zone`."""
    if task is None:
        return {}
    facts: dict[str, object] = {"title": task.title, "note": task.note}
    if task.due_on is not None:
        facts["due_on"] = task.due_on.isoformat()
        facts["due_at"] = datetime.combine(task.due_on, time(), zone)
    return facts
