"""From a call record to the values of one `crm.phonecall`, as `load` takes them (text)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from crm_sync.connectors import texts
from crm_sync.connectors.parties import contact_from, heading, outside_number
from gateway.core.ids import CallId
from gateway.core.record import CallRecord, CallState, Direction, Outcome
from gateway.core.writing import WritePlan

MODEL: Final = "crm.phonecall"
MODULE: Final = "filodiretto"
# What a person decided about a phone call stays decided.
_SETTLED: Final = frozenset({"done", "cancel"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The Odoo records a call belongs to; None is not known."""

    partner: int | None = None
    partner_name: str | None = None
    user: int | None = None
    several: bool = False
    deal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What Odoo holds of this call already, perhaps edited by people.

    `user` is None where nobody chose one: Odoo puts the account that wrote the call.
    """

    id: int
    name: str
    description: str
    state: str
    partner: int | None
    user: int | None = None
    deal: int | None = None


def record_name(call: CallId) -> str:
    """Return the external id's name: one per call, so that every write meets the same record."""
    return f"call_{call.hex}"


def new_values(
    record: CallRecord, links: Links, language: str, plan: WritePlan | None = None
) -> dict[str, str]:
    """Return field → text for a call that Odoo does not have yet."""
    heading, ours = texts_of(record, links, language, plan)
    values = {
        **_facts(record),
        "name": heading,
        "state": state_of(record),
        "description": ours,
    }
    for field, number in (
        ("partner_id", links.partner),
        ("user_id", links.user),
        ("opportunity_id", links.deal),
    ):
        if number is not None:
            values[f"{field}/.id"] = str(number)
    return values


def changed_values(
    record: CallRecord,
    links: Links,
    existing: Existing,
    language: str,
    plan: WritePlan | None = None,
) -> dict[str, str]:
    """Return field → text for a call that Odoo has; what people edited there stays.

    Our block in the description is replaced, the title only if it is still ours, the state only if
    nobody settled it. Person, user and deal are filled in only where there is none.
    """
    heading, ours = texts_of(record, links, language, plan)
    values = {**_facts(record), "description": texts.put_block(existing.description, ours)}
    if existing.name == texts.heading_of(existing.description):
        values["name"] = heading
    for field, there, number in (
        ("partner_id", existing.partner, links.partner),
        ("user_id", existing.user, links.user),
        ("opportunity_id", existing.deal, links.deal),
    ):
        if there is None and number is not None:
            values[f"{field}/.id"] = str(number)
    if existing.state not in _SETTLED or record.merged_into is not None:
        values["state"] = state_of(record)
    return values


def state_of(record: CallRecord) -> str:
    """Return `done` for a conversation, `pending` for one who should be called back, or `cancel`.

    crm.phonecall has open (here: it rings, or they talk), cancel, pending and done.
    """
    if record.merged_into is not None:
        return "cancel"
    if record.state is CallState.LIVE:
        return "open"
    if record.outcome is Outcome.ANSWERED:
        return "done"
    return "pending" if record.direction is Direction.INBOUND else "cancel"


def reference_of(record: CallRecord, crm: str) -> int | None:
    """Return the `res.partner` the directory took from this very Odoo, None if there is none."""
    contact = contact_from(record, crm)
    if contact is None or contact.ref is None:
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


def texts_of(
    record: CallRecord, links: Links, language: str, plan: WritePlan | None
) -> tuple[str, str]:
    """Return the title and our block of the description."""
    words, plan = texts.LANGUAGES[language], plan or WritePlan()
    title = heading(record, plan, links.partner_name, words)
    block = texts.block(
        record,
        title,
        words,
        several=links.several,
        body=plan.note,
        recording=plan.recording_url,
    )
    return title, block
