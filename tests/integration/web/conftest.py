"""The web application on a loopback port, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.web import WebBench, running_web


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application with four people."""
    async with running_web(tmp_path) as running:
        yield running
