"""Writes the configuration folder of one Asterisk from the files in etc/ and a few values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.asterisk_lab.settings import PEOPLE, PHONES, UNPLUGGED

SOURCES = Path(__file__).parent / "etc"
FOLDERS = ("etc", "run", "log", "db", "spool", "lib", "lib/moh", "lib/agi-bin")
# One second of u-law silence: enough for media to flow, and nobody has to listen to it.
SILENCE = b"\xff" * 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The loopback addresses of one lab: one for each Asterisk, all with standard ports."""

    pbx: str
    carrier: str
    phones: str

    @classmethod
    def of_net(cls, net: int) -> "Addresses":
        """Return the addresses 127.NET.0.1 to .3."""
        return cls(pbx=f"127.{net}.0.1", carrier=f"127.{net}.0.2", phones=f"127.{net}.0.3")


def write_configuration(home: Path, layers: tuple[str, ...], values: Mapping[str, str]) -> None:
    """Fill `home` with the files of each layer in turn, `@NAME@` replaced by its value.

    A later layer adds files; a left-over placeholder is an error, because Asterisk would take it
    for a value.
    """
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "lib/moh/silence.ulaw").write_bytes(SILENCE)
    for layer in layers:
        for source in sorted((SOURCES / layer).glob("*.conf")):
            text = source.read_text(encoding="utf-8")
            for name, value in values.items():
                text = text.replace(f"@{name}@", value)
            (home / "etc" / source.name).write_text(text, encoding="utf-8")


def append(home: Path, name: str, text: str) -> None:
    """Add lines to a configuration file written before."""
    with (home / "etc" / name).open("a", encoding="utf-8") as file:
        file.write(text)


def pbx_accounts(phones: str) -> str:
    """Return the pjsip.conf sections of the desk phones as the PBX knows them.

    They are found at a fixed address: a registration would keep each start waiting for a second.
    """
    accounts = []
    for phone in PHONES:
        contact = "" if phone == UNPLUGGED else f"contact = sip:{phone}@{phones}:5060\n"
        accounts.append(
            f"[{phone}](phone)\nauth = {phone}\naors = {phone}\n"
            f'callerid = "{PEOPLE[phone]}" <{phone}>\n'
            f"[{phone}](phone-auth)\nusername = {phone}\npassword = phone-{phone}\n"
            f"[{phone}](phone-aor)\n{contact}"
        )
    return "\n".join(accounts)


def phone_accounts() -> str:
    """Return the pjsip.conf sections of the desk phones as they know themselves."""
    return "\n".join(
        f"[line-{phone}](line)\noutbound_auth = {phone}\nfrom_user = {phone}\n"
        f"[{phone}](account)\nusername = {phone}\npassword = phone-{phone}\n"
        for phone in PHONES
    )


def mailboxes() -> str:
    """Return the voicemail.conf lines: every phone has a mailbox, its password is its number."""
    return "\n".join(f"{phone} => {phone},{PEOPLE[phone]}" for phone in PHONES)
