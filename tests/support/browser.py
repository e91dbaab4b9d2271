"""The page in a real Chromium: how a person signs in and what they see."""

import shutil
from typing import Final

from playwright.async_api import ConsoleMessage, Error, Locator, Page, expect
from support.web import WebBench

# --no-sandbox: CI runs as root in a container; nothing but our own page is opened.
ARGUMENTS: Final = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Return the browser to drive, None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Desk:
    """One browser window. `faults` are script errors and breaches of the page's own policy."""

    def __init__(self, page: Page, bench: WebBench) -> None:
        self.page = page
        self.bench = bench
        self.faults: list[str] = []
        page.on("pageerror", self._error)
        page.on("console", self._console)

    @property
    def cards(self) -> Locator:
        """Return the call cards."""
        return self.page.locator("article.call")

    async def open(self, login: str | None = "anna") -> None:
        """Open the page and sign in by token, as the first form of the page offers."""
        await self.page.goto(self.bench.url)
        if login is not None:
            await self.page.get_by_role("button", name="Entrare con un token").click()
            await self.page.get_by_label("Token").fill(self.bench.tokens[login])
            await self.page.locator("#by-token button").click()
            await self.online()

    async def online(self) -> None:
        """Wait until the page says that it is connected."""
        await expect(self.page.locator("#conn")).to_have_text("In linea")

    async def mark(self) -> str:
        """Return the element that has the focus, to see that it stays there."""
        return str(await self.page.evaluate("document.activeElement.id"))

    def _error(self, error: Error) -> None:
        self.faults.append(f"script: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        text = message.text
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.faults.append(f"policy: {text}")
