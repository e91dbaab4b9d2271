"""Queues and phones by events: positions, members, states, and lists that come in between."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.attendance import (
    AttendanceSnapshot,
    CallerJoined,
    CallerLeft,
    DeviceState,
    DeviceTold,
    Member,
    MemberGone,
    MemberTold,
    Presence,
    PresenceTold,
    WaitingCaller,
)
from gateway.core.inputs import LinkDown, PbxRestarted, Tick
from gateway.core.queues import Change, PhoneChanged, QueueBoard, QueueChanged

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ANNA = Member(interface="PJSIP/1001", extension="1001", name="Anna", state=DeviceState.IDLE)
BRUNO = Member(interface="PJSIP/1002", extension="1002", name="Bruno", state=DeviceState.IDLE)


def at(seconds: float) -> datetime:
    """Return a moment."""
    return START + timedelta(seconds=seconds)


def joined(channel: str, seq: int, *, position: int = 0, queue: str = "sales") -> CallerJoined:
    """Return a caller's arrival; the event's number is also its second."""
    return CallerJoined(
        at=at(seq), seq=seq, queue=queue, channel=channel, linkedid=channel, position=position
    )


def left(channel: str, seq: int, queue: str = "sales") -> CallerLeft:
    """Return a caller's departure."""
    return CallerLeft(at=at(seq), seq=seq, queue=queue, channel=channel)


def listed(
    seq: int,
    *,
    members: tuple[Member, ...] = (),
    callers: tuple[str, ...] = (),
    devices: tuple[tuple[str, str, DeviceState], ...] = (),
    queues: tuple[str, ...] = ("sales",),
) -> AttendanceSnapshot:
    """Return lists that were asked for after event `seq`."""
    return AttendanceSnapshot(
        at=at(100),
        requested_seq=seq,
        queues=queues,
        members=tuple(("sales", member) for member in members),
        callers=tuple(
            WaitingCaller(queue="sales", channel=one, linkedid=one, position=place, since=at(50))
            for place, one in enumerate(callers, 1)
        ),
        devices=devices,
    )


def waiting(board: QueueBoard, queue: str = "sales") -> list[tuple[int, str]]:
    """Return who waits, with their positions."""
    view = board.queue(queue)
    assert view is not None
    return [(one.position, one.channel) for one in view.waiting]


def test_positions_move_up_when_somebody_leaves() -> None:
    """The PBX tells no positions but at the arrival: the rest is counting."""
    board = QueueBoard()
    for number, channel in enumerate(("a", "b", "c"), 1):
        assert board.apply(joined(channel, number, position=number)) == (
            QueueChanged(queue="sales"),
        )
    board.apply(left("a", 4))
    assert waiting(board) == [(1, "b"), (2, "c")]
    view = board.queue("sales")
    assert view is not None
    assert view.waiting[0].since == at(2)


def test_caller_with_priority_goes_before_the_others() -> None:
    """QUEUE_PRIO lets somebody in at the head."""
    board = QueueBoard()
    board.apply(joined("a", 1, position=1))
    board.apply(joined("vip", 2, position=1))
    assert waiting(board) == [(1, "vip"), (2, "a")]


@pytest.mark.parametrize(
    ("place", "order"),
    [(1, "xabc"), (2, "axbc"), (3, "abxc"), (4, "abcx"), (9, "abcx"), (0, "abcx")],
)
def test_caller_is_let_in_where_the_pbx_says(place: int, order: str) -> None:
    """Those behind move down; a place behind the end that we know of is the end."""
    board = QueueBoard()
    for number, channel in enumerate("abc", 1):
        board.apply(joined(channel, number, position=number))
    board.apply(joined("x", 4, position=place))
    assert waiting(board) == list(enumerate(order, 1))


@pytest.mark.parametrize("twice", [joined("a", 2, position=1), left("b", 2)])
def test_event_that_changes_nothing_tells_nothing(twice: CallerJoined | CallerLeft) -> None:
    """Doubled and unknown events must not reach pages."""
    board = QueueBoard()
    board.apply(joined("a", 1, position=1))
    assert board.apply(twice) == ()
    assert waiting(board) == [(1, "a")]
    assert board.apply(Tick(at=at(3))) == ()


def test_member_is_told_when_anything_about_them_changes() -> None:
    """A pause with its reason, a ringing phone, a departure."""
    board = QueueBoard()
    told = MemberTold(at=at(1), seq=1, queue="sales", member=ANNA)
    assert board.apply(told) == (QueueChanged(queue="sales"),)
    assert board.apply(told) == ()
    gone = MemberGone(at=at(2), seq=2, queue="sales", interface=ANNA.interface)
    assert board.apply(gone) == (QueueChanged(queue="sales"),)
    assert board.apply(gone) == ()


def test_busiest_phone_tells_what_a_person_does() -> None:
    """Who talks on the headset is not free because the desk phone is."""
    board = QueueBoard()

    def told(device: str, state: DeviceState, seq: int) -> tuple[Change, ...]:
        return board.apply(
            DeviceTold(at=at(seq), seq=seq, device=device, extension="201", state=state)
        )

    assert told("PJSIP/201", DeviceState.IDLE, 1) == (PhoneChanged(extension="201"),)
    assert told("PJSIP/99201", DeviceState.UNAVAILABLE, 2) == ()
    assert told("PJSIP/99201", DeviceState.IN_USE, 3) == (PhoneChanged(extension="201"),)
    assert told("PJSIP/201", DeviceState.RINGING, 4) == (PhoneChanged(extension="201"),)
    phone = board.phone("201")
    assert phone is not None
    assert (phone.state, phone.since) == (DeviceState.RINGING, at(4))


def test_presence_stands_beside_the_phone() -> None:
    """Away says the person, idle says the phone."""
    board = QueueBoard()
    away = Presence(status="away", message="lunch")
    told = PresenceTold(at=at(1), seq=1, extension="1001", presence=away)
    assert board.apply(told) == (PhoneChanged(extension="1001"),)
    assert board.apply(told) == ()
    phone = board.phone("1001")
    assert phone is not None
    assert phone.presence == away


def test_lists_show_what_happened_while_nobody_looked() -> None:
    """Who is listed waits, who is not has gone; our own times are finer than the list's."""
    board = QueueBoard()
    board.apply(joined("gone", 1, position=1))
    board.apply(joined("still", 2, position=2))
    board.apply(MemberTold(at=at(3), seq=3, queue="sales", member=ANNA))
    board.apply(LinkDown(at=at(4)))
    board.apply(listed(3, members=(BRUNO,), callers=("still", "new")))
    view = board.queue("sales")
    assert view is not None
    assert waiting(board) == [(1, "still"), (2, "new")]
    assert [one.since for one in view.waiting] == [at(2), at(50)]
    assert view.members == (BRUNO,)
    assert not view.stale


def test_live_events_are_truer_than_lists_that_were_on_their_way() -> None:
    """A caller who left since is not brought back, one who came since is not lost."""
    board = QueueBoard()
    board.apply(joined("old", 1, position=1))
    board.apply(left("old", 2))
    board.apply(joined("new", 3, position=1))
    board.apply(MemberGone(at=at(4), seq=4, queue="sales", interface=ANNA.interface))
    ringing = DeviceTold(
        at=at(5), seq=5, device="PJSIP/1001", extension="1001", state=DeviceState.RINGING
    )
    board.apply(ringing)
    devices = (("PJSIP/1001", "1001", DeviceState.IDLE),)
    board.apply(listed(1, members=(ANNA, BRUNO), callers=("old",), devices=devices))
    view, phone = board.queue("sales"), board.phone("1001")
    assert view is not None
    assert phone is not None
    assert waiting(board) == [(1, "new")]
    assert view.members == (BRUNO,)
    assert phone.state is DeviceState.RINGING


def test_queue_that_is_no_longer_listed_is_gone() -> None:
    """A queue removed from the PBX must not stay on the wallboard."""
    board = QueueBoard()
    board.apply(listed(0, queues=("sales", "old")))
    assert [view.name for view in board.queues()] == ["old", "sales"]
    changes = board.apply(listed(0, queues=("sales",)))
    assert changes == (QueueChanged(queue="old"),)
    assert board.queue("old") is None


def test_lost_link_makes_everything_stale_until_the_next_lists() -> None:
    """Stale state is shown as stale."""
    board = QueueBoard()
    board.apply(listed(0, members=(ANNA,), callers=("a",)))
    assert board.apply(LinkDown(at=at(1))) == (QueueChanged(queue="sales"),)
    assert board.apply(LinkDown(at=at(2))) == ()
    view = board.queue("sales")
    assert view is not None
    assert view.stale
    assert waiting(board) == [(1, "a")]


def test_restarted_pbx_has_no_callers() -> None:
    """They were all cut off; the members come back with the lists."""
    board = QueueBoard()
    board.apply(listed(0, members=(ANNA,), callers=("a",)))
    board.apply(PbxRestarted(at=at(1)))
    assert waiting(board) == []
