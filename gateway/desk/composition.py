"""What is on a pop: composed from what is known at this instant, complete in its keys."""

from datetime import timedelta
from typing import Final

from orjson import dumps

from gateway.core.events import CloseReason
from gateway.core.ids import pop_id
from gateway.core.matching import Contact, MatchResult, Step
from gateway.core.record import MatchKind
from gateway.core.situation import LONG_WAIT, waited
from gateway.desk.briefing import Briefer, moves
from gateway.desk.frames import Data
from gateway.desk.tracked import Card, Pop, Tracked

CANDIDATES_SHOWN: Final = 9
# So long what time alone changes of a pop (waited long, a promise due) may be behind.
FRESH: Final = timedelta(seconds=1)

# As JSON: the record, what is so at this moment, and what stays.
Parts = tuple[bytes, bytes, bytes]


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


def compose(tracked: Tracked, pop: Pop, briefer: Briefer, *, about: Tracked | None = None) -> Data:
    """Return the `data` of a `pop.*` frame as JSON (DESIGN section 6), as it is now."""
    return written(tracked, pop, parts_of(tracked, pop, briefer, about=about))


def parts_of(
    tracked: Tracked,
    pop: Pop,
    briefer: Briefer,
    *,
    about: Tracked | None = None,
    last: bool = False,
) -> Parts:
    """Return what the `data` of a `pop.*` frame is put together from; equal if that is.

    `about`: the customer's call that a colleague consults about; who it is and what was left with
    it is shown while the call is still an internal one. What one ring has in common with the next
    is made once, and anew when something of it has changed; by time alone no more than once a
    second, and not for the `last` frame: that shows what the page shows, however long that is.
    """
    customer = about or tracked
    now = briefer.moment(tracked, pop, customer)
    return tracked.shown(), now, _card(tracked, pop, customer, briefer, last=last)


def written(tracked: Tracked, pop: Pop, parts: Parts, reason: CloseReason | None = None) -> Data:
    """Put the `data` of a frame together, with why a pop goes away if it does.

    The record and the card, nearly all of it, are those of the call's other frames.
    """
    head = pop.head or _begin(tracked, pop)
    record, now, card = parts
    end = b"}" if reason is None else b',"reason":"%b"}' % reason.encode()
    return head, record, b",%b," % now, card, end


def _begin(tracked: Tracked, pop: Pop) -> bytes:
    """Encode the ids, which stay."""
    call, extension = tracked.record.id, pop.extension
    ids = {"pop_id": pop_id(call, extension, pop.ring_no), "call_id": call, "extension": extension}
    pop.head = b'%b,"call":' % dumps(ids)[:-1]
    return pop.head


def _card(tracked: Tracked, pop: Pop, customer: Tracked, briefer: Briefer, *, last: bool) -> bytes:
    """Return the members that stay."""
    at, of, kept = (
        max(tracked.at, customer.at),
        briefer.facts(tracked, pop, customer),
        customer.card,
    )
    long = waited(customer.record, customer.waiting_since, at) >= LONG_WAIT
    if kept is not None and kept.of == of:
        still = kept.long is long and not (kept.moves and at - kept.at >= FRESH)
        if last or still:
            return kept.data
    result = customer.result
    data = {
        "contact": _contact(result),
        "match": match_json(result, pending=customer.pending),
        "candidates": _candidates(result),
        **briefer.brief(tracked, pop, customer),
    }
    customer.card = Card(at, of, long, long or moves(customer), dumps(data)[1:-1])
    return customer.card.data


def _contact(result: MatchResult | None) -> dict[str, object] | None:
    contact = result.contact if result is not None else None
    return contact_json(contact) if contact is not None else None


def _candidates(result: MatchResult | None) -> list[dict[str, object]]:
    candidates = result.candidates[:CANDIDATES_SHOWN] if result is not None else ()
    return [contact_json(candidate) for candidate in candidates]
