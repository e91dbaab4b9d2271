"""What is on a pop: composed from what is known at this instant, complete in its keys."""

from functools import lru_cache, partial
from typing import Final

from orjson import Fragment

from gateway.core.ids import CallId, pop_id
from gateway.core.matching import Contact, MatchResult, Step
from gateway.core.record import MatchKind
from gateway.desk.briefing import Briefer
from gateway.desk.tracked import Pop, Tracked

CANDIDATES_SHOWN: Final = 9


def contact_json(contact: Contact) -> dict[str, object]:
    """Return the public JSON object of a directory entry."""
    return {
        "id": contact.id,
        "ref": contact.ref,
        "kind": contact.kind.value,
        "name": contact.name,
        "company": contact.company,
        "email": contact.email,
        "language": contact.language,
        "formality": contact.formality,
        "owner": contact.owner,
        "tags": list(contact.tags),
        "vip": contact.vip,
        "at_risk": contact.at_risk,
        "crm": contact.crm,
        "url": contact.url,
    }


def match_json(result: MatchResult | None, *, pending: bool = False) -> dict[str, object]:
    """Return how sure the directory is and why.

    `steps` are English sentences, `why` the same decisions as codes with facts, for other
    languages; `reasons` say of each candidate that is shown why it is one. `pending`: the directory
    was busy, the answer follows in a `pop.updated`.
    """
    steps = result.steps if result is not None else ()
    reasons = result.reasons[:CANDIDATES_SHOWN] if result is not None else ()
    return {
        "kind": result.kind.value if result is not None else MatchKind.NONE.value,
        "steps": [str(step) for step in steps],
        "why": [
            {"code": step.code.value, "args": dict(step.args)}
            for step in steps
            if isinstance(step, Step)
        ],
        "reasons": [reason.value for reason in reasons],
        "pending": pending,
    }


def compose(
    tracked: Tracked, pop: Pop, briefer: Briefer, *, about: Tracked | None = None
) -> dict[str, object]:
    """Return the `data` of a `pop.*` frame (DESIGN section 6), its longer parts encoded already.

    `about`: the customer's call that a colleague consults about; who it is and what was left with
    it is shown while the call is still an internal one.
    """
    customer = about or tracked
    result, pending = customer.result, customer.pending
    return {
        "pop_id": _pop_id(tracked.record.id, pop.extension, pop.ring_no),
        "call_id": str(tracked.record.id),
        "extension": pop.extension,
        "call": Fragment(tracked.shown()),
        "contact": customer.part("contact", (result,), partial(_contact, result)),
        "match": customer.part(
            "match", (result, pending), partial(match_json, result, pending=pending)
        ),
        "candidates": customer.part("candidates", (result,), partial(_candidates, result)),
        **briefer.brief(tracked, pop, customer),
    }


@lru_cache(maxsize=1_024)
def _pop_id(call: CallId, extension: str, ring_no: int) -> str:
    return str(pop_id(call, extension, ring_no))


def _contact(result: MatchResult | None) -> dict[str, object] | None:
    contact = result.contact if result is not None else None
    return contact_json(contact) if contact is not None else None


def _candidates(result: MatchResult | None) -> list[dict[str, object]]:
    candidates = result.candidates[:CANDIDATES_SHOWN] if result is not None else ()
    return [contact_json(candidate) for candidate in candidates]
