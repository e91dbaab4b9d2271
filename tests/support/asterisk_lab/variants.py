"""Telephone systems that differ from the usual one in a setting."""

from pathlib import Path

from support.asterisk_lab.lab import AsteriskLab


class StampedLab(AsteriskLab):
    """A lab whose PBX writes the time into each event (`timestampevents`)."""

    def _configure(self, root: Path) -> None:
        super()._configure(root)
        manager = self.pbx.home / "etc/manager.conf"
        text = manager.read_text(encoding="utf-8")
        manager.write_text(
            text.replace("enabled = yes\n", "enabled = yes\ntimestampevents = yes\n", 1),
            encoding="utf-8",
        )
