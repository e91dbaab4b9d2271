"""The form: what is refused and why, and that every field is explained in both languages."""

from dataclasses import fields

import pytest

from adapters.asterisk.trunkforms.fields import described
from adapters.asterisk.trunkforms.form import TrunkForm, read_form
from adapters.asterisk.trunkforms.providers import filled, providers
from adapters.asterisk.trunkforms.rules import RULES
from gateway.core.trunkforms import FieldKind, FieldValue, FormError

PLAIN: dict[str, FieldValue] = {"name": "p", "registrar": "sip.example", "username": "u"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("registrar", "sip.example\n#include /etc/passwd", "line end"),
        ("registrar", "sip:sip.example", "without sip:"),
        ("registrar", "sip.example;lr", "semicolon"),
        ("name", "[general]", "square bracket"),
        ("username", "#exec rm", "begins with #"),
        ("caller_id", "${SHELL(id)}", "dollar sign"),
        ("target", "in,1,1)\nexten", "line end"),
        ("target", "System(rm)", "must be a place in the dialplan"),
        ("port", 70_000, "from 0 to 65535"),
        ("port", True, "whole number"),
        ("port", "5060", "whole number"),
        ("codecs", ("alaw", "mp3"), "must be one of"),
        ("codecs", (), "is missing"),
        ("codecs", ("alaw", "alaw"), "twice"),
        ("dids", ("+39 02",), "in digits"),
        ("dids", "+3902", "must be a list"),
        ("match", ("192.0.2.0/33",), "must be an address"),
        ("local_net", ("office",), "network like"),
        ("t38", "yes", "true or false"),
        ("outbound_context", "from-trunk", "at your cost"),
        ("username", "", "is missing"),
        ("did_source", "from", "must be one of"),
        ("secret", "hidden", "placeholder"),
        ("colour", "red", "no field"),
    ],
)
def test_value_that_cannot_be_is_refused_with_its_reason(
    field: str, value: FieldValue, words: str
) -> None:
    """Who fills in the form must learn which field is wrong, and why, without the value in it."""
    with pytest.raises(FormError) as caught:
        read_form({**PLAIN, field: value})
    assert {mistake.field for mistake in caught.value.mistakes} == {field}
    assert words in caught.value.mistakes[0].cause.en
    assert caught.value.mistakes[0].cause.it
    assert "hidden" not in str(caught.value)


def test_every_field_of_the_form_is_explained_in_both_languages() -> None:
    """A field that nobody explains is one that everybody guesses."""
    known = described()
    assert list(known) != []
    assert {one.name for one in fields(TrunkForm)} == set(known)
    for one in known.values():
        for words in (one.field.label, one.field.what, one.field.when, one.field.otherwise):
            assert words.en
            assert words.it
        assert one.field.what.en != one.field.what.it
        if one.field.kind in {FieldKind.TEXT, FieldKind.LIST} and not one.field.choices:
            assert one.rule in RULES
        if one.field.kind is FieldKind.NUMBER:
            assert one.field.most is not None


@pytest.mark.parametrize("name", providers())
def test_template_makes_a_valid_form_with_what_the_customer_adds(name: str) -> None:
    """A template that cannot be rendered helps nobody; each says where its facts come from."""
    provider = providers()[name]
    known: dict[str, FieldValue] = {
        "name": "p",
        "registrar": "sip.example",
        "username": "u",
        "contact_user": "u",
        "from_user": "u",
        "match": ("192.0.2.1",),
        "caller_id": "+390299991001",
        "from_domain": "sip.example",
        "outbound_proxy": "proxy.example",
        "dids": ("+390299991001",),
    }
    form = read_form(filled(provider, {field: known[field] for field in provider.asks}))
    assert form.admission is provider.admission
    assert not set(provider.asks) & set(provider.values)
    assert provider.sources or name.startswith("generic-")
    assert not provider.tried
    assert all(source.startswith("https://") for source in provider.sources)
