"""Fixtures that bring real components: the Asterisk lab and the hands that drive it."""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import suppress

import pytest
from support.asterisk_lab.chroot import (
    ASTERISK_22,
    KAMAILIO,
    LabUnavailableError,
    ensure_chroot,
)
from support.asterisk_lab.driver import Driver
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.two_offices import crm, labs, offices
from support.bottle_fixtures import bottle, bottle_cluster, build_bottle_before_tests
from support.components import missing
from support.odoo_fixtures import build_before_tests, odoo, odoo_cluster
from support.tryton_fixtures import build_tryton_before_tests, tryton

__all__ = ["bottle", "bottle_cluster", "crm", "labs", "odoo", "odoo_cluster", "offices", "tryton"]

LAB = pytest.StashKey[AsteriskLab]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Unpack Asterisk before the first test: a download must not count against its time limit."""
    build_before_tests(session)
    build_bottle_before_tests(session)
    build_tryton_before_tests(session)
    used = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    for name, release in (("asterisk", ASTERISK_22), ("kamailio", KAMAILIO)):
        if name in used and not session.config.option.collectonly:
            with suppress(LabUnavailableError):  # the fixture says why to each test that needs it
                ensure_chroot(release)


@pytest.fixture(scope="session")
def kamailio() -> None:
    """Have Kamailio unpacked before the first test."""
    try:
        ensure_chroot(KAMAILIO)
    except LabUnavailableError as error:
        missing("Kamailio", str(error))


@pytest.fixture(scope="session")
def asterisk(request: pytest.FixtureRequest) -> Iterator[AsteriskLab]:
    """Give a running telephone system with its carrier and phones, shared by all tests."""
    lab = AsteriskLab()
    try:
        lab.start()
    except (LabUnavailableError, InstanceError) as error:
        missing("Asterisk 22", str(error))
    request.config.stash[LAB] = lab
    yield lab
    del request.config.stash[LAB]
    lab.stop()


@pytest.fixture
async def driver(asterisk: AsteriskLab) -> AsyncIterator[Driver]:
    """Give the hands of callers and agents; afterwards nobody is on the telephone any more."""
    async with Driver(asterisk) as hands:
        yield hands


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the Asterisks said when a test that uses them fails."""
    report = yield
    lab = item.config.stash.get(LAB, None)
    if report.failed and lab is not None and "asterisk" in getattr(item, "fixturenames", ()):
        report.sections.append(("Asterisk logs", lab.log()))
    return report
