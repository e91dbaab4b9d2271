"""From a call record to the values of one `crm.phonecall`, as `load` takes them (text)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from crm_sync.connectors import texts
from gateway.core.ids import CallId
from gateway.core.record import (
    WITHHELD_NUMBER,
    CallRecord,
    Direction,
    MatchKind,
    Outcome,
    Presentation,
)

MODEL: Final = "crm.phonecall"
MODULE: Final = "filodiretto"
TITLE_LIMIT: Final = 200
# What a person decided about a phone call stays decided.
_SETTLED: Final = frozenset({"done", "cancel"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The Odoo records a call belongs to; None is not known."""

    partner: int | None = None
    partner_name: str | None = None
    user: int | None = None
    several: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What Odoo holds of this call already, perhaps edited by people."""

    id: int
    name: str
    description: str
    state: str
    partner: int | None


def record_name(call: CallId) -> str:
    """Return the external id's name: one per call, so that every write meets the same record."""
    return f"call_{call.hex}"


def new_values(record: CallRecord, links: Links, language: str) -> dict[str, str]:
    """Return field → text for a call that Odoo does not have yet."""
    words = texts.LANGUAGES[language]
    heading = _heading(record, links, words)
    values = {
        **_facts(record),
        "name": heading,
        "state": state_of(record),
        "description": texts.block(record, heading, words, several=links.several),
    }
    if links.partner is not None:
        values["partner_id/.id"] = str(links.partner)
    if links.user is not None:
        values["user_id/.id"] = str(links.user)
    return values


def changed_values(
    record: CallRecord, links: Links, existing: Existing, language: str
) -> dict[str, str]:
    """Return field → text for a call that Odoo has; what people edited there stays.

    Our block in the description is replaced, the title only if it is still ours, the person only if
    there is none, the state only if nobody settled it. The user is never changed.
    """
    words = texts.LANGUAGES[language]
    heading = _heading(record, links, words)
    ours = texts.block(record, heading, words, several=links.several)
    values = {**_facts(record), "description": texts.put_block(existing.description, ours)}
    if existing.name == texts.heading_of(existing.description):
        values["name"] = heading
    if existing.partner is None and links.partner is not None:
        values["partner_id/.id"] = str(links.partner)
    if existing.state not in _SETTLED or record.merged_into is not None:
        values["state"] = state_of(record)
    return values


def state_of(record: CallRecord) -> str:
    """Return `done` for a conversation, `pending` for one who should be called back, or `cancel`.

    crm.phonecall has open, cancel, pending and done.
    """
    if record.merged_into is not None:
        return "cancel"
    if record.outcome is Outcome.ANSWERED:
        return "done"
    return "pending" if record.direction is Direction.INBOUND else "cancel"


def outside_number(record: CallRecord) -> str | None:
    """Return the customer's number as it may be written, None if it is withheld or unknown."""
    if record.direction is Direction.INBOUND:
        party = record.caller
        hidden = party.presentation is Presentation.WITHHELD or party.number == WITHHELD_NUMBER
        return None if hidden else party.e164 or party.number
    return record.called.e164 or record.called.number


def agent_of(record: CallRecord) -> str | None:
    """Return the extension of ours that the call belongs to: who answered, or who called."""
    if record.direction is Direction.INBOUND:
        return record.answered_by
    return record.caller.number


def reference_of(record: CallRecord, crm: str) -> int | None:
    """Return the `res.partner` the directory took from this very Odoo, None if there is none."""
    contact = record.contact
    if contact is None or contact.crm != crm or contact.ref is None:
        return None
    if contact.match not in {MatchKind.EXACT, MatchKind.COMPANY}:
        return None
    digits = contact.ref.removeprefix("res.partner").strip(",() ")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None  # noqa: PLR2004


def date_text(at: datetime) -> str:
    """Return the one form `load` takes; read as UTC because the session says so."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _facts(record: CallRecord) -> dict[str, str]:
    began = record.started_at or record.answered_at or record.ended_at
    number = outside_number(record)
    facts = {
        "direction": "in" if record.direction is Direction.INBOUND else "out",
        "duration": f"{(record.seconds.talk or 0.0) / 60:.4f}",
    }
    if began is not None:
        facts["date"] = date_text(began)
    if number is not None:
        facts["partner_phone"] = texts.harmless(number, limit=40)
    return facts


def _heading(record: CallRecord, links: Links, words: texts.Words) -> str:
    return texts.title(record, _who(record, links, words), words)[:TITLE_LIMIT]


def _who(record: CallRecord, links: Links, words: texts.Words) -> str:
    contact = record.contact
    known = contact is not None and contact.match in {MatchKind.EXACT, MatchKind.COMPANY}
    name = links.partner_name or (contact.name if contact is not None and known else None)
    if name is None and record.direction is Direction.INBOUND:
        name = record.caller.name
    number = outside_number(record)
    hidden = words.withheld if record.direction is Direction.INBOUND else words.unknown
    shown = texts.harmless(number, limit=40) if number is not None else hidden
    clean = texts.harmless(name)
    return f"{clean} ({shown})" if clean and clean != shown else shown


def row_of(values: Mapping[str, str], call: CallId) -> tuple[list[str], list[list[str]]]:
    """Return the two arguments of `load`: the fields, and one row that upserts by external id."""
    fields = ["id", *values]
    return fields, [[f"{MODULE}.{record_name(call)}", *values.values()]]
