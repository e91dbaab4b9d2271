"""What the tests of the CRM side share: a peer that misbehaves, a store, a real Odoo."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.empty_store import open_store
from support.peer_http import PeerServer, peer_server

from gateway.store.database import Database


@pytest.fixture
async def peer() -> AsyncIterator[PeerServer]:
    """Give an HTTP peer on loopback that does what its script says."""
    async with peer_server() as server:
        yield server


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """Give an empty store on disk."""
    database = await open_store(tmp_path)
    yield database
    await database.close()
