"""What a description can read: lists in pages, details, ids, duplicates, errors in any place."""

from collections.abc import Callable
from typing import Any

import pytest
from support.crm_records import answered
from support.rest_peer import Asked, RestPeer, put, reply

from gateway.core.errors import AmbiguousError, AuthError, RejectedError, TransientError
from gateway.core.ports import HttpAnswer
from gateway.core.record import MatchKind
from gateway.core.writing import Creation, plain_plan

VERDI = {"id": 7, "name": "Verdi", "phone": "06 12345678"}
CROWD = [*({"id": 100 + at, "name": "X", "phone": "06 99"} for at in range(6)), VERDI]


def slices(asked: Asked, start: int, size: int = 3) -> list[dict[str, Any]]:
    """Return some of the crowd."""
    assert asked.path.startswith("/people")
    return CROWD[start : start + size]


def by_offset(asked: Asked) -> HttpAnswer:
    """Give three from `skip` on."""
    return reply(slices(asked, int(asked.one("skip") or 0)))


def by_page(asked: Asked) -> HttpAnswer:
    """Give page 1, 2, 3."""
    return reply({"rows": slices(asked, (int(asked.one("page") or 1) - 1) * 3)})


def by_cursor_in_body(asked: Asked) -> HttpAnswer:
    """Give a cursor to be sent back inside the body."""
    at = int(asked.json.get("paging", {}).get("after", 0))
    following = {"next": {"after": str(at + 3)}} if at + 3 < len(CROWD) else {}
    return reply({"results": slices(asked, at), "paging": following})


def by_link(asked: Asked) -> HttpAnswer:
    """Say the next address in a header."""
    at = int(asked.one("at") or 0)
    more = f'<https://crm.example.com/people?at={at + 3}>; rel="next", </x>; rel="last"'
    return reply(slices(asked, at), link=more if at + 3 < len(CROWD) else '</x>; rel="last"')


PAGINGS: list[tuple[Callable[[Asked], HttpAnswer], dict[str, Any]]] = [
    (by_offset, {"offset_parameter": "skip"}),
    (by_page, {"page_parameter": "page", "items": "rows", "page_size": 3}),
    (
        by_cursor_in_body,
        {"method": "POST", "body": {"q": "{{ number }}"}, "items": "results"}
        | {"next_cursor": "paging.next.after", "cursor_parameter": "paging.after"}
        | {"paging_in": "body"},
    ),
    (by_link, {"next_link": True}),
]


@pytest.mark.parametrize(("handle", "paging"), PAGINGS)
async def test_list_is_followed_page_by_page(
    handle: Callable[[Asked], HttpAnswer], paging: dict[str, Any]
) -> None:
    """The customer is on the third page, behind people without that number."""
    peer = RestPeer(lambda asked: handle(asked) if asked.path == "/people" else reply({}))
    search = [{"path": "/people", "numbers": ["e164"], **paging}]
    call = {"create": {"path": "/calls", "body": {"who": "{{ person }}"}}}
    await put(peer.writer(search=search, call=call), answered())
    assert len(peer.to("/people")) == 3
    assert peer.to("/calls")[0].json == {"who": 7}


async def test_search_that_gives_ids_only_is_read_in_full_one_by_one() -> None:
    """Hits without a number cannot be verified; the record has it."""

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path == "/people":
            return reply({"ids": [6, 7, 8]})
        if asked.path == "/people/6":
            return reply(status=404)
        if asked.path.startswith("/people/"):
            number = {"/people/7": "06 12345678", "/people/8": "06 1"}[asked.path]
            return reply({"data": {"name": "Verdi", "phones": {"work": number}}})
        return reply({})

    search = {
        "path": "/people",
        "numbers": ["e164"],
        "items": "ids",
        "phones": "phones.*",
        "detail": {"path": "/people/{{ id }}", "item": "data"},
    }
    peer = RestPeer(handle)
    call = {"create": {"path": "/calls", "body": {"who": "{{ contact.id }}"}}}
    await put(peer.writer(search=[search], call=call), answered())
    assert peer.to("/calls")[0].json == {"who": 7}


async def test_one_list_may_hold_people_and_companies() -> None:
    """The item says what it is; what has no word of ours is left out."""
    items = [
        {"id": 1, "type": "Ticket", "phone": "0612345678"},
        {"id": 2, "type": "Account", "phone": "0612345678"},
        {"id": 3, "type": "Contact", "phone": "0612345678", "account": 2},
    ]
    kinds = {"Account": "company", "Contact": "person"}
    search = {"path": "/s", "kind": "type", "kinds": kinds, "company": "account"}
    peer = RestPeer(lambda asked: reply(items if asked.path == "/s" else {}))
    body = {"who": "{{ person }}", "at": "{{ company }}"}
    await put(
        peer.writer(search=[search], call={"create": {"path": "/calls", "body": body}}), answered()
    )
    assert peer.to("/calls")[0].json == {"who": 3, "at": 2}


async def test_hit_has_a_link_and_fields_for_the_card() -> None:
    """The link may want the number without its plus sign."""
    item = {**VERDI, "vat": "IT123", "city": None}
    search = {
        "path": "/s",
        "fields": {"P. IVA": "vat", "Città": "city"},
        "record_url": "/ui/contact/{{ id }}?tel={{ number.digits }}",
    }
    peer = RestPeer(lambda _asked: reply([item]))
    writer = peer.writer(search=[search])
    [person] = await writer.search.by_number("+390612345678")
    assert person.url == "https://crm.example.com/ui/contact/7?tel=390612345678"
    assert person.fields == {"P. IVA": "IT123"}
    shown = await writer.preview(answered(), plan=plain_plan(answered(), "call.ended"))
    assert (shown.match, shown.person) == (MatchKind.EXACT, "Verdi")


@pytest.mark.parametrize(
    ("errors", "search", "answer"),
    [
        ({}, {"empty_statuses": [404]}, reply({"error": "not found"}, 404)),
        ({"code": "error.code", "empty": ["NONE"]}, {}, reply({"error": {"code": "NONE"}})),
        ({"code": "error.code", "empty": ["NONE"]}, {}, reply({"error": {"code": "NONE"}}, 400)),
        ({}, {}, reply(status=204)),
        ({}, {"items": "rows"}, reply({"rows": {}})),
        ({}, {"items": "rows || `[]`"}, reply({"rows": None})),
        ({}, {"items": "rows || `[]`"}, reply({"total": 0})),
    ],
)
async def test_nothing_found_is_no_failure(
    errors: dict[str, Any], search: dict[str, Any], answer: HttpAnswer
) -> None:
    """Some CRMs say 404, others a code, others nothing at all."""
    peer = RestPeer(lambda asked: answer if asked.path == "/s" else reply({}))
    await put(peer.writer(errors=errors, search=[{"path": "/s", **search}]), answered())
    assert len(peer.to("/calls")) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "detail"),
    [
        (
            reply({"ok": 0, "msg": "Field duration_s: Mario Rossi 0612345678 is not valid."}),
            RejectedError,
            "HTTP 200, … duration_s: … is not valid.",
        ),
        (reply(status=400, x_reason="Bad Value"), RejectedError, "HTTP 400, …"),
        (reply(status=400, x_reason="no such field"), RejectedError, "HTTP 400, no such field"),
        (reply({"ok": 0, "c": "BUSY"}), TransientError, "HTTP 200, BUSY"),
        (reply({"ok": 0, "c": "session is gone"}), AuthError, "HTTP 200"),
        (reply(status=440), AuthError, "HTTP 440"),
        (reply({"ok": 1}, 502), AmbiguousError, "HTTP 502"),
    ],
)
async def test_failure_says_what_to_mend_and_nobodys_name(
    answer: HttpAnswer, kind: type[Exception], detail: str
) -> None:
    """The error may stand in the body or in a header; customers' names stay out of our lists."""
    errors = {
        "ok": "ok == `1`",
        "code": "c",
        "text": "msg",
        "text_header": "X-Reason",
        "retry": ["BUSY"],
        "auth": ["session is gone"],
        "auth_statuses": [401, 440],
    }
    with pytest.raises(kind) as caught:
        await put(RestPeer(lambda _asked: answer).writer(errors=errors), answered())
    assert getattr(caught.value, "detail", "") == detail


@pytest.mark.parametrize(
    ("create", "answer", "number"),
    [
        ({"id": "result.id"}, reply({"result": {"id": "12x77"}}), "12x77"),
        ({"id": "@"}, reply(77), "77"),
        ({"id_header": "Location"}, reply(status=201, location="/api/calls/77/"), "77"),
        (
            {"id_header": "OData-EntityId"},
            reply(status=204, odata_entityid="https://x/api/phonecalls(6f1e-7)"),
            "6f1e-7",
        ),
        (
            {"id": "@", "answer": "text"},
            HttpAnswer(status=200, headers={}, body=b"OK-77\n"),
            "OK-77",
        ),
        ({}, reply({"error": False}), None),
    ],
)
async def test_new_id_stands_anywhere(
    create: dict[str, Any], answer: HttpAnswer, number: str | None
) -> None:
    """In the body, alone, in a header, in plain text, or nowhere."""
    peer = RestPeer(lambda _asked: answer)
    call = {"create": {"path": "/calls", **create}, "record_url": "/c/{{ id }}"}
    receipt = await put(peer.writer(call=call), answered())
    assert receipt.external_id == number
    assert receipt.url == (f"https://crm.example.com/c/{number}" if number else None)


@pytest.mark.parametrize(
    ("create", "answer", "number"),
    [
        (
            {"duplicate_statuses": [409], "duplicate_id": "data[0].id"},
            reply({"data": [{"id": 9}]}, 409),
            9,
        ),
        ({"duplicate_codes": ["DUP"], "duplicate_id": "id"}, reply({"c": "DUP", "id": 9}), 9),
        ({"duplicate_statuses": [409]}, reply({"error": "exists"}, 409), 7),
    ],
)
async def test_contact_that_is_there_already_counts_as_found(
    create: dict[str, Any], answer: HttpAnswer, number: int
) -> None:
    """The answer says its id, or the search finds it now."""
    told = iter([reply([]), reply([]), reply([]), reply([])])

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path == "/people":
            return answer if asked.method == "POST" else next(told, reply([VERDI]))
        return reply({})

    peer = RestPeer(handle)
    writer = peer.writer(
        search=[{"path": "/people"}],
        errors={"code": "c"},
        contact={"create": {"path": "/people", "body": {"phone": "{{ number.e164 }}"}, **create}},
        call={"create": {"path": "/calls", "body": {"who": "{{ person }}"}}},
    )
    await put(writer, answered(), creates=Creation.CONTACT)
    assert peer.to("/calls")[0].json == {"who": number}


async def test_only_open_deal_is_linked_and_two_are_nobodys_guess() -> None:
    """The policy's link to a deal needs a list that says which are open."""
    deals = [{"id": 31}]

    def handle(asked: Asked) -> HttpAnswer:
        if asked.path == "/people":
            return reply([VERDI])
        return reply(deals if asked.path == "/deals" else {})

    peer = RestPeer(handle)
    writer = peer.writer(
        search=[{"path": "/people"}],
        deal={"path": "/deals", "query": {"person": "{{ person }}", "open": "1"}},
        call={"create": {"path": "/calls", "body": {"deal": "{{ deal }}"}}},
    )
    await put(writer, answered("d.1"))
    deals.append({"id": 32})
    await put(writer, answered("d.2"))
    assert [one.json for one in peer.to("/calls")] == [{"deal": 31}, {}]
    assert peer.to("/deals")[0].one("person") == "7"
