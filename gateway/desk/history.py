"""What is told of a customer's past, as pages and programs get it: one object for each kind."""

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.core.calendars import CalendarBook
from gateway.core.history import Interaction, MissedCustomer, Promise, TimelineItem
from gateway.core.record import WrapUp, time_json

Named = Callable[[str, str], Sequence[str]]


def nobody(_pbx: str, _extension: str) -> Sequence[str]:
    """Name nobody: for whoever has no roster."""
    return ()


def promise_json(promise: Promise) -> dict[str, object]:
    """Return the public JSON object of a promise."""
    return {
        "id": promise.id,
        "contact_id": promise.contact_id,
        "number": promise.e164,
        "text": promise.text,
        "due_at": time_json(promise.due_at),
        "assignee": promise.assignee,
        "made_by": promise.made_by,
        "made_at": time_json(promise.made_at),
        "call_id": promise.made_in,
        "state": promise.state.value,
        "to_do": promise.is_to_do,
        "settled_at": time_json(promise.settled_at),
        "settled_by": promise.settled_by,
    }


def missed_json(item: MissedCustomer, calendars: CalendarBook, now: datetime) -> dict[str, object]:
    """Return the public JSON object of a customer who waits to be called back, as of `now`."""
    contact = None
    if item.contact_id is not None:
        contact = {
            "id": item.contact_id,
            "name": item.name,
            "company": item.company,
            "owner": item.owner,
            "vip": item.vip,
            "at_risk": item.at_risk,
        }
    return {
        "id": item.id,
        "state": "open" if item.is_open else "closed",
        "contact": contact,
        "number": item.e164,
        "reasons": [reason.value for reason in item.reasons],
        "attempts": item.attempts,
        "tried": item.tried,
        "messages": item.messages,
        "first_at": time_json(item.first_at),
        "last_at": time_json(item.last_at),
        "waited_s": item.waited_s,
        "longest_wait_s": item.longest_wait_s,
        "queues": list(item.queues),
        "lines": list(item.lines),
        "last_call": item.last_call,
        "last_outcome": item.last_outcome.value if item.last_outcome else None,
        "promise": promise_json(item.promise) if item.promise is not None else None,
        "claimed_by": item.claimed_by,
        "claimed_at": time_json(item.claimed_at),
        "closed_at": time_json(item.closed_at),
        "closed_by": item.closed_by,
        "hours": _hours_json(item, calendars, now),
    }


def _hours_json(
    item: MissedCustomer, calendars: CalendarBook, now: datetime
) -> dict[str, object] | None:
    """Return what the opening hours say of their waiting; None where nobody said any."""
    calendar = calendars.named.get(item.calendar or "")
    if calendar is None:
        return None
    until = item.closed_at or now
    return {
        "calendar": calendar.name,
        "closed_attempts": item.closed_attempts,
        "at": time_json(now),
        "open": calendar.is_open(now),
        "changes_at": time_json(calendar.next_change(now)),
        "open_s": calendar.open_seconds(item.last_at, until),
    }


def interaction_json(told: Interaction) -> dict[str, object]:
    """Return the public JSON object of a contact by another channel."""
    return {
        "id": told.id,
        "source": told.source,
        "external_id": told.external_id,
        "channel": told.channel.value,
        "direction": told.direction.value,
        "at": time_json(told.at),
        "contact_id": told.contact_id,
        "number": told.e164,
        "email": told.email,
        "subject": told.subject,
        "summary": told.summary,
        "agent": told.agent,
        "url": told.url,
    }


def wrap_up_json(said: WrapUp) -> dict[str, object]:
    """Return what one agent says of a call, as in the call record."""
    return {
        "agent": said.agent,
        "disposition": said.disposition,
        "note": said.note,
        "at": time_json(said.at),
    }


def timeline_json(item: TimelineItem, named: Named = nobody) -> dict[str, object]:
    """Return the public JSON object of one entry of a timeline.

    `who` are those who had it, in their order: the phones that talked, each with its users by
    `named(pbx, extension)`, else the logins that wrote, had or owe it.
    """
    pbx = item.pbx or ""
    phones = [
        {"extension": extension, "logins": list(named(pbx, extension))}
        for extension in item.extensions
    ]
    others = [{"extension": None, "logins": [login]} for login in item.agents]
    return {
        "kind": item.kind.value,
        "id": item.id,
        "at": time_json(item.at),
        "channel": item.channel.value,
        "direction": item.direction.value if item.direction else None,
        "who": phones or others,
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
