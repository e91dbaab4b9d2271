"""How people come in and out: the first administrator, passwords, signing out."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from support.browser import Desk
from support.web import PASSWORD, WebBench

from gateway.store.people import Role, list_users
from gateway.store.setup_links import create_setup_link

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


async def test_set_up_link_makes_the_first_administrator_once(desk: Desk, bench: WebBench) -> None:
    """The secret leaves the address bar; whoever finds it later is told how to get another."""
    secret = await bench.db.write(lambda conn: create_setup_link(conn, now=datetime.now(UTC)))
    for _ in range(2):
        await desk.page.context.clear_cookies()
        await desk.page.goto("about:blank")
        await desk.page.goto(f"{bench.url}/#setup={secret}")
        await expect(desk.page).to_have_url(f"{bench.url}/")
        await desk.page.get_by_label("Nome utente").fill("root")
        await desk.page.get_by_label("Nome e cognome").fill("Rita Bo")
        await desk.page.get_by_label("Nuova password").fill("correct horse battery")
        await desk.page.get_by_role("button", name="Creare l’amministratore").click()
        said = desk.page.get_by_text("In linea").or_(desk.page.get_by_text("setup-link"))
        await expect(said.first).to_be_visible()
    await expect(desk.page.get_by_role("main").get_by_role("alert")).to_contain_text(
        "filodiretto setup-link"
    )
    users = {user.login: user for user in await bench.db.read(list_users)}
    assert (users["root"].role, users["root"].name) == (Role.ADMIN, "Rita Bo")


async def test_password_opens_the_desk_and_signing_out_closes_it(
    desk: Desk, bench: WebBench
) -> None:
    """The door says what was wrong; the first day says what will happen; out means out."""
    page = desk.page
    await page.goto(bench.url)
    await page.get_by_label("Nome utente").fill("anna")
    await page.get_by_label("Password", exact=True).fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main").get_by_role("alert")).to_have_text(
        "Nome utente o password non riconosciuti."
    )
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await desk.online()
    await expect(page.get_by_role("main")).to_contain_text("interno 1001")
    await desk.go("/profile")
    leave = page.get_by_role("main").get_by_role("button", name="Chiudere la sessione", exact=True)
    await leave.click()
    await expect(page.get_by_label("Nome utente")).to_be_visible()
    await page.goto(f"{bench.url}/missed")
    await expect(page.get_by_label("Nome utente")).to_be_visible()
