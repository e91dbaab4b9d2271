"""Click-to-call, call control and queues' members over REST (DESIGN section 6)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.core.ids import CallId
from gateway.desk.callcontrol import CallAction, CallOrder, TransferKind
from gateway.desk.controlled import Person, not_controlled
from gateway.desk.controls import Controls
from gateway.desk.members import MemberAction
from gateway.desk.once import fingerprint
from gateway.desk.refusals import NotFoundError
from gateway.store.calls import get_call
from gateway.store.requests import ControlRequest, RequestState
from gateway.web.access import CALLS_DIAL, CALLS_WRITE, Access
from gateway.web.answers import answer
from gateway.web.calls import call_id_of
from gateway.web.handoffs import call_of, leave_note
from gateway.web.keys import PRINCIPAL, SERVICES
from gateway.web.problems import INVALID, Problem, ProblemKind
from gateway.web.refusals import NUMBER_DENIED, PBX_PROBLEMS, TOO_MANY_CALLS
from gateway.web.repeats import key_of
from gateway.web.routes import API, Repeat, Route, Tag
from gateway.web.shapes.call import CallPath, DialBody
from gateway.web.shapes.control import (
    Accepted,
    AgentBody,
    ExtensionPath,
    MemberBody,
    MessagesBody,
    OnCallBody,
    QueuePath,
    TransferBody,
)
from gateway.web.validation import body_of, params_of
from gateway.web.wording import in_words_of

CALL_OVER: Final = ProblemKind(
    slug="call-over", status=409, title="The call is over", detail="This call is over."
)
REQUEST_FAILED: Final = ProblemKind(
    slug="request-failed",
    status=409,
    title="The request failed before",
    detail="The request under this key has failed. Choose a new key to try again.",
)

Work = Callable[[], Awaitable[None]]
# What has to be done and on which PBX, or why it cannot be.
Prepare = Callable[[], Awaitable[tuple[str, Work]]]

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
    body = body_of(request, DialBody)
    key = key_of(request) or uuid4().hex
    placed = await controls.dialling.dial(
        person, body.to, key=key, pbx=body.pbx, extension=body.extension
    )
    return _accepted(request, placed, "Your phone rings first; pick up and the number is dialled.")


def on_call(action: CallAction) -> Handler:
    """Return the handler of `POST /api/v1/calls/{id}/ACTION`."""

    async def handle(request: web.Request) -> web.Response:
        call, order = call_id_of(request), _order(request, action)
        parts = (str(call), order.to, order.kind.value, order.extension)

        async def prepare() -> tuple[str, Work]:
            try:
                home = _controls(request).calls.prepare(_person(request), call, order)
            except NotFoundError:
                if await _is_over(request, call):
                    raise Problem(CALL_OVER) from None
                raise
            await _leave_note(request, action, call)
            return home

        return await _once(request, action.value, prepare, parts, call=call)

    return handle


async def _leave_note(request: web.Request, action: CallAction, call: CallId) -> None:
    """Keep the note of a transfer before the next phone rings."""
    if action is CallAction.TRANSFER:
        note = body_of(request, TransferBody).handoff
        if note is not None:
            await leave_note(request, await call_of(request, call), note)


def on_member(action: MemberAction) -> Handler:
    """Return the handler of `POST /api/v1/queues/{id}/members/ACTION`, by default for oneself."""

    async def handle(request: web.Request) -> web.Response:
        body, queue = body_of(request, MemberBody), params_of(request, QueuePath).id
        extension = body.extension or _own(_person(request))
        return await _member(request, action, body, queue, extension)

    return handle


def on_agent(action: MemberAction) -> Handler:
    """Return the handler of `POST /api/v1/agents/{extension}/ACTION`: in all queues at once."""

    async def handle(request: web.Request) -> web.Response:
        body, extension = body_of(request, AgentBody), params_of(request, ExtensionPath).id
        whole = MemberBody(pbx=body.pbx, reason=body.reason)
        return await _member(request, action, whole, "", extension)

    return handle


async def _member(
    request: web.Request,
    action: MemberAction,
    body: MemberBody,
    queue: str,
    extension: str,
) -> web.Response:
    reason, name = body.reason or "", body.name or ""

    async def prepare() -> tuple[str, Work]:
        return _controls(request).members.prepare(
            _person(request),
            action,
            queue=queue,
            extension=extension,
            pbx=body.pbx,
            reason=reason,
            name=name,
        )

    parts = (queue, extension, reason, name, body.pbx or "")
    return await _once(request, action.value, prepare, parts)


async def message_waiting(request: web.Request) -> web.Response:
    """Answer `POST /api/v1/agents/{extension}/message-waiting`: `new` and `old` messages."""
    body, extension = body_of(request, MessagesBody), params_of(request, ExtensionPath).id

    async def prepare() -> tuple[str, Work]:
        return _controls(request).members.message_waiting(
            _person(request), extension=extension, pbx=body.pbx, new=body.new, old=body.old
        )

    return await _once(request, "mwi", prepare, (extension, str(body.new), str(body.old)))


async def _once(
    request: web.Request,
    kind: str,
    prepare: Prepare,
    parts: tuple[str, ...],
    *,
    call: CallId | None = None,
) -> web.Response:
    """Do the work; under an Idempotency-Key only the first time.

    Whoever got no answer asks again when the call is over or with a colleague already.
    """
    key, words = key_of(request), _DONE.get(kind, "The PBX has done it.")
    once, login, what = (
        _controls(request).once,
        request[PRINCIPAL].login,
        fingerprint((kind, *parts)),
    )
    if key is None:
        _pbx, work = await prepare()
        await work()
        identifier = str(call) if call is not None else None
        return _answer(request, identifier, RequestState.ACCEPTED, words)
    earlier = await once.known(login, key, what)
    if earlier is not None:
        return _accepted(request, earlier, words)
    pbx, work = await prepare()
    wanted = once.new(login=login, key=key, kind=kind, fingerprint=what, pbx=pbx, call_id=call)
    known = await once.take(wanted)
    done = known if known is not None else await once.run(wanted, work)
    return _accepted(request, done, words)


def _accepted(request: web.Request, done: ControlRequest, words: str) -> web.Response:
    """Answer 202 with how far a request is; one that failed before is a problem again."""
    if done.state is RequestState.FAILED:
        raise Problem(REQUEST_FAILED, f"{done.cause} {done.remedy}".strip())
    call = str(done.call_id) if done.call_id is not None else None
    return _answer(request, call, done.state, done.cause or words, done.remedy or None)


def _answer(
    request: web.Request,
    call: str | None,
    state: RequestState,
    words: str,
    remedy: str | None = None,
) -> web.Response:
    told = {
        "id": call,
        "state": state.value,
        "detail": in_words_of(request, words),
        "remedy": None if remedy is None else in_words_of(request, remedy),
    }
    return answer(told, status=202)


async def _is_over(request: web.Request, call: CallId) -> bool:
    """Tell a call that is over from one that this person may not know of."""
    services, visible_to = request.app[SERVICES], request[PRINCIPAL].visible_to
    record = await services.db.read(lambda conn: get_call(conn, call, visible_to=visible_to))
    return record is not None


def _controls(request: web.Request) -> Controls:
    controls = request.app[SERVICES].controls
    if controls is None:
        raise not_controlled("")
    return controls


def _person(request: web.Request) -> Person:
    login, roster = request[PRINCIPAL].login, request.app[SERVICES].roster
    return Person(
        login=login,
        name=request[PRINCIPAL].name,
        extensions=roster.extensions_of(login),
        oversees_call=lambda record: login in roster.overseers(record),
        oversees_phone=lambda pbx, extension: roster.oversees_phone(login, pbx, extension),
    )


def _own(person: Person) -> str:
    for _, extension in person.extensions:
        return extension
    raise Problem(INVALID, 'The body needs an "extension": you have none of your own.')


def _order(request: web.Request, action: CallAction) -> CallOrder:
    if action is not CallAction.TRANSFER:
        return CallOrder(action=action, extension=body_of(request, OnCallBody).extension or "")
    body = body_of(request, TransferBody)
    if body.to is None and body.type is not TransferKind.CANCEL:
        raise Problem(INVALID, 'The body needs "to": where to hand the call over.')
    to = "" if body.type is TransferKind.CANCEL else body.to or ""
    return CallOrder(action=action, to=to, kind=body.type, extension=body.extension or "")


def _on_call(action: CallAction, summary: str) -> Route:
    return Route(
        method="POST",
        path=f"{API}/calls/{{id}}/{action}",
        access=Access(scope=CALLS_WRITE),
        handler=on_call(action),
        tag=Tag.CONTROL,
        summary=summary,
        params=CallPath,
        body=TransferBody if action is CallAction.TRANSFER else OnCallBody,
        body_optional=action is not CallAction.TRANSFER,
        answers={202: Accepted},
        problems=(*PBX_PROBLEMS, CALL_OVER, REQUEST_FAILED),
        repeat=Repeat.OWN,
    )


def _on_member(action: MemberAction, summary: str) -> Route:
    return Route(
        method="POST",
        path=f"{API}/queues/{{id}}/members/{action}",
        access=Access(scope=CALLS_WRITE),
        handler=on_member(action),
        tag=Tag.CONTROL,
        summary=summary,
        params=QueuePath,
        body=MemberBody,
        body_optional=True,
        answers={202: Accepted},
        problems=(*PBX_PROBLEMS, REQUEST_FAILED),
        repeat=Repeat.OWN,
    )


def _on_agent(
    action: str, handler: Handler, summary: str, body: type[AgentBody | MessagesBody]
) -> Route:
    return Route(
        method="POST",
        path=f"{API}/agents/{{id}}/{action}",
        access=Access(scope=CALLS_WRITE),
        handler=handler,
        tag=Tag.CONTROL,
        summary=summary,
        params=ExtensionPath,
        body=body,
        body_optional=body is AgentBody,
        answers={202: Accepted},
        problems=(*PBX_PROBLEMS, REQUEST_FAILED),
        repeat=Repeat.OWN,
    )


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{API}/calls",
        access=Access(scope=CALLS_DIAL),
        handler=dial,
        tag=Tag.CONTROL,
        summary="Click-to-call: one's own phone rings first, then the number is dialled",
        body=DialBody,
        answers={202: Accepted},
        problems=(*PBX_PROBLEMS, NUMBER_DENIED, TOO_MANY_CALLS, REQUEST_FAILED),
        repeat=Repeat.OWN,
    ),
    _on_call(CallAction.HANG_UP, "End a call"),
    _on_call(CallAction.DECLINE, "Decline a call that rings"),
    _on_call(CallAction.HOLD, "Hold a call"),
    _on_call(CallAction.UNHOLD, "Take a held call back"),
    _on_call(CallAction.TRANSFER, "Hand a call over, at once or after a consultation"),
    _on_call(CallAction.PARK, "Park a call"),
    _on_member(MemberAction.ADD, "Sign a phone in to a queue"),
    _on_member(MemberAction.REMOVE, "Sign a phone out of a queue"),
    _on_member(MemberAction.PAUSE, "Pause a phone in a queue"),
    _on_member(MemberAction.UNPAUSE, "Let a phone take a queue's calls again"),
    _on_agent("pause", on_agent(MemberAction.PAUSE), "Pause a phone in all queues", AgentBody),
    _on_agent("unpause", on_agent(MemberAction.UNPAUSE), "Let a phone take calls again", AgentBody),
    _on_agent("message-waiting", message_waiting, "Set the message lamp of a phone", MessagesBody),
)
