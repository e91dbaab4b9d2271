"""The history of a FreePBX: its MariaDB, its tables, whole seconds of local time."""

from collections.abc import Iterator

import pytest
from support.asterisk_lab.truth import differences
from support.components import missing
from support.mariadb import FreePbxDatabase, MariaDbMissingError, freepbx_database
from support.recorded_history import LONG_AGO, freepbx, history, names, rows, truths

from adapters.asterisk.backfill.history import AsteriskHistory
from gateway.core.record import CallRecord

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

ZONE = "Europe/Rome"


@pytest.fixture(scope="module")
def database() -> Iterator[FreePbxDatabase]:
    """Give a MariaDB with the rows of every recorded call, as FreePBX keeps them."""
    try:
        with freepbx_database() as running:
            for kind in ("cel", "cdr"):
                written = freepbx(ZONE)
                running.insert(kind, [written(kind, row) for row in rows("asterisk22", kind)])
            yield running
    except MariaDbMissingError as error:
        missing("MariaDB", str(error))


async def told(source: AsteriskHistory) -> list[CallRecord]:
    """Return the calls that a daemon would be told, in the order in which they began."""
    pages = [page async for page in source.since(LONG_AGO)]
    found = [one.record for page in pages for one in page if not one.record.merged_into]
    return sorted(found, key=lambda one: (one.started_at, one.linkedid))


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
async def test_cel_of_a_freepbx_tells_every_call(database: FreePbxDatabase, scheme: str) -> None:
    """All but the fractions of seconds, read by an account that may do nothing else."""
    found = await told(history(cel=database.url(scheme), timezone=ZONE))
    wrong = [
        f"{name}: {line}"
        for name, truth, record in zip(
            names("asterisk22"), truths("asterisk22"), found, strict=True
        )
        for line in differences(truth, record)
        if not line.startswith("seconds.")
    ]
    assert wrong == []
    begun = [one.started_at.timestamp() for one in found if one.started_at is not None]
    assert begun == [float(one.linkedid.partition(".")[0]) for one in found]


async def test_cdr_of_a_freepbx_tells_the_same_calls_in_part(database: FreePbxDatabase) -> None:
    """Under the same ids; what a row of CDR does not tell is null."""
    whole = await told(history(cel=database.url(), timezone=ZONE))
    found = await told(history(cdr=database.url(), timezone=ZONE))
    assert [one.id for one in found] == [one.id for one in whole]
    for one, other in zip(found, whole, strict=True):
        assert one.answered_by in {other.answered_by, None}
        assert one.outcome in {other.outcome, None}
        assert not one.complete
