"""`filodiretto trunks render` and the forms that the configuration keeps."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import ConfigError, UsageError
from gateway.runtime import loading
from gateway.runtime.commands.trunks_render import Wish, providers, render

FILE = """
[[pbx]]
name = "hq"
host = "127.0.0.1"
username = "filodiretto"
secret = "ami-secret"
[[trunk]]
name = "line"
pbx = "hq"
[trunk.pjsip]
registrar = "sip.provider.example"
username = "0299991001"
secret = "trunk;secret"
dids = ["+390299991001"]
target = "in,1001"
"""
INSTALLED = """
[line]
type = endpoint
context = from-elsewhere
webrtc = no
"""


def write(folder: Path, text: str = FILE) -> Path:
    """Write a configuration file and return its path."""
    path = folder / "filodiretto.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_password_is_printed_only_where_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A screen is looked at by more people than a file."""
    path = write(tmp_path)
    assert render(path, Wish(name="line")) == 0
    shown = capsys.readouterr()
    assert "password = CHANGE_ME" in shown.out
    assert "secret" not in shown.out + shown.err.replace("--with-secret", "")
    assert render(path, Wish(name="hq:line", with_secret=True)) == 0
    assert "password = trunk\\;secret\n" in capsys.readouterr().out


def test_new_trunk_is_rendered_from_a_template_and_its_fields(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing has to be written into the configuration first."""
    fields = ("registrar=192.0.2.7", "match=192.0.2.0/24, 198.51.100.1", "port=5080", "t38=yes")
    wish = Wish(name="other", provider="generic-address", fields=fields, json_output=True)
    assert render(write(tmp_path), wish) == 0
    text = json.loads(capsys.readouterr().out)["files"][0]["text"]
    for line in ("match = 198.51.100.1", "contact = sip:192.0.2.7:5080", "t38_udptl = yes"):
        assert line in text


def test_files_are_new_and_their_owners_alone(tmp_path: Path) -> None:
    """What a PBX has is never overwritten, and a password is nobody else's to read."""
    path, output = write(tmp_path), tmp_path / "line.conf"
    wish = Wish(name="line", output=output, with_secret=True)
    assert render(path, wish) == 0
    assert "trunk\\;secret" in output.read_text("utf-8")
    assert "[from-trunk]" in (tmp_path / "line.extensions.conf").read_text("utf-8")
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with pytest.raises(ConfigError):
        render(path, wish)


def test_file_of_a_pbx_is_compared_option_by_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody wants to know what would change before they change it."""
    installed = tmp_path / "pjsip.conf"
    installed.write_text(INSTALLED, encoding="utf-8")
    assert render(write(tmp_path), Wish(name="line", against=installed)) == 1
    shown = capsys.readouterr().out
    assert "-context = from-elsewhere\n+context" not in shown  # transport comes between
    assert "-context = from-elsewhere" in shown
    assert "[line] endpoint: context is from-elsewhere; the form says from-trunk." in shown
    assert "[line] endpoint: webrtc is no; the form does not set it." in shown
    assert "[line] registration is not there." in shown


def test_rendered_file_compared_with_itself_differs_in_nothing(tmp_path: Path) -> None:
    """Otherwise every comparison would cry wolf."""
    path, output = write(tmp_path), tmp_path / "line.conf"
    render(path, Wish(name="line", output=output))
    assert render(path, Wish(name="line", against=output)) == 0


@pytest.mark.parametrize(
    "wish",
    [
        Wish(name="nowhere"),
        Wish(name="nowhere", provider="generic-address", with_secret=True),
        Wish(name="line", fields=("colour=red",)),
        Wish(name="line", fields=("port",)),
        Wish(name="line", fields=("port=many",)),
        Wish(name="line", provider="nobody"),
        Wish(name="line", pbx="branch"),
    ],
)
def test_wish_that_cannot_be_is_refused_with_a_remedy(tmp_path: Path, wish: Wish) -> None:
    """A mistyped name must not render something else."""
    with pytest.raises(UsageError) as caught:
        render(write(tmp_path), wish)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('username = "0299991001"', 'username = "a;b"', "trunk[0].pjsip.username: holds a semi"),
        ("[trunk.pjsip]", '[trunk.pjsip]\nname = "x"', "trunk[0].pjsip.name: take it out"),
        ("dids", "numbers", "trunk[0].pjsip.numbers: is no field"),
        ("[trunk.pjsip]", '[trunk.pjsip]\nprovider = "nobody"', "trunk[0].pjsip.provider: There"),
        ("[trunk.pjsip]", '[trunk.pjsip]\nsecret_file = "x"', "at most one of secret"),
        ('secret = "trunk;secret"', 'realm = "x"', "trunk[0].pjsip.realm: is no field"),
    ],
)
def test_mistake_in_a_configured_form_is_named_at_the_start(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    """A form that nobody can render is better found out now."""
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, FILE.replace(before, after)))
    assert words in str(caught.value)


def test_templates_are_listed_without_a_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One looks for one's provider before anything else."""
    assert providers(json_output=True) == 0
    rows: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"generic-registration", "generic-address"} <= {row["id"] for row in rows}
