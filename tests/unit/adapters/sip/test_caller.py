"""Who calls, and who was called, by the headers of an INVITE from a host we trust."""

import pytest

from adapters.sip.caller import CallerSource, caller_of
from adapters.sip.message import SipMessage, read

BASE = (
    "INVITE sip:hosted@192.0.2.1:5062 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\n"
    "To: <sip:+390299990000@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
)


def invite(*lines: str, sender: str = '"Anna" <sip:+39061@h>;tag=1') -> SipMessage:
    """Return an INVITE with these headers."""
    return read(
        (BASE + f"From: {sender}\r\n" + "".join(f"{x}\r\n" for x in lines) + "\r\n").encode()
    )


def test_asserted_number_goes_before_from() -> None:
    """The provider vouches for P-Asserted-Identity; From is what the caller's PBX likes."""
    message = invite("P-Asserted-Identity: <sip:abc@h>, <tel:+39333>")
    assert caller_of(message).number == "+39333"
    assert caller_of(message, source=CallerSource.FROM).number == "+39061"


def test_remote_party_stands_in_where_nothing_is_asserted() -> None:
    """Older equipment sends Remote-Party-ID, also for the one called, whom we do not mean."""
    message = invite(
        "Remote-Party-ID: <sip:+3902@h>;party=called",
        "Remote-Party-ID: <sip:+39348@h>;party=calling;privacy=full",
    )
    caller = caller_of(message)
    assert (caller.number, caller.withheld) == ("+39348", True)


@pytest.mark.parametrize(
    ("lines", "sender", "number"),
    [
        (
            ("Privacy: id", "P-Asserted-Identity: <tel:+39333>"),
            '"Anonymous" <sip:a@h>;tag=1',
            "+39333",
        ),
        ((), '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1', ""),
        (("Privacy: user;critical",), "<sip:+39061@h>;tag=1", "+39061"),
    ],
)
def test_withheld_number_is_marked(lines: tuple[str, ...], sender: str, number: str) -> None:
    """RFC 3323: who asks for privacy is not shown, whether or not the trunk tells the number."""
    caller = caller_of(invite(*lines, sender=sender))
    assert (caller.withheld, caller.number) == (True, number)


def test_privacy_none_withholds_nothing() -> None:
    """`Privacy: none` is an explicit wish to be shown."""
    assert not caller_of(invite("Privacy: none")).withheld


def test_number_dialled_first_is_the_one_called() -> None:
    """Which of our numbers was called decides the line: not the account that rings in the end."""
    assert caller_of(invite(), account="hosted").called == "+390299990000"
    diverted = invite("Diversion: <sip:+3902111@h>;reason=no-answer, <sip:+3902222@h>")
    assert caller_of(diverted).called == "+3902222"
    history = invite("History-Info: <sip:+3902555@h>;index=1, <sip:x@h;cause=408>;index=1.1")
    assert caller_of(history).called == "+3902555"
    assert caller_of(invite("P-Called-Party-ID: <sip:+39027@h>")).called == "+39027"
