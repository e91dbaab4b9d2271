"""The people of HubSpot and Salesforce as the mirror asks for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.crm_records import MORNING, HandClock, answered, effect
from support.hubspot_rig import HubSpotRig
from support.peer_http import PeerServer
from support.rest_rig import MemoryHttp
from support.salesforce_rig import SalesforceRig

from crm_sync.connectors.hubspot.plugin import plugin as hubspot
from crm_sync.connectors.salesforce.plugin import plugin as salesforce
from gateway.core.crm import CrmDirectory, DirectoryEntry
from gateway.core.errors import RejectedError
from gateway.core.record import ContactRef
from gateway.runtime.clock import SystemClock

Made = tuple[CrmDirectory, Any]


def hubspot_people(clock: HandClock) -> Made:
    """Return a directory and the account behind it."""
    rig = HubSpotRig(front=PeerServer())
    settings = hubspot.settings_model.model_validate(rig.table)
    return hubspot.open_directory(settings, MemoryHttp(handle=rig.handle), clock), rig


def salesforce_people(clock: HandClock) -> Made:
    """Return a directory and the org behind it."""
    rig = SalesforceRig(front=PeerServer())
    settings = salesforce.settings_model.model_validate(rig.table)
    clock.at = SystemClock().now()  # an assertion is good for three minutes
    return salesforce.open_directory(settings, MemoryHttp(handle=rig.handle), clock), rig


both = pytest.mark.parametrize("make", [hubspot_people, salesforce_people])


async def walked(directory: CrmDirectory) -> list[DirectoryEntry]:
    """Return everyone, as the nightly sweep asks."""
    found, cursor = list[DirectoryEntry](), ""
    for _ in range(50):
        page = await directory.everyone(cursor)
        found += page.entries
        if not page.more:
            return found
        cursor = page.cursor
    raise AssertionError("the walk has no end")


async def changes(directory: CrmDirectory, cursor: str) -> tuple[list[str], list[str], str]:
    """Return what changed and what is gone since a cursor, and the next cursor."""
    refs, gone = list[str](), list[str]()
    for _ in range(50):
        page = await directory.changed(cursor)
        refs += [one.ref for one in page.entries]
        gone += page.gone
        cursor = page.cursor
        if not page.more:
            return refs, gone, cursor
    raise AssertionError("the changes have no end")


@both
async def test_everyone_is_told_once_companies_first(make: Callable[[HandClock], Made]) -> None:
    """A person's company has to be there before the person; pages must lose nobody."""
    directory, rig = make(HandClock(MORNING))
    company = await rig.add_company(name="Verdi Srl", phone="06 1234 5678")
    for number in range(450):
        await rig.add_person(name=f"P{number:03d}", phone=f"06 5550 {number:04d}", company=company)
    found = await walked(directory)
    assert found[0].ref == f"company:{company}"
    assert [one.raw for one in found[0].numbers] == ["06 1234 5678"]
    people = found[1:]
    assert len({one.ref for one in people}) == len(people) == 450
    assert {one.company_ref for one in people} == {f"company:{company}"}


@both
async def test_change_after_the_mark_is_told_and_only_that(
    make: Callable[[HandClock], Made],
) -> None:
    """The cursor reaches back ten minutes, for an index that lags and clocks that differ."""
    clock = HandClock(MORNING)
    directory, rig = make(clock)
    mark = await directory.mark()
    old = await rig.add_person(name="Old", phone="06 1111 2222")
    new = await rig.add_person(name="New", phone="06 3333 4444")
    rig.touch(old, clock.now() - timedelta(days=1))
    rig.touch(new, clock.now() - timedelta(minutes=5))
    refs, _, cursor = await changes(directory, mark)
    assert refs == [f"person:{new}"]
    late = await rig.add_person(name="Late", phone="06 5555 6666")
    rig.touch(late, clock.now() - timedelta(minutes=1))  # not in the index at the poll before
    clock.forward(60)
    assert f"person:{late}" in (await changes(directory, cursor))[0]


async def test_deleted_and_converted_are_gone_from_salesforce() -> None:
    """They lie in the recycle bin; a caller must not be shown as somebody who is no more."""
    clock = HandClock(MORNING)
    directory, rig = salesforce_people(clock)
    mark = await directory.mark()
    gone = await rig.add_person(name="Gone", phone="06 1111 2222")
    rig.touch(gone, clock.now())
    rig.of("Contact")[0]["IsDeleted"] = True
    lead = {"Id": "00Q000000000001AAA", "Name": "Lead", "Phone": "06 3", "IsConverted": True}
    rig.of("Lead").append({**lead, "SystemModstamp": "2999-01-01T00:00:00Z"})
    _, refs, _ = await changes(directory, mark)
    assert refs == [f"person:{gone}", "lead:00Q000000000001AAA"]


@both
async def test_number_is_found_however_it_is_written(make: Callable[[HandClock], Made]) -> None:
    """Beside the pop, for who is not mirrored yet."""
    directory, rig = make(HandClock(MORNING))
    number = await rig.add_person(name="Verdi", phone="(06) 123-45678")
    [found] = await directory.find("+390612345678")
    assert (found.ref, found.name) == (f"person:{number}", "Verdi")
    assert await directory.find("+390612345679") == ()


@both
async def test_person_that_the_mirror_told_is_the_one_written_to(
    make: Callable[[HandClock], Made],
) -> None:
    """The directory's reference goes before the number: they may call from another one."""
    directory, rig = make(HandClock(MORNING))
    await rig.add_person(name="Verdi", phone="06 8888 0000")
    [entry] = await walked(directory)
    plugin: Any = hubspot if isinstance(rig, HubSpotRig) else salesforce
    settings = plugin.settings_model.model_validate(rig.table)
    writer = plugin.open(settings, MemoryHttp(handle=rig.handle), SystemClock())
    record = answered("ref.1", contact=ContactRef(id="x", ref=entry.ref, crm="crm"))
    one = effect(record)
    await writer.write(record, idempotency_key=one.key, kind=one.kind, occurred_at=one.occurred_at)
    assert entry.ref == f"person:{(await rig.persons())[-1]}"


@both
async def test_cursor_of_another_making_is_refused(make: Callable[[HandClock], Made]) -> None:
    """After a change of connector under the same name the walk begins anew."""
    directory, _ = make(HandClock(MORNING))
    with pytest.raises(RejectedError):
        await directory.changed("2026-10-03 08:30:00")
