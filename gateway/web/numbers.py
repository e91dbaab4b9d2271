"""Numbers that people and programs write into requests."""

from aiohttp import web

from gateway.core.numbers import PhoneNumber
from gateway.web.keys import SERVICES


def number_of(request: web.Request, text: str) -> PhoneNumber:
    """Return what a number in a query or body means where the gateway stands."""
    return request.app[SERVICES].plan.parse(as_written(text))


def as_written(text: str) -> str:
    """Return a number as it was written: a plus sign not percent-encoded arrives as a space."""
    return f"+{text[1:]}" if text.startswith(" ") else text
