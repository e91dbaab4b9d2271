"""What a description can send: shapes of requests, forms of numbers, lengths and times."""

import base64
import json
from typing import Any

import pytest
from pydantic import ValidationError
from support.crm_records import answered, missed
from support.rest_peer import Asked, RestPeer, put, reply

from gateway.core.ports import HttpAnswer
from gateway.core.record import Party


def silent(_asked: Asked) -> HttpAnswer:
    """Answer everything with an empty object."""
    return reply({})


async def created(create: dict[str, Any], **table: Any) -> Asked:  # noqa: ANN401 - as TOML has it
    """Return the request that one answered call is written with."""
    peer = RestPeer(silent)
    call = {"create": {"path": "/calls", **create}}
    await put(peer.writer(call=call, **table), answered())
    return peer.to("/calls")[-1]


async def test_form_with_a_json_field_carries_the_record_as_text() -> None:
    """Some CRMs have one address for everything and take the record as JSON inside a form."""
    asked = await created(
        {
            "form": {"operation": "create", "elementType": "Calls"},
            "body_field": "element",
            "body": {
                "subject": "{{ title }}",
                "duration": "{{ call.talk_s }}",
                "gone": "{{ lead }}",
            },
        }
    )
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form["operation"] == "create"
    element = json.loads(asked.form["element"])
    assert element["duration"] == 90
    assert "gone" not in element


async def test_content_type_of_the_description_goes_before_ours() -> None:
    """JSON:API servers refuse application/json."""
    headers = {"content-type": "application/vnd.api+json", "ACCEPT": "application/vnd.api+json"}
    asked = await created({"headers": headers, "body": {"data": {"type": "Calls"}}})
    assert asked.headers["content-type"] == "application/vnd.api+json"
    assert asked.headers["accept"] == "application/vnd.api+json"


async def test_bracketed_and_repeated_keys_stand_in_the_query() -> None:
    """PHP and Rails read brackets, others repeated names."""
    query = {"filter[phone][eq]": "{{ number.e164 }}", "with[]": ["owner", "{{ call.direction }}"]}
    asked = await created({"query": {**query, "limit": 50, "active": True}})
    assert (asked.one("limit"), asked.one("active")) == ("50", "true")
    assert asked.query["filter[phone][eq]"] == ["+390612345678"]
    assert asked.query["with[]"] == ["owner", "inbound"]


async def test_table_with_an_unmet_condition_is_left_out() -> None:
    """A link to nobody must not be sent as a link to nothing."""
    relation = {"$if": "{{ person }}", "data": {"type": "Contacts", "id": "{{ person }}"}}
    body = {"links": [relation], "relations": {"contact": relation}, "name": "x"}
    assert (await created({"body": body})).json == {"name": "x"}


async def test_null_and_empty_text_are_sent_when_they_are_meant() -> None:
    """What a template leaves empty is left out; what somebody wrote on purpose is not."""
    body = {"a": "", "b": "{{ null }}", "c": "{{ lead }}", "d": "{{ {'x': null} }}", "e": False}
    assert (await created({"body": body})).json == {
        "a": "",
        "b": None,
        "d": {"x": None},
        "e": False,
    }


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ call.talk_s }}", 90),
        ("{{ call.talk_s / 60 }}", 1.5),
        ("{{ call.talk_s | whole_minutes }}", 2),
        ("{{ (call.talk_s | whole_minutes) // 60 }}", 0),
        ("{{ call.talk_s * 1000 }}", 90_000),
        ("{{ call.talk_s | string }}", "90"),
        ("{{ call.talk_s | clock }}", "00:02"),
        ("{{ call.talk_s | minutes }}", "01:30"),
        ("{{ call.talk_s | hms }}", "00:01:30"),
        ("{{ call.talk_s | iso_length }}", "PT0H1M30S"),
        ("{{ call.started_at | when }}", "2026-10-03 10:30:00"),
        ("{{ call.started_at | when('%d/%m/%Y') }}", "03/10/2026"),
        ("{{ call.started_at | utc }}", "2026-10-03T08:30:00Z"),
        ("{{ call.started_at | iso }}", "2026-10-03T10:30:00+02:00"),
        ("{{ call.started_at | unix }}", 1791016200),
        ("{{ call.started_at | unix(1000) }}", 1791016200000),
        ("/Date({{ call.started_at | unix(1000) }})/", "/Date(1791016200000)/"),
        ("{{ call.started_at | plus(86400) | when('%Y-%m-%d') }}", "2026-10-04"),
        ("12x{{ call.talk_s }}", "12x90"),
        ('{{ "O\'Neil \\"x\\"" | quoted }}', 'O\\\'Neil \\"x\\"'),
        ('{{ "O\'Neil" | doubled }}', "O''Neil"),
        ("{{ 'a' | md5 }}", "0cc175b9c0f1b6a831c399e269772661"),
        (
            "{{ 'm' | hmac('k') }}",
            "b60090e3052297aeb5a080889ce2fc4bca957e756faeb4df7d31800ca1e771ec",
        ),
    ],
)
async def test_lengths_times_and_texts_take_the_form_a_crm_wants(
    template: str, value: object
) -> None:
    """Each CRM has its own unit for a length and its own way to write a moment."""
    assert (await created({"body": {"v": template}})).json["v"] == value


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("e164", "+390612345678"),
        ("digits", "390612345678"),
        ("zeros", "00390612345678"),
        ("international", "+39 06 1234 5678"),
        ("national", "06 1234 5678"),
        ("national_digits", "0612345678"),
        ("last9", "612345678"),
        ("last7", "2345678"),
        ("pattern", "%0%6%1%2%3%4%5%6%7%8%"),
    ],
)
async def test_number_is_asked_for_in_the_form_a_crm_stores(form: str, text: str) -> None:
    """A search that compares text finds a number only as somebody typed it."""
    peer = RestPeer(silent)
    search = [{"path": "/people", "query": {"q": "{{ number }}"}, "numbers": [form]}]
    await put(peer.writer(search=search), answered())
    assert peer.to("/people")[0].one("q") == text


async def test_filter_may_be_json_base64url_json_or_a_query_language() -> None:
    """Three ways in which CRMs take a condition."""
    peer = RestPeer(silent)
    domain = '{{ [["phone", "=", number]] | tojson | base64url }}'
    await put(
        peer.writer(
            search=[
                {
                    "path": "/a/{{ numbers.digits }}",
                    "query": {"filter": '{{ {"phone": number} | tojson }}'},
                },
                {"path": "/b", "query": {"d": domain}},
                {
                    "path": "/c",
                    "query": {"query": "SELECT * FROM C WHERE phone='{{ number | quoted }}';"},
                },
                {"method": "POST", "path": "/d", "body": {"filters": [{"v": "{{ number }}"}]}},
            ]
        ),
        answered(),
    )
    first = {one.path: one for one in reversed(peer.asked)}
    assert json.loads(first["/a/390612345678"].one("filter") or "") == {"phone": "+390612345678"}
    text = first["/b"].one("d") or ""
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert json.loads(decoded) == [["phone", "=", "+390612345678"]]
    assert first["/c"].one("query") == "SELECT * FROM C WHERE phone='+390612345678';"
    assert first["/d"].json == {"filters": [{"v": "+390612345678"}]}


async def test_live_call_has_no_word_for_its_outcome_yet() -> None:
    """The word for all others is for outcomes without a word, not for what is not known."""
    words = {"outcome": {"answered": "connected", "*": "no_answer"}}
    body = {"outcome": "{{ call.outcome | mapped('outcome') }}", "state": "{{ call.state }}"}
    peer = RestPeer(silent)
    writer = peer.writer(call={"create": {"path": "/calls", "body": body}}, maps=words)
    await put(writer, missed(outcome=None))
    await put(writer, missed())
    sent = [one.json for one in peer.to("/calls")]
    assert [one.get("outcome") for one in sent] == [None, "no_answer"]


async def test_calls_of_nobody_are_left_out_where_the_crm_has_no_place_for_them() -> None:
    """Some CRMs log calls on a person only."""
    peer = RestPeer(silent)
    call = {"only_if": "{{ contact.id }}", "create": {"path": "/calls"}}
    receipt = await put(peer.writer(call=call), answered())
    assert peer.asked == []
    assert receipt.external_id is None


async def test_hostile_text_stays_inside_its_place() -> None:
    """A name with quotes and slashes changes neither a path nor a query language."""
    name = "x' OR '1'='1/../.."
    peer = RestPeer(silent)
    create = {
        "path": "/calls/{{ call.caller.name }}",
        "query": {"q": "n='{{ call.caller.name | doubled }}'"},
    }
    caller = Party(number="0612345678", e164="+390612345678", name=name)
    await put(peer.writer(call={"create": create}), answered(caller=caller))
    [asked] = peer.asked
    assert asked.path == "/calls/x%27%20OR%20%271%27%3D%271%2F..%2F.."
    assert asked.one("q") == "n='x'' OR ''1''=''1/../..'"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"search": [{"path": "/p", "numbers": ["e146"]}]}, 'there is no form "e146"'),
        ({"search": [{"path": "/p", "next_link": True, "page_parameter": "page"}]}, "keep one"),
        ({"call": {"create": {"path": "/c", "body": {"a": 1}, "form": {}}}}, "body_field"),
        ({"call": {"create": {"path": "/c", "body_field": "x"}}}, "needs a body"),
        ({"call": {"create": {"path": "/c"}, "then": [{"path": "/t"}]}}, "needs an idempotency"),
        ({"call": {"create": {"path": "/c", "body": {"$if": "{{ nobody }}"}}}}, "$if"),
        ({"call": {"create": {"path": "/c"}, "only_if": "{{ kontakt }}"}}, "did you mean contact?"),
        (
            {"sign_in": {"type": "oauth2", "grant": "authorization_code", "client_id": "x"}},
            "code_file",
        ),
        ({"constants": [{"path": "/me", "extract": {"id": "["}}]}, "is not a JMESPath"),
    ],
)
def test_mistake_is_said_with_its_remedy(table: dict[str, Any], said: str) -> None:
    """Found when the file is read, not when the first customer calls."""
    with pytest.raises(ValidationError) as caught:
        RestPeer(silent).writer(**table)
    assert said in str(caught.value)
