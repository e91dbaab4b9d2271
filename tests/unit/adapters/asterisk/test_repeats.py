"""The same bytes again: an event delivered twice, or one that happened twice."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.asterisk.codec import Frame
from adapters.asterisk.timeline import Repeats

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def told(*events: tuple[float, str, str]) -> list[bool]:
    """Return of each event (seconds, name, channel) whether it was taken for a repeat."""
    repeats = Repeats()
    found = []
    for seconds, name, channel in events:
        raw = f"Event: {name}\r\nChannel: PJSIP/1001-1\r\nUniqueid: {channel}".encode()
        found.append(repeats.told(Frame(name, raw, 0), NOON + timedelta(seconds=seconds)))
    return found


@pytest.mark.parametrize(("there", "back"), [("Hold", "Unhold"), ("BridgeEnter", "BridgeLeave")])
def test_what_was_taken_back_meanwhile_happens_again(there: str, back: str) -> None:
    """Who holds twice within two seconds makes Asterisk send the same bytes twice."""
    assert (
        told((0, there, "1.1"), (1, back, "1.1"), (1.5, there, "1.1"), (2, back, "1.1"))
        == [False] * 4
    )


def test_what_was_not_taken_back_is_told_twice() -> None:
    """Another channel's hold takes nothing back."""
    assert told((0, "Hold", "1.1"), (1, "Unhold", "1.12"), (1.5, "Hold", "1.1")) == [
        False,
        False,
        True,
    ]


def test_wire_that_repeats_a_first_event_repeats_the_others_too() -> None:
    """A channel has one Newchannel; the same bytes later are then no second hold either."""
    assert told(
        (0, "Newchannel", "1.1"),
        (0.5, "Newchannel", "1.1"),
        (5, "Hold", "1.1"),
        (6, "Unhold", "1.1"),
        (6.5, "Hold", "1.1"),
        (7, "Unhold", "1.1"),
    ) == [False, True, False, False, True, True]


def test_wire_that_tells_everything_twice_still_tells_a_second_hold() -> None:
    """Of four equal events on such a wire the third is the second that happened."""
    twice = [name for name in ("Newchannel", "Hold", "Unhold", "Hold", "Unhold") for _ in range(2)]
    assert told(*((n / 10, name, "1.1") for n, name in enumerate(twice))) == [False, True] * 5


def test_same_bytes_after_three_seconds_are_an_event_of_their_own() -> None:
    """Nothing delivers so late."""
    assert told((0, "Hold", "1.1"), (3, "Hold", "1.1"), (4, "Hold", "1.1")) == [False, False, True]
