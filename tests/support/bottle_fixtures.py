"""The fixtures `bottle_cluster` and `bottle`, imported by the conftest of whoever needs them."""

import re
from collections.abc import Iterator

import pytest
from support.bottle_build import prepare
from support.bottle_lab import BottleLab
from support.bottle_lab import bottle_lab as running_lab
from support.components import missing
from support.crm_build import CrmUnavailableError
from support.postgres import Cluster, PostgresMissingError, running_cluster


def build_bottle_before_tests(session: pytest.Session) -> None:
    """Build BottleCRM before the first test's clock runs, if any collected test asks for it.

    Call it from `pytest_collection_finish`. What cannot be built is told by the fixture.
    """
    wanted = any("bottle" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        try:
            prepare()
        except (CrmUnavailableError, PostgresMissingError):
            return


@pytest.fixture(scope="session")
def bottle_cluster() -> Iterator[Cluster]:
    """Give this session's own PostgreSQL for BottleCRM."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except PostgresMissingError as error:
        missing("PostgreSQL", str(error))


@pytest.fixture(scope="module")
def bottle(bottle_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[BottleLab]:
    """Give a real BottleCRM with a database of this test module's own."""
    name = re.sub(r"[^a-z0-9]+", "_", request.module.__name__.lower()).strip("_")[-40:]
    try:
        with running_lab(bottle_cluster, f"bottle_{name}") as lab:
            yield lab
    except CrmUnavailableError as error:
        missing("BottleCRM", str(error))
