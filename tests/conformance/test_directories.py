"""What every directory of a CRM must do for the mirror, the one in memory included."""

from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from support.connector_rigs import REAL, ConnectorRig, kind_of
from support.crm_records import answered, effect
from support.memory_directory import MemoryDirectory, person
from support.people_rigs import SEARCHED, people_of

from crm_sync.http import GuardedHttp
from crm_sync.mirror.translate import Translator
from gateway.core.contact import Contact
from gateway.core.crm import CrmDirectory, DirectoryEntry
from gateway.core.errors import AuthError
from gateway.core.ports import CrmWriter, HttpClient
from gateway.core.record import ContactRef, MatchKind, Party
from gateway.runtime.clock import SystemClock

PLUGINS = {point.name: point.load() for point in entry_points(group="filodiretto.connectors")}
PHONE, E164 = "06 5559 8765", "+390655598765"
LIST = {
    "path": "/api/contacts/",
    "items": "results",
    "phones": "[phone, phones[].number]",
    "next_url": "next",
    "record_url": "/contacts/{{ id }}",
}
PAGES = 200

pytestmark = pytest.mark.timeout(120)
every_directory = pytest.mark.parametrize(
    "connector",
    [
        pytest.param(name, marks=(pytest.mark.integration,) if kind_of(name) in REAL else ())
        for name in SEARCHED
    ],
)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """Give the client the daemon would use."""
    async with GuardedHttp(adapter="crm", allow_private=True, total_s=5.0) as client:
        yield client


def table_of(rig: ConnectorRig, **changes: object) -> dict[str, Any]:
    """Return the rig's table, with a list where a description is all there is."""
    mirror = {"mirror": {"list": [LIST]}} if rig.table["kind"] == "rest" else {}
    return {**rig.table, **mirror, **changes}


def opened(connector: str, table: dict[str, Any], http: HttpClient) -> CrmDirectory:
    """Return the directory of a table."""
    plugin = PLUGINS[kind_of(connector)]
    settings = plugin.settings_model.model_validate(table)
    directory: CrmDirectory | None = plugin.open_directory(settings, http, SystemClock())
    assert directory is not None
    return directory


async def everyone(directory: CrmDirectory) -> list[DirectoryEntry]:
    """Return everybody, page by page, bounded."""
    found: list[DirectoryEntry] = []
    cursor = ""
    for _ in range(PAGES):
        page = await directory.everyone(cursor)
        found += page.entries
        assert len(page.cursor) <= 4000
        if not page.more:
            return found
        cursor = page.cursor
    raise AssertionError("the list has no end")


def as_contact(found: list[DirectoryEntry] | tuple[DirectoryEntry, ...]) -> Contact:
    """Return the one entry that has the number, as the mirror reads it."""
    kept, _nobody = Translator("crm", "IT").entries(found)
    (one,) = [one.entry for one in kept if E164 in {each.e164 for each in one.entry.numbers}]
    return one


@every_directory
async def test_somebody_is_in_the_list_and_found_by_number_under_one_ref(
    rig: ConnectorRig, connector: str, http: HttpClient
) -> None:
    """What a look-up brings and what the night brings must be one entry."""
    await people_of(rig).add_person(name="Anna Verdi", phone=PHONE)
    directory = opened(connector, table_of(rig), http)
    listed = as_contact(await everyone(directory))
    found = as_contact(await directory.find(E164))
    assert (listed.ref, listed.name) == (found.ref, "Anna Verdi")
    assert listed.url is None or listed.url.startswith("http")


@every_directory
async def test_a_call_is_written_to_the_record_that_its_contact_names(
    rig: ConnectorRig, connector: str, http: HttpClient
) -> None:
    """Two people share the number, so only the reference can tell: an agent chose one of them."""
    people = people_of(rig)
    await people.add_person(name="Bruno Neri", phone="06 5559 1111")
    wanted = await people.add_person(name="Anna Verdi", phone="06 5559 1111")
    directory = opened(connector, table_of(rig), http)
    named = [one for one in await directory.find("+390655591111") if one.name == "Anna Verdi"]
    table = table_of(rig)
    settings = PLUGINS[kind_of(connector)].settings_model.model_validate(table)
    writer: CrmWriter = PLUGINS[kind_of(connector)].open(settings, http, SystemClock())
    contact = ContactRef(
        id="ours", ref=named[0].ref, name="Anna Verdi", match=MatchKind.EXACT, crm=table["name"]
    )
    caller = Party(number="+390655591111", e164="+390655591111", name="X")
    record = answered(f"linked.{connector}", caller=caller, contact=contact)
    one = effect(record)
    await writer.write(
        record, idempotency_key=one.key, kind="call.ended", occurred_at=one.occurred_at
    )
    assert (await people.persons())[-1] == wanted


@pytest.mark.parametrize(
    "connector", [pytest.param("odoo", marks=pytest.mark.integration), "salesforce"]
)
async def test_who_is_made_after_the_mark_is_told_as_changed(
    rig: ConnectorRig, connector: str, http: HttpClient
) -> None:
    """Nobody waits for the night; HubSpot, whose clock is a hand's, in test_native_directories."""
    directory = opened(connector, table_of(rig), http)
    cursor = await directory.mark()
    await people_of(rig).add_person(name="Anna Verdi", phone="06 5559 2222")
    names: list[str | None] = []
    for _ in range(PAGES):
        page = await directory.changed(cursor)
        names += [one.name for one in page.entries]
        cursor = page.cursor
        if not page.more:
            break
    assert "Anna Verdi" in names


@every_directory
async def test_a_refused_sign_in_is_an_auth_error(
    rig: ConnectorRig, connector: str, http: HttpClient
) -> None:
    """The mirror then waits long: many CRMs lock an account that is refused again and again."""
    assert rig.wrong_sign_in is not None
    directory = opened(connector, table_of(rig, **rig.wrong_sign_in), http)
    with pytest.raises(AuthError):
        await directory.everyone("")


async def test_the_directory_in_memory_keeps_the_same_promises() -> None:
    """Tests of the mirror are worth what their CRM is."""
    memory = MemoryDirectory(people=[person(at, f"P{at}", f"06 5550 000{at}") for at in range(3)])
    cursor = await memory.mark()
    memory.put(person(9, "Anna Verdi", PHONE))
    memory.archive("person:1")
    page = await memory.changed(cursor)
    assert ([one.ref for one in page.entries], page.gone) == (["person:9"], ("person:1",))
    assert {one.ref for one in await everyone(memory)} == {"person:0", "person:2", "person:9"}
    assert as_contact(await memory.find(E164)).ref == "person:9"
