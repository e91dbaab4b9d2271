"""Where a call comes from, as a dialplan tells it."""

from datetime import UTC, datetime

import pytest
from support.recorded import settings

from adapters.asterisk.codec import Frame
from adapters.asterisk.provenance import provenance_of
from adapters.asterisk.translate import Translator
from gateway.core.noting import NoteLeft
from gateway.core.provenance import Attestation, DiversionReason, Provenance, ProvenanceTold

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def event(**said: str) -> Frame:
    """Return an event of ours with these parts, in this order."""
    headers = {"UserEvent": "Filodiretto", "Channel": "PJSIP/carrier-1", "Uniqueid": "1.1"}
    lines = [f"{key}: {value}" for key, value in (headers | {"Linkedid": "1.1"} | said).items()]
    return Frame("UserEvent", "\r\n".join(["Event: UserEvent", *lines]).encode(), 0)


@pytest.mark.parametrize(
    ("said", "attestation"),
    [
        ({"Verstat": "TN-Validation-Passed-B"}, Attestation.PARTIAL),
        ({"Verstat": "TN-Validation-Passed"}, Attestation.PASSED),
        ({"Verstat": "TN-Validation-Passed", "Attestation": "A"}, Attestation.FULL),
        ({"Verstat": "TN-Validation-Failed"}, Attestation.FAILED),
        ({"Verstat": "No-TN-Validation"}, None),
        ({"Verification": "Success", "Attestation": "A"}, Attestation.FULL),
        ({"Verification": "Verification passed", "Attestation": "C"}, Attestation.GATEWAY),
        ({"Verification": "Verification mismatch", "Attestation": "A"}, Attestation.FAILED),
        ({"Verification": "cid_orig_tn_mismatch", "Attestation": "A"}, Attestation.FAILED),
        ({"Verification": "cert_retrieval_failure", "Attestation": "A"}, None),
        ({"Verification": "", "Attestation": "A"}, None),
    ],
)
def test_attestation_is_what_was_verified(
    said: dict[str, str], attestation: Attestation | None
) -> None:
    """A level that nobody verified is a claim of the caller's own carrier, or of the caller."""
    found = provenance_of(event(**said))
    assert found is not None
    assert found.attestation is attestation


@pytest.mark.parametrize(
    ("said", "number", "reason"),
    [
        ({"DivertedFrom": "0299991001", "DivertedReason": "cfb"}, "0299991001", "busy"),
        ({"DivertedFrom": "0299991001", "DivertedReason": '"user-busy"'}, "0299991001", "busy"),
        ({"DivertedFrom": "0299991001", "DivertedReason": "unknown"}, "0299991001", "other"),
        ({"DivertedFrom": "", "DivertedReason": "cfu"}, "", "always"),
        ({"DivertedFrom": "", "DivertedReason": "unknown"}, "", None),
    ],
)
def test_diversion_is_what_redirecting_says(
    said: dict[str, str], number: str, reason: DiversionReason | None
) -> None:
    """Asterisk says `unknown` also of a call that nobody diverted."""
    found = provenance_of(event(**said))
    assert found is not None
    assert (found.diverted_from, found.diverted_reason) == (number, reason)


def test_event_that_speaks_of_the_origin_alone_takes_no_note_back() -> None:
    """A dialplan says both, at different places; an empty note is one taken back."""
    translator = Translator(settings())
    told = translator.translate(event(Verstat="", DivertedFrom=""), NOON)
    assert isinstance(told[-1], ProvenanceTold)
    assert told[-1].provenance == Provenance()
    assert not any(isinstance(one, NoteLeft) for one in told)
    both = translator.translate(event(Reason="Code 4711", Verstat="TN-Validation-Failed"), NOON)
    assert [type(one) for one in both[-2:]] == [ProvenanceTold, NoteLeft]
    assert provenance_of(event(Reason="Code 4711")) is None
