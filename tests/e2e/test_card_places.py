"""Every state of the call card in a real Chromium: its parts stand where they always stand."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from support.browser import new_window
from support.components import missing

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    # the gallery is built first, on a machine that does much else
    pytest.mark.timeout(240),
]

ROOT: Final = Path(__file__).parents[2]
# DESK: who, first thing, cues and columns; the same in all states, to 4 px.
PLACES: Final = {
    (1440, 900): {"who": 116, "first": 200, "cues": 312, "columns": 382},
    (1024, 768): {"who": 152, "first": 236, "cues": 372, "columns": 442},
}
NEAR: Final = 4
READ: Final = ("ambiguous", "handed-over", "transfer", "link", "outcome", "two-calls", "saved")
RUN_AXE: Final = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ").slice(0, 300)}`)"""
TOPS: Final = """() => Object.fromEntries([...document.querySelectorAll('[data-part]')].map(
    (node) => [node.dataset.part, node.getBoundingClientRect().top]))"""
SIDEWAYS: Final = "() => document.documentElement.scrollWidth - window.innerWidth"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the card's gallery, built into a folder of this test's own."""
    out = tmp_path_factory.mktemp("gallery")
    build = await asyncio.create_subprocess_exec(
        "tools/desk.sh",
        "node",
        *("npx", "--no-install", "vite", "build", "--logLevel", "warn"),
        *("-c", "vite.gallery.config.ts", "--outDir", str(out), "--emptyOutDir"),
        cwd=ROOT,
        env={**os.environ, "CI": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await build.communicate()
    if not (out / "gallery.html").exists():
        missing("the card's gallery", f"tools/desk.sh node cannot build it: {said.decode()[-400:]}")
    return out


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    """Give the address at which the gallery is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(built)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/gallery.html"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """Give the gallery's page; no script may fail in it and none that a caller sends may run."""
    context = await new_window(browser)
    window = await context.new_page()
    faults: list[str] = []
    window.on("pageerror", lambda error: faults.append(str(error)))
    window.on("dialog", lambda dialog: faults.append(dialog.message))
    await window.goto(address)
    yield window
    await context.close()
    assert faults == []


async def _states(page: Page, which: str) -> list[str]:
    names = await page.locator("#root").get_attribute(f"data-{which}")
    found: list[str] = json.loads(names or "[]")
    assert len(found) > 10, found
    return found


async def _show(page: Page, state: str, language: str = "it", theme: str = "light") -> None:
    asked = f"#state={state}&lang={language}&theme={theme}"
    await page.evaluate("(asked) => { location.hash = asked; }", asked)
    await page.locator(f'#root[data-shown="{asked}"] [data-call]').first.wait_for()


@pytest.mark.parametrize(("width", "height"), PLACES)
async def test_whatever_a_call_is_at_the_parts_stand_in_the_same_places(
    page: Page, width: int, height: int
) -> None:
    """The eye finds the first thing where it was at the last call; late facts move nothing."""
    await page.set_viewport_size({"width": width, "height": height})
    moved = {}
    for state in await _states(page, "whole"):
        await _show(page, state)
        tops: dict[str, float] = await page.evaluate(TOPS)
        places = PLACES[width, height]
        wrong = {part: tops[part] for part, top in places.items() if abs(tops[part] - top) > NEAR}
        if wrong:
            moved[state] = wrong
    assert moved == {}


@pytest.mark.parametrize("width", [1440, 360, 320])
async def test_no_state_of_a_call_makes_the_page_scroll_sideways(page: Page, width: int) -> None:
    """Five calls at once, a name of thousands of characters: the page stays as wide as it is."""
    await page.set_viewport_size({"width": width, "height": 780})
    wide = {}
    for state in await _states(page, "states"):
        await _show(page, state, "en")
        beyond: int = await page.evaluate(SIDEWAYS)
        if beyond > 0:
            wide[state] = beyond
    assert wide == {}


async def test_a_name_that_is_a_script_is_only_a_name(page: Page) -> None:
    """What a caller or a CRM sends is text, on every part of the card."""
    await _show(page, "hostile")
    assert await page.locator("[data-call] img").count() == 0
    assert "<img src=x" in await page.locator("[data-call] h1").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_state_of_a_call_violates_a_rule_of_accessibility(page: Page, theme: str) -> None:
    """States that no test's calls reach are read with ears, keys and little contrast too."""
    await page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for state in READ:
        await _show(page, state, "it", theme)
        wrong: list[str] = await page.evaluate(RUN_AXE)
        if wrong:
            found[state] = wrong
    assert found == {}
