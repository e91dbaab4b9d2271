"""Where we and the registrar are, and whether it minds to be asked."""

import pytest

from adapters.sip.asking import EVERY_S, KEEP_ALIVE, Asking
from adapters.sip.message import SipMessage, read
from adapters.sip.whereabouts import ADDRESSES_MOST, MISSED_MOST, Whereabouts


def answer(question: bytes, status: int) -> SipMessage:
    """Return an answer to a question of ours."""
    return read(question.replace(question.split(b"\r\n")[0], f"SIP/2.0 {status} Said".encode()))


def test_address_of_ours_has_moved_when_seen_twice() -> None:
    """While a line comes up again, the route may lead anywhere for a moment, or nowhere."""
    route = {"now": "192.0.2.1"}
    where = Whereabouts("198.51.100.1", "192.0.2.1", lambda _to: route["now"])
    seen = []
    moments = ("192.0.2.1", "192.0.2.9", "", "192.0.2.9", "192.0.2.8", "192.0.2.9", "192.0.2.9")
    for second, address in enumerate(moments):
        route["now"] = address
        seen.append(where.moved(10.0 + second))
    assert seen == [False] * 6 + [True]
    assert not where.moved(16.5), "asked once a second"


def test_configured_address_never_moves() -> None:
    """Who writes an address into listen knows why."""
    assert not Whereabouts("198.51.100.1", "192.0.2.1").moved(100)


def test_registrar_has_moved_when_its_name_leaves_it_out_for_a_while() -> None:
    """A name with many servers gives some of them each time; a name service away gives none."""
    where = Whereabouts("198.51.100.1", "192.0.2.1", addresses=["198.51.100.1"])
    assert where.found(["198.51.100.2"]), "the allow-list follows at once"
    assert not where.found(["198.51.100.2", "198.51.100.1"])
    for _ in range(MISSED_MOST):
        assert not where.registrar_moved
        where.found([])
        where.found(["198.51.100.2"])
    assert where.registrar_moved
    assert where.addresses == ["198.51.100.1", "198.51.100.2"]


def test_name_with_ever_new_addresses_does_not_open_the_gate() -> None:
    """The allow-list of a name is bounded."""
    where = Whereabouts("198.51.100.1", "192.0.2.1")
    for number in range(200):
        where.found([f"203.0.113.{number}"])
    assert len(where.addresses) == ADDRESSES_MOST


def test_outside_address_that_changes_is_noticed() -> None:
    """The router got another address: the registrar's answers say so (RFC 3581)."""
    where = Whereabouts("198.51.100.1", "192.0.2.1")
    seen = [where.seen(one) for one in ("", "203.0.113.1", "", "203.0.113.1", "203.0.113.2")]
    assert seen == [False, False, False, False, True]


@pytest.mark.parametrize("status", [200, 403, 404, 501])
def test_any_answer_says_that_the_registrar_is_there(status: int) -> None:
    """403 to OPTIONS is an answer; who says that he does not want to be asked is not."""
    asking = Asking("us", "h", "192.0.2.1:5062", "id")
    question = asking.due(100)
    assert question is not None
    assert asking.due(101) is None
    assert asking.answered(answer(question, status), 100.02) == pytest.approx(0.02)
    assert asking.answered(answer(question, status), 100.03) is None, "a repetition"
    following = asking.due(100 + EVERY_S)
    assert (following == KEEP_ALIVE) is (status in {403, 501})


def test_registrar_that_falls_silent_is_told_from_one_that_never_answers() -> None:
    """Many never answer OPTIONS and work well; one that did and stops is away."""
    asking = Asking("us", "h", "192.0.2.1:5062", "id")
    for turn in range(1, 9):
        asking.due(turn * EVERY_S)
    assert not asking.silent
    question = asking.due(10 * EVERY_S)
    assert question is not None
    asking.answered(answer(question, 200), 10 * EVERY_S)
    asking.due(11 * EVERY_S)
    asking.due(12 * EVERY_S)
    assert not asking.silent
    asking.due(13 * EVERY_S)
    assert asking.silent
