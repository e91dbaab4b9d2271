"""One table for each rule of a policy."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from support.crm_records import MORNING, answered, missed

from crm_sync.connectors.policy_table import PolicyTable
from crm_sync.connectors.webhook.settings import WebhookSettings
from crm_sync.policy import AssignTo, Create, Interest, Policy, TaskPolicy
from crm_sync.policy_words import LANGUAGES, described
from gateway.core.ports import CrmCapabilities, Tier
from gateway.core.record import (
    Called,
    CallRecord,
    CallState,
    ContactRef,
    Direction,
    MatchKind,
    Outcome,
    Party,
    Recording,
    WrapUp,
)
from gateway.core.writing import Assignee, Creation, Link

SECRET = "whsec_" + "A" * 43 + "="
ABLE = CrmCapabilities(tier=Tier.A, tasks=True, creates=frozenset(Creation))
OUTBOUND = answered(
    "o.1",
    direction=Direction.OUTBOUND,
    caller=Party(number="1002"),
    called=Called(number="0612345678", e164="+390612345678"),
    queue=None,
    final_talker="1003",
)
INTERNAL = replace(OUTBOUND, direction=Direction.INTERNAL)
LIVE = answered("l.1", state=CallState.LIVE, outcome=None, ended_at=None)
KNOWN = answered("k.1", contact=ContactRef(id="c1", name="Verdi"))
UNKNOWN = answered("k.2", contact=ContactRef(id="", match=MatchKind.NONE))


@pytest.mark.parametrize(
    ("policy", "record", "wanted"),
    [
        (Policy(), answered(), True),
        (Policy(), OUTBOUND, True),
        (Policy(), INTERNAL, False),
        (Policy(directions=frozenset({Direction.INTERNAL})), INTERNAL, True),
        (Policy(directions=frozenset({Direction.OUTBOUND})), answered(), False),
        (Policy(outcomes=frozenset({Outcome.ANSWERED})), answered(), True),
        (Policy(outcomes=frozenset({Outcome.ANSWERED})), missed(), False),
        (Policy(outcomes=frozenset({Outcome.ANSWERED})), LIVE, True),
        (Policy(queues=frozenset({"support"})), answered(), True),
        (Policy(queues=frozenset({"sales"})), answered(), False),
        (Policy(queues=frozenset({"sales"})), OUTBOUND, False),
        (Policy(except_queues=frozenset({"support"})), answered(), False),
        (Policy(except_queues=frozenset({"support"})), OUTBOUND, True),
        (Policy(interest=Interest.KNOWN), KNOWN, True),
        (Policy(interest=Interest.KNOWN), UNKNOWN, False),
        (Policy(interest=Interest.KNOWN), answered(), False),
    ],
)
def test_which_calls_a_crm_hears_of(policy: Policy, record: CallRecord, *, wanted: bool) -> None:
    """Direction, outcome, queue and interest narrow it down; internal calls only if named."""
    assert policy.wants(record) is wanted


@pytest.mark.parametrize(
    ("assign", "record", "assignee"),
    [
        (AssignTo.ANSWERED_BY, answered(final_talker="1005"), Assignee(extension="1002")),
        (AssignTo.FINAL_TALKER, answered(final_talker="1005"), Assignee(extension="1005")),
        (AssignTo.FINAL_TALKER, answered(final_talker=None), Assignee(extension="1002")),
        (AssignTo.OWNER, answered(), Assignee(extension="1002", owner_first=True)),
        (AssignTo.ANSWERED_BY, OUTBOUND, Assignee(extension="1002")),
        (AssignTo.FINAL_TALKER, OUTBOUND, Assignee(extension="1003")),
        (AssignTo.ANSWERED_BY, missed(), Assignee(extension=None)),
        (AssignTo.FINAL_TALKER, missed(), Assignee(extension=None)),
    ],
)
def test_whose_record_a_call_becomes(
    assign: AssignTo, record: CallRecord, assignee: Assignee
) -> None:
    """Who answered by default; without an extension it is the customer's owner."""
    assert Policy(assign=assign).assignee(record) == assignee


@pytest.mark.parametrize(
    ("create", "record", "asked", "made"),
    [
        (Create.NEVER, missed(), False, False),
        (Create.NEVER, missed(), True, False),
        (Create.ASK, missed(), False, False),
        (Create.ASK, answered(), True, True),
        (Create.MISSED, missed(), False, True),
        (Create.MISSED, answered(), False, False),
        (Create.ALWAYS, answered(), False, True),
        (Create.ALWAYS, OUTBOUND, False, True),
        (Create.ALWAYS, LIVE, False, False),
        (Create.ALWAYS, INTERNAL, False, False),
    ],
)
def test_who_is_made_a_contact(
    create: Create, record: CallRecord, *, asked: bool, made: bool
) -> None:
    """Nobody by default, nobody while the call is up, never a colleague."""
    policy = Policy(create=create, create_as=Creation.LEAD)
    assert policy.creates(record, asked=asked) == (Creation.LEAD if made else None)


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (missed(), True),
        (missed(outcome=Outcome.VOICEMAIL), True),
        (answered(), False),
        (missed(caller=Party(number="anonymous")), False),
        (replace(OUTBOUND, outcome=Outcome.BUSY), False),
    ],
)
def test_which_calls_ask_for_a_call_back(record: CallRecord, *, wanted: bool) -> None:
    """A customer whom nobody of ours spoke with, and whose number is known."""
    assert Policy(task=TaskPolicy(wanted=True)).wants_task(record) is wanted
    assert not Policy().wants_task(record)


def test_record_goes_out_in_the_crms_words() -> None:
    """The disposition is mapped for this CRM only; a recording leaves only if it may."""
    said = WrapUp(agent="anna", disposition="sale", at=MORNING)
    other = WrapUp(agent="bruno", disposition="spam", at=MORNING)
    record = answered(wrap_ups=(said, other), recordings=(Recording(url="https://r/1"),))
    policy = Policy(dispositions={"sale": "Venduto"}, recording=False)
    dressed = policy.dressed(record)
    assert [one.disposition for one in dressed.wrap_ups] == ["Venduto", "spam"]
    assert dressed.recordings == ()
    assert Policy().dressed(record) is record


@pytest.mark.parametrize(
    ("table", "capabilities", "complaint"),
    [
        ({"when": "ring"}, replace(ABLE, updates=False), "brought up to date"),
        ({"create": "always"}, replace(ABLE, creates=frozenset()), "can create nobody"),
        ({"missed_task": True}, replace(ABLE, tasks=False), "makes no tasks"),
        (
            {"create": "always", "create_as": "lead"},
            replace(ABLE, creates=frozenset({Creation.CONTACT})),
            "can create contact",
        ),
    ],
)
def test_policy_that_the_crm_cannot_keep_is_refused(
    table: dict[str, Any], capabilities: CrmCapabilities, complaint: str
) -> None:
    """It is found at the start, with what to change, not at the first call."""
    with pytest.raises(ValueError, match=complaint):
        PolicyTable.model_validate(table).policy(capabilities)


@pytest.mark.parametrize(
    "table",
    [
        {"when": "ring", "outcomes": ["answered"]},
        {"create": "always", "interest": "known"},
        {"directions": []},
        {"when": "CHANGE_ME"},
        {"whenn": "end"},
        {"keep_days": 0},
    ],
)
def test_policy_that_contradicts_itself_is_refused(table: dict[str, Any]) -> None:
    """What cannot be kept as it is written is no policy."""
    with pytest.raises(ValidationError):
        PolicyTable.model_validate(table)


def test_task_is_made_where_the_crm_can_unless_told_otherwise() -> None:
    """A missed call must not depend on somebody reading the manual."""
    assert PolicyTable().policy(ABLE).task.wanted
    assert not PolicyTable().policy(replace(ABLE, tasks=False)).task.wanted
    assert not PolicyTable(missed_task=False).policy(ABLE).task.wanted
    table = {"name": "hook", "kind": "webhook", "url": "https://example.com", "secret": SECRET}
    for policy, wanted in (({}, False), ({"missed_task": True}, True)):
        hook = WebhookSettings.model_validate({**table, "policy": policy})
        assert hook.policy.policy(ABLE).task.wanted is wanted
    assert not WebhookSettings.model_validate(table).policy.policy(ABLE).task.wanted


def test_policy_is_said_in_both_languages() -> None:
    """Every rule has its words in each of them."""
    assert LANGUAGES["it"].keys() == LANGUAGES["en"].keys()
    full = Policy(
        directions=frozenset(Direction),
        outcomes=frozenset({Outcome.ANSWERED}),
        queues=frozenset({"sales"}),
        except_queues=frozenset({"lab"}),
        interest=Interest.KNOWN,
        links=frozenset(),
        create=Create.MISSED,
        task=TaskPolicy(wanted=True, after_s=600, due_days=2, otherwise="1001"),
        note="{{ facts }}",
        recording=False,
        keep_days=30,
    )
    text = " ".join(described(full, "en"))
    for part in (
        "inbound, outbound, internal calls, only with people in the directory, only if answered",
        "only of the queues sales",
        "not of the queues lab",
        "Linked to nothing.",
        "who got no answer becomes a contact. Never from our own numbers.",
        "(without an owner: extension 1001), due within 2 days, after 10 minutes without",
        "Note: the administrator's template.",
        "Without the recording's address.",
        "kept here for 30 days",
    ):
        assert part in text
    assert "interne mai" in " ".join(described(Policy(), "it"))
    assert Link.DEAL in Policy().links
