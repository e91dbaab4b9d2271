"""Which calls become effects, and which keys these have."""

from datetime import timedelta

import pytest
from support.crm_records import MORNING, answered, ended, missed

from crm_sync.policies import all_effects, due_by, effects, follow_up, voided
from crm_sync.policy import Interest, Policy
from gateway.core.events import CallAmended, CallEvent, CallMerged, CallStarted, CallUpdated
from gateway.core.ids import call_id, effect_key
from gateway.core.record import CallState, ContactRef, Direction, MatchKind


def test_ended_call_is_one_effect_due_after_late_facts() -> None:
    """Facts up to two seconds late must still be part of the one record that is sent."""
    record = answered()
    (effect,) = effects(ended(record), connector="odoo", policy=Policy())
    assert effect.kind == "call.ended"
    assert effect.key == effect_key(record.id, "odoo", "call.ended", 0)
    assert record.ended_at is not None
    assert effect.occurred_at == record.ended_at
    assert effect.not_before == record.ended_at + timedelta(seconds=2)


def test_amended_call_has_the_key_of_its_end() -> None:
    """The newer record replaces the one that waits instead of becoming a second one."""
    record = answered()
    amended = answered(revision=1, answered_by="1003")
    (first,) = effects(ended(record), connector="odoo", policy=Policy())
    (second,) = effects(CallAmended(at=MORNING, record=amended), connector="odoo", policy=Policy())
    assert second.key == first.key
    assert second.record.answered_by == "1003"


def test_end_without_a_known_time_is_due_after_the_event() -> None:
    """A call whose end nobody saw is written all the same."""
    (effect,) = effects(ended(answered(ended_at=None)), connector="odoo", policy=Policy())
    assert effect.not_before == MORNING + timedelta(seconds=2)


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=90)])
def test_call_of_a_pbx_whose_clock_is_ahead_is_written_at_once(ahead: timedelta) -> None:
    """Its times stay as the PBX has them, but nobody waits for them to come."""
    ended_at = MORNING + ahead
    (effect,) = effects(ended(answered(ended_at=ended_at)), connector="odoo", policy=Policy())
    due = due_by(effect, MORNING)
    assert (due.not_before, due.occurred_at) == (MORNING + timedelta(seconds=2), ended_at)


def test_call_of_a_clock_that_is_right_or_behind_is_due_as_ever() -> None:
    """Late facts still have their two seconds, and a back-filled call is due at once."""
    (effect,) = effects(ended(answered(ended_at=MORNING)), connector="odoo", policy=Policy())
    assert due_by(effect, MORNING) == effect
    assert due_by(effect, MORNING + timedelta(days=90)) == effect


@pytest.mark.parametrize("kind", [CallStarted, CallUpdated])
def test_live_call_gives_nothing(kind: type[CallEvent]) -> None:
    """A CRM hears of calls when they are over."""
    event = kind(at=MORNING, record=answered(state=CallState.LIVE, ended_at=None))
    assert effects(event, connector="odoo", policy=Policy()) == ()


def test_merged_call_gives_nothing() -> None:
    """What was joined to another call is told by that one."""
    record = answered(merged_into=call_id("hq", "1.1"))
    event = CallMerged(at=MORNING, record=record, into=call_id("hq", "1.1"))
    assert effects(event, connector="odoo", policy=Policy()) == ()
    assert effects(ended(record), connector="odoo", policy=Policy()) == ()


def test_internal_call_is_written_only_if_the_policy_names_it() -> None:
    """Colleagues' calls are nobody's business unless the administrator says so."""
    event = ended(answered(direction=Direction.INTERNAL))
    assert effects(event, connector="odoo", policy=Policy()) == ()
    named = Policy(directions=frozenset({Direction.INTERNAL}))
    assert len(effects(event, connector="odoo", policy=named)) == 1


def test_stranger_is_left_out_where_only_known_people_are_wanted() -> None:
    """The policy `known` keeps calls of people who are not in the directory out of the CRM."""
    known = Policy(interest=Interest.KNOWN)
    assert effects(ended(missed()), connector="odoo", policy=known) == ()
    nobody = ContactRef(id="", match=MatchKind.NONE)
    assert effects(ended(missed(contact=nobody)), connector="odoo", policy=known) == ()
    someone = ContactRef(id="c1", name="Studio Verdi")
    assert len(effects(ended(missed(contact=someone)), connector="odoo", policy=known)) == 1


def test_each_connector_gets_an_effect_of_its_own() -> None:
    """A receipt of one CRM says nothing about the other."""
    found = all_effects(ended(answered()), {"odoo": Policy(), "hook": Policy()})
    assert [effect.connector for effect in found] == ["odoo", "hook"]
    assert found[0].key != found[1].key


def test_corrections_have_keys_of_their_own() -> None:
    """An update that shared the key of the first write would be taken for its repeat."""
    (first,) = effects(ended(answered()), connector="hook", policy=Policy())
    second, third = follow_up(first, ordinal=1), follow_up(first, ordinal=2)
    void = voided(answered(revision=2, merged_into=call_id("hq", "1.1")), "hook")
    assert len({first.key, second.key, third.key, void.key}) == 4
    assert (second.kind, void.kind, void.ordinal) == ("call.updated", "call.updated", 3)
