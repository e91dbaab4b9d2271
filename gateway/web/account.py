"""What people do about themselves: their phone for today, their password, their second factor."""

import asyncio
from typing import Final

from aiohttp import web

from gateway.core.dialable import LONGEST_INSIDE
from gateway.core.errors import UsageError
from gateway.core.numbers import NumberPlan
from gateway.desk.refusals import NotFoundError
from gateway.desk.roster import SEES_OWN_CALLS
from gateway.store.audit import AuditEntry, append
from gateway.store.credentials import ABSOLUTE, fingerprint
from gateway.store.database import Connection
from gateway.store.desks import TakenError, leave, sit
from gateway.store.passwords import hash_password
from gateway.store.people import extension_place, set_password
from gateway.web.access import CALLS_WRITE, SIGNED_IN, Access, Principal
from gateway.web.answers import answer
from gateway.web.keys import HASHING, LIMITS, PRINCIPAL, SERVICES
from gateway.web.problems import (
    FORBIDDEN,
    INVALID,
    NOT_FOUND,
    TOO_MANY_ATTEMPTS,
    Problem,
    ProblemKind,
)
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.second_factor import TOTP_NOT_BEGUN, TOTP_WRONG, SecondFactor, enrolment_json
from gateway.web.session import WRONG_CREDENTIALS, me_json, proved_password, take_attempt
from gateway.web.shapes.session import (
    CodeBody,
    DeskBody,
    Enrolment,
    Me,
    PasswordBody,
    RecoveryCodes,
)
from gateway.web.trail import TRAIL
from gateway.web.validation import body_of
from gateway.web.watch import WATCH

PHONE_TAKEN: Final = ProblemKind(
    slug="phone-taken",
    status=409,
    title="Somebody else has this telephone",
    detail="The telephone belongs to a colleague, or somebody is signed in to it.",
)


async def take_phone(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/me/extension`: calls of this phone are mine until I leave it."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    body, now = body_of(request, DeskBody), services.clock.now()
    written = f"{body.pbx}:{body.extension}" if body.pbx else body.extension
    pbx, extension = extension_place(written, services.people.pbxs)
    _refuse_outside(services.plan, extension)

    def work(conn: Connection) -> None:
        sit(
            conn,
            principal.login,
            pbx=pbx,
            extension=extension,
            session=fingerprint(principal.secret) if principal.by_cookie else None,
            now=now,
            until=now + ABSOLUTE,
            take_over=body.take_over,
        )
        append(conn, (_entry(request, "phone.taken", extension=extension),))

    try:
        await services.db.write(work)
    except TakenError as error:
        raise Problem(PHONE_TAKEN, f"{error.message} {error.remedy}") from error
    await request.app[WATCH].check_all()
    return answer(me_json(services, principal))


def _refuse_outside(plan: NumberPlan, extension: str) -> None:
    """Refuse a number of the world outside: the calls with it are not those of a desk of ours."""
    whole = extension.isdecimal() and len(extension) > LONGEST_INSIDE
    if whole or plan.parse(extension, dialled=True).e164 is not None:
        raise UsageError(
            "This is no telephone of the house.", remedy='Write its extension, as "1001".'
        )


async def leave_phone(request: web.Request) -> web.Response:
    """Answer `DELETE /api/v1/me/extension`."""
    services, principal = request.app[SERVICES], request[PRINCIPAL]
    now = services.clock.now()

    def work(conn: Connection) -> None:
        if not leave(conn, principal.login, now=now):
            raise NotFoundError("You are not signed in to a telephone.")
        append(conn, (_entry(request, "phone.left"),))

    await services.db.write(work)
    await request.app[WATCH].check_all()
    return web.Response(status=204)


async def change_password(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/me/password`; every session ends, this one too."""
    principal, body = _in_person(request), body_of(request, PasswordBody)
    login = await proved_password(request, principal.login, body.password)
    request.app[LIMITS].forgive(login=login, address=request.remote or "")
    async with request.app[HASHING]:
        hashed = await asyncio.to_thread(hash_password, body.new)

    def work(conn: Connection) -> None:
        set_password(conn, login, hashed)
        append(conn, (_entry(request, "user.password_set"),))

    await request.app[SERVICES].db.write(work)
    await request.app[WATCH].check_all()
    return web.Response(status=204)


async def begin_totp(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/me/totp`: a secret that counts once its first code was sent."""
    principal = _in_person(request)
    return answer(enrolment_json(await SecondFactor(request.app[SERVICES]).begin(principal.login)))


async def confirm_totp(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/me/totp/confirm`."""
    principal, body = _in_person(request), body_of(request, CodeBody)
    take_attempt(request, login=principal.login)
    codes = await SecondFactor(request.app[SERVICES]).confirm(principal.login, body.code)
    request.app[LIMITS].forgive(login=principal.login, address=request.remote or "")
    request.app[TRAIL].note(principal.login, "totp.confirmed", principal.login)
    return answer({"recovery_codes": list(codes)})


async def remove_totp(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/me/totp/remove`: only with a valid code."""
    principal, body = _in_person(request), body_of(request, CodeBody)
    take_attempt(request, login=principal.login)
    factor = SecondFactor(request.app[SERVICES])
    if not await factor.check(principal.login, body.code):
        raise Problem(TOTP_WRONG)
    request.app[LIMITS].forgive(login=principal.login, address=request.remote or "")
    await factor.remove(principal.login)
    request.app[TRAIL].note(principal.login, "totp.removed", principal.login)
    return web.Response(status=204)


def _in_person(request: web.Request) -> Principal:
    """Return who asks; a token must not change how its owner signs in."""
    principal = request[PRINCIPAL]
    if not principal.by_cookie or principal.token_id is not None:
        raise Problem(FORBIDDEN, "Sign in with your password for this; a token cannot do it.")
    return principal


def _entry(request: web.Request, action: str, **detail: object) -> AuditEntry:
    login = request[PRINCIPAL].login
    now = request.app[SERVICES].clock.now()
    return AuditEntry(at=now, actor=login, action=action, subject=login, detail=detail)


_PHONE: Final = Access(scope=CALLS_WRITE, roles=SEES_OWN_CALLS)

ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/me/extension",
        access=_PHONE,
        handler=take_phone,
        tag=Tag.SESSION,
        summary="Sign in to a telephone that is nobody's own (hot-desking)",
        detail="Its pops come here and its calls count as one's own, from now until one leaves "
        "it, signs out, or takes another; 12 hours at most. One's fixed extensions stay.",
        body=DeskBody,
        answers={200: Me},
        problems=(INVALID, PHONE_TAKEN),
    ),
    Route(
        method="DELETE",
        path=f"{API}/me/extension",
        access=_PHONE,
        handler=leave_phone,
        tag=Tag.SESSION,
        summary="Leave the telephone one signed in to",
        answers={204: None},
        problems=(NOT_FOUND,),
    ),
    Route(
        method="POST",
        path=f"{API}/me/password",
        access=SIGNED_IN,
        handler=change_password,
        tag=Tag.SESSION,
        summary="Change one's password; all sessions end",
        body=PasswordBody,
        answers={204: None},
        problems=(FORBIDDEN, WRONG_CREDENTIALS, TOO_MANY_ATTEMPTS),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/me/totp",
        access=SIGNED_IN,
        handler=begin_totp,
        tag=Tag.SESSION,
        summary="Begin to set up a second factor",
        answers={200: Enrolment},
        problems=(FORBIDDEN, INVALID),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/me/totp/confirm",
        access=SIGNED_IN,
        handler=confirm_totp,
        tag=Tag.SESSION,
        summary="Confirm a second factor by its first code; answers with recovery codes, once",
        body=CodeBody,
        answers={200: RecoveryCodes},
        problems=(FORBIDDEN, TOTP_WRONG, TOTP_NOT_BEGUN, TOO_MANY_ATTEMPTS),
        repeat=Repeat.IGNORE,
    ),
    Route(
        method="POST",
        path=f"{API}/me/totp/remove",
        access=SIGNED_IN,
        handler=remove_totp,
        tag=Tag.SESSION,
        summary="Give up one's second factor, with a valid code",
        body=CodeBody,
        answers={204: None},
        problems=(FORBIDDEN, TOTP_WRONG, TOO_MANY_ATTEMPTS),
        repeat=Repeat.IGNORE,
    ),
)
