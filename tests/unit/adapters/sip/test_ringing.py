"""Calls that ring and are never answered: what is said to the PBX, and what it means."""

import pytest

from adapters.sip.message import SipMessage, read
from adapters.sip.ringing import LIFE_S, MOST_CALLS, Action, Answer, Calls, End, Rings, Stopped

HOST = ("192.0.2.7", 5060)


def request(
    method: str,
    *lines: str,
    call: str = "c1",
    branch: str = "z1",
    tag: str = "f1",
    cseq: int = 1,
    to: str = "",
) -> SipMessage:
    """Return a request of the PBX's; `to` is the tag of its To."""
    ours = f";tag={to}" if to else ""
    text = (
        f"{method} sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP pbx;branch={branch}\r\n"
        f"From: <sip:+39@h>;tag={tag}\r\nTo: <sip:us@h>{ours}\r\nCall-ID: {call}\r\n"
        f"CSeq: {cseq} {method}\r\n" + "".join(f"{line}\r\n" for line in lines) + "\r\n"
    )
    return read(text.encode())


def calls(*, alone: bool = False) -> Calls:
    """Return an empty table whose tags are always `t`."""
    return Calls(lambda: "t", ring_limit_s=60, alone=alone)


def said(actions: list[Action]) -> list[int]:
    """Return the status codes that go out."""
    return [action.status for action in actions if isinstance(action, Answer)]


def ends(actions: list[Action]) -> list[End]:
    """Return how calls ended."""
    return [action.end for action in actions if isinstance(action, Stopped)]


def test_invite_rings_once_however_often_it_comes() -> None:
    """UDP repeats what was not answered in time: one call, the same answer."""
    table = calls()
    first = table.request(request("INVITE"), HOST, 0)
    again = table.request(request("INVITE"), HOST, 0.5)
    assert said(first) == said(again) == [180]
    assert sum(isinstance(action, Rings) for action in (*first, *again)) == 1


def test_same_call_by_another_way_is_a_loop() -> None:
    """Two INVITEs with one Call-ID must not become two pops, nor replace the first."""
    table = calls()
    table.request(request("INVITE"), HOST, 0)
    assert said(table.request(request("INVITE", branch="z2"), HOST, 0)) == [482]
    assert len(table) == 1


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ('Reason: SIP;cause=200;text="Call completed elsewhere"', End.ELSEWHERE),
        ("Reason: Q.850;cause=26", End.ELSEWHERE),
        ("Reason: Q.850;cause=16, SIP;cause=200", End.ELSEWHERE),
        ("Reason: Q.850;cause=0", End.NOBODY),
        ("Reason: SIP ;cause=408", End.NOBODY),
        ("Reason: Q.850;cause=16", End.LEFT),
        ("Reason: nonsense", End.LEFT),
        ("X: y", End.LEFT),
    ],
)
def test_cancel_says_why(reason: str, end: End) -> None:
    """RFC 3326: answered elsewhere, rung long enough, or, without a reason, the caller left."""
    table = calls()
    table.request(request("INVITE"), HOST, 0)
    actions = table.request(request("CANCEL", reason), HOST, 1)
    assert (said(actions), ends(actions)) == ([200, 487], [end])
    assert ends(table.request(request("CANCEL", reason), HOST, 1.5)) == []


@pytest.mark.parametrize(
    "cancel",
    [
        request("CANCEL", branch="guess"),
        request("CANCEL", tag="guess"),
        request("CANCEL", call="guess"),
        request("CANCEL", to="guess"),
        request("CANCEL", cseq=2),
        request("BYE", tag="guess", to="t"),
        request("BYE", to="guess"),
        request("BYE"),
    ],
)
def test_spoofed_end_changes_nothing(cancel: SipMessage) -> None:
    """Who does not know branch and tag of the INVITE is not who sent it."""
    table = calls()
    table.request(request("INVITE"), HOST, 0)
    actions = table.request(cancel, HOST, 1)
    assert (said(actions), ends(actions), len(table)) == ([481], [], 1)


def test_refusal_is_repeated_until_it_is_acknowledged() -> None:
    """RFC 3261 17.2.1: over UDP a 487 may be lost, and the PBX's channel would hang."""
    table = calls()
    table.request(request("INVITE"), HOST, 0)
    table.request(request("CANCEL"), HOST, 1)
    assert said(table.tick(1.2)) == []
    assert said(table.tick(1.6)) == [487]
    table.request(request("ACK"), HOST, 2)
    assert said(table.tick(10)) == []
    table.tick(2 + LIFE_S)
    assert said(table.request(request("INVITE"), HOST, 50)) == [180], "a new call of that name"


def test_acknowledged_refusal_is_forgotten_soon() -> None:
    """RFC 3261 17.2.1, timer I: a trunk with many calls must not be full of those that are over."""
    table = calls()
    for number in range(2 * MOST_CALLS):
        call, now = f"c{number}", number / 10
        assert said(table.request(request("INVITE", call=call), HOST, now)) == [180]
        table.request(request("CANCEL", call=call), HOST, now)
        table.request(request("ACK", call=call), HOST, now)
        table.tick(now)


def test_call_that_is_never_taken_back_is_missed() -> None:
    """A CANCEL may be lost for good: nothing rings for ever."""
    table = calls()
    table.request(request("INVITE", "Expires: 20"), HOST, 0)
    assert ends(table.tick(19)) == []
    actions = table.tick(20.5)
    assert (said(actions), ends(actions)) == ([480], [End.NOBODY])


def test_alone_on_the_account_we_are_nobody() -> None:
    """A device that always rings would keep callers from the voicemail (SIP.md, decision 6)."""
    table = calls(alone=True)
    actions = table.request(request("INVITE"), HOST, 0)
    assert said(actions) == [480]
    assert not any(isinstance(action, Rings) for action in actions)


def test_questions_of_the_pbx_are_answered() -> None:
    """Without an answer to OPTIONS Asterisk sends no calls any more."""
    table = calls()
    for method in ("OPTIONS", "NOTIFY", "UPDATE", "INFO"):
        assert said(table.request(request(method, call=method), HOST, 0)) == [200]
    assert said(table.request(request("SUBSCRIBE"), HOST, 0)) == [405]
    assert said(table.request(request("BYE"), HOST, 0)) == [481]


def test_too_many_calls_are_refused_not_forgotten() -> None:
    """A provider gone mad must not take the memory: what rings already goes on."""
    table = calls()
    for number in range(MOST_CALLS):
        table.request(request("INVITE", call=f"c{number}"), HOST, 0)
    assert said(table.request(request("INVITE", call="more"), HOST, 0)) == [503]
    assert said(table.request(request("INVITE", call="c0"), HOST, 0)) == [180]


def test_call_of_an_earlier_process_can_be_cancelled() -> None:
    """The child that saw it ring was killed; its successor knows branch, tag and answers."""
    table = calls()
    table.take_over(Rings(call="c1 #2", invite=request("INVITE"), source=HOST, tag="old"), 0)
    actions = table.request(request("CANCEL"), HOST, 1)
    assert [one.call for one in actions if isinstance(one, Stopped)] == ["c1 #2"]
    assert {action.tag for action in actions if isinstance(action, Answer)} == {"old"}


def test_call_that_hunts_back_to_us_rings_again_under_a_name_of_its_own() -> None:
    """Kamailio's serial forking comes back with the same Call-ID: a new ringing, not a loop."""
    table = calls()
    names = []
    for turn, branch in enumerate(("z1", "z2", "z3")):
        actions = table.request(request("INVITE", branch=branch), HOST, 10 * turn)
        names += [one.call for one in actions if isinstance(one, Rings)]
        table.request(request("CANCEL", branch=branch), HOST, 10 * turn + 5)
        table.request(request("ACK", branch=branch), HOST, 10 * turn + 5)
    assert names == ["c1", "c1 #2", "c1 #3"]
    late = table.request(request("CANCEL", branch="z3"), HOST, 26)
    assert (said(late), ends(late)) == ([200], [])
    assert said(table.request(request("CANCEL", branch="z1"), HOST, 26)) == [481]


def test_cancel_without_a_reason_means_what_is_configured() -> None:
    """Some systems never say that a call was answered elsewhere; a reason still counts."""
    for lines, end in (((), End.ELSEWHERE), (("Reason: Q.850;cause=16",), End.LEFT)):
        table = Calls(lambda: "t", unexplained=End.ELSEWHERE)
        table.request(request("INVITE"), HOST, 0)
        assert ends(table.request(request("CANCEL", *lines), HOST, 1)) == [end]


@pytest.mark.parametrize(
    ("at", "end"), [(5.0, End.LEFT), (18.9, End.LEFT), (19.4, End.NOBODY), (25.0, End.NOBODY)]
)
def test_cancel_when_the_pbx_gives_up_is_a_missed_call(at: float, end: End) -> None:
    """Kamailio gives no reason when its time of ringing is over: the moment tells."""
    table = Calls(lambda: "t", gives_up_s=20)
    table.request(request("INVITE"), HOST, 100)
    assert ends(table.request(request("CANCEL"), HOST, 100 + at)) == [end]


def test_invite_within_the_ringing_is_put_off() -> None:
    """RFC 3261 14.2: a re-INVITE before the final answer gets 500 and a Retry-After."""
    table = calls()
    table.request(request("INVITE"), HOST, 0)
    (answer,) = table.request(request("INVITE", to="t", branch="z2", cseq=2), HOST, 1)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers) == (500, (("Retry-After", "5"),))
    assert len(table) == 1
    table.request(request("CANCEL"), HOST, 2)
    assert said(table.request(request("INVITE", to="t", branch="z3", cseq=3), HOST, 3)) == [481]


def test_refused_invites_are_counted_by_what_they_asked_for() -> None:
    """A provider that requires what we do not do shows in the log, not only as calls not seen."""
    table = calls()
    for call in ("a", "b"):
        assert said(table.request(request("INVITE", "Require: 100rel", call=call), HOST, 0)) == [
            420
        ]
    assert table.refused == {420: 2}
    assert len(table) == 0
