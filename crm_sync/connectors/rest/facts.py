"""What templates may name: a call, its parties and its numbers, as plain values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers

from gateway.core.record import (
    WITHHELD_NUMBER,
    CallRecord,
    Direction,
    Outcome,
    Presentation,
    to_json,
)

_TIMES: Final = ("started_at", "answered_at", "ended_at")
_SECONDS: Final = ("ring", "wait", "talk", "hold")
NUMBER_KEYS: Final = frozenset(
    {"e164", "digits", "zeros", "national", "national_digits", "last9", "pattern", "shown"}
)
CONTACT_KEYS: Final = frozenset({"id", "name", "entity", "company", "owner"})
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
        "national": written,
        "national_digits": "".join(filter(str.isdigit, written)),
        "last9": digits[-9:],
        "pattern": "%" + "%".join(national) + "%",
    }


def shown_number(record: CallRecord) -> str | None:
    """Return the customer's number as it may be written, None if it is withheld or unknown."""
    if record.direction is Direction.INBOUND:
        party = record.caller
        hidden = party.presentation is Presentation.WITHHELD or party.number == WITHHELD_NUMBER
        return None if hidden else party.e164 or party.number
    return record.called.e164 or record.called.number


def known_number(record: CallRecord) -> str | None:
    """Return the customer's E.164 number if it may be looked up, else None."""
    return record.outside_number if shown_number(record) is not None else None


def agent_of(record: CallRecord) -> str | None:
    """Return the extension of ours that the call belongs to: who answered, or who called."""
    if record.direction is Direction.INBOUND:
        return record.answered_by
    return record.caller.number


def is_missed(record: CallRecord) -> bool:
    """Return whether a customer rang and nobody spoke with them."""
    return (
        record.direction is Direction.INBOUND
        and record.outcome is not Outcome.ANSWERED
        and record.merged_into is None
    )


def disposition_of(record: CallRecord, words: Mapping[str, str]) -> str | None:
    """Return the CRM's word for what the last agent said the call was."""
    said = [one.disposition for one in record.wrap_ups if one.disposition]
    return words.get(said[-1]) if said else None


def call_facts(record: CallRecord, zone: ZoneInfo, at: datetime) -> dict[str, object]:
    """Return a call as `call` in the templates: times are datetimes in `zone`, lengths seconds.

    `at` stands in where nobody saw when the call began: CRMs ask for a time.
    """
    facts = {key: value for key, value in to_json(record).items() if key in CALL_KEYS}
    began = record.started_at or record.answered_at or record.ended_at or at
    ended = record.ended_at
    for name, moment in zip(_TIMES, (began, record.answered_at, ended or began), strict=True):
        facts[name] = moment.astimezone(zone) if moment is not None else None
    for name in _SECONDS:
        facts[f"{name}_s"] = round(getattr(record.seconds, name) or 0)
    facts["total_s"] = round((ended - began).total_seconds()) if ended else 0
    facts["agent"] = agent_of(record)
    facts["missed"] = is_missed(record)
    facts["recording"] = record.recordings[0].url if record.recordings else None
    return facts


def number_facts(record: CallRecord) -> dict[str, str]:
    """Return the customer's number in every form; {} if it is withheld, only `shown` if local."""
    shown, e164 = shown_number(record), known_number(record)
    if shown is None:
        return {}
    return {**(number_forms(e164) if e164 is not None else {}), "shown": shown}
