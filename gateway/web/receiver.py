"""The demo's CRM: a webhook receiver that verifies, keeps by id, and tells each new record once."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from gateway.core.errors import FilodirettoError

Verify = Callable[[Mapping[str, str], bytes], Mapping[str, object]]
Tell = Callable[[str, Mapping[str, object]], None]
MAX_BODY = 256 * 1024
PATH = "/hook"


def create_receiver(verify: Verify, tell: Tell) -> web.Application:
    """Return an application that accepts `POST /hook`; `tell(webhook_id, body)` is called once.

    `verify` raises a FilodirettoError if the signature is not the sender's.
    """
    seen: set[str] = set()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            content = verify({key.lower(): value for key, value in request.headers.items()}, body)
        except FilodirettoError:
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        key = request.headers["webhook-id"]
        if key not in seen:
            seen.add(key)
            tell(key, content)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_post(PATH, receive)
    return app
