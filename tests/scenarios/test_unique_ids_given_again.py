"""A PBX whose clock was set back gives the Uniqueids of old calls to new ones."""

import re
from collections.abc import Iterator

import pytest
from support.asterisk_lab.truth import differences
from support.recorded import PLAN, at, recording, settings, truths

from adapters.asterisk.replay import read_index, replay
from gateway.core.record import CallRecord, CallState, EndKind

FIRST = "in_answered_caller_hangs_up"
UNIQUE_ID = re.compile(rb"(?<=id: )\d{10}\.\d+(?=\r\n)")
BACK_AFTER_S = {"at once": 0.2, "a minute later": 60.0}


def joined(
    second: str, *, after_s: float, ids: dict[bytes, bytes] | None = None, cut: int | None = None
) -> tuple[bytes, str]:
    """Return the first recording and, after a lost link, another one that uses its Uniqueids.

    With `cut` the first one ends after so many bytes.
    """
    (ami, idx), (more, more_idx) = recording(FIRST), recording(second)
    ids = given_again(ami, more) if ids is None else ids
    out, lines, last = bytearray(), list[str](), 0.0
    for segment in read_index(idx, ami[:cut]):
        last = segment.at_s
        lines.append(f"{last:.4f} {-1 if segment.lost else len(segment.data)}")
        out += segment.data
    for at_s, data in whole_lines(more, more_idx):
        data = UNIQUE_ID.sub(lambda found: ids.get(found[0], found[0]), data)  # noqa: PLW2901
        lines.append(f"{last + after_s + at_s:.4f} {len(data) if data else -1}")
        out += data
    return bytes(out), "\n".join(lines)


def whole_lines(ami: bytes, idx: str) -> Iterator[tuple[float, bytes]]:
    """Yield what each read of a recording completed; nothing where it ends."""
    rest = b""
    for segment in read_index(idx, ami):
        data = rest + segment.data
        end = len(data) if segment.lost else data.rfind(b"\r\n") + 2
        rest = data[end:]
        if end or segment.lost:
            yield segment.at_s, data[:end]


def given_again(ami: bytes, more: bytes) -> dict[bytes, bytes]:
    """Return which Uniqueid of the second recording becomes which one of the first."""
    old = list(dict.fromkeys(UNIQUE_ID.findall(ami)))
    new = list(dict.fromkeys(UNIQUE_ID.findall(more)))
    epoch = old[0].partition(b".")[0]
    further = (epoch + b".9" + uid.partition(b".")[2] for uid in new[len(old) :])
    return dict(zip(new, [*old, *further], strict=False))


def records(ami: bytes, idx: str) -> list[CallRecord]:
    """Return what `replay` tells, in the order of the recordings."""
    found = replay(ami, idx, settings(), PLAN).records
    return sorted(found, key=lambda record: record.started_at or at(0))


@pytest.mark.parametrize("after_s", BACK_AFTER_S.values(), ids=BACK_AFTER_S.keys())
@pytest.mark.parametrize("second", ["in_anonymous", "in_rejected", "hold_unhold", "out_answered"])
def test_call_with_the_uniqueid_of_an_old_one_has_a_record_of_its_own(
    second: str, after_s: float
) -> None:
    """Two conversations are two records, whatever their channels are called."""
    old, new = records(*joined(second, after_s=after_s))
    assert differences(truths(FIRST)[0], old) == []
    assert differences(truths(second)[0], new) == []
    assert old.id != new.id
    assert old.linkedid == new.linkedid


def test_identity_of_such_a_call_is_the_same_whenever_it_is_told() -> None:
    """What a crash or a second node sees again must not make a third call."""
    ids = [records(*joined("in_anonymous", after_s=after_s))[1].id for after_s in (0.2, 7, 900)]
    assert len(set(ids)) == 1
    alone = records(*recording("in_anonymous"))
    assert alone[0].id not in ids


@pytest.mark.parametrize("after_s", BACK_AFTER_S.values(), ids=BACK_AFTER_S.keys())
def test_same_call_told_again_stays_one(after_s: float) -> None:
    """A stream that is delivered a second time after a lost link tells nothing new."""
    (record,) = records(*joined(FIRST, after_s=after_s, ids={}))
    assert differences(truths(FIRST)[0], record) == []


def test_call_whose_hangup_was_lost_gives_way_to_one_of_the_same_uniqueid() -> None:
    """Without a Hangup the old call would go on for ever, with the new one in it."""
    cut = recording(FIRST)[0].index(b"Event: HangupRequest")
    old, new = records(*joined("in_anonymous", after_s=30.0, cut=cut))
    assert (old.state, old.end, old.answered_by) == (CallState.ENDED, EndKind.UNSEEN, "1001")
    assert differences(truths("in_anonymous")[0], new) == []
