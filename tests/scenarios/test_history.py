"""Every recorded call comes out of CEL as the far ends saw it, and out of CDR as far as it goes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.asterisk_lab.performance import compare
from support.asterisk_lab.truth import differences
from support.recorded import NAMES, PLAN, settings
from support.recorded import truths as capture_truths
from support.recorded_history import (
    FOLDER,
    PLAYED,
    cel_of_capture,
    freepbx,
    history,
    names,
    played,
    recalled,
    records,
    rows,
    shifted,
    table,
    truths,
)

from adapters.asterisk.backfill.recall import recall
from adapters.asterisk.naming import Naming
from gateway.core.record import CallRecord, EndKind, Outcome

# cel.conf tracked no applications there, and a queue that refuses leaves no other trace.
NOT_TOLD = {"q_no_agents": {"queue", "seconds.wait"}}
RECORDED_AT = datetime(2026, 11, 21, 22, 52, tzinfo=UTC)
# Central European summer time ends at 01:00 UTC on this day.
CLOCK_BACK = datetime(2026, 10, 25, 0, 59, 20, tzinfo=UTC)
CLOCK_FORWARD = datetime(2027, 3, 28, 0, 59, 20, tzinfo=UTC)


def of_capture(name: str, *, whole_seconds: bool = False) -> list[CallRecord]:
    """Return the records that a capture's CEL events alone give."""
    told = settings()
    found = recall(
        told,
        Naming(told),
        PLAN,
        cel_of_capture(name, whole_seconds=whole_seconds),
        hold_told=True,
    )
    kept = [one.record for one in found if not one.record.merged_into]
    return sorted(kept, key=lambda one: (one.started_at, str(one.id)))


def fields_wrong(name: str, found: list[CallRecord]) -> set[str]:
    """Return the fields in which the records of a capture are not what happened."""
    expected = capture_truths(name)
    assert len(found) == len(expected)
    return {
        line.partition(": ")[0]
        for truth, record in zip(expected, found, strict=True)
        for line in differences(truth, record)
    }


@pytest.mark.parametrize("name", NAMES)
def test_cel_of_a_capture_equals_its_ground_truth(name: str) -> None:
    """What AMI tells in 105 events CEL tells in 13, if they are read with care."""
    assert fields_wrong(name, of_capture(name)) == NOT_TOLD.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_cel_in_whole_seconds_tells_all_but_their_fractions(name: str) -> None:
    """FreePBX's column holds no fractions; the order of the rows is then all there is."""
    wrong = fields_wrong(name, of_capture(name, whole_seconds=True))
    durations = {field for field in wrong if field.startswith("seconds.")}
    assert wrong - durations == NOT_TOLD.get(name, set()) - durations


@pytest.mark.parametrize("release", ["asterisk22", "asterisk16"])
async def test_cel_table_equals_what_the_far_ends_saw(tmp_path: Path, release: str) -> None:
    """Rows as Asterisk's own module wrote them, queues, menus and hand-overs included."""
    url = table(tmp_path / "master.db", "cel", rows(release, "cel"))
    found = await records(history(cel=url))
    wrong = [
        f"{name}: {line}"
        for name, truth, record in zip(names(release), truths(release), found, strict=True)
        for line in differences(truth, record)
        # Asterisk 16 logs no music: nobody can tell who was on hold, and null says so.
        if not (release == "asterisk16" and line.endswith("record says None"))
    ]
    assert wrong == []
    assert {record.end for record in found} == {EndKind.BACKFILLED}
    assert {record.sources for record in found} == {("cel",)}


@pytest.mark.parametrize("name", PLAYED)
async def test_cel_tells_one_call_of_each_family(tmp_path: Path, name: str) -> None:
    """Conferences, queues and phones one after the other, click-to-call, and so on."""
    found, expected = played(name)
    url = table(tmp_path / "master.db", "cel", found)
    source = history(cel=url, **PLAYED[name]["settings"])
    assert compare(expected, await records(source)) == []


async def test_old_asterisk_does_not_tell_hold(tmp_path: Path) -> None:
    """An invented zero would be worse than null."""
    url = table(tmp_path / "master.db", "cel", rows("asterisk16", "cel"))
    found = await records(history(cel=url))
    assert {one.seconds.hold for one in found if one.answered_by} == {None}


@pytest.mark.parametrize("begin", [CLOCK_BACK, CLOCK_FORWARD, RECORDED_AT])
@pytest.mark.parametrize("kind", ["cel", "cdr"])
async def test_local_time_is_read_by_the_zone_also_while_the_clock_changes(
    tmp_path: Path, begin: datetime, kind: str
) -> None:
    """The hour that happens twice is told by the epochs in the Uniqueids."""
    moved = shifted(rows("asterisk22", kind), begin - RECORDED_AT)
    url = table(tmp_path / "freepbx.db", kind, moved, freepbx("Europe/Rome"))
    found = await records(
        history(timezone="Europe/Rome", **{kind: url}), begin - timedelta(minutes=10)
    )
    assert len(found) == len(truths("asterisk22"))
    for record in found:
        assert record.started_at is not None
        assert record.ended_at is not None
        epoch = int(record.linkedid.partition(".")[0])
        assert record.started_at.timestamp() == epoch
        assert timedelta(0) <= record.ended_at - record.started_at < timedelta(seconds=20)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("kind", ["cel", "cdr"])
async def test_wrong_zone_is_found_out_and_corrected(tmp_path: Path, zone: str, kind: str) -> None:
    """Whole quarter hours are a zone, and the Uniqueids know better than the configuration."""
    url = table(tmp_path / "f.db", kind, rows("asterisk22", kind), freepbx("Europe/Rome"))
    found = await records(history(timezone=zone, **{kind: url}), RECORDED_AT)
    assert len(found) == len(truths("asterisk22"))
    assert all(
        record.started_at is not None
        and record.started_at.timestamp() == int(record.linkedid.partition(".")[0])
        for record in found
    )


@pytest.mark.parametrize("form", ["sqlite", "freepbx", "csv"])
async def test_cdr_says_what_it_knows_and_no_more(tmp_path: Path, form: str) -> None:
    """Id, parties, times, answered or not; what else it said would be invented."""
    if form == "csv":
        url = f"csv:{FOLDER / 'Master.csv'}"
    elif form == "freepbx":
        url = table(tmp_path / "f.db", "cdr", rows("asterisk22", "cdr"), freepbx("Europe/Rome"))
    else:
        url = table(tmp_path / "m.db", "cdr", rows("asterisk22", "cdr"))
    zone = "Europe/Rome" if form == "freepbx" else "UTC"
    found = await records(history(cdr=url, timezone=zone))
    for name, truth, record in zip(names("asterisk22"), truths("asterisk22"), found, strict=True):
        assert not record.complete, name
        assert record.direction.value == truth.direction, name
        assert (record.caller.number, record.caller.name) == (truth.caller, truth.caller_name), name
        assert record.called.number in {truth.called, None}, name
        assert record.answered_by in {truth.answered_by, None}, name
        assert (record.outcome is Outcome.ANSWERED) is (truth.outcome == "answered"), name
        assert record.outcome is None or record.outcome.value == truth.outcome, name
        assert (record.rung, record.transfers, record.queue) == ((), (), None), name
        assert (record.ended_by, record.seconds.wait, record.seconds.hold) == (None,) * 3, name
        talk, true_talk = record.seconds.talk, truth.seconds["talk"]
        assert talk is None or (true_talk is not None and abs(talk - true_talk) <= 1.1), name
    assert sum(record.answered_by is not None for record in found) >= 14
    assert sum(record.seconds.talk is not None for record in found) >= 3


async def test_ids_are_those_that_ami_would_have_given(tmp_path: Path) -> None:
    """The same call must not come twice because it was told twice."""
    cel = table(tmp_path / "one.db", "cel", rows("asterisk22", "cel"))
    cdr = table(tmp_path / "two.db", "cdr", rows("asterisk22", "cdr"))
    by_cel = await records(history(cel=cel))
    by_cdr = await records(history(cdr=cdr))
    assert [one.id for one in by_cel] == [one.id for one in by_cdr]
    both = await records(history(cel=cel, cdr=cdr))
    assert [(one.id, one.sources) for one in both] == [(one.id, ("cel",)) for one in by_cel]


async def test_only_calls_that_ended_after_the_mark_are_told(tmp_path: Path) -> None:
    """What is long known is not read again; a call that began before and ended after is."""
    url = table(tmp_path / "m.db", "cel", rows("asterisk22", "cel"))
    everything = await records(history(cel=url))
    middle = everything[10]
    assert middle.ended_at is not None
    later = await records(history(cel=url), middle.ended_at - timedelta(milliseconds=500))
    assert [one.id for one in later] == [one.id for one in everything[10:]]


async def test_open_call_is_found_with_all_that_was_joined_to_it(tmp_path: Path) -> None:
    """A picker begins under a linkedid of its own; asked for one call both are told."""
    url = table(tmp_path / "m.db", "cel", rows("asterisk22", "cel"))
    picked = (await records(history(cel=url)))[names("asterisk22").index("pickup_of_a_colleague")]
    found = await recalled(
        history(cel=url), datetime(2100, 1, 1, tzinfo=UTC), open_calls={picked.linkedid}
    )
    merged = [one.record for one in found if one.record.merged_into]
    assert [one.record for one in found if not one.record.merged_into] == [picked]
    assert [one.merged_into for one in merged] == [picked.id]
    assert {uid for one in found for uid in one.channels} >= {picked.linkedid}


async def test_forward_told_after_the_other_phone_rings_is_the_same_forward(tmp_path: Path) -> None:
    """Asterisk writes why it calls another number from a thread that may be late."""
    found = sorted(rows("asterisk22", "cel"), key=lambda row: int(row["AcctId"]))
    (forward,) = [row for row in found if row["eventtype"] == "FORWARD"]
    number = f"PJSIP/{json.loads(forward['extra'])['forward']}-"
    own = [row for row in found if row["linkedid"] == forward["linkedid"]]
    (target,) = [
        row
        for row in own
        if row["eventtype"] == "CHAN_START" and row["channame"].startswith(number)
    ]
    ends = {"HANGUP", "CHAN_END"}
    (redirected,) = {row["uniqueid"] for row in own if '"hangupcause":23' in row["extra"]}
    tail = [forward, *(r for r in own if r["uniqueid"] == redirected and r["eventtype"] in ends)]
    for row in tail:
        found.remove(row)
    late = found.index(target) + 1
    found[late:late] = [row | {"eventtime": target["eventtime"]} for row in tail]
    renumbered = [row | {"AcctId": str(number)} for number, row in enumerate(found, start=1)]
    told = await records(history(cel=table(tmp_path / "late.db", "cel", renumbered)))
    (record,) = [one for one in told if one.linkedid == forward["linkedid"]]
    truth = truths("asterisk22")[names("asterisk22").index("forward_by_phone")]
    assert differences(truth, record) == []


async def test_forwarding_phone_that_went_without_a_cause_is_known_by_the_moment(
    tmp_path: Path,
) -> None:
    """On a busy machine Dial hangs up before the channel driver notes why, and who."""
    found = rows("asterisk22", "cel")
    (forward,) = [row for row in found if row["eventtype"] == "FORWARD"]
    for row in found:
        if row["linkedid"] == forward["linkedid"] and row["eventtype"] == "HANGUP":
            extra = json.loads(row["extra"])
            if extra["hangupcause"] == 23:
                row["extra"] = json.dumps(extra | {"hangupcause": 0, "hangupsource": ""})
    told = await records(history(cel=table(tmp_path / "bare.db", "cel", found)))
    (record,) = [one for one in told if one.linkedid == forward["linkedid"]]
    truth = truths("asterisk22")[names("asterisk22").index("forward_by_phone")]
    assert differences(truth, record) == []
