"""The fixtures `odoo_cluster` and `odoo`, imported by the conftest of whoever needs them."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from support.components import missing
from support.crm_build import CrmUnavailableError
from support.odoo_build import prepare
from support.odoo_lab import OdooLab, cluster_in
from support.odoo_lab import odoo_lab as running_lab


def build_before_tests(session: pytest.Session) -> None:
    """Build Odoo before the first test's clock runs, if any collected test asks for it.

    Call it from `pytest_collection_finish`. What cannot be built is told by the fixture.
    """
    if not session.config.option.collectonly and any(map(_asks_for_odoo, session.items)):
        try:
            prepare()
        except CrmUnavailableError:
            return


def _asks_for_odoo(item: pytest.Item) -> bool:
    """Return whether a test uses Odoo by name, or as the CRM of its connector."""
    by_connector = getattr(getattr(item, "callspec", None), "params", {}).get("connector")
    return "odoo" in getattr(item, "fixturenames", ()) or by_connector == "odoo"


@pytest.fixture(scope="session")
def odoo_cluster(request: pytest.FixtureRequest) -> Iterator[int]:
    """Give the port of this session's own PostgreSQL cluster for Odoo.

    Its folder goes when no test's clock runs any more: to remove it can take half a minute.
    """
    scratch = Path(tempfile.mkdtemp(prefix="filodiretto-odoo-"))
    request.config.add_cleanup(partial(shutil.rmtree, scratch))
    try:
        with cluster_in(scratch) as port:
            yield port
    except CrmUnavailableError as error:
        missing("Odoo 14", str(error))


@pytest.fixture(scope="module")
def odoo(odoo_cluster: int, request: pytest.FixtureRequest) -> Iterator[OdooLab]:
    """Give a real Odoo 14 with a database of this test module's own."""
    name = re.sub(r"[^a-z0-9]+", "_", request.module.__name__.lower()).strip("_")[-40:]
    with running_lab(odoo_cluster, f"odoo_{name}") as lab:
        yield lab
