"""A customer's past as JSON, for frames and pops; absent is null, times are RFC 3339."""

from gateway.core.history import Background, MissedCustomer, Promise, TimelineItem
from gateway.core.record import WrapUp, time_json


def timeline_json(item: TimelineItem) -> dict[str, object]:
    """Return one entry of a timeline."""
    return {
        "kind": item.kind.value,
        "id": item.id,
        "at": time_json(item.at),
        "channel": item.channel.value,
        "direction": item.direction.value if item.direction else None,
        "pbx": item.pbx,
        "extensions": list(item.extensions),
        "agents": list(item.agents),
        "live": item.live,
        "missed": item.missed,
        "outcome": item.outcome.value if item.outcome else None,
        "queue": item.queue,
        "line": item.line,
        "wait_s": item.wait_s,
        "talk_s": item.talk_s,
        "subject": item.subject,
        "text": item.text,
        "url": item.url,
        "wrap_ups": [wrap_up_json(said) for said in item.wrap_ups],
        "promise": promise_json(item.promise) if item.promise is not None else None,
    }


def wrap_up_json(said: WrapUp) -> dict[str, object]:
    """Return what an agent said of a call."""
    return {
        "agent": said.agent,
        "disposition": said.disposition,
        "note": said.note,
        "at": time_json(said.at),
    }


def promise_json(promise: Promise) -> dict[str, object]:
    """Return a promised call-back."""
    return {
        "id": promise.id,
        "contact": promise.contact_id,
        "e164": promise.e164,
        "text": promise.text,
        "due_at": time_json(promise.due_at),
        "assignee": promise.assignee,
        "state": promise.state.value,
        "made_by": promise.made_by,
        "made_at": time_json(promise.made_at),
        "made_in": promise.made_in,
        "settled_at": time_json(promise.settled_at),
        "settled_by": promise.settled_by,
    }


def open_items(past: Background) -> list[dict[str, object]]:
    """Return what is still open with a customer, the most pressing first.

    `kind` is promise or missed; `due_at` is when it was promised for, null for a missed call.
    """
    items: list[dict[str, object]] = [
        {
            "kind": "promise",
            "id": promise.id,
            "text": promise.text,
            "state": promise.state.value,
            "at": time_json(promise.made_at),
            "due_at": time_json(promise.due_at),
            "by": promise.assignee or promise.made_by,
        }
        for promise in past.promises
    ]
    if past.missed is not None:
        items.append(missed_item(past.missed))
    return items


def missed_item(missed: MissedCustomer) -> dict[str, object]:
    """Return that somebody waits to be called back."""
    return {
        "kind": "missed",
        "id": missed.id,
        "text": None,
        "state": missed.reasons[0].value,
        "at": time_json(missed.last_at),
        "due_at": None,
        "by": missed.claimed_by,
        "attempts": missed.attempts,
        "longest_wait_s": missed.longest_wait_s,
    }
