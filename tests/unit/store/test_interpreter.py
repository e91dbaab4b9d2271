"""How long a thread keeps the interpreter beside the event loop's."""

import sys
from collections.abc import Iterator

import pytest

from gateway.store.interpreter import SHORT_S, USUAL_S, short_turns


@pytest.fixture(autouse=True)
def usual_turns() -> Iterator[None]:
    """Start with what a running gateway has, and leave what the tests had."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL_S)
    yield
    sys.setswitchinterval(before)


def test_turns_are_short_while_anybody_waits_for_a_thread() -> None:
    """A pop beside an import would wait for the interpreter at each read of a socket."""
    with short_turns():
        with short_turns():
            assert sys.getswitchinterval() == pytest.approx(SHORT_S, rel=0.05)
        assert sys.getswitchinterval() == pytest.approx(SHORT_S, rel=0.05)
    assert sys.getswitchinterval() == pytest.approx(USUAL_S, rel=0.05)


def test_turns_are_as_before_after_work_that_failed() -> None:
    """Or they stayed short for good."""
    with pytest.raises(ValueError, match="no"), short_turns():
        raise ValueError("no")
    assert sys.getswitchinterval() == pytest.approx(USUAL_S, rel=0.05)


def test_turns_that_are_shorter_already_stay_so() -> None:
    """Whoever embeds us may have chosen."""
    sys.setswitchinterval(SHORT_S / 2)
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(SHORT_S / 2, rel=0.05)
