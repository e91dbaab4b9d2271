"""Who took part in a call, seen from a CRM: the customer's number, our extension, a title."""

from collections.abc import Mapping
from typing import Final

import phonenumbers

from crm_sync.connectors import texts
from gateway.core.record import (
    WITHHELD_NUMBER,
    CallRecord,
    ContactRef,
    Direction,
    MatchKind,
    Outcome,
    Presentation,
)
from gateway.core.text import clean_text
from gateway.core.writing import WritePlan

TITLE_LIMIT: Final = 200
_SURE: Final = frozenset({MatchKind.EXACT, MatchKind.COMPANY})


def outside_number(record: CallRecord) -> str | None:
    """Return the customer's number as it may be written, None if it is withheld or unknown."""
    if record.direction is Direction.INBOUND:
        party = record.caller
        hidden = party.presentation is Presentation.WITHHELD or party.number == WITHHELD_NUMBER
        return None if hidden else party.e164 or party.number
    return record.called.e164 or record.called.number


def known_number(record: CallRecord) -> str | None:
    """Return the customer's E.164 number if it may be looked up, else None."""
    return record.outside_number if outside_number(record) is not None else None


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


def user_of(users: Mapping[str, str], pbx: str, extension: str | None) -> str | None:
    """Return what the configuration gives `extension`; `"hq:1002"` goes before `"1002"`."""
    return users.get(f"{pbx}:{extension}") or users.get(extension or "")


def contact_from(record: CallRecord, crm: str) -> ContactRef | None:
    """Return the directory entry that came from this very CRM, None unless it is a sure one."""
    contact = record.contact
    if contact is None or contact.crm != crm or contact.ref is None or contact.match not in _SURE:
        return None
    return contact


def said_last(record: CallRecord) -> str | None:
    """Return what the last agent said the call was."""
    said = [one.disposition for one in record.wrap_ups if one.disposition]
    return said[-1] if said else None


def title_of(record: CallRecord, name: str | None, words: texts.Words) -> str:
    """Return the title of a call with a person called `name`, None where the CRM knows nobody."""
    return texts.title(record, _who(record, name, words), words)[:TITLE_LIMIT]


def heading(record: CallRecord, plan: WritePlan, name: str | None, words: texts.Words) -> str:
    """Return the title a call is written with: the administrator's, else ours; one line."""
    return clean_text(plan.title or "", limit=TITLE_LIMIT) or title_of(record, name, words)


def national(e164: str) -> str:
    """Return the digits without country code: area code and local number."""
    return phonenumbers.national_significant_number(phonenumbers.parse(e164, None))


def number_forms(e164: str) -> tuple[str, ...]:
    """Return how people write a number, each form once, the likeliest first."""
    parsed = phonenumbers.parse(e164, None)
    digits = e164.removeprefix("+")
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    dialled = "".join(filter(str.isdigit, written))
    code = str(parsed.country_code)
    spaced = f"+{code} {national(e164)}"
    forms = (e164, dialled, abroad, written, spaced, digits, f"00{digits}", national(e164))
    return tuple(dict.fromkeys(forms))


def _who(record: CallRecord, name: str | None, words: texts.Words) -> str:
    contact = record.contact
    if not name and contact is not None and contact.match in _SURE:
        name = contact.name
    if not name and record.direction is Direction.INBOUND:
        name = record.caller.name
    number = outside_number(record)
    hidden = words.withheld if record.direction is Direction.INBOUND else words.unknown
    shown = texts.harmless(number, limit=40) if number is not None else hidden
    clean = texts.harmless(name)
    return f"{clean} ({shown})" if clean and clean != shown else shown
