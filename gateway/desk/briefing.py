"""What an agent is told beside who it is: first thing, signs, what is open, who is on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from orjson import dumps

from gateway.core.cues import cues
from gateway.core.first import first
from gateway.core.handoff import Handoff, together
from gateway.core.history import Background
from gateway.core.matching import MatchResult
from gateway.core.provenance import Provenance
from gateway.core.record import CallRecord, Direction, MatchKind, time_json
from gateway.core.situation import NO_PAST, Situation
from gateway.desk.history import timeline_json
from gateway.desk.house import CalledLine, House
from gateway.desk.past import open_items
from gateway.desk.places import WhoHas
from gateway.desk.tracked import Calls, Pop, Tracked

TIMELINE_SHOWN: Final = 5
# (pbx, extension, whether that phone has answered) -> what can be done with the call from here
Actions = Callable[[str, str, bool], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefer:
    """Puts together what is known of a call at this instant; nothing here waits for anything."""

    calls: Calls
    who_has: WhoHas
    house: House
    actions: Actions = lambda _pbx, _extension, _answered: ()

    def brief(self, tracked: Tracked, pop: Pop, customer: Tracked) -> dict[str, object]:
        """Return the parts of a pop's `data` that tell what to do, and stay as long as `facts`.

        `customer` is whom it is about: the call itself, or for a consultation the call that the
        colleague has on hold.
        """
        seen = self._situation(tracked, pop, customer)
        line = self._line(customer)
        advice = first(seen, greeting=line.greeting if line is not None else "")
        past = customer.past or NO_PAST
        return {
            "line": _line_json(line),
            "first": {
                "kind": advice.kind.value,
                "cause": advice.cause or None,
                "title": advice.title,
                "sentence": advice.sentence,
                "language": advice.language,
                "remedy": None,
                "done": _done_json(customer),
            },
            "cues": [
                {
                    "kind": cue.kind,
                    "severity": cue.severity.value,
                    "reason": cue.reason,
                    "args": dict(cue.args),
                }
                for cue in cues(seen)
            ],
            "open": open_items(past),
            "said": said_json(customer),
            "timeline": [timeline_json(item, self.who_has) for item in past.items[:TIMELINE_SHOWN]],
            "handoff": handoff_json(customer),
            "provenance": provenance_json(customer.provenance),
        }

    def moment(self, tracked: Tracked, pop: Pop, customer: Tracked) -> bytes:
        """Return the members that tell of this moment, as JSON: the wait, who else, what to do."""
        since = customer.waiting_since
        colleagues = self._colleagues(tracked, pop, customer)
        actions = self.actions(tracked.record.pbx, pop.extension, pop.answered_at is not None)
        return b'"waiting_since":%b,"colleagues":%b,"actions":%b' % (
            b"null" if since is None else dumps(time_json(since)),
            dumps(colleagues) if colleagues else b"[]",
            dumps(actions) if actions else b"[]",
        )

    def facts(self, tracked: Tracked, pop: Pop, customer: Tracked) -> tuple[object, ...]:
        """Return all that `brief`, and who it is, are made of but for time, equal as long as it is.

        Of who had earlier calls the phones are asked for anew each time.
        """
        record, past, handoffs = customer.record, customer.past or NO_PAST, customer.handoffs
        return (
            customer.result,
            customer.pending,
            past,
            customer.provenance,
            customer.apology,
            customer.apologised_at,
            record.line,
            record.direction,
            record.started_at,
            record.transfers,
            self._who_had(past) if past.items else None,
            (handoffs, pop.extension, self.who_has(tracked.record.pbx, pop.extension))
            if handoffs
            else None,
        )

    def _who_had(self, past: Background) -> list[tuple[str, ...]]:
        return [
            tuple(self.who_has(item.pbx or "", extension))
            for item in past.items[:TIMELINE_SHOWN]
            for extension in item.extensions
        ]

    def _situation(self, tracked: Tracked, pop: Pop, customer: Tracked) -> Situation:
        result, line = customer.result, self._line(customer)
        return Situation(
            record=customer.record,
            now=max(tracked.at, customer.at),
            contact=result.contact if result is not None else None,
            match=result.kind if result is not None else MatchKind.NONE,
            candidates=len(result.candidates) if result is not None else 0,
            background=customer.past or NO_PAST,
            handover=together(self._of_others(tracked, pop, customer)),
            ignored=_ignored(result),
            waiting_since=customer.waiting_since,
            apologised_at=customer.apologised_at,
            attestation=customer.provenance.attestation if customer.provenance else None,
            language=self.house.language,
            line_language=line.language if line is not None else "",
        )

    def _of_others(self, tracked: Tracked, pop: Pop, customer: Tracked) -> list[Handoff]:
        """Return the notes that are news here: whoever wrote one knows what it says."""
        here = self.who_has(tracked.record.pbx, pop.extension) if customer.handoffs else ()
        return [
            one
            for one in customer.handoffs
            if not one.by or (one.extension != pop.extension and set(here) != {one.by})
        ]

    def _line(self, customer: Tracked) -> CalledLine | None:
        label = customer.record.line
        return self.house.lines.get(label) if label is not None else None

    def _colleagues(self, tracked: Tracked, pop: Pop, customer: Tracked) -> list[object]:
        """Return who has the same customer on the line, or has taken or promised something."""
        others = self.calls.of_same_customer(customer)
        if len(others) <= 1 and not moves(customer):
            return []  # nobody but the call itself
        found: dict[tuple[str | None, str | None], dict[str, object]] = {}
        own = frozenset(self.who_has(tracked.record.pbx, pop.extension))
        for other in others:
            if other is tracked or other is customer:
                continue
            for extension in talkers(other.record):
                for login in self.who_has(other.record.pbx, extension) or (None,):
                    entry = _colleague("talking", login=login, extension=extension)
                    entry["call_id"] = str(other.record.id)
                    found.setdefault((login, extension), entry)
        past = customer.past or NO_PAST
        for promise in past.promises:
            login = promise.assignee or promise.made_by
            found.setdefault((login, None), _colleague("promised", login=login))
        if past.missed is not None and past.missed.claimed_by is not None:
            login = past.missed.claimed_by
            found.setdefault((login, None), _colleague("claimed", login=login))
        return [entry for (login, _), entry in found.items() if login not in own]


def moves(customer: Tracked) -> bool:
    """Tell whether time alone may change what a customer's past says to do."""
    past = customer.past
    return past is not None and (bool(past.promises) or past.missed is not None)


def _ignored(result: MatchResult | None) -> str | None:
    mark = result.ignored if result is not None else None
    return None if mark is None else mark.reason or ""


def talkers(record: CallRecord) -> tuple[str, ...]:
    """Return the extensions that are busy with a live call's customer: talking, else ringing."""
    if record.direction is Direction.OUTBOUND:
        return (record.caller.number,) if record.caller.number is not None else ()
    talker = record.final_talker or record.answered_by
    if talker is not None:
        return (talker,)
    return record.rung[-1] if record.rung else ()


def handoff_json(call: Tracked) -> dict[str, object] | None:
    """Return what was left with a call for whoever takes it over; None if nothing was.

    `call_id` is the call that it is about: for a consultation the one the caller has on hold.
    `by` is a login, null for the dialplan; `no` counts the people who left something.
    """
    all_of_it = together(call.handoffs)
    if all_of_it is None:
        return None
    latest = all_of_it.latest
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
        "verified": _tick(all_of_it.verified),
        "no": all_of_it.authors,
    }


def provenance_json(told: Provenance | None) -> dict[str, object] | None:
    """Return where the network says that a call comes from; None if it said nothing."""
    if told is None or told.is_empty:
        return None
    diverted = None
    if told.diverted_reason is not None:
        diverted = {
            "number": told.diverted_from or None,
            "e164": told.diverted_e164,
            "reason": told.diverted_reason.value,
        }
    attestation = told.attestation.value if told.attestation is not None else None
    return {"attestation": attestation, "diverted_from": diverted}


def said_json(call: Tracked) -> list[dict[str, object]]:
    """Return what must not be asked again: identity, what was told, the apology made.

    `kind` is identity_verified, told or apology_made; `text` is null where the kind says it all.
    """
    said: list[dict[str, object]] = []
    all_of_it = together(call.handoffs)
    if all_of_it is not None and all_of_it.verified is not None:
        verified = all_of_it.verified
        said.append(_said("identity_verified", verified.by, time_json(verified.at)))
    for handoff in call.handoffs:
        at = time_json(handoff.at)
        said += [_said("told", handoff.by, at, text) for text in handoff.said]
    if call.apology is not None:
        said.append(_said("apology_made", call.apology.by, time_json(call.apology.at)))
    return said


def _said(kind: str, by: str, at: str | None, text: str | None = None) -> dict[str, object]:
    return {"kind": kind, "text": text, "by": by or None, "at": at}


def _tick(verified: Handoff | None) -> dict[str, object] | None:
    if verified is None:
        return None
    return {"by": verified.by or None, "at": time_json(verified.at)}


def _done_json(call: Tracked) -> dict[str, object] | None:
    """Return what of the first thing was ticked off in this call; None while nothing was."""
    if call.apology is None:
        return None
    made = call.apology
    return {"kind": made.kind, "by": made.by, "at": time_json(made.at)}


def _line_json(line: CalledLine | None) -> dict[str, object] | None:
    if line is None:
        return None
    return {
        "label": line.label,
        "did": line.did or None,
        "office": line.office or None,
        "language": line.language or None,
        "greeting": line.greeting or None,
    }


def _colleague(why: str, *, login: str | None, extension: str | None = None) -> dict[str, object]:
    return {"login": login, "extension": extension, "why": why, "call_id": None}
