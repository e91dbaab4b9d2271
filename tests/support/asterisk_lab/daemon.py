"""What a daemon or an adapter must be told to follow a lab's telephone system."""

from support.asterisk_lab.ami import AMI_PORT
from support.asterisk_lab.lab import AsteriskLab
from support.asterisk_lab.settings import OBSERVER, OBSERVER_SECRET


def pbx_table(lab: AsteriskLab, *, name: str = "pbx") -> dict[str, object]:
    """Return the keys of one `[[pbx]]` table that leads to the lab, signed in as the observer."""
    return {
        "name": name,
        "kind": "asterisk",
        "host": lab.addresses.pbx,
        "port": AMI_PORT,
        "username": OBSERVER,
        "secret": OBSERVER_SECRET,
        "country": "IT",
        "trunks": ["carrier"],
    }


def pbx_toml(lab: AsteriskLab, *, name: str = "pbx") -> str:
    """Return the same as TOML text for a configuration file."""
    lines = ["[[pbx]]"]
    for key, value in pbx_table(lab, name=name).items():
        text = f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
        lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"
