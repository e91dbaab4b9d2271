"""The torture messages of RFC 4475 and 5118, as they go through the gate and the calls."""

import pytest
from support.sip_torture import ANSWERED, VALID, invite, message

from adapters.sip.caller import caller_of
from adapters.sip.front import Front, networks, response
from adapters.sip.message import SipMessage, read
from adapters.sip.ringing import Answer, Calls, Rings
from gateway.core.errors import PeerProtocolError

HOST = ("192.0.2.7", 5060)
RINGS = 180


def through(data: bytes) -> list[object]:
    """Return what becomes of a datagram: what is answered, and whether it rings."""
    front = Front(networks(["192.0.2.0/24"]), lambda: "t")
    admitted = front.admit(data, HOST, 0)
    if admitted is None:
        assert sum(front.dropped.values()) == 1, "lost without being counted"
        return []
    if isinstance(admitted, Answer):
        return [admitted]
    return [*Calls(lambda: "t").request(admitted, HOST, 0)]


@pytest.mark.parametrize(("data"), [data for _, data in VALID], ids=[name for name, _ in VALID])
def test_valid_or_harmless_invite_rings(data: bytes) -> None:
    """Whoever sends it is a customer who calls; our 180 is well formed, and a caller is read."""
    said = through(data)
    assert [type(one) for one in said] == [Answer, Rings]
    answer, rings = said
    assert isinstance(answer, Answer)
    assert isinstance(rings, Rings)
    sent = read(response(answer, contact="sip:us@192.0.2.1:5062"))
    assert (sent.status, sent.call_id, sent.cseq) == (RINGS, "torture.0ha0isndaksdj", (8, "INVITE"))
    assert sent.every("Via")[0].partition(";")[0] == rings.invite.every("Via")[0].partition(";")[0]
    caller_of(rings.invite)


@pytest.mark.parametrize(
    ("data", "status"),
    [(data, status) for _, data, status in ANSWERED],
    ids=[name for name, _, _ in ANSWERED],
)
def test_other_requests_get_the_answer_the_standard_names(data: bytes, status: int) -> None:
    """An answer tells the sender what is wrong, and lets him send it otherwise."""
    answers = [one for one in through(data) if isinstance(one, Answer)]
    assert [one.status for one in answers] == ([status] if status else [])
    for one in answers:
        written = response(one, contact="sip:us@192.0.2.1:5062")
        assert written.startswith(f"SIP/2.0 {status} ".encode())
        assert b": \r\n" not in written, "a header that was not there is made up"


def test_refused_extensions_are_named() -> None:
    """RFC 3261 8.2.2.3: the sender leaves away what is listed, and calls again."""
    required = invite("Require: 100rel, timer, gin")
    (answer,) = through(required)
    assert isinstance(answer, Answer)
    assert answer.headers == (("Unsupported", "100rel"), ("Unsupported", "gin"))


@pytest.mark.parametrize(
    ("name", "first", "good"),
    [
        ("3.1.1.12 unusual reason phrase", "SIP/2.0 200 = 2**3 * 5**2 но сто девяносто", True),
        ("3.1.1.13 empty reason phrase", "SIP/2.0 100 ", True),
        ("3.1.2.5 and 3.1.2.19 overlarge code", "SIP/2.0 4294967301 better not break", False),
        ("a code of letters", "SIP/2.0 ABC x", False),
    ],
)
def test_responses_are_read_or_refused(name: str, first: str, good: bool) -> None:  # noqa: FBT001
    """Only answers to what we asked are used later: here nothing may break."""
    data = message("REGISTER sip:h SIP/2.0").replace(b"REGISTER sip:h SIP/2.0", first.encode())
    try:
        found: SipMessage | None = read(data)
    except PeerProtocolError:
        found = None
    assert (found is not None) is good, name


def test_broken_name_still_shows_who_calls() -> None:
    """What comes after the break is skipped: the asserted number is not."""
    data = invite(
        'From: "Mario\r\nRossi" <sip:+39061@example.net>;tag=1',
        "P-Asserted-Identity: <tel:+39061>",
    )
    assert caller_of(read(data)).number == "+39061"
