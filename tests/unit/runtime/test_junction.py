"""Where the pipelines of PBXs with peers meet."""

from dataclasses import dataclass, field, replace

import pytest
from support.crm_records import answered

from gateway.core.record import CallRecord, Direction, Party
from gateway.runtime.junction import Junction, open_junction


@dataclass
class Pbx:
    """A `[[pbx]]` table with peers."""

    name: str
    peers: dict[str, str] = field(default_factory=dict)

    def peer_query(self, channel: str) -> str:
        """Return the variable to ask for."""
        return f"call-id of {channel}"


@dataclass
class Plain:
    """A `[[pbx]]` table of an adapter that knows no peers."""

    name: str


def junction(*pbxs: object) -> Junction:
    """Return where they meet."""
    opened = open_junction(pbxs)
    assert opened is not None
    return opened


HQ, BRANCH = Pbx("hq", {"to-branch": "branch"}), Pbx("branch", {"to-hq": "hq"})


def record(pbx: str = "hq", **changes: object) -> CallRecord:
    """Return an ended call of a PBX."""
    return replace(answered("1795290244.12"), pbx=pbx, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pbxs",
    [
        (Pbx("hq"),),
        (Pbx("hq"), Pbx("branch")),
        (Pbx("hq", {"to-branch": "branch"}),),
        (Pbx("hq", {"to-self": "hq"}),),
        (Pbx("hq", {"to-old": "old"}), Plain("old")),
    ],
)
def test_pbxs_without_a_followed_peer_do_not_meet(pbxs: tuple[object, ...]) -> None:
    """Most installations have one PBX: nothing stands between its table and the desk."""
    assert open_junction(pbxs) is None


def test_peer_that_names_nobody_back_is_met_too() -> None:
    """One of the two tables may have been forgotten; the other still says where calls go."""
    met = junction(HQ, Pbx("branch"), Pbx("third"))
    assert [name for name in ("hq", "branch", "third") if met.has(name)] == ["hq", "branch"]


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        (record(), True),
        (record(answered_by="branch:201"), False),
        (record(rung=(("1001", "branch:201"),)), False),
        (record(rung=(("elsewhere:201",),)), True),
        (record("branch", trunk="to-hq"), False),
        (record("branch", trunk="carrier"), True),
        (record("unfollowed", trunk="to-hq"), True),
    ],
)
def test_call_of_a_history_that_went_over_is_incomplete(found: CallRecord, whole: bool) -> None:  # noqa: FBT001
    """No history tells a Call-ID: what the other PBX did with it is not known."""
    met = junction(HQ, BRANCH)
    recalled = met.recalled(found) if met.has(found.pbx) else found
    assert recalled.complete is whole


def test_call_that_came_over_is_known_by_trunk_and_caller() -> None:
    """The same trunk carries calls in both directions."""
    met = junction(HQ, BRANCH)
    customer = record("branch", trunk="to-hq", direction=Direction.INBOUND)
    colleague = replace(customer, direction=Direction.INTERNAL, caller=Party(number="hq:1001"))
    own = replace(colleague, caller=Party(number="201"))
    assert [met.came_over(one) for one in (customer, colleague, own)] == [True, True, False]
