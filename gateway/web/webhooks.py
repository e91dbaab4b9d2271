"""Outgoing webhooks over REST: registered by administrators, delivered by the outbox."""

from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.desk.webhooks import HookView, Webhooks
from gateway.web.access import ADMINISTER, Access
from gateway.web.answers import answer, answer_list, page_in_order
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, INVALID, NOT_FOUND, NOT_POSSIBLE, Problem
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.shapes import consumers as shapes
from gateway.web.shapes.base import WholePageParams
from gateway.web.validation import body_of, params_of, query_of

_ADMIN: Final = Access(scope=ADMINISTER)


async def webhooks(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/webhooks`."""
    views = await _side(request).listed()
    page, following = page_in_order(views, query_of(request, WholePageParams))
    return answer_list(request, [_json(view) for view in page], following)


async def add(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/webhooks`; the secret is in this answer only."""
    body = body_of(request, shapes.WebhookBody)
    hook, secret = await _side(request).add(
        body.url, body.types, label=body.label, by=request[PRINCIPAL].login
    )
    return answer({"id": str(hook.id), "secret": secret}, status=201)


async def remove(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/webhooks/{id}`; what waits for it is dropped."""
    hook_id = params_of(request, shapes.WebhookPath).id
    await _side(request).remove(hook_id, by=request[PRINCIPAL].login)
    return web.Response(status=204)


async def rotate(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/webhooks/{id}/rotate`: a new secret, the old one signs for a day."""
    hook, secret = await _side(request).rotate(params_of(request, shapes.WebhookPath).id)
    return answer({"id": str(hook.id), "secret": secret}, status=201)


async def test(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/webhooks/{id}/test`: an example is posted at once."""
    tried = await _side(request).test(params_of(request, shapes.WebhookPath).id)
    return answer({"ok": tried.ok, "detail": tried.detail})


async def replay(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/webhooks/{id}/replay`: since a time, or one message."""
    hook_id, body = params_of(request, shapes.WebhookPath).id, body_of(request, shapes.ReplayBody)
    if (body.since is None) == (body.message is None):
        raise Problem(INVALID, 'The body needs either "since" or "message".')
    count = 1
    if body.message is not None:
        await _side(request).replay(hook_id, body.message)
    elif body.since is not None:
        count = await _side(request).replay_since(hook_id, body.since)
    return answer({"count": count}, status=202)


def _side(request: web.Request) -> Webhooks:
    side = request.app[SERVICES].webhooks
    if side is None:
        raise Problem(NOT_POSSIBLE, "This node sends no webhooks.")
    return side


def _json(view: HookView) -> dict[str, object]:
    hook, delivery = view.hook, view.delivery
    return {
        "id": str(hook.id),
        "url": hook.url,
        "label": hook.label,
        "types": list(hook.types),
        "connector": hook.connector,
        "created_at": time_json(hook.created_at),
        "created_by": hook.created_by,
        "former_secret_until": time_json(hook.former_until),
        "delivered_at": time_json(delivery.delivered_at),
        "failed_at": time_json(delivery.failed_at),
        "cause": delivery.cause,
        "paused": view.paused or None,
        "pending": delivery.pending,
        "dead": delivery.dead,
    }


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/webhooks",
        access=_ADMIN,
        handler=webhooks,
        tag=Tag.CRM,
        summary="Addresses that events are posted to, and how that goes",
        query=WholePageParams,
        answers={200: shapes.WebhookPage},
        problems=(BAD_CURSOR, NOT_POSSIBLE),
    ),
    Route(
        method="POST",
        path=f"{API}/webhooks",
        access=_ADMIN,
        handler=add,
        tag=Tag.CRM,
        summary="Have events posted to an address; its secret is shown once",
        detail="Signed as Standard Webhooks has it, repeated until the address answers 2xx.",
        body=shapes.WebhookBody,
        answers={201: shapes.NewSecret},
        problems=(NOT_POSSIBLE,),
        repeat=Repeat.REFUSE,
    ),
    Route(
        method="DELETE",
        path=f"{API}/webhooks/{{id}}",
        access=_ADMIN,
        handler=remove,
        tag=Tag.CRM,
        summary="Post nothing more to an address; what waits is dropped",
        params=shapes.WebhookPath,
        answers={204: None},
        problems=(NOT_FOUND, NOT_POSSIBLE),
    ),
    Route(
        method="POST",
        path=f"{API}/webhooks/{{id}}/rotate",
        access=_ADMIN,
        handler=rotate,
        tag=Tag.CRM,
        summary="Make a new secret; for 24 hours the one before signs too",
        params=shapes.WebhookPath,
        answers={201: shapes.NewSecret},
        problems=(NOT_FOUND, NOT_POSSIBLE),
        repeat=Repeat.REFUSE,
    ),
    Route(
        method="POST",
        path=f"{API}/webhooks/{{id}}/test",
        access=_ADMIN,
        handler=test,
        tag=Tag.CRM,
        summary="Post an example (`webhook.test`) now and say what came of it",
        params=shapes.WebhookPath,
        answers={200: shapes.WebhookTried},
        problems=(NOT_FOUND, NOT_POSSIBLE),
    ),
    Route(
        method="POST",
        path=f"{API}/webhooks/{{id}}/replay",
        access=_ADMIN,
        handler=replay,
        tag=Tag.CRM,
        summary="Post once more what ended since a time, or one message",
        detail="Under the same `webhook-id` as before; a call carries its record of today.",
        params=shapes.WebhookPath,
        body=shapes.ReplayBody,
        answers={202: shapes.Replayed},
        problems=(NOT_FOUND, NOT_POSSIBLE),
    ),
)
