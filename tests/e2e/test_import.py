"""A file of contacts on the page: what it would change, then the import, and the rows refused."""

import pytest
from playwright.async_api import FilePayload, expect
from support.accessibility import too_wide, violations
from support.browser import Desk
from support.web import WebBench

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

BOOK = "id;nome;telefono;vip\n1;Zoe Bianchi;06 1234 5678;sì\n2;;333 123 4567\n3;Ugo;06 abc\n"


def file(name: str, content: bytes) -> FilePayload:
    """Return a file as somebody chooses it."""
    return {"name": name, "mimeType": "", "buffer": content}


async def test_file_shows_what_it_would_change_then_is_imported(
    desk: Desk, bench: WebBench
) -> None:
    """Nothing is written before it is seen; each row that is left out says why and what to do."""
    await desk.open(bench.tokens["anna"], "/contacts")
    page, main = desk.page, desk.page.get_by_role("main")
    await page.get_by_role("link", name="Importare un file").focus()
    await page.keyboard.press("Enter")
    choose = main.get_by_role("button", name="Scegliere il file")
    await choose.focus()
    async with page.expect_file_chooser() as chooser:
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files(file("rubrica.csv", BOOK.encode("utf-16")))
    refused = main.get_by_role("region", name="Righe rifiutate")
    await expect(refused).to_contain_text("Riga 3né nome né azienda")
    await expect(refused).to_contain_text("scrivere un nome o un'azienda")
    entries = main.get_by_role("region", name="Voci nuove o modificate")
    await expect(entries).to_contain_text("Zoe Bianchi")
    await expect(entries).to_contain_text("VIP sì")
    await expect(entries).to_contain_text("tipo Persona")
    await expect(page.get_by_role("status")).to_contain_text("si vede che cosa cambierebbe")
    assert await bench.items("/api/v1/contacts") == []
    assert await violations(page) == []
    assert await too_wide(page) == []
    await main.get_by_role("button", name="Importare 2").press("Enter")
    await expect(main).to_contain_text("Importazione finita")
    assert {one["name"] for one in await bench.items("/api/v1/contacts")} == {"Zoe Bianchi", "Ugo"}
    await main.get_by_role("link", name="Andare alla rubrica").click()
    await expect(main).to_contain_text("Zoe Bianchi")


async def test_file_that_is_none_of_contacts_is_refused_with_the_remedy(
    desk: Desk, bench: WebBench
) -> None:
    """A workbook is what people have at hand; the page says how to make a CSV of it."""
    await desk.open(bench.tokens["anna"], "/contacts/import")
    main = desk.page.get_by_role("main")
    await main.locator("input[type=file]").set_input_files(file("rubrica.xlsx", b"PK\x03\x04"))
    await expect(main).to_contain_text("cartella di lavoro Excel")
    await expect(main).to_contain_text("CSV UTF-8")
    await expect(main.get_by_role("button", name="Importare")).to_have_count(0)
    await expect(main.get_by_role("button", name="Scegliere un altro file")).to_be_enabled()
