"""The description of the API: whole, for programs and for people; and how mistakes are told."""

import re
from typing import Any

import pytest
from support.web import WebBench

from gateway.core.errors import ConfigError
from gateway.web.access import SIGNED_IN
from gateway.web.app import ROUTES
from gateway.web.documentation import docs
from gateway.web.expected import expected_problems
from gateway.web.routes import Route, Tag
from gateway.web.shapes.system import Alive


async def document(bench: WebBench) -> dict[str, Any]:
    """Return the OpenAPI document."""
    answer = await bench.client.get(bench.url + "/api/v1/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = await answer.json()
    return found


async def test_document_has_every_route_and_every_reference(bench: WebBench) -> None:
    """A client is generated from it."""
    written = await document(bench)
    assert written["openapi"] == "3.1.0"
    described = {
        (method.upper(), path) for path, all_of in written["paths"].items() for method in all_of
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    names = [one["operationId"] for each in written["paths"].values() for one in each.values()]
    assert len(names) == len(set(names))
    wanted = set(re.findall(r"#/components/schemas/(\w+)", str(written)))
    assert wanted == set(written["components"]["schemas"])


async def test_frames_and_record_are_among_the_schemas(bench: WebBench) -> None:
    """The page's types come from here."""
    schemas = (await document(bench))["components"]["schemas"]
    assert {"hello", "reload", "pop.offered", "call.ended", "presence", "queue.updated"} <= set(
        schemas["Frame"]["discriminator"]["mapping"]
    )
    record = schemas["CallRecord"]
    assert set(record["required"]) == set(record["properties"])
    assert record["properties"]["version"]["const"] == 1


async def test_page_explains_every_problem_and_runs_no_script(bench: WebBench) -> None:
    """Its policy lets nothing in but its own style."""
    answer = await bench.client.get(bench.url + "/docs")
    body, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert "script" not in policy
    assert "<script" not in body
    assert re.findall(r'(?:src|href)="(?!#|/)|url\(|@import', body) == []
    for route in ROUTES:
        assert f"<code>{route.path}</code>" in body
        for kind in expected_problems(route):
            assert f'id="problem-{kind.slug}"' in body
    targets = set(re.findall(r'href="#([^"]+)"', body))
    assert targets <= set(re.findall(r'id="([^"]+)"', body))


async def test_problem_leads_to_its_explanation(bench: WebBench) -> None:
    """The type is a name, the link is the place."""
    answer = await bench.get("/api/v1/calls?limit=0")
    assert answer.headers["Link"] == '</docs#problem-invalid>; rel="help"'


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"to": 17}, [("#/to", "must be a text")]),
        ({"to": ""}, [("#/to", "must have at least 1 characters")]),
        ({}, [("#/to", "is missing")]),
        (
            {"to": "1", "too": 1},
            [("#/too", "does not exist here; see the documentation for what does")],
        ),
    ],
)
async def test_wrong_fields_are_pointed_at(
    bench: WebBench, body: dict[str, object], errors: list[tuple[str, str]]
) -> None:
    """All of them at once, and without the value."""
    headers = bench.bearer("anna")
    answer = await bench.client.post(bench.url + "/api/v1/calls", json=body, headers=headers)
    assert answer.status == 422
    said = await answer.json(content_type=None)
    assert [(item["pointer"], item["detail"]) for item in said["errors"]] == errors


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/*", 200),
        ("text/xml", 406),
        ("application/json;q=0", 406),
    ],
)
async def test_answer_in_a_form_that_nobody_asked_for_is_refused(
    bench: WebBench, accept: str, status: int
) -> None:
    """RFC 9110 section 15.5.7."""
    assert (await bench.get("/api/v1/me", Accept=accept)).status == status


@pytest.mark.parametrize("change", [{"summary": ""}, {"answers": {}}, {"path": "/x/{id}"}])
def test_route_that_does_not_say_what_it_is_stops_the_start(change: dict[str, Any]) -> None:
    """Nobody would find it, and nothing would check it."""
    whole: dict[str, Any] = {
        "method": "GET",
        "path": "/x",
        "access": SIGNED_IN,
        "handler": docs,
        "tag": Tag.SYSTEM,
        "summary": "Something",
        "answers": {200: Alive},
    }
    Route(**whole)
    with pytest.raises(ConfigError, match="not described"):
        Route(**(whole | change))
