"""Systems that ask us to place calls: proved by their secret, read by their own fields."""

import base64
import hashlib
import hmac
from typing import Any

import pytest

from gateway.desk.inbound import Asked, Door, Fields, Proof, value_of

SECRET = "a-secret-of-the-crm"


def asked(
    fields: Fields | None = None,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: bytes = b"",
) -> Asked:
    """Return a request."""
    return Asked(headers=headers or {}, query=query or {}, fields=fields or {}, body=body)


def signed(body: bytes) -> bytes:
    """Return the signature of a body."""
    return hmac.digest(SECRET.encode(), body, hashlib.sha256)


@pytest.mark.parametrize(
    ("door", "good", "bad"),
    [
        (
            {"proof": Proof.HEADER, "prefix": "Bearer "},
            asked(headers={"authorization": f"Bearer {SECRET}"}),
            asked(headers={"authorization": SECRET}),
        ),
        (
            {"proof": Proof.QUERY, "proof_name": "secret"},
            asked(query={"secret": SECRET}),
            asked({"secret": SECRET}),
        ),
        (
            {"proof": Proof.FIELD, "proof_name": "auth.token"},
            asked({"auth": {"token": SECRET}}),
            asked({"auth": {"token": SECRET + "x"}}),
        ),
        (
            {"proof": Proof.FIELD, "proof_name": "auth[token]"},
            asked({"auth[token]": SECRET}),
            asked(query={"auth[token]": SECRET}),
        ),
        (
            {"proof": Proof.HMAC, "proof_name": "X-Signature", "prefix": "sha256="},
            asked(headers={"x-signature": "sha256=" + signed(b"{}").hex()}, body=b"{}"),
            asked(headers={"x-signature": "sha256=" + signed(b"{}").hex()}, body=b"{ }"),
        ),
        (
            {"proof": Proof.HMAC, "proof_name": "X-Signature", "encoding": "base64"},
            asked(headers={"x-signature": base64.b64encode(signed(b"x")).decode()}, body=b"x"),
            asked(headers={"x-signature": "no signature é"}, body=b"x"),
        ),
    ],
)
def test_only_whoever_knows_the_secret_is_let_in(
    door: dict[str, Any], good: Asked, bad: Asked
) -> None:
    """Each way that CRMs have to prove themselves; nothing at all never does."""
    one = Door(name="crm", secret=SECRET, **door)
    assert one.lets_in(good)
    assert not one.lets_in(bad)
    assert not one.lets_in(asked())


def test_fields_are_found_by_name_and_by_path_and_cut_to_what_they_may_be() -> None:
    """Forms have names with brackets in them, JSON has objects in objects."""
    fields: dict[str, object] = {
        "data[PHONE]": "1",
        "a": {"b": [{"c": 39}]},
        "yes": True,
        "long": "9" * 201,
        "blank": " ",
    }
    assert value_of(fields, "data[PHONE]") == "1"
    assert value_of(fields, "a.b.0.c") == "39"
    missing = ("yes", "long", "blank", "a.b", "a.b.7.c", "a.b.x.c", "a.b.0.c.d", "")
    assert [value_of(fields, name) for name in missing] == [None] * len(missing)


def test_user_of_the_crm_becomes_a_phone_of_ours() -> None:
    """The table names them; whoever is not in it is taken for a login or an extension."""
    door = Door(name="crm", secret=SECRET, number="to", user="who", users={"42": "1001"}, key="id")
    wish = door.wish(asked({"to": "+39061", "who": "42", "id": "r-1"}))
    assert wish is not None
    assert (wish.number, wish.user, wish.key) == ("+39061", "1001", "r-1")
    other = door.wish(asked({"to": "+39061"}, query={"who": "anna"}))
    assert other is not None
    assert (other.user, other.key) == ("anna", "")
    assert door.wish(asked({"to": "+39061"})) is None


def test_request_about_something_else_is_passed_over() -> None:
    """Some CRMs send every event to one address."""
    door = Door(name="crm", secret=SECRET, only_if={"event": "ONEXTERNALCALLSTART"})
    assert door.concerns(asked({"event": "ONEXTERNALCALLSTART"}))
    assert not door.concerns(asked({"event": "ONTASKADD"}))
    assert not door.concerns(asked())
