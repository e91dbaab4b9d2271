"""Click-to-call, call control and queues' members over REST (DESIGN section 6)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.core.errors import FilodirettoError, NotPossibleError
from gateway.core.ids import CallId
from gateway.desk.callcontrol import CallAction, CallOrder, TransferKind
from gateway.desk.controlled import Person
from gateway.desk.controls import Controls
from gateway.desk.members import MemberAction
from gateway.desk.once import fingerprint
from gateway.desk.refusals import NotFoundError
from gateway.store.calls import get_call
from gateway.store.requests import ControlRequest, RequestState
from gateway.web.answers import answer, read_object, read_text
from gateway.web.calls import read_call_id
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import Problem
from gateway.web.refusals import problem_of

MAX_KEY: Final = 200
MAX_NUMBER: Final = 80
MAX_NAME: Final = 120
MAX_MESSAGES: Final = 10_000

Work = Callable[[], Awaitable[None]]

_DONE: Final[Mapping[str, str]] = {
    CallAction.HANG_UP: "The PBX ends the call.",
    CallAction.DECLINE: "The PBX was told that you decline the call.",
    CallAction.HOLD: "The phone was asked to hold the call.",
    CallAction.UNHOLD: "The phone was asked to take the call back.",
    CallAction.TRANSFER: "The PBX hands the call over.",
    CallAction.PARK: "The PBX parks the call.",
    MemberAction.ADD: "The phone is signed in to the queue.",
    MemberAction.REMOVE: "The phone is signed out of the queue.",
    MemberAction.PAUSE: "The phone is paused.",
    MemberAction.UNPAUSE: "The phone takes calls again.",
}


async def dial(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/calls`: ring one's own phone, then dial; the id is the call to come."""
    controls, person = _controls(request), _person(request)
    body = await read_object(request)
    to = read_text(body, "to", limit=MAX_NUMBER)
    pbx, extension = _optional(body, "pbx"), _optional(body, "extension")
    key = _key(request) or uuid4().hex
    try:
        placed = await controls.dialling.dial(person, to, key=key, pbx=pbx, extension=extension)
    except FilodirettoError as error:
        raise problem_of(error) from error
    return _accepted(placed, "Your phone rings first; pick up and the number is dialled.")


def on_call(action: CallAction) -> Handler:
    """Return the handler of `POST /api/v1/calls/{id}/ACTION`."""

    async def handle(request: web.Request) -> web.Response:
        controls, person = _controls(request), _person(request)
        call = read_call_id(request.match_info["id"])
        body = await _body(request)
        order = _order(action, body)
        try:
            home = controls.calls.prepare(person, call, order)
        except NotFoundError as error:
            raise await _over_or_unknown(request, call, error) from error
        except FilodirettoError as error:
            raise problem_of(error) from error
        parts = (str(call), order.to, order.kind.value, order.extension)
        return await _once(request, action.value, home, parts, call=call)

    return handle


def on_member(action: MemberAction) -> Handler:
    """Return the handler of `POST /api/v1/queues/{id}/members/ACTION`, by default for oneself."""

    async def handle(request: web.Request) -> web.Response:
        body = await _body(request)
        extension = _optional(body, "extension") or _own(_person(request))
        return await _member(request, action, body, request.match_info["id"], extension)

    return handle


def on_agent(action: MemberAction) -> Handler:
    """Return the handler of `POST /api/v1/agents/{extension}/ACTION`: in all queues at once."""

    async def handle(request: web.Request) -> web.Response:
        return await _member(request, action, await _body(request), "", request.match_info["id"])

    return handle


async def _member(
    request: web.Request,
    action: MemberAction,
    body: Mapping[str, object],
    queue: str,
    extension: str,
) -> web.Response:
    reason, pbx = _optional(body, "reason") or "", _optional(body, "pbx")
    name = _optional(body, "name") or ""
    try:
        home = _controls(request).members.prepare(
            _person(request),
            action,
            queue=queue,
            extension=extension,
            pbx=pbx,
            reason=reason,
            name=name,
        )
    except FilodirettoError as error:
        raise problem_of(error) from error
    parts = (queue, extension, reason, name, pbx or "")
    return await _once(request, action.value, home, parts)


async def message_waiting(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/agents/{extension}/message-waiting`: `new` and `old` messages."""
    controls, person = _controls(request), _person(request)
    body = await read_object(request)
    extension, pbx = request.match_info["id"], _optional(body, "pbx")
    new, old = _count(body, "new"), _count(body, "old")
    try:
        home = controls.members.message_waiting(
            person, extension=extension, pbx=pbx, new=new, old=old
        )
    except FilodirettoError as error:
        raise problem_of(error) from error
    return await _once(request, "mwi", home, (extension, str(new), str(old)))


async def _once(
    request: web.Request,
    kind: str,
    home: tuple[str, Work],
    parts: tuple[str, ...],
    *,
    call: CallId | None = None,
) -> web.Response:
    """Do the work; under an Idempotency-Key only the first time."""
    pbx, work = home
    key, words = _key(request), _DONE.get(kind, "The PBX has done it.")
    try:
        if key is None:
            await work()
            return answer(
                {
                    "id": str(call) if call is not None else None,
                    "state": RequestState.ACCEPTED.value,
                    "detail": words,
                    "remedy": None,
                },
                status=202,
            )
        once = _controls(request).once
        wanted = once.new(
            login=request[PRINCIPAL].login,
            key=key,
            kind=kind,
            fingerprint=fingerprint((kind, *parts)),
            pbx=pbx,
            call_id=call,
        )
        known = await once.take(wanted)
        done = known if known is not None else await once.run(wanted, work)
    except FilodirettoError as error:
        raise problem_of(error) from error
    return _accepted(done, words)


def _accepted(done: ControlRequest, words: str) -> web.Response:
    """Answer 202 with how far a request is; one that failed before is a problem again."""
    if done.state is RequestState.FAILED:
        raise Problem(409, f"{done.cause} {done.remedy}".strip(), slug="request-failed")
    call = str(done.call_id) if done.call_id is not None else None
    return answer(
        {
            "id": call,
            "state": done.state.value,
            "detail": done.cause or words,
            "remedy": done.remedy or None,
        },
        status=202,
    )


async def _over_or_unknown(request: web.Request, call: CallId, error: NotFoundError) -> Problem:
    """Tell a call that is over from one that this person may not know of."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    record = await services.db.read(lambda conn: get_call(conn, call, visible_to=visible_to))
    if record is None:
        return problem_of(error)
    return Problem(409, "This call is over.", slug="call-over")


def _controls(request: web.Request) -> Controls:
    controls = request.app[SERVICES].controls
    if controls is None:
        raise problem_of(
            NotPossibleError(
                "Call control is not configured.",
                adapter="",
                remedy="Install the control user of config/asterisk and set pbx.control.",
            )
        )
    return controls


def _person(request: web.Request) -> Person:
    principal = request[PRINCIPAL]
    users = request.app[SERVICES].roster.users()
    extensions = next((user.extensions for user in users if user.login == principal.login), ())
    return Person(
        login=principal.login,
        name=principal.name,
        oversees=principal.visible_to is None,
        extensions=extensions,
    )


def _own(person: Person) -> str:
    for _, extension in person.extensions:
        return extension
    raise Problem(422, 'The body needs an "extension": you have none of your own.')


def _key(request: web.Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Problem(422, f"The Idempotency-Key must have 1 to {MAX_KEY} printable characters.")
    return key


async def _body(request: web.Request) -> dict[str, object]:
    """Return the JSON object of a body, an empty one if there is no body."""
    return await read_object(request) if request.can_read_body else {}


def _order(action: CallAction, body: Mapping[str, object]) -> CallOrder:
    kind = TransferKind.BLIND
    to = ""
    if action is CallAction.TRANSFER:
        word = _optional(body, "type") or TransferKind.BLIND.value
        if word not in set(TransferKind):
            raise Problem(422, f"The type must be one of: {', '.join(TransferKind)}.")
        kind = TransferKind(word)
        if kind is not TransferKind.CANCEL:
            to = read_text(body, "to", limit=MAX_NUMBER)
    extension = _optional(body, "extension") or ""
    return CallOrder(action=action, to=to, kind=kind, extension=extension)


def _optional(body: Mapping[str, object], name: str) -> str | None:
    return None if body.get(name) is None else read_text(body, name, limit=MAX_NAME)


def _count(body: Mapping[str, object], name: str) -> int:
    value = body.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_MESSAGES:
        raise Problem(422, f'"{name}" must be a number of messages.')
    return value
