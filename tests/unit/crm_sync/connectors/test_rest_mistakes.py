"""Mistakes in a description: found before they do harm, and said with what to mend."""

import re
from typing import Any

import pytest
from support.crm_records import HandClock, answered
from support.rest_peer import SECRET, Asked, RestPeer, put, reply

from crm_sync.connectors.rest.plugin import plugin
from crm_sync.connectors.rest.settings import RestSettings
from crm_sync.connectors.trial import Trial
from gateway.core.errors import AuthError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer
from gateway.core.writing import Creation

VERDI = {"id": 7, "name": "Verdi", "phone": "06 12345678"}
CONTACT = {"create": {"path": "/people", "body": {"phone": "{{ number.e164 }}"}, "id": "id"}}
BASE = {"name": "crm", "kind": "rest", "url": "https://crm.example.com", "secret": SECRET}
CALL = {"create": {"path": "/calls"}}
STEPPED: dict[str, Any] = {
    "type": "steps",
    "steps": [{"path": "/login", "extract": {"session": "sid"}}],
    "headers": {"X-Session": "{{ login.session }}"},
}


def people(answer: HttpAnswer) -> RestPeer:
    """Return a CRM that answers each search so."""
    return RestPeer(lambda asked: answer if asked.method == "GET" else reply({"id": 1}))


async def tried(peer: RestPeer, **table: object) -> Trial:
    """Try a description out as `check --try` does."""
    settings = RestSettings.model_validate({**BASE, "call": CALL, **table})
    return await plugin.try_out(settings, peer, HandClock(), answered())


@pytest.mark.parametrize(
    ("search", "answer", "key"),
    [
        ({"items": "result"}, reply({"results": [VERDI]}), "items"),
        ({"items": "results"}, reply({"results": None}), "items"),
        ({"items": "data"}, reply({"data": {"items": [VERDI]}}), "items"),
        ({"items": "results"}, HttpAnswer(status=200, headers={}, body=b""), "items"),
        ({"items": "results", "id": "uuid"}, reply({"results": [VERDI]}), "id"),
        ({"detail": {"path": "/p/{{ id }}", "item": "data"}}, reply([VERDI]), "detail.item"),
    ],
)
async def test_wrong_path_in_a_search_makes_no_second_contact(
    search: dict[str, Any], answer: HttpAnswer, key: str
) -> None:
    """Taken for "nobody found" it doubles every customer, if strangers become contacts."""
    search = {"path": "/people", **search}
    peer = people(answer)
    with pytest.raises(RejectedError) as caught:
        await put(
            peer.writer(search=[search], contact=CONTACT), answered(), creates=Creation.CONTACT
        )
    assert caught.value.detail == f"[[crm.search]] 1 (/people), {key}"
    assert f"Check {key} of [[crm.search]] 1 (/people)" in caught.value.remedy
    assert {one.method for one in peer.asked} == {"GET"}
    with pytest.raises(RejectedError):
        await people(answer).writer(search=[search]).probe()
    trial = await tried(people(answer), search=[search])
    assert "[[crm.search]] 1 (/people)" in trial.cause


async def test_probe_request_does_not_hide_the_search_from_a_check() -> None:
    """A probe says that we are let in; the search may be wrong all the same."""
    peer = people(reply({"results": []}))
    writer = peer.writer(probe={"path": "/me"}, search=[{"path": "/p", "items": "result"}])
    with pytest.raises(RejectedError) as caught:
        await writer.probe()
    assert "empty_statuses" in caught.value.remedy
    assert await peer.writer(probe={"path": "/me"}).probe() == "REST: signed in, it answers"


async def test_wrong_path_in_find_makes_no_second_call() -> None:
    """The call is there, but not where the description looks for it."""
    found = reply({"results": [{"id": 1, "body": "…"}]})
    find = {"path": "/calls", "items": "result", "marker": "body"}
    peer = people(found)
    call = {"idempotency": "marker", "create": {"path": "/calls"}, "find": find}
    with pytest.raises(RejectedError) as caught:
        await put(peer.writer(call=call), answered())
    assert caught.value.detail == "[crm.call.find], items"
    assert [one.method for one in peer.asked] == ["GET"]


async def test_later_page_without_the_list_is_the_end() -> None:
    """The first page has shown that the path is right."""

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path != "/people":
            return reply({"id": 1})
        return reply({"rows": [{**VERDI, "phone": "06 99"}]} if asked.one("page") == "1" else {})

    search = {"path": "/people", "numbers": ["e164"], "items": "rows", "page_parameter": "page"}
    peer = RestPeer(handle)
    await put(peer.writer(search=[search]), answered())
    assert len(peer.to("/people")) == 2


@pytest.mark.parametrize(
    ("hit", "said"),
    [
        ({"id": 7, "name": "Verdi", "tel": "06 12345678"}, "none has a number at phones = phone"),
        ({"id": 7, "name": "Verdi", "phone": "06 99"}, "none has this number at phones = phone"),
        ({"id": 7, "title": "V", "phone": "06 12345678"}, "none has a name at display = name"),
    ],
)
async def test_trial_says_what_all_hits_lack(hit: dict[str, Any], said: str) -> None:
    """There was an answer, so "no single record has this number" is only half the truth."""
    trial = await tried(people(reply([hit, hit])), search=[{"path": "/p"}])
    assert f"[[crm.search]] 1 (/p): the answer had 2 records; {said}" in trial.result
    told = await people(reply([hit])).writer(search=[{"path": "/p"}]).probe()
    assert (said in told) is ("this number" not in said)


async def test_form_that_finds_somebody_leaves_nothing_to_say() -> None:
    """The form before it was asked for in vain: that is why there are several."""

    def handle(asked: Asked) -> HttpAnswer:
        right = asked.one("q") == "0612345678"
        return reply([VERDI if right else {**VERDI, "phone": "06 99"}])

    search = {"path": "/p", "query": {"q": "{{ number }}"}}
    trial = await tried(RestPeer(handle), search=[search])
    assert trial.result == "one record has this number"


@pytest.mark.parametrize(
    ("errors", "advice"), [({}, "Set errors.text"), ({"text": "why"}, "Mend what the CRM's words")]
)
async def test_refused_write_leads_to_the_crms_own_words(
    errors: dict[str, Any], advice: str
) -> None:
    """A trial never writes, so it cannot show why a write is refused."""
    for answer in (reply({"why": "no"}, 422), reply({"ok": False, "why": "no"})):
        peer = RestPeer(lambda _asked, told=answer: told)  # type: ignore[misc]  # bound now
        with pytest.raises(RejectedError) as caught:
            await put(peer.writer(errors={"ok": "ok", **errors}), answered())
        assert caught.value.remedy.startswith(advice)
        assert "--try" not in caught.value.remedy


async def test_trial_never_advises_itself() -> None:
    """Its answers stand above already."""
    trial = await tried(RestPeer(lambda _asked: reply({"other": 1})), sign_in=STEPPED)
    assert "[[crm.sign_in.steps]] 1 (/login): session" in trial.cause
    assert trial.remedy == "Read the answers above."


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (404, "nothing at this address", "Check url and the path of [[crm.sign_in.steps]] 1"),
        (400, "refuses our sign-in", "--try NUMBER"),
    ],
)
async def test_step_that_is_not_there_is_no_refused_sign_in(
    status: int, message: str, remedy: str
) -> None:
    """A wrong path sends nobody to look for a wrong password."""
    with pytest.raises(AuthError) as caught:
        await put(RestPeer(lambda _asked: reply({}, status)).writer(sign_in=STEPPED), answered())
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    assert caught.value.detail == f"[[crm.sign_in.steps]] 1 (/login): HTTP {status}"


@pytest.mark.parametrize(
    ("answer", "detail", "advice"),
    [
        (reply({}, 404), "HTTP 404", "sign_in.token_path"),
        (reply({"error": "invalid_client"}, 400), "HTTP 400, invalid_client", "sign_in and its"),
    ],
)
async def test_refused_token_is_said_in_the_crms_own_code(
    answer: HttpAnswer, detail: str, advice: str
) -> None:
    """A wrong address and a wrong client are mended in different places."""
    sign_in = {"type": "oauth2", "token_path": "/token", "client_id": "x"}
    with pytest.raises(AuthError) as caught:
        await put(RestPeer(lambda _asked: answer).writer(sign_in=sign_in), answered())
    assert caught.value.detail == detail
    assert advice in caught.value.remedy


@pytest.mark.parametrize(
    ("answer", "told"), [(reply({}, 404), "HTTP 404"), (reply({"me": 1}), "user")]
)
async def test_failed_constant_is_named_with_its_path(answer: HttpAnswer, told: str) -> None:
    """There may be several, and none of them is the sign-in."""
    constants = [{"path": "/me", "extract": {"user": "id"}}]
    with pytest.raises(AuthError) as caught:
        await put(RestPeer(lambda _asked: answer).writer(constants=constants), answered())
    assert caught.value.detail == f"[[crm.constants]] 1 (user: /me): {told}"
    assert "sign-in" not in caught.value.message


async def test_404_of_a_search_leads_to_empty_statuses() -> None:
    """For many CRMs it means nobody, for the others that the path is wrong."""
    with pytest.raises(RejectedError) as caught:
        await put(people(reply({}, 404)).writer(search=[{"path": "/p"}]), answered())
    assert "set empty_statuses = [404] in [[crm.search]] 1 (/p)" in caught.value.remedy
    assert caught.value.detail == "[[crm.search]] 1 (/p): HTTP 404"


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ({"constants": [{"path": "/me", "extract": {"user": "id"}}]}, "did you mean constant.user"),
        ({}, "there is no constant.usr: none is configured"),
    ],
)
def test_unknown_constant_is_a_mistake_of_the_configuration(
    table: dict[str, Any], where: str
) -> None:
    """It would be empty in every call, and nobody would be told."""
    call = {"create": {"path": "/calls", "body": {"owner": "{{ user or constant.usr }}"}}}
    with pytest.raises(ValueError, match=re.escape(where)):
        RestSettings.model_validate({**BASE, **table, "call": call})


def test_unknown_login_name_is_a_mistake_of_the_configuration() -> None:
    """In requests, and in a step that names what only a later one extracts."""
    steps = [
        {"path": "/a", "extract": {"token": "t"}},
        {"path": "/b", "body": {"t": "{{ login.token }}"}, "extract": {"session": "s"}},
    ]
    sign_in = {"type": "steps", "steps": steps, "headers": {"X": "{{ login.session }}"}}
    RestSettings.model_validate({**BASE, "call": CALL, "sign_in": sign_in})
    wrong = {"create": {"path": "/calls", "body": {"u": "{{ login.user }}"}}}
    with pytest.raises(ValueError, match=re.escape("call.create.body.u")):
        RestSettings.model_validate({**BASE, "call": wrong, "sign_in": sign_in})
    early = {**sign_in, "steps": [{**steps[0], "query": {"s": "{{ login.session }}"}}, steps[1]]}
    with pytest.raises(ValueError, match=re.escape("sign_in.steps[0].query.s")):
        RestSettings.model_validate({**BASE, "call": CALL, "sign_in": early})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply({}, 503), RejectedError),
        (reply({"c": "BUSY"}, 503), TransientError),
        (reply({}, 429), TransientError),
    ],
)
async def test_status_may_be_declared_a_refusal(answer: HttpAnswer, kind: type[Exception]) -> None:
    """A CRM that says 503 to a wrong filter would be asked for ever; its codes still count."""
    errors = {"refused_statuses": [503], "code": "c", "retry": ["BUSY"]}
    with pytest.raises(kind):
        await put(RestPeer(lambda _asked: answer).writer(errors=errors), answered())


def test_status_with_two_meanings_is_a_mistake() -> None:
    """Neither wins silently."""
    errors = {"refused_statuses": [503], "retry_statuses": [503]}
    with pytest.raises(ValueError, match="refused_statuses and in retry_statuses"):
        RestSettings.model_validate({**BASE, "call": CALL, "errors": errors})


async def test_code_that_is_the_status_is_said_once() -> None:
    """Both in "HTTP 422, 422" are the same, and make nobody wiser."""
    with pytest.raises(RejectedError) as caught:
        await put(
            RestPeer(lambda _asked: reply({"c": 422}, 422)).writer(errors={"code": "c"}), answered()
        )
    assert caught.value.detail == "HTTP 422"


async def test_trial_shows_plain_ids_of_the_sign_in_and_no_session() -> None:
    """Masked everywhere, the id of our user turned half the answers into dots."""

    def handle(asked: Asked) -> HttpAnswer:
        return reply(
            {"s": "hush-hush-1", "u": "19x1"} if asked.path == "/login" else {"by": "19x1"}
        )

    step = {"path": "/login", "extract": {"name": "s", "user": "u"}}
    sign_in = {"type": "steps", "steps": [step], "query": {"sessionName": "{{ login.name }}"}}
    body = {"owner": "{{ login.user }}"}
    call = {"create": {"path": "/calls", "body": body}}
    trial = await tried(RestPeer(handle), sign_in=sign_in, call=call)
    shown = " ".join(one.request + one.answer for one in trial.exchanges)
    assert '{"owner":"19x1"}' in shown
    assert "hush-hush-1" not in shown
