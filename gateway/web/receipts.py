"""The outbox over REST: what was written to the CRM, what waits, what needs a person."""

from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.ids import CallId, EffectKey
from gateway.core.record import time_json
from gateway.store.cursors import read_cursor, write_cursor
from gateway.store.outbox import EffectPage, EffectState, StoredEffect, list_effects, retry
from gateway.web.access import OUTBOX_READ, OUTBOX_WRITE, Access
from gateway.web.answers import answer, answer_list
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import BAD_CURSOR, CONFLICT, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.outbox import EffectPage as EffectPageShape
from gateway.web.shapes.outbox import EffectPath, EffectsQuery, EffectTaken
from gateway.web.validation import params_of, query_of


def effect_json(effect: StoredEffect) -> dict[str, object]:
    """Return the public JSON object of an effect; its content is the call's own record."""
    receipt = effect.receipt
    return {
        "id": str(effect.key),
        "call_id": str(effect.call_id),
        "connector": effect.connector,
        "kind": effect.kind,
        "state": effect.state.value,
        "attempts": effect.attempts,
        "ambiguous": effect.ambiguous,
        "cause": effect.cause,
        "occurred_at": time_json(effect.occurred_at),
        "due_at": time_json(effect.due_at) if effect.state is EffectState.PENDING else None,
        "last_attempt_at": time_json(effect.last_attempt_at),
        "settled_at": time_json(effect.settled_at),
        "receipt": None
        if receipt is None
        else {"external_id": receipt.external_id, "url": receipt.url},
    }


async def outbox(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/outbox`: `state`, `connector`, `call`; only of calls one may see."""
    db, principal = request.app[SERVICES].db, request[PRINCIPAL]
    query = query_of(request, EffectsQuery)
    call_id = CallId(query.call) if query.call is not None else None
    before = None if query.cursor is None else int(read_cursor(query.cursor, int)[0])
    page: EffectPage = await db.read(
        lambda conn: list_effects(
            conn,
            query.state,
            connector=query.connector,
            call_id=call_id,
            visible_to=principal.receipts_of,
            before=before,
            limit=query.limit,
        )
    )
    following = write_cursor(page.next) if page.next is not None else None
    return answer_list(request, [effect_json(item) for item in page.items], following)


async def retry_effect(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/outbox/{id}/retry`: try at once, because a person says so."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    key = EffectKey(params_of(request, EffectPath).id)
    now = services.clock.now()
    try:
        await services.db.write(
            lambda conn: retry(
                conn, key, by=principal.login, at=now, visible_to=principal.receipts_of
            )
        )
    except UsageError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}".strip()) from error
    services.wake_outbox()
    return answer({"id": str(key), "state": EffectState.PENDING.value}, status=202)


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/outbox",
        access=Access(scope=OUTBOX_READ),
        handler=outbox,
        tag=Tag.CRM,
        summary="What was written to the CRM, what waits, what needs a person",
        detail="Agents see what became of their own calls, supervisors of their teams', "
        "administrators of all; none of it holds what was said.",
        query=EffectsQuery,
        answers={200: EffectPageShape},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/outbox/{{id}}/retry",
        access=Access(scope=OUTBOX_WRITE),
        handler=retry_effect,
        tag=Tag.CRM,
        summary="Try an effect again at once",
        params=EffectPath,
        answers={202: EffectTaken},
        problems=(CONFLICT,),
    ),
)
