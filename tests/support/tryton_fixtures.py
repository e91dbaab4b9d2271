"""The fixture `tryton`, imported by the conftest of whoever needs it."""

from collections.abc import Iterator

import pytest
from support.components import missing
from support.crm_build import CrmUnavailableError
from support.postgres import PostgresMissingError
from support.tryton_lab import TrytonLab, prepare_tryton, tryton_lab


def build_tryton_before_tests(session: pytest.Session) -> None:
    """Build Tryton before the first test's clock runs, if any collected test asks for it.

    Call it from `pytest_collection_finish`. What cannot be built is told by the fixture.
    """
    wanted = any("tryton" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        try:
            prepare_tryton()
        except (CrmUnavailableError, PostgresMissingError):
            return


@pytest.fixture(scope="module")
def tryton() -> Iterator[TrytonLab]:
    """Give a real Tryton with a database of this test module's own."""
    try:
        with tryton_lab() as lab:
            yield lab
    except (CrmUnavailableError, PostgresMissingError) as error:
        missing("Tryton", str(error))
