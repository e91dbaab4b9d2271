"""A telephone system that is no Asterisk rings our account beside a phone: Kamailio, and SIPp."""

import asyncio

import pytest
from support.hosted import HostedPbx
from support.sip_trunk import following

from gateway.core.record import EndKind, Outcome

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
ACCOUNT = {"username": "hosted", "secret": "hosted-secret", "rings": ["201"]}
FIRST, SECOND = "+393331234567", "+390612345678"


@pytest.mark.usefixtures("kamailio")
async def test_calls_of_a_forking_proxy_end_as_they_ended() -> None:
    """Answered at the phone; then two at once, one given up, one rung out. Nobody else tells."""
    async with (
        HostedPbx(ring_s=3) as pbx,
        following(pbx.place, {"gives_up_s": 3, **ACCOUNT}) as told,
    ):
        await told.up()
        await asyncio.gather(pbx.phone(), pbx.call("talks", FIRST))
        await told.until(lambda: len(told.records) == 1)
        await asyncio.gather(pbx.call("gives_up", FIRST), pbx.call("waits", SECOND))
        await told.until(lambda: len(told.records) == 3)
    answered, *others = told.records
    assert (answered.outcome, answered.end) == (Outcome.ANSWERED, EndKind.UNSEEN)
    assert (answered.answered_by, answered.caller.e164) == ("201", FIRST)
    assert {one.caller.e164: one.outcome for one in others} == {
        FIRST: Outcome.ABANDONED,
        SECOND: Outcome.MISSED,
    }
    assert all(one.complete for one in others)


@pytest.mark.usefixtures("kamailio")
async def test_proxy_that_never_says_why_needs_the_setting() -> None:
    """Without RFC 3326 an answered call is taken back as one that was given up."""
    async with (
        HostedPbx(says_why=False) as pbx,
        following(pbx.place, {"plain_cancel": "answered", **ACCOUNT}) as told,
    ):
        await told.up()
        await asyncio.gather(pbx.phone(), pbx.call("talks", FIRST))
        await told.until(lambda: len(told.records) == 1)
    assert [one.outcome for one in told.records] == [Outcome.ANSWERED]
