"""What is told of a mystery call is what the API's description says."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.core.mystery import (
    Change,
    Mark,
    MysteryRun,
    MysterySeconds,
    MysteryStep,
    RunState,
)
from gateway.core.mystery_words import CHANGED
from gateway.core.trunks import TrunkRef
from gateway.desk.mystery import run_json
from gateway.web.shapes.mystery import TrunkTest

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
RUN = MysteryRun(
    id=UUID(int=1),
    trunk=TrunkRef(pbx="hq", name="carrier"),
    test="day",
    number="+390299993000",
    by="",
    started_at=AT,
    state=RunState.CHANGED,
    ended_at=AT,
    seconds=MysterySeconds(post_dial_delay=0.4),
    steps=(MysteryStep(at=AT, kind=Mark.MENU, text="menu main", italian="menu main", ok=None),),
    path=("menu:main",),
    words=CHANGED,
    changes=(Change(what="path", before="menu:day", now="menu:main"),),
)


def test_run_is_told_as_described() -> None:
    """Clients are generated from the description."""
    shown = TrunkTest.model_validate(run_json(RUN))
    assert (shown.by, shown.seconds.talk, shown.changes[0].what) == (None, None, "path")


@pytest.mark.parametrize(
    ("language", "cause"),
    [
        ("en", "The call went otherwise than usual."),
        ("it", "La chiamata è andata diversamente dal solito."),
    ],
)
def test_cause_is_in_the_language_asked_for(language: str, cause: str) -> None:
    """And in both beside it, for pages that change theirs."""
    told = run_json(RUN, language)
    assert told["cause"] == cause
    words = TrunkTest.model_validate(told).words
    assert set(words) == {"en", "it"}
