"""How an effect is written by the policy of its CRM, and the administrator's own words."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from support.crm_records import MORNING, answered, effect, missed

from crm_sync.planning import Planner
from crm_sync.policy import AssignTo, Create, Moment, Policy, TaskPolicy
from crm_sync.wording import Wording
from gateway.core.calendars import NO_CALENDARS, Calendar, CalendarBook
from gateway.core.errors import ConfigError
from gateway.core.ids import call_id, effect_key
from gateway.core.opening_hours import DayOff, read_holiday, read_week, special_days
from gateway.core.record import (
    CallRecord,
    CallState,
    ContactRef,
    MatchKind,
    Party,
    Presentation,
    Recording,
    WrapUp,
)
from gateway.core.writing import Assignee, Creation, EffectKind, Link, TaskPlan
from gateway.store.begun import Earlier
from gateway.store.effects import EffectState

ROME = ZoneInfo("Europe/Rome")
OURS = "+390299991001"


def planner(
    policy: Policy, language: str = "it", calendars: CalendarBook = NO_CALENDARS
) -> Planner:
    """Return a planner that knows one number of ours."""
    wording = Wording("crm", policy, zone=ROME, language=language)
    own = {OURS: "Centralino"}.get
    return Planner(policy, wording, own=own, zone=ROME, calendars=calendars)


def before(state: EffectState, external_id: str | None = None) -> Earlier:
    """Return what became of an earlier effect of the call."""
    key = effect_key(answered().id, "crm", "call.started", 0)
    settled_at = MORNING if state is EffectState.DELIVERED else None
    return Earlier(key=key, state=state, settled_at=settled_at, external_id=external_id)


@pytest.mark.parametrize(
    ("kind", "earlier", "follows", "creates", "record_id"),
    [
        ("call.started", (), False, True, None),
        ("call.ended", (), False, True, None),
        ("call.ended", (before(EffectState.DELIVERED, "7"),), True, False, "7"),
        ("call.ended", (before(EffectState.DELIVERED),), True, False, None),
        ("call.ended", (before(EffectState.DEAD),), True, True, None),
        ("call.ended", (before(EffectState.PARKED),), True, True, None),
        ("call.updated", (before(EffectState.DEAD),), True, True, None),
        ("call.updated", (before(EffectState.DELIVERED, "7"),), True, False, "7"),
        (
            "call.updated",
            (before(EffectState.DELIVERED, "7"), before(EffectState.DELIVERED)),
            True,
            False,
            "7",
        ),
    ],
)
def test_what_follows_on_a_record_never_makes_a_second_one(
    kind: str, earlier: Sequence[Earlier], *, follows: bool, creates: bool, record_id: str | None
) -> None:
    """What was delivered is brought up to date; what certainly was not is made."""
    planned = planner(Policy(when=Moment.RING)).plan(effect(answered(), kind=kind), tuple(earlier))
    plan = planned.plan
    assert (plan.follows, plan.creates_record, plan.record_id) == (follows, creates, record_id)


def test_merged_call_is_only_brought_up_to_date() -> None:
    """A call that is part of another one needs no record to say so."""
    record = answered(merged_into=call_id("hq", "1.1"))
    assert not planner(Policy()).plan(effect(record, kind="call.updated")).plan.creates_record


@pytest.mark.parametrize(
    ("caller", "kind", "made"),
    [
        (Party(number="0612345678", e164="+390612345678"), "call.ended", True),
        (Party(number="0612345678", e164="+390612345678"), "call.updated", False),
        (Party(number="0299991001", e164=OURS), "call.ended", False),
        (Party(number="anonymous", presentation=Presentation.WITHHELD), "call.ended", False),
        (Party(number="1001"), "call.ended", False),
    ],
)
def test_nobody_is_made_of_our_own_or_a_hidden_number(
    caller: Party, kind: str, *, made: bool
) -> None:
    """Our own switchboard as a lead is the classic of CRM telephony."""
    policy = Policy(create=Create.ALWAYS, create_as=Creation.LEAD)
    plan = planner(policy).plan(effect(missed(caller=caller), kind=kind)).plan
    assert plan.creates == (Creation.LEAD if made else None)


def test_contact_is_made_when_a_person_asks() -> None:
    """The policy `ask` leaves it to the agent who had the call."""
    policy = Policy(create=Create.ASK)
    assert planner(policy).plan(effect(answered())).plan.creates is None
    asked = planner(policy).plan(effect(answered(), kind="contact.asked")).plan
    assert asked.creates is Creation.CONTACT
    assert asked.kind is EffectKind.CONTACT


def test_plan_carries_what_the_policy_says() -> None:
    """Assignment, links, words and recording come from one place for every connector."""
    policy = Policy(
        assign=AssignTo.OWNER,
        links=frozenset({Link.CONTACT}),
        title="{{ number.national }}: {{ disposition }}",
        note="{{ facts }}\n{{ call.talk_s }} s [/Filodiretto]",
        dispositions={"sale": "Venduto"},
    )
    said = WrapUp(agent="anna", disposition="sale", at=MORNING)
    record = answered(wrap_ups=(said,), recordings=(Recording(url="https://r/1"),))
    planned = planner(policy).plan(effect(record))
    plan = planned.plan
    assert plan.assignee == Assignee(extension="1002", owner_first=True)
    assert plan.links == {Link.CONTACT}
    assert (plan.title, plan.disposition) == ("06 1234 5678: Venduto", "Venduto")
    assert plan.note is not None
    assert plan.note.startswith("Chiamante: Studio Verdi\n")
    assert plan.note.endswith("Esito indicato da anna: Venduto\n90 s [ /Filodiretto]")
    assert plan.recording_url == "https://r/1"
    assert planned.record.wrap_ups[0].disposition == "Venduto"


def test_recording_stays_here_where_the_policy_says_so() -> None:
    """Neither the plan nor the record may carry its address."""
    record = answered(recordings=(Recording(url="https://r/1"),))
    planned = planner(Policy(recording=False)).plan(effect(record))
    assert planned.plan.recording_url is None
    assert planned.record.recordings == ()


@pytest.mark.parametrize(
    ("record", "title"),
    [
        (missed(), "Richiamare Studio Verdi (+390612345678)"),
        (
            missed(contact=ContactRef(id="c", name="Paola Neri")),
            "Richiamare Paola Neri (+390612345678)",
        ),
        (
            missed(contact=ContactRef(id="c", name="A", match=MatchKind.SEVERAL)),
            "Richiamare Studio Verdi (+390612345678)",
        ),
    ],
)
def test_task_says_whom_to_call_back(record: CallRecord, title: str) -> None:
    """The owner reads one line: the verb, the person, the number."""
    policy = Policy(task=TaskPolicy(wanted=True, due_days=2, otherwise="1001"))
    plan = planner(policy).plan(effect(record, kind="task.missed")).plan
    assert isinstance(plan.task, TaskPlan)
    assert (plan.task.title, plan.task.due_on) == (title, date(2026, 10, 5))
    assert "Coda: support" in plan.task.note
    assert plan.assignee == Assignee(extension="1001", owner_first=True)


def test_late_call_of_the_evening_is_due_on_the_local_day() -> None:
    """At 23:30 UTC it is tomorrow in Rome."""
    late = MORNING.replace(hour=23, minute=30)
    policy = Policy(task=TaskPolicy(wanted=True))
    plan = planner(policy).plan(effect(missed(ended_at=late), kind="task.missed")).plan
    assert plan.task is not None
    assert plan.task.due_on == date(2026, 10, 4)


@pytest.mark.parametrize(
    ("local", "days", "due_on"),
    [
        ("2026-10-02T02:00", 0, date(2026, 10, 2)),  # a Friday before dawn: somebody comes at nine
        ("2026-10-02T17:59", 0, date(2026, 10, 2)),
        ("2026-10-02T18:00", 0, date(2026, 10, 6)),  # over the week-end and a closed Monday
        ("2026-10-02T10:00", 1, date(2026, 10, 6)),
        ("2026-10-03T10:00", 2, date(2026, 10, 8)),
    ],
)
def test_task_is_due_on_a_day_on_which_somebody_is_there(
    local: str, days: int, due_on: date
) -> None:
    """A task due at night or on a holiday is overdue before anybody could have seen to it."""
    closed = read_holiday("2026-10-05")
    assert isinstance(closed, DayOff)
    office = Calendar(
        "office",
        zone=ROME,
        week=read_week(["Mon-Fri 09:00-18:00"]),
        special=special_days([closed], [2026]),
    )
    at = datetime.fromisoformat(local).replace(tzinfo=ROME)
    policy = Policy(task=TaskPolicy(wanted=True, due_days=days))
    made = planner(policy, calendars=CalendarBook(default=office))
    plan = made.plan(effect(missed(ended_at=at), kind="task.missed")).plan
    assert plan.task is not None
    assert plan.task.due_on == due_on


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{{ call.outcom }}", "did you mean call.outcome"),
        ("{{ calls }}", "did you mean call"),
        ("{% if %}", "is not a template"),
    ],
)
def test_template_that_cannot_be_read_stops_the_start(template: str, complaint: str) -> None:
    """A typo is found by `check`, not in the CRM."""
    with pytest.raises(ConfigError, match=complaint) as caught:
        planner(Policy(note=template))
    assert caught.value.where == "crm.crm.policy.note"


@pytest.mark.parametrize("template", ["{{ 1 / 0 }}", "{{ call.id + 1 }}", "{{ ''.__class__ }}"])
def test_template_that_fails_leaves_the_connectors_own_words(template: str) -> None:
    """A call is written even if the administrator's text is not; nothing leaves the sandbox."""
    assert planner(Policy(note=template)).plan(effect(answered())).plan.note is None


def test_only_what_depends_on_it_asks_the_store() -> None:
    """The end of a call written only then costs no question."""
    at_end, at_ring = planner(Policy()), planner(Policy(when=Moment.RING))
    assert not at_end.asks_store(effect(answered()))
    assert at_end.asks_store(effect(missed(), kind="task.missed"))
    assert at_end.asks_store(effect(answered(), kind="call.updated"))
    assert at_ring.asks_store(effect(answered()))
    assert at_ring.asks_store(effect(answered(state=CallState.LIVE), kind="call.started"))
