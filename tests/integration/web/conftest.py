"""The web application on a loopback port, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.web import WebBench, running_web


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give look-ups up after seconds: five milliseconds pass on a busy machine without any work."""
    monkeypatch.setattr("gateway.store.mirror.PATIENCE_S", 10.0)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[WebBench]:
    """Give a running application with four people."""
    async with running_web(tmp_path) as running:
        yield running
