"""Recordings that a PBX makes belong to the call, whoever talks and whatever becomes of it."""

from datetime import timedelta

import pytest
from support.recorded import PLAN, at, inputs_of, settings

from adapters.asterisk.codec import Frame
from adapters.asterisk.translate import Translator
from gateway.core.events import CallEvent
from gateway.core.ids import CallId
from gateway.core.inputs import BridgeEntered, ChannelCreated, Input, RecordingStarted, Tick
from gateway.core.record import CallRecord, Recording
from gateway.core.table import CallTable

URL = "https://pbx.example/play?file={file}"
PATH = "/var/spool/asterisk/monitor/2026/11/21/in-+390612345678-20261121.wav"
PLAYED = "https://pbx.example/play?file=in-%2B390612345678-20261121.wav"


def follow(inputs: list[Input]) -> dict[CallId, CallRecord]:
    """Return the records of all calls, each event told twice, the process restarted in between."""
    table = CallTable("pbx", PLAN)
    found: dict[CallId, CallRecord] = {}
    for item in [*inputs, Tick(at=inputs[-1].at + timedelta(seconds=10))]:
        for said in (*table.apply(item), *table.apply(item)):
            if isinstance(said, CallEvent):
                found[said.record.id] = said.record
        again = CallTable("pbx", PLAN)
        again.restore([table.dump(record.id) for record in table.live()])
        assert {one.id: one for one in again.live()} == {one.id: one for one in table.live()}
    return found


def recorded(name: str, *, nth: int) -> list[Input]:
    """Return a recorded stream in which the nth first channel of a call is recorded once it talks.

    The recording starts when its channel enters a bridge.
    """
    inputs = inputs_of(name)
    roots = [
        item.channel
        for item in inputs
        if isinstance(item, ChannelCreated) and item.channel == item.linkedid
    ]
    for position, item in enumerate(inputs):
        if isinstance(item, BridgeEntered) and item.channel == roots[nth]:
            told = RecordingStarted(at=item.at, seq=item.seq, channel=item.channel, url=PLAYED)
            return [*inputs[: position + 1], told, *inputs[position + 1 :]]
    raise AssertionError("never talks")


@pytest.mark.parametrize(
    "name",
    ["in_answered_caller_hangs_up", "blind_transfer", "attended_transfer", "q_second_agent"],
)
def test_recording_stays_with_the_call(name: str) -> None:
    """It is told once and is there to the end, also after a transfer and a restart."""
    (record,) = follow(recorded(name, nth=0)).values()
    (found,) = record.recordings
    assert found.url == PLAYED
    assert found.from_at is not None


def test_recording_of_a_retriever_goes_to_the_parked_call() -> None:
    """Whoever retrieves a parked customer makes a call of their own first."""
    records = follow(recorded("park_retrieve", nth=1))
    assert len(records) > 1
    kept = [record for record in records.values() if record.merged_into is None]
    assert [len(record.recordings) for record in kept] == [1]


@pytest.mark.parametrize(
    ("url", "value", "expected"),
    [(URL, PATH, PLAYED), (URL, "", None), (None, PATH, None), ("https://x/", PATH, "https://x/")],
)
def test_link_is_made_of_the_file_that_mixmonitor_names(
    url: str | None, value: str, expected: str | None
) -> None:
    """FreePBX's CDR names the file, MixMonitor the whole path: both must lead to one link."""
    translator = Translator(settings(recording_url=url))
    head = "Uniqueid: 1795290000.1\r\nLinkedid: 1795290000.1\r\nChannel: PJSIP/carrier-1"
    raw = f"Event: VarSet\r\n{head}\r\nVariable: MIXMONITOR_FILENAME\r\nValue: {value}"
    told = translator.translate(Frame("VarSet", raw.encode(), 0), at(0))
    links = [item.url for item in told if isinstance(item, RecordingStarted)]
    assert links == ([] if expected is None else [expected])


def test_restored_recording_keeps_its_time() -> None:
    """The page seeks in the file by it."""
    (record,) = follow(recorded("in_answered_caller_hangs_up", nth=0)).values()
    assert record.recordings == (Recording(url=PLAYED, from_at=record.answered_at),)
