"""Where a call comes from, by the headers of an INVITE from a host we trust."""

import pytest

from adapters.sip.caller import caller_of
from adapters.sip.message import read
from gateway.core.provenance import Attestation, DiversionReason, Provenance

BASE = (
    "INVITE sip:hosted@192.0.2.1:5062 SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z\r\n"
    "To: <sip:+390299990000@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
)


def told(*lines: str, sender: str = "<sip:+39061@h>;tag=1") -> Provenance:
    """Return what an INVITE with these headers tells."""
    text = BASE + f"From: {sender}\r\n" + "".join(f"{line}\r\n" for line in lines)
    return caller_of(read((text + "\r\n").encode())).provenance


@pytest.mark.parametrize(
    ("lines", "attestation"),
    [
        (("P-Asserted-Identity: <tel:+39333;verstat=TN-Validation-Passed-A>",), Attestation.FULL),
        (("P-Asserted-Identity: <sip:+39333@h;verstat=TN-Validation-Passed-B>",), "partial"),
        (("P-Asserted-Identity: <sip:+39333@h>;verstat=tn-validation-passed-c",), "gateway"),
        (("P-Asserted-Identity: <tel:+39333;verstat=TN-Validation-Passed>",), "passed"),
        (
            (
                "P-Asserted-Identity: <tel:+39333;verstat=TN-Validation-Passed>",
                "p-attestation-indicator: A",
            ),
            "full",
        ),
        (("P-Asserted-Identity: <tel:+39333;verstat=TN-Validation-Failed-A>",), "failed"),
        (("P-Asserted-Identity: <tel:+39333;verstat=No-TN-Validation>",), None),
        (('P-Asserted-Identity: "verstat=TN-Validation-Passed-A" <tel:+39333>',), None),
        (("P-Attestation-Indicator: A",), None),
        (("Identity: eyJhbGciOiJFUzI1NiJ9.e30.x;info=<https://c.example/c.pem>",), None),
        ((), None),
    ],
)
def test_carrier_s_verdict_is_told_with_its_level(
    lines: tuple[str, ...], attestation: Attestation | None
) -> None:
    """A signature that nobody verified, and a name that says so itself, vouch for nothing."""
    assert told(*lines).attestation == attestation


def test_verdict_on_another_number_vouches_for_nothing_and_fails_all() -> None:
    """What is shown is the asserted number; From is what the caller likes."""
    passed = "<sip:+39061;verstat=TN-Validation-Passed-A@h;user=phone>;tag=1"
    assert told("P-Asserted-Identity: <tel:+39333>", sender=passed).attestation is None
    assert told(sender=passed).attestation is Attestation.FULL
    failed = passed.replace("Passed-A", "Failed")
    assert (
        told("P-Asserted-Identity: <tel:+39333>", sender=failed).attestation is Attestation.FAILED
    )


@pytest.mark.parametrize(
    ("line", "number", "reason"),
    [
        ("Diversion: <sip:+3902111@h>;reason=user-busy, <sip:+3902222@h>", "+3902111", "busy"),
        ('Diversion: <sip:+3902111@h>;reason="No-Answer"', "+3902111", "no_answer"),
        ("Diversion: <sip:+3902111@h>;reason=unconditional;privacy=full", "", "always"),
        ("Diversion: <sip:+3902111@h>", "+3902111", "other"),
        (
            "History-Info: <sip:+3902555@h>;index=1, <sip:x@h;cause=408>;index=1.1",
            "+3902555",
            "no_answer",
        ),
        ("History-Info: <sip:+3902555@h>;index=1", "", None),
    ],
)
def test_who_sent_the_call_on_and_why_is_told(
    line: str, number: str, reason: DiversionReason | None
) -> None:
    """The last one who diverted counts; who hides is not shown."""
    found = told(line)
    assert (found.diverted_from, found.diverted_reason) == (number, reason)
