"""When somebody is there, over REST: asked before a time is promised to a customer."""

from datetime import timedelta
from typing import Final

from aiohttp import web

from gateway.core.calendars import Calendar
from gateway.core.errors import UsageError
from gateway.core.record import time_json
from gateway.web.access import SIGNED_IN
from gateway.web.answers import answer
from gateway.web.keys import SERVICES
from gateway.web.problems import INVALID
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.hours import Hours, HoursQuery
from gateway.web.validation import query_of

# Public holidays are not known for much longer.
FURTHEST: Final = timedelta(days=3_650)


async def hours(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/hours`."""
    query, services = query_of(request, HoursQuery), request.app[SERVICES]
    book, at = services.follow_ups.calendars, query.at or services.clock.now()
    if abs(at - services.clock.now()) > FURTHEST:
        raise UsageError(
            "Nobody knows the hours of that time.", remedy="Ask for a moment within ten years."
        )
    calendar: Calendar | None = book.lines.get(query.line or "") or book.of_person(query.agent)
    if calendar is None:
        empty = dict.fromkeys(("calendar", "timezone", "opens_at", "closes_at", "day"))
        return answer({"at": time_json(at), "open": True, **empty})
    is_open, differs = calendar.is_open(at), calendar.special_day(calendar.date_at(at))
    return answer(
        {
            "at": time_json(at),
            "open": is_open,
            "calendar": calendar.name,
            "timezone": str(calendar.zone),
            "opens_at": None if is_open else time_json(calendar.next_opening(at)),
            "closes_at": time_json(calendar.next_change(at)) if is_open else None,
            "day": differs.name or None if differs is not None else None,
        }
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/hours",
        access=SIGNED_IN,
        handler=hours,
        tag=Tag.HISTORY,
        summary="Whether somebody is there at a moment, and when next",
        detail="By `[[calendar]]` in the configuration: of the line, else of the agent's team, "
        "else of the house.",
        query=HoursQuery,
        answers={200: Hours},
        problems=(INVALID,),
    ),
)
