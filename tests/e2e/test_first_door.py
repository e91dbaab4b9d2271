"""The first visit: the one-time link makes the first administrator, in the browser."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from support.browser import Desk

from gateway.store.people import Role, list_users
from gateway.store.setup_links import create_setup_link

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module")]


async def link(desk: Desk) -> str:
    """Return the address that `run` and `setup-link` print."""
    secret = await desk.bench.db.write(lambda conn: create_setup_link(conn, now=datetime.now(UTC)))
    return f"{desk.bench.url}/#setup={secret}"


async def test_set_up_link_makes_the_first_administrator_and_signs_them_in(desk: Desk) -> None:
    """The secret leaves the address bar, and the form is there only now."""
    await desk.page.goto(await link(desk))
    await expect(desk.page).to_have_url(f"{desk.bench.url}/")
    await desk.page.get_by_role("textbox", name="Nome utente").fill("root")
    await desk.page.get_by_label("Nome e cognome").fill("Rita Bo")
    await desk.page.get_by_label("Nuova password").fill("correct horse battery")
    await desk.page.get_by_role("button", name="Creare l’amministratore").click()
    await expect(desk.page.locator("#desk")).to_be_visible()
    users = {user.login: user for user in await desk.bench.db.read(list_users)}
    assert (users["root"].role, users["root"].name) == (Role.ADMIN, "Rita Bo")
    assert await desk.page.locator("#by-setup").count() == 0


async def test_set_up_link_works_once(desk: Desk) -> None:
    """Whoever finds it later is told how to get another."""
    address = await link(desk)
    for _ in range(2):
        await desk.page.context.clear_cookies()
        await desk.page.goto("about:blank")
        await desk.page.goto(address)
        await desk.page.get_by_role("textbox", name="Nome utente").fill("root")
        await desk.page.get_by_label("Nuova password").fill("correct horse battery")
        await desk.page.get_by_role("button", name="Creare l’amministratore").click()
        said = desk.page.locator("#desk:not([hidden]), #signin-msg:not([hidden])")
        await expect(said).to_be_visible()
    await expect(desk.page.locator("#signin-msg")).to_contain_text("filodiretto setup-link")
