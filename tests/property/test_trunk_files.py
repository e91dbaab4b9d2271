"""What a form holds is what Asterisk reads: no value becomes a comment, a section or a line."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.trunkforms import conf
from adapters.asterisk.trunkforms.fields import described
from adapters.asterisk.trunkforms.form import TrunkForm, read_form
from adapters.asterisk.trunkforms.pjsip import sections_of
from adapters.asterisk.trunkforms.providers import GENERIC, provider_of
from adapters.asterisk.trunkforms.render import rendered
from gateway.core.errors import UsageError
from gateway.core.trunkforms import FieldKind, FormError

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOSTS = st.one_of(
    st.lists(LABEL, min_size=1, max_size=4).map(".".join),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
NETWORKS = st.one_of(
    HOSTS, st.tuples(st.ip_addresses(v=4), st.integers(8, 32)).map("%s/%s".__mod__)
)
USERS = st.from_regex(r"[A-Za-z0-9+_.~*!'=%-]{1,40}", fullmatch=True)
NUMBERS = st.from_regex(r"\+?[0-9]{2,20}", fullmatch=True)
HOSTILE = st.text(alphabet=";[]#$(){}\n\r\x00 \\=>,incude a1\u2028", min_size=1, max_size=30)
SECRETS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    min_size=1,
    max_size=60,
).filter(lambda text: text == text.strip())
FORMS = st.fixed_dictionaries(
    {"name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)}
    | {"registrar": HOSTS, "username": USERS},
    optional={
        "port": st.integers(0, 65535),
        "admission": st.sampled_from(["registration", "address"]),
        "transport": st.sampled_from(["udp", "tcp", "tls"]),
        "outbound_proxy": st.one_of(
            HOSTS, st.tuples(LABEL, st.integers(1, 65535)).map("%s:%s".__mod__)
        ),
        "auth_user": USERS,
        "dids": st.lists(NUMBERS, max_size=5, unique=True).map(tuple),
        "match": st.lists(NETWORKS, max_size=5).map(tuple),
        "from_user": USERS,
        "from_domain": HOSTS,
        "max_channels": st.integers(0, 10_000),
        "own_transport": st.booleans(),
        "local_net": st.lists(st.ip_addresses(v=4).map(str), max_size=3).map(tuple),
        "behind_nat": st.booleans(),
        "t38": st.booleans(),
    },
)


@given(values=FORMS, secret=SECRETS)
def test_rendered_file_read_back_has_exactly_the_values_of_the_form(
    values: dict[str, Any], secret: str
) -> None:
    """A semicolon of an address or a password must not cut what follows it."""
    form = read_form(values)
    text = rendered(form, provider_of(GENERIC), secret=secret).files[0].text
    assert conf.parse(text) == sections_of(form, secret)
    auth = next(section for section in conf.parse(text) if section.type == "auth")
    assert auth.all("password") == (secret,)
    assert dict(auth.options)["username"] == (form.auth_user or form.username)


def _shape(form: TrunkForm) -> list[str]:
    """Return what the lines of both files are, their values aside."""
    files = rendered(form, provider_of(GENERIC)).files
    return [re.sub(r"(=|=>) .*", r"\1", line) for file in files for line in file.text.splitlines()]


@given(field=st.sampled_from(sorted(described())), text=HOSTILE)
def test_hostile_value_is_refused_or_adds_no_line(field: str, text: str) -> None:
    """`#include`, a bracket or a line end in a value must never be Asterisk's to read."""
    one = described()[field].field
    value: Any = (text,) if one.kind is FieldKind.LIST else text
    plain = {"name": "plain", "registrar": "sip.example", "username": "u", "target": "in,1,1"}
    try:
        form = read_form({**plain, field: value})
    except FormError:
        return
    for file in rendered(form, provider_of(GENERIC)).files:
        for line in file.text.splitlines():
            assert not line.lstrip().startswith("#")
    headers = [line for line in _shape(form) if line.startswith("[")]
    assert len(headers) == len([line for line in _shape(read_form(plain)) if line.startswith("[")])


@given(secret=st.text(max_size=20))
def test_password_that_no_line_can_hold_is_refused(secret: str) -> None:
    """Asterisk would read another password than the one that was given."""
    form = read_form({"name": "plain", "registrar": "sip.example", "username": "u"})
    try:
        text = rendered(form, provider_of(GENERIC), secret=secret).files[0].text
    except UsageError:
        return
    assert conf.parse(text) == sections_of(form, secret)


@given(text=st.text(alphabet=";[]()=>#!+-\\ab,\n ", max_size=200))
def test_any_file_of_an_administrator_is_read_without_an_error(text: str) -> None:
    """Files to compare with come from people."""
    for section in conf.parse(text):
        assert section.type


@pytest.mark.parametrize("secret", ["a\nb", " a", "a ", "", "a" * 257])
def test_password_with_line_end_or_outer_space_is_named(secret: str) -> None:
    """It is the administrator who must hear of it, not Asterisk."""
    form = read_form({"name": "plain", "registrar": "sip.example", "username": "u"})
    with pytest.raises(UsageError):
        rendered(form, provider_of(GENERIC), secret=secret)
