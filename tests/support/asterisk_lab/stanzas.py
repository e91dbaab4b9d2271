"""What administrators copy to their PBX, exactly as shipped; the AMI users' passwords set."""

from pathlib import Path

from support.asterisk_lab.chroot import ASTERISK_16, Release
from support.asterisk_lab.settings import CONTROL_SECRET, OBSERVER_SECRET

SHIPPED = Path(__file__).parents[3] / "config/asterisk"
PLACEHOLDER = "secret = CHANGE_ME"
DIALPLAN = "extensions_filodiretto.conf"


def install_stanzas(etc: Path, release: Release) -> None:
    """Do what config/asterisk/README.md tells the administrator of a plain Asterisk to do."""
    observer = (
        "manager_filodiretto_16.conf" if release == ASTERISK_16 else "manager_filodiretto.conf"
    )
    for name, secret in (
        (observer, OBSERVER_SECRET),
        ("manager_filodiretto_control.conf", CONTROL_SECRET),
    ):
        text = (SHIPPED / name).read_text(encoding="utf-8")
        if text.count(PLACEHOLDER) != 1:
            raise ValueError(f"{name} should hold `{PLACEHOLDER}` once")
        (etc / name).write_text(text.replace(PLACEHOLDER, f"secret = {secret}"), encoding="utf-8")
        with (etc / "manager.conf").open("a", encoding="utf-8") as manager:
            manager.write(f"#include {name}\n")
    (etc / DIALPLAN).write_text((SHIPPED / DIALPLAN).read_text(encoding="utf-8"), encoding="utf-8")
    with (etc / "extensions.conf").open("a", encoding="utf-8") as extensions:
        extensions.write(f"#include {DIALPLAN}\n")
