"""One daemon per data directory."""

from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.runtime.claim import claimed


def test_second_daemon_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    """Two of them would follow the same calls and tell every page twice."""
    second = claimed(tmp_path, patience_s=0)
    with claimed(tmp_path), pytest.raises(ConfigError, match="Another Filodiretto") as caught:
        second.__enter__()
    assert str(tmp_path) in caught.value.where
    with claimed(tmp_path, patience_s=0):
        pass


def test_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The most common mistake after a change of user."""
    with pytest.raises(ConfigError, match="cannot be written"), claimed(tmp_path / "missing"):
        pass
