"""The page in a real Chromium: how a person signs in and what they see."""

import shutil
from typing import Final

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    expect,
)

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
# What the browser refuses to load or run is told to the page; a page without fault is told nothing.
WATCH_POLICY: Final = """
    addEventListener("securitypolicyviolation", (event) => {
        console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
"""
WIDE: Final = (1440, 900)
# A browser on a busy machine is slow, and what is not there after this long does not come.
expect.set_options(timeout=15_000)


def chromium() -> str | None:
    """Return the browser to drive, None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


async def new_window(
    browser: Browser, *, size: tuple[int, int] = WIDE, theme: str = "light"
) -> BrowserContext:
    """Open a browser of somebody in Rome who reads Italian; nobody is signed in."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="it-IT",
        timezone_id="Europe/Rome",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    await context.add_init_script(WATCH_POLICY)
    return context


class Desk:
    """One browser window of somebody.

    `faults` are script errors, dialogs, and breaches of the page's own policy.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        page.on("pageerror", self._error)
        page.on("console", self._console)
        page.on("dialog", self._dialog)

    @property
    def cards(self) -> Locator:
        """Return the cards of calls."""
        return self.page.get_by_role("main").get_by_role("article")

    def card(self, name: str) -> Locator:
        """Return the card of somebody."""
        return self.page.get_by_role("main").get_by_role("article", name=name)

    async def sign_in(self, token: str) -> None:
        """Give the browser a session, as the door does."""
        answer = await self.page.context.request.post(
            f"{self.url}/api/v1/session",
            headers={"Authorization": f"Bearer {token}", "Origin": self.url},
        )
        assert answer.ok, await answer.text()

    async def open(self, token: str, path: str = "/") -> None:
        """Sign in and open a page; returns once it hears of calls."""
        await self.sign_in(token)
        await self.go(path)

    async def go(self, path: str) -> None:
        """Open a page of who is signed in; returns once it hears of calls."""
        await self.page.goto(self.url + path)
        await self.online()

    async def online(self) -> None:
        """Wait until the page says that it hears of calls."""
        await expect(self.page.get_by_role("banner")).to_contain_text("In linea")

    def _error(self, error: Error) -> None:
        self.faults.append(f"script: {error}")

    def _console(self, message: ConsoleMessage) -> None:
        text = message.text
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.faults.append(f"policy: {text}")

    async def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        await dialog.dismiss()
