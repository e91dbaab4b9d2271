"""What the observer hears, told as the progress of a call that we placed."""

from datetime import UTC, datetime, timedelta

from adapters.asterisk.control import AsteriskControl
from adapters.asterisk.mystery import AsteriskMysteryCaller, _Line
from adapters.asterisk.settings import AsteriskSettings
from gateway.core.inputs import (
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ChannelState,
    ChannelStateChanged,
    HangupRequested,
    Identity,
    PbxRestarted,
    Snapshot,
)
from gateway.core.mystery import Progress, ProgressKind
from gateway.runtime.clock import SystemClock

T0 = datetime(2026, 11, 22, 9, tzinfo=UTC)
OURS, OTHERS = "fdtest-1795345986.1", "1795345986.2"
WHO = Identity(name="PJSIP/carrier-1", kind=ChannelKind.TRUNK, party="carrier")


class Heard:
    """A caller with one call in progress, and what it told of it."""

    def __init__(self) -> None:
        settings = AsteriskSettings.model_validate(
            {
                "name": "hq",
                "host": "127.0.0.1",
                "username": "observer",
                "secret": "s",
                "control": {"username": "control", "secret": "s"},
            }
        )
        assert settings.control is not None
        clock = SystemClock()
        hands = AsteriskControl(settings, settings.control, clock, told=lambda _told: None)
        self.told: list[Progress] = []
        self.caller = AsteriskMysteryCaller(hands, clock)
        self.caller._lines[OURS] = _Line(told=self.told.append)

    def kinds(self) -> list[ProgressKind]:
        """Return what was told, in order."""
        return [one.kind for one in self.told]


def created(channel: str) -> ChannelCreated:
    """Return the first event of a channel."""
    return ChannelCreated(
        at=T0, seq=1, channel=channel, linkedid=channel, identity=WHO, state=ChannelState.DOWN
    )


def state(channel: str, state: ChannelState) -> ChannelStateChanged:
    """Return a later event of a channel."""
    return ChannelStateChanged(at=T0 + timedelta(seconds=1), seq=2, channel=channel, state=state)


def test_only_our_own_channel_is_told_of_and_each_thing_once() -> None:
    """A busy PBX tells of hundreds of other channels meanwhile."""
    heard = Heard()
    for channel in (OTHERS, OURS):
        heard.caller.hear(created(channel))
        heard.caller.hear(state(channel, ChannelState.RINGING))
        heard.caller.hear(state(channel, ChannelState.RINGING))
        heard.caller.hear(state(channel, ChannelState.UP))
        heard.caller.hear(ChannelHungUp(at=T0, seq=9, channel=channel, cause=16))
        heard.caller.hear(ChannelHungUp(at=T0, seq=9, channel=channel, cause=16))
    assert heard.kinds() == list(ProgressKind)


def test_sip_status_of_the_carrier_is_kept_from_the_first_that_tells_it() -> None:
    """Asterisk before 20.13 tells it in one of the two events only."""
    heard = Heard()
    heard.caller.hear(HangupRequested(at=T0, seq=1, channel=OURS, cause=34, tech_cause=503))
    heard.caller.hear(ChannelHungUp(at=T0, seq=2, channel=OURS, cause=34))
    assert [(one.code, one.cause) for one in heard.told] == [(503, 34)]


def test_call_that_ended_while_nobody_listened_is_ended_by_the_snapshot() -> None:
    """Else the run would wait for an end that was told to nobody."""
    heard = Heard()
    heard.caller.hear(Snapshot(at=T0, requested_seq=1, channels=()))
    assert heard.kinds() == []
    heard.caller.hear(created(OURS))
    heard.caller.hear(Snapshot(at=T0, requested_seq=2, channels=()))
    assert heard.kinds() == [ProgressKind.DIALLED, ProgressKind.ENDED]


def test_restart_of_the_pbx_ends_the_call_in_words() -> None:
    """There is no cause code for it."""
    heard = Heard()
    heard.caller.hear(PbxRestarted(at=T0))
    assert heard.told[0].words.cause == "The PBX restarted during the call."
