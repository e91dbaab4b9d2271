"""What is on a pop: composed from what is known at this instant, complete in its keys."""

from typing import Final

from gateway.core.handoff import Handoff, together
from gateway.core.matching import Contact, MatchResult, Step
from gateway.core.record import MatchKind, time_json
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
    languages. `pending`: the directory was busy, the answer follows in a `pop.updated`.
    """
    steps = result.steps if result is not None else ()
    return {
        "kind": result.kind.value if result is not None else MatchKind.NONE.value,
        "steps": [str(step) for step in steps],
        "why": [
            {"code": step.code.value, "args": dict(step.args)}
            for step in steps
            if isinstance(step, Step)
        ],
        "pending": pending,
    }


def cues_of(contact: Contact | None) -> list[dict[str, object]]:
    """Return the signs of a contact, most severe first, each with its reason.

    `kind` and `reason` are codes that the page puts into words; `severity` is risk, warn or plain.
    """
    if contact is None:
        return []
    cues: list[dict[str, object]] = []
    if contact.at_risk:
        cues.append({"kind": "at_risk", "severity": "risk", "reason": "marked_in_directory"})
    if contact.vip:
        cues.append({"kind": "vip", "severity": "plain", "reason": "marked_in_directory"})
    return cues


def handoff_json(call: Tracked) -> dict[str, object] | None:
    """Return what was left with a call for whoever takes it over; None if nothing was.

    `call_id` is the call that it is about: for a consultation the one the caller has on hold.
    `by` is a login, null for the dialplan; `no` counts the people who left something.
    """
    all_of_it = together(call.handoffs)
    if all_of_it is None:
        return None
    latest, verified = all_of_it.latest, all_of_it.verified
    return {
        "call_id": str(call.record.id),
        "by": latest.by or None,
        "extension": latest.extension or None,
        "at": time_json(latest.at),
        "reason": latest.reason or None,
        "done": latest.done or None,
        "wants": latest.wants or None,
        "note": latest.note or None,
        "said": list(all_of_it.said),
        "verified": _tick(verified),
        "no": all_of_it.authors,
    }


def _tick(verified: Handoff | None) -> dict[str, object] | None:
    if verified is None:
        return None
    return {"by": verified.by or None, "at": time_json(verified.at)}


def compose(tracked: Tracked, pop: Pop, *, about: Tracked | None = None) -> dict[str, object]:
    """Return the `data` of a `pop.*` frame (DESIGN section 6).

    `about`: the customer's call that a colleague consults about; who it is and what was left with
    it is shown while the call is still an internal one.
    """
    customer = about or tracked
    result = customer.result
    contact = result.contact if result is not None else None
    candidates = result.candidates[:CANDIDATES_SHOWN] if result is not None else ()
    return {
        "pop_id": str(pop.id),
        "call_id": str(tracked.record.id),
        "extension": pop.extension,
        "call": tracked.shown(),
        "contact": contact_json(contact) if contact is not None else None,
        "match": match_json(result, pending=customer.pending),
        "candidates": [contact_json(candidate) for candidate in candidates],
        "first": None,
        "cues": cues_of(contact),
        "open": [],
        "said": [],
        "timeline": [],
        "colleagues": [],
        "handoff": handoff_json(customer),
        "actions": [],
    }
