"""A trunk's configuration over REST: templates, their fields, and text made of a filled form."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from gateway.core.errors import UsageError
from gateway.core.trunkforms import FieldValue, FormError
from gateway.store.people import Role
from gateway.web.access import TRUNKS_WRITE, Access
from gateway.web.answers import answer, answer_page, page_in_order
from gateway.web.keys import SERVICES
from gateway.web.problems import BAD_CURSOR, CONFLICT, INVALID, FieldError, Problem
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.services import TrunkForms
from gateway.web.shapes.trunkforms import (
    RenderedTrunkForm,
    TrunkFormBody,
    TrunkProviderPage,
    TrunkProvidersQuery,
)
from gateway.web.validation import body_of, query_of
from gateway.web.wording import ITALIAN_TAG, language_of

WHO: Final = frozenset({Role.PBX_ADMIN, Role.ADMIN})


async def providers(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/trunks/providers`: templates, fields, and what is configured."""
    forms = request.app[SERVICES].trunk_forms
    known: Mapping[str, object] = await forms.described() if forms is not None else _NOTHING
    found = known["items"]
    items = found if isinstance(found, list) else []
    page, following = page_in_order(items, query_of(request, TrunkProvidersQuery))
    return answer_page(request, {**known, "items": page, "next": following})


async def render(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/trunks/render`: text to install; with `look` what the PBX has."""
    forms, body = request.app[SERVICES].trunk_forms, body_of(request, TrunkFormBody)
    if forms is None:
        raise Problem(CONFLICT, "No PBX whose trunks can be rendered is configured.")
    try:
        rendered = await _rendered(forms, body)
    except FormError as error:
        italian = language_of(request) == ITALIAN_TAG
        errors = [
            FieldError(
                pointer=f"#/values/{one.field}", detail=one.cause.it if italian else one.cause.en
            )
            for one in error.mistakes
        ]
        raise Problem(INVALID, errors=errors) from error
    except UsageError as error:
        raise Problem(CONFLICT, f"{error.message} {error.remedy}".strip()) from error
    return answer(rendered)


async def _rendered(forms: TrunkForms, body: TrunkFormBody) -> Mapping[str, object]:
    values: dict[str, FieldValue] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in body.values.items()
    }
    return await forms.render(
        pbx=body.pbx, trunk=body.trunk, provider=body.provider, values=values, look=body.look
    )


_NOTHING: Final[Mapping[str, object]] = {"items": [], "fields": [], "configured": [], "pbxs": []}

ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/trunks/providers",
        access=Access(roles=WHO),
        handler=providers,
        tag=Tag.OPERATIONS,
        summary="Templates of providers, and the fields of a trunk's configuration explained",
        query=TrunkProvidersQuery,
        answers={200: TrunkProviderPage},
        problems=(BAD_CURSOR,),
    ),
    Route(
        method="POST",
        path=f"{API}/trunks/render",
        access=Access(roles=WHO, scope=TRUNKS_WRITE),
        handler=render,
        tag=Tag.OPERATIONS,
        summary="A trunk's configuration as text to install; nothing is written to a PBX",
        body=TrunkFormBody,
        answers={200: RenderedTrunkForm},
        problems=(CONFLICT,),
        repeat=Repeat.IGNORE,
    ),
)
