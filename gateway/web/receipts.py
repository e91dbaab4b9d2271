"""The outbox over REST: what was written to the CRM, what waits, what needs a person."""

from functools import partial
from uuid import UUID

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.ids import CallId, EffectKey
from gateway.core.record import time_json
from gateway.store.calls import CallFilter, get_call, list_calls
from gateway.store.database import Database
from gateway.store.outbox import EffectPage, EffectState, StoredEffect, list_effects, retry
from gateway.web.answers import (
    answer,
    answer_list,
    query_choice,
    query_int,
    query_limit,
    query_text,
)
from gateway.web.calls import read_call_id
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import Problem

MAX_ROW = 2**62
OWN_CALLS = 50


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
    """Answer `GET /api/v1/outbox`: `state`, `connector`, `call`; agents see their own calls'."""
    db, principal = request.app[SERVICES].db, request[PRINCIPAL]
    state = query_choice(request, "state", EffectState)
    connector = query_text(request, "connector")
    wanted = query_text(request, "call")
    call_id = read_call_id(wanted) if wanted is not None else None
    if principal.visible_to is not None:
        items = await _own(db, principal.visible_to, state, call_id)
        return answer_list([effect_json(item) for item in items])
    before = query_int(request, "cursor", default=MAX_ROW, maximum=MAX_ROW)
    limit = query_limit(request)
    page: EffectPage = await db.read(
        lambda conn: list_effects(
            conn, state, connector=connector, call_id=call_id, before=before, limit=limit
        )
    )
    following = str(page.next) if page.next is not None else None
    return answer_list([effect_json(item) for item in page.items], following)


async def retry_effect(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/outbox/{id}/retry`: try at once, because a person says so."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    try:
        key = EffectKey(UUID(request.match_info["id"]))
    except ValueError:
        raise Problem(404, "There is no such effect: its id is a UUID.") from None
    now = services.clock.now()
    try:
        await services.db.write(lambda conn: retry(conn, key, by=principal.login, at=now))
    except UsageError as error:
        raise Problem(409, f"{error.message} {error.remedy}".strip()) from error
    services.wake_outbox()
    return answer({"id": str(key), "state": EffectState.PENDING.value}, status=202)


async def _own(
    db: Database, login: str, state: EffectState | None, call_id: CallId | None
) -> list[StoredEffect]:
    """Return the effects of the calls that somebody took part in: of one, or of the last ones."""
    if call_id is not None:
        known = await db.read(lambda conn: get_call(conn, call_id, visible_to=login))
        calls = [call_id] if known is not None else []
    else:
        mine = CallFilter(visible_to=login, limit=OWN_CALLS)
        calls = [item.id for item in (await db.read(lambda conn: list_calls(conn, mine))).items]
    pages = [await db.read(partial(list_effects, state=state, call_id=own)) for own in calls]
    return [item for page in pages for item in page.items]
