"""What is still open with a customer, as a pop lists it."""

from gateway.core.history import Background, MissedCustomer
from gateway.core.record import time_json


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
            "attempts": None,
            "longest_wait_s": None,
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
