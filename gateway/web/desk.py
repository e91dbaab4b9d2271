"""What the desk asks beside calls: the house, one's own preferences, one's other sessions."""

from dataclasses import asdict, replace
from typing import Final

from aiohttp import web

from gateway.core.record import time_json
from gateway.store.credentials import end_other_sessions
from gateway.store.database import Connection
from gateway.store.preferences import Preferences, preferences_of, put_preferences
from gateway.web.access import NARROW, SIGNED_IN
from gateway.web.answers import answer
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import FORBIDDEN, INVALID, FieldError, Problem
from gateway.web.routes import API, Route, Tag
from gateway.web.shapes.desk import Desk, PreferencesChange, SessionsEnded
from gateway.web.shapes.desk import Preferences as PreferencesShape
from gateway.web.trail import TRAIL
from gateway.web.validation import body_of
from gateway.web.watch import WATCH

# "Nothing" means something here: as the browser says.
MAY_BE_NULL: Final = frozenset({"language", "theme"})


async def desk(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/desk`."""
    services = request.app[SERVICES]
    options, house = services.options, services.options.desk
    return answer(
        {
            "now": time_json(services.clock.now()),
            "version": options.version,
            "language": options.language,
            "country": services.plan.country,
            "timezone": options.timezone,
            "dispositions": list(services.follow_ups.wrap_ups.dispositions),
            "pause_reasons": list(house.pause_reasons),
            "after_call": house.after_call,
            "wrap_up_s": house.wrap_up_s,
            "crms": [asdict(crm) for crm in house.crms],
            "embed_origins": list(options.frame_ancestors),
        }
    )


async def preferences(request: web.Request) -> web.Response:
    """Answer `GET /api/v1/me/preferences`."""
    login = request[PRINCIPAL].login
    return _answer(await request.app[SERVICES].db.read(lambda conn: preferences_of(conn, login)))


async def change_preferences(request: web.Request) -> web.Response:
    """Answer `PATCH /api/v1/me/preferences`."""
    login, wanted = request[PRINCIPAL].login, body_of(request, PreferencesChange)
    said = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    empty = [name for name, value in said.items() if value is None and name not in MAY_BE_NULL]
    if empty:
        errors = [FieldError(pointer=f"#/{name}", detail="must be given") for name in empty]
        raise Problem(INVALID, errors=errors)

    def change(conn: Connection) -> Preferences:
        changed = replace(preferences_of(conn, login), **said)
        put_preferences(conn, login, changed)
        return changed

    return _answer(await request.app[SERVICES].db.write(change))


async def end_others(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/me/sessions`: pages elsewhere are signed out at once."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    if not principal.whole:
        raise Problem(FORBIDDEN, NARROW)
    keep = principal.secret if principal.by_cookie else None
    ended = await services.db.write(
        lambda conn: end_other_sessions(conn, principal.login, keep=keep)
    )
    request.app[TRAIL].note(principal.login, "session.others_ended", principal.login)
    await request.app[WATCH].check_all()
    return answer({"ended": ended})


def _answer(chosen: Preferences) -> web.Response:
    return answer(asdict(chosen))


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{API}/desk",
        access=SIGNED_IN,
        handler=desk,
        tag=Tag.SESSION,
        summary="The house as a page needs it: words to choose from, time, languages",
        answers={200: Desk},
    ),
    Route(
        method="GET",
        path=f"{API}/me/preferences",
        access=SIGNED_IN,
        handler=preferences,
        tag=Tag.SESSION,
        summary="How one wants one's pages",
        answers={200: PreferencesShape},
    ),
    Route(
        method="PATCH",
        path=f"{API}/me/preferences",
        access=SIGNED_IN,
        handler=change_preferences,
        tag=Tag.SESSION,
        summary="Change how one wants one's pages",
        body=PreferencesChange,
        answers={200: PreferencesShape},
        problems=(INVALID,),
    ),
    Route(
        method="DELETE",
        path=f"{API}/me/sessions",
        access=SIGNED_IN,
        handler=end_others,
        tag=Tag.SESSION,
        summary="Sign out everywhere else: the event streams there close at once",
        answers={200: SessionsEnded},
        problems=(FORBIDDEN,),
    ),
)
