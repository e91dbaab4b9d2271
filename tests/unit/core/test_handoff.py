"""What is left with a call for whoever takes it over."""

from datetime import UTC, datetime, timedelta

from support.story import RINGS, Story

from gateway.core.events import CallNoted
from gateway.core.handoff import MAX_LINE, MAX_NOTE, MAX_SAID, Handoff, cleaned, together, with_note
from gateway.core.noting import NoteLeft

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def left(by: str, second: int, **words: object) -> Handoff:
    """Return a note of an author."""
    return Handoff(at=NOON + timedelta(seconds=second), by=by, **words)  # type: ignore[arg-type]


def test_dialplan_adds_to_what_it_told_before() -> None:
    """The code is asked in one menu, the PIN in the next."""
    notes = with_note((), left("", 1, reason="Code 4711", said=("Code",)))
    notes = with_note(notes, left("anna", 2, reason="Refund"))
    notes = with_note(notes, left("", 3, verified=True, said=("PIN",)))
    added = notes[-1]
    assert (added.reason, added.said, added.verified) == ("Code 4711", ("Code", "PIN"), True)
    assert [one.reason for one in with_note(notes, left("", 4))] == ["Refund"]


def test_words_of_a_colleague_go_before_those_of_the_dialplan() -> None:
    """A PBX whose clock is ahead must not hide what a colleague wrote after its menu."""
    known = together((left("", 9, reason="Code 4711"), left("anna", 1, reason="Card refused")))
    assert known is not None
    assert (known.latest.reason, known.authors) == ("Card refused", 2)


def test_newest_note_of_an_author_replaces_the_earlier_one() -> None:
    """People correct what they wrote while the customer goes on talking."""
    notes = with_note((), left("anna", 1, reason="Refund"))
    notes = with_note(notes, left("luca", 2, reason="Delivery"))
    notes = with_note(notes, left("anna", 3, reason="Refund today"))
    assert [(one.by, one.reason) for one in notes] == [
        ("luca", "Delivery"),
        ("anna", "Refund today"),
    ]


def test_note_that_arrives_late_does_not_undo_a_newer_one() -> None:
    """Two requests may overtake each other."""
    notes = with_note((left("anna", 5, reason="new"),), left("anna", 1, reason="old"))
    assert [one.reason for one in notes] == ["new"]


def test_empty_note_takes_back_what_was_left() -> None:
    """Somebody wrote into the wrong call."""
    assert with_note((left("anna", 1, reason="Refund"),), left("anna", 2)) == ()


def test_identity_stays_verified_and_what_was_said_stays_said() -> None:
    """The second colleague need not tick again what the first one checked."""
    notes = (
        left("anna", 1, reason="Card refused", verified=True, said=("Booking code",)),
        left("luca", 2, reason="Needs an engineer", said=("Device", "Booking code")),
    )
    known = together(notes)
    assert known is not None
    assert known.latest.by == "luca"
    assert known.verified is not None
    assert known.verified.by == "anna"
    assert known.said == ("Booking code", "Device")
    assert known.authors == 2


def test_tick_without_words_leaves_the_words_of_the_earlier_author() -> None:
    """A tick is no reason to hide a note."""
    known = together((left("anna", 1, reason="Card refused"), left("luca", 2, verified=True)))
    assert known is not None
    assert known.latest.reason == "Card refused"
    assert known.verified is not None
    assert known.verified.by == "luca"


def test_nothing_left_is_nothing_shown() -> None:
    """Most calls have no note."""
    assert together(()) is None


def test_hostile_words_are_made_fit_to_be_shown() -> None:
    """Notes come from a dialplan or a program as well as from people."""
    note = cleaned(
        left(
            "anna",
            1,
            reason="Refund\r\nAction: Originate " + "x" * 500,
            note="first\u202e line\r\nsecond\x00 line\n" + "y" * 9_000,
            said=["a"] + [f"s{n}" for n in range(40)] + ["", "a"],
        )
    )
    assert "\n" not in note.reason
    assert len(note.reason) == MAX_LINE
    assert note.note.startswith("first line\nsecond line\n")
    assert len(note.note) <= MAX_NOTE
    assert len(note.said) == MAX_SAID
    assert len(set(note.said)) == MAX_SAID


def test_note_of_the_dialplan_goes_with_the_call_of_its_channel() -> None:
    """A menu that asked for the customer's code must not be in vain."""
    story = Story(RINGS)
    handoff = left("", 1, reason="Customer code 4711", verified=True)
    told = story.tell(NoteLeft(at=NOON, seq=99, channel=story.uid("A"), handoff=handoff))
    (noted,) = [event for event in told if isinstance(event, CallNoted)]
    assert noted.handoff == handoff
    assert noted.record.id == story.record().id


def test_note_about_no_call_is_an_anomaly() -> None:
    """A dialplan may send it for a channel that is gone."""
    story = Story(RINGS)
    story.tell(NoteLeft(at=NOON, seq=99, channel="9.9", handoff=left("", 1, reason="x")))
    assert story.anomalies()[-1] == "note.no_call"
