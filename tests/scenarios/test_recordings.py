"""Our own recorded calls: definitions that the captures with ground truth do not show."""

import json
from typing import Any

import pytest
from support.recorded import (
    OWN_NAMES,
    PLAN,
    RECORDINGS,
    cut_anywhere,
    every_event_twice,
    recording,
    settings,
)

from adapters.asterisk.replay import replay
from gateway.core.record import CallRecord, to_json

TOLERANCE_S = 0.7
ONE_CONNECTION = [name for name in OWN_NAMES if not name.startswith("gap-")]


def records(ami: bytes, idx: str) -> tuple[CallRecord, ...]:
    """Return the records of a recording, with the settings of a bare `replay`."""
    return replay(ami, idx, settings(), PLAN).records


def shown(record: CallRecord) -> dict[str, Any]:
    """Return what the expectation names of a record, without its seconds."""
    said = to_json(record)
    return {
        "direction": said["direction"],
        "caller": said["caller"]["number"],
        "caller_name": said["caller"]["name"],
        "called": said["called"]["number"],
        "queue": said["queue"],
        "rung": [sorted(stage) for stage in said["rung"]],
        "answered_by": said["answered_by"],
        "final_talker": said["final_talker"],
        "transfers": [
            {key: move[key] for key in ("type", "from", "to", "completed")}
            for move in said["transfers"]
        ],
        "outcome": said["outcome"],
        "ended_by": said["ended_by"],
        "state": said["state"],
        "end": said["end"],
        "complete": said["complete"],
    }


def expected(name: str) -> list[dict[str, Any]]:
    """Return what the script of a recording did."""
    text = (RECORDINGS / f"{name}.json").read_text(encoding="utf-8")
    calls: list[dict[str, Any]] = json.loads(text)["calls"]
    for call in calls:
        call["rung"] = [sorted(stage) for stage in call["rung"]]
    return calls


@pytest.mark.parametrize("name", OWN_NAMES)
def test_recording_tells_what_its_script_did(name: str) -> None:
    """Transfers, pick-ups, forwards, conferences, click-to-call and gaps, on real Asterisks."""
    calls = expected(name)
    seconds = [call.pop("seconds") for call in calls]
    found = records(*recording(name))
    assert [shown(record) for record in found] == calls
    for record, truth in zip(found, seconds, strict=True):
        said = to_json(record)["seconds"]
        for key, value in truth.items():
            assert said[key] == (None if value is None else pytest.approx(value, abs=TOLERANCE_S))


@pytest.mark.parametrize("name", ONE_CONNECTION)
def test_recording_with_every_event_twice_tells_the_same(name: str) -> None:
    """A redelivered event adds nothing."""
    ami, idx = recording(name)
    assert records(*every_event_twice(ami, idx)) == records(ami, idx)


@pytest.mark.parametrize("name", OWN_NAMES)
def test_recording_cut_anywhere_tells_the_same(name: str) -> None:
    """TCP cuts where it likes."""
    ami, idx = recording(name)
    assert records(ami, cut_anywhere(idx, seed=len(ami))) == records(ami, idx)
