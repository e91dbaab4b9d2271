"""Numbers as people type them into addresses and bodies."""

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.web.keys import SERVICES


def e164_of(request: web.Request, text: str) -> str:
    """Return the international form of a number; raises UsageError for what has none.

    A plus sign that was not percent-encoded arrives as a space.
    """
    written = f"+{text[1:]}" if text.startswith(" ") else text
    e164 = request.app[SERVICES].plan.parse(written).e164
    if e164 is None:
        raise UsageError(
            "The number is an extension, a short code or no telephone number here.",
            remedy="Write it in international form, like +390612345678.",
        )
    return e164
