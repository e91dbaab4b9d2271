"""When a mystery call that went well is nevertheless told as changed."""

from datetime import UTC, datetime
from uuid import UUID

from gateway.core.mystery import MysteryRun, MysterySeconds, RunState
from gateway.core.mystery_trend import changes
from gateway.core.trunks import TrunkRef


def run(
    to_person: float | None = 10.0, *, delay: float = 0.5, path: tuple[str, ...] = ("person",)
) -> MysteryRun:
    """Return a run that passed."""
    return MysteryRun(
        id=UUID(int=1),
        trunk=TrunkRef(pbx="hq", name="carrier"),
        test="day",
        number="+390299990000",
        by="",
        started_at=datetime(2026, 11, 22, tzinfo=UTC),
        state=RunState.PASSED,
        seconds=MysterySeconds(post_dial_delay=delay, to_answer=1.0, to_person=to_person),
        path=path,
    )


def test_first_runs_have_nothing_to_be_compared_with() -> None:
    """Nobody knows yet what is usual."""
    assert changes(run(99.0, path=("queue:night",)), [run(), run()]) == ()


def test_time_to_a_person_that_doubled_is_a_change() -> None:
    """This is what customers notice first."""
    (found,) = changes(run(21.0), [run(10.0 + step / 10) for step in range(6)])
    assert (found.what, found.now) == ("to_person", "21.0 s")


def test_usual_scatter_is_no_change() -> None:
    """A queue answers now at once, now after a minute: that must not cry wolf."""
    times = (2.0, 40.0, 8.0, 55.0, 20.0, 35.0, 11.0)
    assert changes(run(60.0), [run(time) for time in times]) == ()


def test_blink_that_doubled_is_no_change() -> None:
    """From 20 ms to 60 ms of post-dial delay nobody suffers."""
    assert changes(run(delay=0.06), [run(delay=0.02) for _ in range(8)]) == ()


def test_post_dial_delay_that_grew_is_a_change() -> None:
    """The carrier routes another way."""
    (found,) = changes(run(delay=4.0), [run(delay=0.5) for _ in range(8)])
    assert (found.what, found.before) == ("post_dial_delay", "0.5 s")


def test_other_menu_is_a_change_until_it_is_the_rule() -> None:
    """Somebody changed the dialplan: told at once, and not for ever."""
    old, new = run(path=("menu:main", "person")), run(path=("menu:night",), to_person=None)
    before = [old] * 6
    (found,) = changes(new, before)
    assert (found.before, found.now) == ("menu:main > person", "menu:night")
    assert changes(new, [new, *before])
    assert not changes(new, [new, new, new, *before])


def test_way_that_differs_each_time_is_never_a_change() -> None:
    """Where a queue overflows to a mailbox now and then there is no one way."""
    ways = [run(path=("person",)), run(path=("voicemail",))] * 4
    assert changes(run(path=("queue:b",)), ways) == ()
