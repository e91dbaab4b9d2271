"""One `[[pbx]]` table: what is refused, and in which words."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.asterisk.settings import AsteriskSettings, PresentationSource
from gateway.core.errors import ConfigError

GOOD = {"name": "hq", "host": "127.0.0.1", "username": "filodiretto", "secret": "s3cret"}


def settings(**changes: object) -> AsteriskSettings:
    """Return good settings with changes; None removes a key."""
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return AsteriskSettings.model_validate(table)


def test_defaults_are_those_of_the_public_contract() -> None:
    """DESIGN section 5 promises them."""
    pbx = settings()
    assert (pbx.port, pbx.tls, pbx.allow_plain) == (5038, False, False)
    assert pbx.presentation is PresentationSource.TRUST
    assert pbx.ivr_contexts == ("ivr", "ivr-*")
    found = pbx.extensions.match("PJSIP/201")
    assert found is not None
    assert found.group(1) == "201"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": "10.0.0.5"}, "tls = true"),
        ({"host": "pbx.example"}, "tls = true"),
        ({"secret": "CHANGE_ME"}, "placeholder"),
        ({"username": "CHANGE_ME"}, "placeholder"),
        ({"host": "CHANGE_ME"}, "placeholder"),
        ({"secret": None}, "exactly one"),
        ({"secret_file": "/x"}, "exactly one"),
        ({"secret": ""}, "at least 1"),
        ({"hots": "x"}, "Extra inputs"),
        ({"extensions": "^PJSIP/"}, "group"),
        ({"extensions": "("}, "regular expression"),
        ({"port": 0}, "greater than"),
        ({"name": "a:b"}, "pattern"),
        ({"country": "Italy"}, "pattern"),
        ({"control": {"username": "c"}}, "exactly one"),
        ({"cdr": {"table": "cdr"}}, "exactly one"),
        ({"cel": {"url": "mysql://x", "table": "cel; drop"}}, "pattern"),
        ({"presentation": "ask"}, "getvar"),
        ({"link": {"ping_interval_s": 0}}, "greater than"),
    ],
)
def test_mistake_is_refused_with_its_cause(changes: dict[str, object], words: str) -> None:
    """An administrator reads the message, not the model."""
    with pytest.raises(ValidationError) as caught:
        settings(**changes)
    assert words in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_plain_ami_is_fine_on_this_machine(host: str) -> None:
    """There is nobody in between."""
    assert settings(host=host).host == host


def test_plain_ami_to_another_machine_needs_to_be_wanted_or_encrypted() -> None:
    """A site with a network of its own may decide so."""
    assert settings(host="10.0.0.5", allow_plain=True).allow_plain
    assert settings(host="10.0.0.5", tls=True, port=5039).tls


def test_secret_is_never_shown() -> None:
    """Settings end up in tracebacks and logs."""
    pbx = settings(control={"username": "c", "secret": "other"}, cdr={"url": "mysql://u:pw@h/d"})
    shown = repr(pbx) + str(pbx) + str(pbx.model_dump())
    assert not any(secret in shown for secret in ("s3cret", "other", "pw@"))
    with pytest.raises(ValidationError) as caught:
        settings(host="10.0.0.5")
    assert "s3cret" not in str(caught.value)


def test_password_is_read_from_its_file_each_time(tmp_path: Path) -> None:
    """A changed password must not need a restart."""
    file = tmp_path / "secret"
    pbx = settings(secret=None, secret_file=str(file))
    file.write_text("one\n", encoding="utf-8")
    assert pbx.password() == "one"
    file.write_text(" two words \r\n", encoding="utf-8")
    assert pbx.password() == " two words "


@pytest.mark.parametrize("content", [None, "", "\n", "CHANGE_ME\n", b"\xff\xfe"])
def test_password_file_that_cannot_be_used_names_itself(
    tmp_path: Path, content: str | bytes | None
) -> None:
    """The message must say which file, and what to do."""
    file = tmp_path / "secret"
    if isinstance(content, str):
        file.write_text(content, encoding="utf-8")
    elif content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        settings(secret=None, secret_file=str(file)).password()
    assert str(file) in caught.value.message
    assert caught.value.remedy


def test_settings_cannot_be_changed() -> None:
    """What was validated is what runs."""
    with pytest.raises(ValidationError):
        settings().port = 1  # type: ignore[misc]  # that is the point
