"""Recorded calls with other people in them: who it is changes, what happened does not."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.recorded import PLAN, settings

from adapters.asterisk.casting import MOVES, graft, tail, turned_back
from adapters.asterisk.playback import BANNER
from adapters.asterisk.recording import SAMPLES, Recording
from adapters.asterisk.replay import replay
from gateway.core.record import CallRecord, TransferType
from gateway.runtime.demo_scenes import HANDED_OVER, SCENES, Scene


def sample(name: str) -> Recording:
    """Return a packaged recording."""
    return Recording.load(SAMPLES / f"{name}.ami")


def call_of(recording: Recording) -> CallRecord:
    """Return the one call that a recording tells of."""
    ami, index = [BANNER], [f"0.0 {len(BANNER)}"]
    for at, raw in recording.events:
        ami.append(raw + b"\r\n\r\n")
        index.append(f"{at + 1:.3f} {len(ami[-1])}")
    (record,) = replay(b"".join(ami), "\n".join(index), settings(), PLAN).records
    return record


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name or scene.sample)
def test_scene_is_the_recorded_call_at_a_pace_for_people(scene: Scene) -> None:
    """What the demonstration shows happened so, only slower and to somebody else."""
    recorded, shown = call_of(sample(scene.sample)), call_of(scene.load())
    assert shown.outcome is recorded.outcome
    assert shown.ended_by is recorded.ended_by
    assert len(shown.transfers) == len(recorded.transfers)
    if recorded.seconds.talk is not None:
        wanted = sum(scene.talks_s)
        assert shown.seconds.talk is not None
        assert wanted - 1 < shown.seconds.talk < wanted + scene.ring_s + 1


def test_parts_are_swapped_all_at_once() -> None:
    """Anna takes Carla's part and Carla hers; a number that only contains the words stays."""
    (scene,) = (one for one in SCENES if one.name == HANDED_OVER)
    shown = call_of(scene.load())
    assert (shown.answered_by, shown.final_talker) == ("1003", "1001")
    assert shown.called.e164 == "+390299991003"
    (handed,) = shown.transfers
    assert (handed.type, handed.to_party, handed.completed) == (TransferType.BLIND, "1001", True)


@pytest.mark.parametrize(
    ("move", "begins", "kind"),
    [
        (SAMPLES / "03-blind-transfer.ami", "BlindTransfer", TransferType.BLIND),
        (MOVES / "attended-transfer.ami", "Hold", TransferType.ATTENDED),
    ],
)
def test_recorded_hand_over_goes_on_from_another_call(
    move: Path, begins: str, kind: TransferType
) -> None:
    """Whoever hands a call over in the demonstration sees what a real PBX did then."""
    head, _rest = tail(sample("06-menu-then-queue"), lambda event: event.name == "HangupRequest")
    begun = sample("06-menu-then-queue")
    cut = next(n for n, (_, raw) in enumerate(begun.events) if b"HangupRequest\r" in raw)
    recorded, rest = tail(
        Recording.load(move).freshened(play=2, epoch=begun.epoch), lambda one: one.name == begins
    )
    moved = graft(recorded, rest, head, {"1003": "1002", "Carla Neri": "Bruno Conti"})
    last = begun.events[cut][0]
    joined = replace(
        begun,
        events=(*begun.events[:cut], *((last + at, raw) for at, raw in moved.events)),
    )
    shown = call_of(joined)
    assert shown.caller.e164 == "+393285556677"
    assert (shown.answered_by, shown.final_talker) == ("1001", "1002")
    assert [(one.type, one.completed) for one in shown.transfers] == [(kind, True)]


def test_consultation_can_be_turned_back_to_the_customer() -> None:
    """Who consulted and changed their mind talks with the customer as before."""
    begun = sample("06-menu-then-queue")
    head, _rest = tail(begun, lambda event: event.name == "HangupRequest")
    cut = next(n for n, (_, raw) in enumerate(begun.events) if b"HangupRequest\r" in raw)
    grafted = []
    for number, name in enumerate(("attended-transfer", "attended-cancelled"), start=2):
        fresh = Recording.load(MOVES / f"{name}.ami").freshened(play=number, epoch=begun.epoch)
        recorded, rest = tail(fresh, lambda event: event.name == "Hold")
        grafted.append(graft(recorded, rest, head, {"1003": "1002"}))
    consulting = [one for one in grafted[0].events if one[0] < 3.0]
    back = turned_back(*grafted)
    last = begun.events[cut][0]
    told = (
        *begun.events[:cut],
        *((last + at, raw) for at, raw in consulting),
        *((last + 4.0 + at, raw) for at, raw in back.events),
    )
    shown = call_of(replace(begun, events=told))
    assert (shown.answered_by, shown.final_talker) == ("1001", "1001")
    assert shown.seconds.hold is not None
    assert shown.seconds.hold > 0
    assert [one for one in shown.transfers if one.completed] == []


def test_nobody_who_talks_has_no_hand_over() -> None:
    """A recording without a talk, or without the event, is refused while it is loaded."""
    missed = sample("08-shared-number-missed")
    with pytest.raises(ValueError, match="nobody talked"):
        tail(missed, lambda event: event.name == "Hangup")
    with pytest.raises(ValueError, match="no such event"):
        tail(missed, lambda event: event.name == "BlindTransfer")
