"""`filodiretto contacts import` before it opens anything."""

from pathlib import Path

import pytest

from gateway.core.errors import UsageError
from gateway.runtime.commands.contacts import import_contacts


def test_folder_is_called_a_folder(tmp_path: Path) -> None:
    """It is there: to check the path would be no remedy."""
    with pytest.raises(UsageError, match="a folder") as refusal:
        import_contacts(None, tmp_path, json_output=False)
    assert str(tmp_path) in refusal.value.remedy


def test_missing_file_is_called_missing(tmp_path: Path) -> None:
    """The other way round."""
    with pytest.raises(UsageError, match="no such file"):
        import_contacts(None, tmp_path / "customers.csv", json_output=False)
