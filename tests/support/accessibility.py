"""Whether a page can be read by everybody: axe's rules, and nothing off the screen."""

from importlib.resources import files
from typing import Final

from playwright.async_api import Page

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
# What cannot be told from the page alone is left to people; the rest of axe's rules all count.
RUN_AXE: Final = """async () =>
    (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ").slice(0, 300)}`)"""
# Also at 200 % zoom, which is half the width.
WIDTHS: Final = (320, 720, 1024, 1440, 1920)


async def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on a page, with where."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN_AXE)
    return found


async def too_wide(page: Page) -> list[tuple[int, int]]:
    """Return at which widths a page scrolls sideways, and how wide it is there."""
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        wide = await page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append((width, wide))
    await page.set_viewport_size({"width": 1440, "height": 900})
    return found
