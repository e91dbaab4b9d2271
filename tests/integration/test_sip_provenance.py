"""Where a call comes from, by an INVITE that really arrives at a SIP account."""

import pytest
from support.sip_registrar import SipRegistrar
from support.sip_trunk import following

from gateway.core.inputs import ChannelCreated
from gateway.core.provenance import Attestation, DiversionReason, Provenance, ProvenanceTold

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]
INVITE = (
    b"INVITE sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\n"
    b"From: <sip:+39061@h>;tag=1\r\nTo: <sip:us@h>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n"
    b"P-Asserted-Identity: <sip:+390612345678@h;verstat=TN-Validation-Passed-A;user=phone>\r\n"
    b"Diversion: <sip:+390299991001@h>;reason=user-busy;counter=1\r\n\r\n"
)


async def test_verdict_and_diversion_of_an_invite_come_through_the_child() -> None:
    """What the headers say stays what it was on its way through two processes."""
    async with SipRegistrar() as registrar, following(registrar.registrar) as told:
        await told.up()
        registrar.send(INVITE)
        await told.until(lambda: told.count(ProvenanceTold) == 1)
        kinds = [type(item) for item in told.inputs]
        assert kinds.index(ChannelCreated) < kinds.index(ProvenanceTold)
        (found,) = (item for item in told.inputs if isinstance(item, ProvenanceTold))
    assert found.provenance == Provenance(
        attestation=Attestation.FULL,
        diverted_from="+390299991001",
        diverted_reason=DiversionReason.BUSY,
    )
