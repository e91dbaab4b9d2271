"""`filodiretto db upgrade|check|backup`."""

from pathlib import Path

from gateway.runtime import loading
from gateway.runtime.commands.common import FAILURE, OK, prepare_data_dir, say, show
from gateway.store import maintenance


def upgrade(path: Path | None) -> int:
    """Create the tables or bring them to this version."""
    loaded = loading.load(path)
    prepare_data_dir(loaded)
    say(f"the tables are at revision {maintenance.upgrade(loaded.settings.database_url)}")
    return OK


def check(path: Path | None, *, json_output: bool) -> int:
    """Examine the database without changing it; 1 if something is wrong."""
    findings = maintenance.check(loading.load(path).settings.database_url)
    rows = [
        {
            "verdict": "ok" if finding.ok else "failed",
            "cause": finding.text,
            "remedy": finding.remedy or None,
        }
        for finding in findings
    ]
    show(rows, {"verdict": "", "cause": "found", "remedy": "remedy"}, json_output=json_output)
    return FAILURE if any(row["verdict"] == "failed" for row in rows) else OK


def backup(path: Path | None, output: Path) -> int:
    """Copy the database while it is in use."""
    size = maintenance.backup(loading.load(path).settings.database_url, output)
    say(f"{output}: {size / 1e6:.1f} MB")
    return OK
