"""Real calls of every family on real Asterisks, followed by the real adapter: what happened.

`make test` performs one play of each family on Asterisk 22 and five on 16; `--all` all on both.
"""

import pytest
from _pytest.mark import ParameterSet
from support.asterisk_lab.chroot import ASTERISK_16, ASTERISK_22, LabUnavailableError, Release
from support.asterisk_lab.instance import InstanceError
from support.asterisk_lab.performance import Result, perform_all
from support.asterisk_lab.plays.catalogue import CATALOGUE, Play
from support.components import missing

# The first test performs every play that was asked for; most of that time is ringing and talking.
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

LABS = 8
FAMILIES = frozenset(
    {
        "attended transfer", "blind transfer", "blonde transfer", "call waiting", "click",
        "conference", "confirmed", "direct", "forward", "group", "hold", "internal", "menu",
        "outbound", "park", "pickup", "queue", "relay", "several calls", "twins", "voicemail",
    }
)  # fmt: skip


def cases(release: Release) -> list[ParameterSet]:
    """Return the plays of a release; those that only `--all` performs are marked."""
    found = []
    for play in CATALOGUE.values():
        if release == ASTERISK_16 and not play.on_16:
            continue
        brief = play.brief if release == ASTERISK_22 else play.brief_16
        marks = [] if brief else [pytest.mark.exhaustive]
        found.append(pytest.param(play, id=play.name, marks=marks))
    return found


def performed(request: pytest.FixtureRequest, release: Release, fixture: str) -> dict[str, Result]:
    """Perform the plays that this run asks for on one release."""
    wanted: list[Play] = [
        play
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.path == request.path
        and fixture in item.fixturenames
        and isinstance(play := item.callspec.params["play"], Play)
    ]
    try:
        return perform_all(wanted, release=release, labs=LABS)
    except (LabUnavailableError, InstanceError) as error:
        missing(release.name, str(error))
        raise


@pytest.fixture(scope="module")
def on_22(request: pytest.FixtureRequest) -> dict[str, Result]:
    """Give what became of the plays on Asterisk 22."""
    return performed(request, ASTERISK_22, "on_22")


@pytest.fixture(scope="module")
def on_16(request: pytest.FixtureRequest) -> dict[str, Result]:
    """Give what became of the plays on Asterisk 16."""
    return performed(request, ASTERISK_16, "on_16")


def test_every_family_has_a_play_that_is_always_performed() -> None:
    """A family must not vanish from `make test`, nor a play from the catalogue."""
    assert {play.family for play in CATALOGUE.values() if play.brief} == FAMILIES
    assert sum(play.brief_16 for play in CATALOGUE.values()) == 5
    assert len(CATALOGUE) >= 400


@pytest.mark.parametrize("play", cases(ASTERISK_22))
def test_record_equals_what_the_far_ends_saw(on_22: dict[str, Result], play: Play) -> None:
    """Who called, who was rung, who answered, who hung up and how long it took, field by field."""
    check(on_22[play.name])


@pytest.mark.parametrize("play", cases(ASTERISK_16))
def test_record_on_asterisk_16_equals_what_the_far_ends_saw(
    on_16: dict[str, Result], play: Play
) -> None:
    """The oldest release supported tells less, and the record says the same."""
    check(on_16[play.name])


def check(result: Result) -> None:
    """Raise what went wrong, or every difference."""
    if isinstance(result, Exception):
        raise result
    assert result.wrong() == []
