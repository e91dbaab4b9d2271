"""Whom waiting customers concern."""

from dataclasses import replace

import pytest
from support.desk import ANNA, LUCA, SARA, START, TurnedClock

from gateway.desk.audience import Audience
from gateway.desk.hub import Hub
from gateway.desk.roster import Roster
from gateway.store.teams import Team

NORTH = Team(name="north", queues=(("", "support"),), members=("anna",))
SOUTH = Team(name="south", queues=(("", "sales"), ("", "support")), members=("luca",))


def audience(*teams: Team) -> Audience:
    """Return an audience of Anna, Luca and Sara in these teams."""
    roster = Roster((ANNA, LUCA, SARA), teams)
    return Audience(Hub(TurnedClock(START), epoch="e"), roster)


@pytest.mark.parametrize(
    ("login", "others"), [("anna", {"sales"}), ("luca", set()), ("sara", set())]
)
def test_queues_of_other_teams_are_those_that_are_not_ones_own(
    login: str, others: set[str]
) -> None:
    """Two teams may share a queue; who stands in no team helps everywhere."""
    assert audience(NORTH, SOUTH).queues_of_others(login) == others


def test_queue_of_no_team_is_everybodys() -> None:
    """Teams from an imported file have no queues: their customers must be seen by somebody."""
    imported = tuple(replace(team, queues=()) for team in (NORTH, SOUTH))
    assert audience(*imported).queues_of_others("anna") == frozenset()
