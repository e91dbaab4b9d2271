"""A trunk's configuration over REST: explained, rendered, refused; never a password in it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientResponse
from support.web import WebBench, running_web

from gateway.runtime import loading
from gateway.runtime.clock import SystemClock
from gateway.runtime.trunkforms import trunk_forms_of

pytestmark = pytest.mark.integration

# nobody listens there
CONFIGURED: dict[str, Any] = {
    "pbx": [
        {"name": "hq", "host": "127.0.0.1", "port": 1, "username": "filodiretto", "secret": "ami-s"}
    ],
    "trunk": [
        {
            "name": "line",
            "pbx": "hq",
            "pjsip": {
                "registrar": "sip.provider.example",
                "username": "0299991001",
                "secret": "trunk-secret",
                "dids": ["+390299991001"],
            },
        }
    ],
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Run the application for one PBX with a trunk's form."""
    loaded = await asyncio.to_thread(loading.parse, CONFIGURED)
    forms = trunk_forms_of(loaded, SystemClock())
    async with running_web(tmp_path, extend=lambda one: replace(one, trunk_forms=forms)) as bench:
        yield bench


async def render(bench: WebBench, login: str = "paula", **body: object) -> ClientResponse:
    """Ask for a trunk's text."""
    path = f"{bench.url}/api/v1/trunks/render"
    return await bench.client.post(path, headers=bench.bearer(login), json=body)


async def test_fields_are_explained_and_configured_forms_are_shown_without_password(
    bench: WebBench,
) -> None:
    """The page builds its form from what it is told."""
    answer = await bench.get("/api/v1/trunks/providers", "paula")
    text = await answer.text()
    told = orjson.loads(text)
    assert answer.status == 200
    assert "trunk-secret" not in text
    assert told["items"][0]["id"].startswith("generic-")
    names = [field["name"] for field in told["fields"]]
    assert {"name", "registrar", "codecs"} <= set(names)
    assert all(field["what"]["it"] for field in told["fields"])
    (configured,) = told["configured"]
    assert (configured["name"], configured["pbx"]) == ("line", "hq")
    assert set(configured["values"]) <= set(names)
    assert told["pbxs"] == ["hq"]


async def test_configured_trunk_is_rendered_with_what_the_form_changes(bench: WebBench) -> None:
    """Somebody tries a change on the page before they write it into the file."""
    answer = await render(bench, trunk="line", values={"codecs": ["alaw"], "max_channels": 2})
    told = await answer.json()
    assert answer.status == 200
    text = told["files"][0]["text"]
    assert "allow = alaw\n" in text
    assert f"password = {told['placeholder']}\n" in text
    assert "trunk-secret" not in orjson.dumps(told).decode()
    assert (told["comparison"], told["checks"]) == (None, None)


async def test_new_trunk_is_rendered_from_a_template_for_the_only_pbx(bench: WebBench) -> None:
    """The first trunk of a PBX is in no configuration yet."""
    values = {"name": "new", "registrar": "192.0.2.7", "match": ["192.0.2.0/24"]}
    answer = await render(bench, provider="generic-address", values=values)
    told = await answer.json()
    assert (told["name"], told["pbx"], told["placeholder"]) == ("new", "hq", None)
    assert "match = 192.0.2.0/24" in told["files"][0]["text"]


@pytest.mark.parametrize(("language", "word"), [("it-IT", "punto e virgola"), ("en", "semicolon")])
async def test_value_that_would_become_a_line_is_refused_in_the_reader_s_language(
    bench: WebBench, language: str, word: str
) -> None:
    """The page shows the reason beside the field."""
    path = f"{bench.url}/api/v1/trunks/render"
    headers = bench.bearer("paula") | {"Accept-Language": language}
    body = {"trunk": "line", "values": {"registrar": "a;b", "secret": "x"}}
    answer = await bench.client.post(path, headers=headers, json=body)
    errors = {one["pointer"]: one["detail"] for one in (await answer.json())["errors"]}
    assert answer.status == 422
    assert word in errors["#/values/registrar"]
    assert "#/values/secret" in errors


async def test_pbx_that_cannot_be_asked_is_a_check_that_failed(bench: WebBench) -> None:
    """The text is wanted all the same."""
    told = await (await render(bench, trunk="line", look=True)).json()
    (check,) = told["checks"]
    assert (check["subject"], check["verdict"]) == ("pbx", "failed")
    assert check["cause"]["it"] != check["cause"]["en"]
    assert told["comparison"] is None
    assert told["files"]


@pytest.mark.parametrize(
    "body",
    [{"trunk": "nowhere"}, {"pbx": "branch"}, {"provider": "nobody", "values": {"name": "x"}}],
)
async def test_unknown_trunk_pbx_or_template_is_told_with_its_remedy(
    bench: WebBench, body: dict[str, Any]
) -> None:
    """A name is easily mistyped."""
    answer = await render(bench, **body)
    assert answer.status == 409
    assert len((await answer.json())["detail"]) > 40


@pytest.mark.parametrize("login", ["anna", "sara"])
async def test_who_does_not_administer_the_pbx_sees_no_trunk_form(
    bench: WebBench, login: str
) -> None:
    """Addresses and accounts of a provider are no agent's affair."""
    assert (await render(bench, login, trunk="line")).status == 403
    assert (await bench.get("/api/v1/trunks/providers", login)).status == 403
