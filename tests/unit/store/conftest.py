"""A database of each kind for the repositories; PostgreSQL where integration tests run."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.components import missing
from support.empty_store import lay_store
from support.postgres import Cluster, PostgresMissingError, running_cluster

from gateway.store.database import Database
from gateway.store.maintenance import upgrade


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the address of an upgraded, empty SQLite database."""
    return lay_store(tmp_path / "filodiretto.db")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give a private PostgreSQL whose database `empty` has all tables."""
    try:
        with running_cluster() as running:
            running.sql("CREATE DATABASE empty TEMPLATE template0")
            upgrade(running.url("empty"))
            yield running
    except PostgresMissingError as error:
        missing("PostgreSQL", str(error))


@pytest.fixture
def postgres_url(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[str]:
    """Return the address of an upgraded, empty PostgreSQL database."""
    name = f"t{abs(hash(request.node.nodeid)):x}"
    cluster.sql(f"CREATE DATABASE {name} TEMPLATE empty")
    yield cluster.url(name)
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest) -> str:
    """Return an empty database of each kind in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """Give an open, empty database of each kind in turn."""
    database = await Database.open(url)
    yield database
    await database.close()
