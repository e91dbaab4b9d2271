"""SIP as it comes: the torture messages of RFC 4475, and what providers really send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sip.address import read_address
from adapters.sip.message import listed, read
from gateway.core.errors import PeerProtocolError

HEAD = "Via: SIP/2.0/UDP h;branch=z9\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\n"

# RFC 4475 section 3.1.1.1, "A Short Tortuous INVITE".
TORTUOUS = (
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    "Content-Length   : 150\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    "Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
    "  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n"
    " z9hG4bK30239\r\n"
    'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
    "  secondparam ; q = 0.33\r\n\r\nv=0\r\n"
)


def request(*lines: str, method: str = "INVITE") -> bytes:
    """Return a request with what every one must have, and these lines."""
    text = f"{method} sip:b@h SIP/2.0\r\n{HEAD}CSeq: 1 {method}\r\n"
    return (text + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


def test_tortuous_invite_is_read() -> None:
    """Folds, odd spelling and white space are all allowed, and the library reads none of them."""
    message = read(TORTUOUS.encode())
    assert message.method == "INVITE"
    assert message.call_id == "wsinv.ndaksdj@192.0.2.1"
    assert message.cseq == (9, "INVITE")
    sender = read_address(message.get("From"))
    assert (sender.display, sender.user, sender.tag) == ('J Rosenberg \\"', "jdrosen", "98asjd8")
    assert len(message.every("Via")) == 3
    assert message.branch == "390skdjuw"


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (
            "!interesting-Method0123456789_*+`.%indeed'~",
            "sip:1_unusual.URI~(to-be!sure)&isn't+it$/",
        ),
        ("RE%47IST%45R", "sip:registrar.example.com"),
        ("INVITE", "nobodyKnowsThisScheme:totallyopaquecontent"),
    ],
)
def test_unusual_methods_and_targets_are_read(method: str, target: str) -> None:
    """RFC 4475 sections 3.1.1.2, 3.1.1.5 and 3.4: strange, and to be answered, not dropped."""
    data = f"{method} {target} SIP/2.0\r\n{HEAD}CSeq: 1 {method}\r\n\r\n".encode()
    assert (read(data).method, read(data).target) == (method, target)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\0" * 40,
        b"INVITE sip:a@h\r\n\r\n",
        b"INVITE sip:a@h SIP/7.0\r\n" + HEAD.encode() + b"CSeq: 1 INVITE\r\n\r\n",
        request().replace(b"From: <sip:a@h>;tag=1\r\n", b""),
        request().replace(b"Call-ID: c\r\n", b""),
        request().replace(b"CSeq: 1 INVITE", b"CSeq: 1 OPTIONS"),
        request().replace(b"CSeq: 1 ", b"CSeq: 36893488147419103232 "),
        b"SIP/2.0 4294967301 better not break the receiver\r\n"
        + HEAD.encode()
        + b"CSeq: 1 A\r\n\r\n",
        b"\r\n".join([b"INVITE sip:a@h SIP/2.0", *[b"X: y"] * 300, b"", b""]),
        request("X: " + "y" * 70_000),
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """RFC 4475 section 3.1.2 and what floods bring: an error of ours, never another one."""
    with pytest.raises(PeerProtocolError):
        read(data)


def test_compact_and_latin_1_headers_are_read() -> None:
    """Providers send both, and the library loses such calls (RELIABILITY, D9)."""
    data = (
        "INVITE sip:b@h SIP/2.0\nv: SIP/2.0/UDP h;branch=z\n"
        "f: Niccolò <sip:39@h>;tag=1\nt: <sip:b@h>\ni: 9\nCSEQ: 1 INVITE\n\n"
    ).encode("latin-1")
    sender = read_address(read(data).get("From"))
    assert (sender.display, sender.user) == ("Niccolò", "39")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Whatever comes to the port, only our own error may come of it."""
    for whole in (data, b"INVITE sip:a SIP/2.0\r\n" + data, request() + data):
        try:
            message = read(whole)
        except PeerProtocolError:
            continue
        read_address(message.get("From"))
        assert message.call_id


@pytest.mark.parametrize(
    ("value", "scheme", "user", "display"),
    [
        (
            '"Rossi, Mario: \\"Presidente\\"" <sip:+39061@h>;tag=1',
            "sip",
            "+39061",
            'Rossi, Mario: "Presidente"',
        ),
        ("<tel:+39-06-123;verstat=TN-Validation-Passed>", "tel", "+3906123", ""),
        ("sips:anna@h;tag=1", "sips", "anna", ""),
        ("<sip:+390212;npdi;phone-context=+39@h;user=phone>", "sip", "+390212", ""),
        ("<sip:%2B3902@h>", "sip", "+3902", ""),
        ("<sip:anna:secret@h>", "sip", "anna", ""),
        ("<sip:gateway.example.com>", "sip", "", ""),
        ("nonsense", "", "", ""),
        ('"open <sip:a@h', "", "", "open <sip:a@h"),
    ],
)
def test_addresses_are_taken_apart(value: str, scheme: str, user: str, display: str) -> None:
    """A colon in a name, a tel: URI, parameters in the number: all were lost by the library."""
    address = read_address(value)
    assert (address.scheme, address.user, address.display) == (scheme, user, display)


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    """Several P-Asserted-Identities may stand in one line (RFC 3325)."""
    assert listed('"a, \\"b" <sip:c,d@e>, <tel:+1>') == ('"a, \\"b" <sip:c,d@e>', "<tel:+1>")
