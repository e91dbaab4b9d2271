"""What a call found in a history adds to what we have of it: nothing good is ever lost."""

from dataclasses import replace

import pytest
from support.crm_records import answered

from gateway.core.ids import call_id
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    EndedBy,
    EndKind,
    Outcome,
    Party,
    Presentation,
    Seconds,
    WrapUp,
)
from gateway.core.recovery import lost, recovered

WHOLE = answered()
FOUND = replace(WHOLE, sources=("cel",), end=EndKind.BACKFILLED)
PARTLY = replace(
    WHOLE,
    end=EndKind.UNSEEN,
    complete=False,
    ended_at=None,
    ended_by=None,
    revision=2,
    seconds=Seconds(ring=4.1),
)
CDR = replace(
    WHOLE,
    sources=("cdr",),
    end=EndKind.BACKFILLED,
    complete=False,
    rung=(),
    queue=None,
    final_talker=None,
    ended_by=None,
    seconds=Seconds(ring=5.0, talk=90.0),
)


def test_unknown_call_is_taken_as_it_is_found() -> None:
    """Nobody saw it: what was found is all there is."""
    assert recovered(None, FOUND) is FOUND
    assert recovered(None, CDR) is CDR


@pytest.mark.parametrize("found", [FOUND, CDR])
def test_complete_record_is_never_touched(found: CallRecord) -> None:
    """What AMI told in full needs no other source, and no second effect."""
    assert recovered(WHOLE, found) is None


def test_call_still_up_is_left_alone() -> None:
    """Its end will tell it."""
    assert recovered(None, replace(FOUND, state=CallState.LIVE)) is None


def test_complete_find_replaces_what_was_seen_in_part() -> None:
    """As a newer revision, so that a CRM that has the old one gets a correction."""
    better = recovered(PARTLY, FOUND)
    assert better is not None
    assert (better.complete, better.revision, better.end) == (True, 3, EndKind.BACKFILLED)
    assert better.sources == ("ami", "cel")
    assert (better.ended_at, better.seconds) == (FOUND.ended_at, FOUND.seconds)


def test_live_record_is_ended_by_a_find() -> None:
    """The daemon died in mid-call, the call ended meanwhile."""
    better = recovered(replace(WHOLE, state=CallState.LIVE, end=None, ended_at=None), FOUND)
    assert better is not None
    assert (better.state, better.end) == (CallState.ENDED, EndKind.BACKFILLED)


def test_end_that_was_seen_stays_seen() -> None:
    """Only the beginning had been missed."""
    better = recovered(replace(PARTLY, end=EndKind.SEEN), FOUND)
    assert better is not None
    assert better.end is EndKind.SEEN


def test_what_people_said_and_who_they_are_stays() -> None:
    """No history knows notes, contacts, or that a number was withheld."""
    note = WrapUp(agent="anna", note="calls back")
    withheld = replace(PARTLY.caller, presentation=Presentation.WITHHELD)
    better = recovered(replace(PARTLY, wrap_ups=(note,), caller=withheld), FOUND)
    assert better is not None
    assert better.wrap_ups == (note,)
    assert better.caller.presentation is Presentation.WITHHELD


def test_partial_find_only_fills_what_is_unknown() -> None:
    """CDR knows the end; that queue and stages are not in it must not erase them."""
    better = recovered(PARTLY, CDR)
    assert better is not None
    assert (better.rung, better.queue, better.answered_by) == (
        PARTLY.rung,
        PARTLY.queue,
        PARTLY.answered_by,
    )
    assert better.ended_at == CDR.ended_at
    assert (better.seconds.ring, better.seconds.talk) == (4.1, 90.0)
    assert (better.complete, better.ended_by, better.sources) == (False, None, ("ami", "cdr"))


def test_find_that_adds_nothing_causes_nothing() -> None:
    """The second pass finds the same rows again."""
    better = recovered(PARTLY, CDR)
    assert better is not None
    assert recovered(better, CDR) is None


def test_merged_call_stays_merged() -> None:
    """It is part of another one and tells nothing by itself."""
    merged = replace(PARTLY, merged_into=call_id("pbx", "1.0"))
    assert recovered(merged, FOUND) is None


def test_parties_unknown_so_far_are_taken_over() -> None:
    """A call whose beginning nobody saw may not even have a number."""
    better = recovered(replace(PARTLY, caller=Party(), called=Called()), CDR)
    assert better is not None
    assert (better.caller, better.called) == (CDR.caller, CDR.called)


def test_call_cut_off_keeps_who_talked_and_loses_what_nobody_saw() -> None:
    """A dying PBX writes no end."""
    live = replace(FOUND, state=CallState.LIVE, end=None, ended_at=None, ended_by=None)
    cut = lost(live)
    assert (cut.state, cut.end, cut.complete) == (CallState.ENDED, EndKind.BACKFILLED, False)
    assert (cut.outcome, cut.answered_by) == (Outcome.ANSWERED, live.answered_by)
    assert (cut.ended_at, cut.seconds.talk, cut.seconds.hold) == (None, None, None)
    ringing = lost(replace(live, outcome=None, answered_by=None, answered_at=None))
    assert (ringing.outcome, ringing.seconds.ring) == (None, None)
    assert EndedBy.PBX is not ringing.ended_by
