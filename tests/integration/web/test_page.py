"""The page over HTTP: its own addresses, its parts, and what stands there without a build."""

from pathlib import Path

import pytest
from support.web import WebBench, running_web

from gateway.web import page
from gateway.web.built import Built, read_built

INDEX = '<meta name="csp-nonce" content="__CSP_NONCE__"><script src="/assets/a-1.js"></script>'
SCRIPT = "let a = 1;\n" * 200


@pytest.fixture
def built(tmp_path: Path) -> Built | None:
    """Give a small page, written as Vite writes them."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX, encoding="utf-8")
    (folder / "assets" / "a-1.js").write_text(SCRIPT, encoding="utf-8")
    return read_built(folder)


async def test_page_comes_at_its_own_addresses_and_its_parts_for_ever(
    built: Built | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload on a customer's page must find it; a part must not be asked for twice."""
    monkeypatch.setattr(page, "read_built", lambda: built)
    async with running_web(tmp_path) as bench:
        nonces = set()
        for path in ("/", "/contacts/c-1", "/call?to=%2B390612345678", "/embed"):
            answer = await bench.client.get(bench.url + path)
            text = await answer.text()
            nonce = text.partition('content="')[2].partition('"')[0]
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
            assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
            nonces.add(nonce)
        assert len(nonces) == 4
        part = await bench.client.get(bench.url + "/assets/a-1.js")
        assert await part.text() == SCRIPT
        assert part.headers["Content-Encoding"] == "gzip"
        assert "immutable" in part.headers["Cache-Control"]
        assert (await _status(bench, "/assets/none.js")) == 404
        assert (await _status(bench, "/nowhere")) == 404


async def test_address_that_leads_nowhere_shows_people_the_page_and_programs_a_problem(
    built: Built | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped address must not end in JSON for a person, nor in a page for a program."""
    monkeypatch.setattr(page, "read_built", lambda: built)
    visit = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}
    asked = {
        ("/nowhere", "text/html"): visit,
        ("/contacts/c-1/none/of/ours", "text/html"): {"Accept": "text/html"},
        ("/nowhere", "application/problem+json"): {"Accept": "*/*"},
        ("/none.js", "application/problem+json"): visit | {"Sec-Fetch-Mode": "no-cors"},
        ("/api/v1/nowhere", "application/problem+json"): visit,
        ("/docs/nowhere", "application/problem+json"): visit,
        ("/assets/none.js", "application/problem+json"): visit,
    }
    async with running_web(tmp_path) as bench:
        for (path, kind), headers in asked.items():
            answer = await bench.client.get(bench.url + path, headers=headers)
            assert (path, answer.status, answer.content_type) == (path, 404, kind)
            nonce = (await answer.text()).partition('content="')[2].partition('"')[0]
            assert (f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]) == bool(nonce)
        posted = await bench.client.post(bench.url + "/nowhere", headers=visit)
        assert (posted.status, posted.content_type) == (404, "application/problem+json")


async def test_without_a_build_the_page_says_what_to_run_and_the_rest_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who installed from sources without Node still has the gateway, and knows what is missing."""
    monkeypatch.setattr(page, "read_built", lambda: None)
    async with running_web(tmp_path) as bench:
        answer = await bench.client.get(bench.url + "/")
        assert answer.status == 200
        assert "tools/desk.sh" in await answer.text()
        assert (await bench.get("/api/v1/me")).status == 200
        assert (await _status(bench, "/assets/a-1.js")) == 404


async def _status(bench: WebBench, path: str) -> int:
    return (await bench.client.get(bench.url + path)).status
