"""The configuration file: every mistake is named with its key and its remedy."""

import tomllib
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.runtime import loading
from gateway.runtime.settings import FixedSettings

PBX = """
[[pbx]]
name = "hq"
host = "127.0.0.1"
username = "filodiretto"
secret = "Segreta-7"
"""


def write(folder: Path, text: str) -> Path:
    """Write a configuration file and return its path."""
    path = folder / "filodiretto.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_smallest_file_is_enough(tmp_path: Path) -> None:
    """A PBX and its password are all that an administrator must write."""
    loaded = loading.load(write(tmp_path, PBX))
    assert [pbx.kind for pbx in loaded.pbxs] == ["asterisk"]
    assert loaded.settings.gateway.country == "IT"
    assert loaded.settings.database_url == "sqlite:////var/lib/filodiretto/filodiretto.db"


def test_typo_in_a_section_names_the_key_that_was_meant(tmp_path: Path) -> None:
    """A silent default instead of the intended value would be found out only in production."""
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, '[web]\nlisten_on = "127.0.0.1:8080"\n'))
    assert 'web.listen_on: unknown key: did you mean "listen"?' in str(caught.value)


def test_typo_in_a_pbx_names_the_key_that_was_meant(tmp_path: Path) -> None:
    """The adapter's own table is checked like the rest."""
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, PBX.replace("host", "hots")))
    assert 'pbx[0].hots: unknown key: did you mean "host"?' in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """One round of corrections, not one per mistake."""
    text = '[gateway]\ncountry = "Italy"\ntimezone = "Rome"\n[bus]\nurl = "nats://x"\n'
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, text))
    message = str(caught.value)
    assert "gateway.country" in message
    assert 'gateway.timezone: not a time zone; write one like "Europe/Rome"' in message
    assert "bus.url: only" in message


def test_two_pbxs_of_one_name_are_refused(tmp_path: Path) -> None:
    """The name is part of every call's identity."""
    with pytest.raises(ConfigError, match="names are identities"):
        loading.load(write(tmp_path, PBX + PBX))


def test_unknown_kind_lists_the_installed_ones(tmp_path: Path) -> None:
    """The remedy is a choice, not a guess."""
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, PBX + 'kind = "avaya"\n'))
    assert 'kind = "avaya" is not installed: use one of: asterisk' in str(caught.value)


def test_plain_http_outside_loopback_is_refused(tmp_path: Path) -> None:
    """Sign-ins would cross the network in clear."""
    with pytest.raises(ConfigError, match="plain HTTP is refused outside loopback"):
        loading.load(write(tmp_path, '[web]\nlisten = "192.0.2.1:8080"\n'))


def test_broken_toml_says_where(tmp_path: Path) -> None:
    """The parser's line and column reach the administrator."""
    with pytest.raises(ConfigError, match=r"line 2"):
        loading.load(write(tmp_path, "[web]\nlisten = 127.0.0.1\n"))


def test_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    """The first run must not end in a traceback."""
    with pytest.raises(ConfigError) as caught:
        loading.load(tmp_path / "none.toml")
    assert "filodiretto.example.toml" in caught.value.remedy


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers configure by environment."""
    monkeypatch.setenv("FILODIRETTO__WEB__LISTEN", "127.0.0.1:9000")
    monkeypatch.setenv("FILODIRETTO__GATEWAY__LANGUAGE", "en")
    loaded = loading.load(write(tmp_path, '[web]\nlisten = "127.0.0.1:8080"\n'))
    assert loaded.settings.web.port == 9000
    assert loaded.settings.gateway.language == "en"


def test_typo_in_the_name_of_a_variable_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that overrides nothing is the same silent default as a misspelt key."""
    monkeypatch.setenv("FILODIRETTO__WEBB__LISTEN", "127.0.0.1:9000")
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, PBX))
    assert 'FILODIRETTO__WEBB__LISTEN: unknown section: did you mean "web"?' in str(caught.value)


def test_tables_come_from_the_environment_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is validated must be what is used: these were read and then forgotten."""
    table = '[{"name": "branch", "host": "127.0.0.1", "username": "u", "secret": "Segreta-8"}]'
    monkeypatch.setenv("FILODIRETTO__PBX", table)
    assert [pbx.name for pbx in loading.load(write(tmp_path, PBX)).pbxs] == ["branch"]


def test_demonstration_is_not_overridden_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would put its sample people and calls into a company's own data_dir."""
    monkeypatch.setenv("FILODIRETTO__GATEWAY__DATA_DIR", "/var/lib/filodiretto")
    monkeypatch.setenv("FILODIRETTO__WEBB__LISTEN", "127.0.0.1:9000")
    data = {"gateway": {"data_dir": tmp_path}}
    loaded = loading.parse(data, model=FixedSettings)
    assert loaded.settings.gateway.data_dir == tmp_path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PBX.replace("[[pbx]]", "[pbx]"), "pbx: write [[pbx]], with two brackets"),
        (
            PBX.replace('"hq"', '"Head office"'),
            'pbx[0].name: write one word of letters, digits, "-"',
        ),
        ('[gateway]\ncountry = "ZZ"\n', "gateway.country: not a country; write its two letters"),
        (PBX + 'country = "Italia"\n', "pbx[0].country: not a country; write its two letters"),
    ],
)
def test_mistake_is_told_in_the_words_of_the_file(tmp_path: Path, text: str, told: str) -> None:
    """Regular expressions and names of Python types help nobody who writes TOML."""
    with pytest.raises(ConfigError) as caught:
        loading.load(write(tmp_path, text))
    assert told in str(caught.value)


def test_example_file_is_valid() -> None:
    """What we ask people to copy must load, secrets aside."""
    text = (Path(__file__).parents[3] / "config" / "filodiretto.example.toml").read_text("utf-8")
    path_free = text.replace('secret_file = "/etc/filodiretto/ami.secret"', 'secret = "Segreta-7"')
    assert loading.parse(tomllib.loads(path_free)).pbxs[0].kind == "asterisk"
