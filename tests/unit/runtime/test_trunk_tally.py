"""Calls through trunks are counted from what the call table hears anyway."""

from datetime import UTC, datetime
from itertools import count

import pytest

from gateway.core.elsewhere import TakenElsewhere
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelState,
    ChannelStateChanged,
    Identity,
    LinkDown,
    PbxRestarted,
    Snapshot,
    SnapshotChannel,
)
from gateway.core.mystery import CHANNEL_PREFIX
from gateway.runtime.trunk_tally import Tally

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARRIER = Identity(name="PJSIP/carrier-1", kind=ChannelKind.TRUNK, party="carrier")
PHONE = Identity(name="PJSIP/1001-1", kind=ChannelKind.EXTENSION, party="1001")
seqs = count(1)


@pytest.fixture
def tally() -> Tally:
    """Give a tally that nobody listens to."""
    return Tally(lambda _trunk: None)


def made(channel: str, *, linkedid: str = "", identity: Identity = CARRIER) -> ChannelCreated:
    """Return a channel that begins; without `linkedid` it is the call's first."""
    return ChannelCreated(
        at=NOON,
        seq=next(seqs),
        channel=channel,
        linkedid=linkedid or channel,
        identity=identity,
        state=ChannelState.RING if not linkedid else ChannelState.DOWN,
    )


def ended(channel: str, cause: int, code: int | None = None) -> ChannelHungUp:
    """Return a channel's end."""
    return ChannelHungUp(at=NOON, seq=next(seqs), channel=channel, cause=cause, tech_cause=code)


def listed(*channels: str, after: int = 0) -> Snapshot:
    """Return a list of what is up."""
    return Snapshot(
        at=NOON,
        requested_seq=after,
        channels=tuple(
            SnapshotChannel(
                channel=one, linkedid=one, identity=CARRIER, state=ChannelState.UP, number=""
            )
            for one in channels
        ),
    )


def test_calls_both_ways_are_counted_and_phones_are_not(tally: Tally) -> None:
    """Channels at once, the most of them, and who called whom."""
    tally.hear(made("1"))
    tally.hear(made("2", identity=PHONE))
    tally.hear(made("3", linkedid="2"))
    carrier = tally.count("carrier")
    assert (carrier.now, carrier.most, carrier.calls, carrier.inbound) == (2, 2, 2, 1)
    tally.hear(ended("1", 16))
    tally.hear(ended("1", 16))
    taken = carrier.taken()
    assert (taken.now, taken.most, taken.calls, taken.failed) == (1, 2, 2, 0)
    assert (carrier.now, carrier.most, carrier.calls) == (1, 1, 0)
    assert list(tally.trunks()) == ["carrier"]


@pytest.mark.parametrize(
    ("cause", "code", "failed"),
    [
        (21, 403, True),
        (34, 503, True),
        (38, None, True),
        (17, 486, False),
        (1, 404, False),
        (19, None, False),
        (16, 200, False),
    ],
)
def test_only_the_trunks_own_failures_count(
    tally: Tally,
    cause: int,
    code: int | None,
    failed: bool,  # noqa: FBT001 - a table
) -> None:
    """A busy customer, or a number that does not exist, says nothing of the trunk."""
    tally.hear(made("2", linkedid="1"))
    tally.hear(ended("2", cause, code))
    carrier = tally.count("carrier")
    assert carrier.failed == int(failed)
    assert (carrier.failure is not None) is failed
    if carrier.failure is not None:
        assert carrier.failure.code == code
        assert str(code or cause) in carrier.failure.words.cause


def test_call_that_was_answered_or_came_in_does_not_fail(tally: Tally) -> None:
    """What ends it then is another matter."""
    tally.hear(made("2", linkedid="1"))
    tally.hear(ChannelStateChanged(at=NOON, seq=next(seqs), channel="2", state=ChannelState.UP))
    tally.hear(ended("2", 38))
    tally.hear(made("3"))
    tally.hear(ended("3", 38))
    assert tally.count("carrier").failed == 0


def test_call_of_an_account_that_is_taken_elsewhere_takes_no_channel_any_more(
    tally: Tally,
) -> None:
    """An account is not told when people hang up: the channel would be in use for ever."""
    tally.hear(made("1"))
    tally.hear(TakenElsewhere(at=NOON, seq=next(seqs), channel="1", party=""))
    assert (tally.count("carrier").now, tally.count("carrier").inbound) == (0, 1)


def test_mystery_calls_are_no_calls(tally: Tally) -> None:
    """They take a channel, and are left out of what the trunk's habits are learnt from."""
    tally.hear(made(f"{CHANNEL_PREFIX}1"))
    assert (tally.count("carrier").now, tally.count("carrier").calls) == (1, 0)


def test_snapshot_tells_what_is_up_after_a_gap(tally: Tally) -> None:
    """Ended unseen, begun unseen, ended while the list was made, begun since."""
    tally.hear(made("ended-unseen"))
    tally.hear(made("stays"))
    requested = next(seqs)
    tally.hear(LinkDown(at=NOON))
    tally.hear(made("just-begun"))
    tally.hear(ended("just-ended", 16))
    tally.hear(listed("stays", "begun-unseen", "just-ended", after=requested))
    assert tally.count("carrier").now == 3
    assert tally.count("carrier").calls == 3, "a call met in the middle is none that began"
    tally.hear(PbxRestarted(at=NOON))
    assert tally.count("carrier").now == 0
