"""AMI events become vendor-neutral inputs, whatever the channel names look like."""

from datetime import UTC, datetime, timedelta

import pytest
from support.recorded import CAPTURES, PLAN, at, recording, settings

from adapters.asterisk.codec import Frame
from adapters.asterisk.naming import Naming, dialled_number, forward_number, unwrap
from adapters.asterisk.replay import first_epoch, read_index, read_recording, replay
from adapters.asterisk.translate import WANTED, Translator
from adapters.asterisk.waits import menu_name
from adapters.asterisk.words import epoch_of, name_of
from gateway.core.errors import UsageError
from gateway.core.inputs import (
    ApplicationStarted,
    BridgeEntered,
    BridgeKind,
    ChannelCreated,
    ChannelHungUp,
    ChannelKind,
    ClockTold,
    DialBegan,
    DialFailed,
    OriginateFailed,
    QueueRefused,
)
from gateway.core.noting import NoteLeft

NOON = at(0)


def frame(name: str, **headers: str) -> Frame:
    """Return an event with these headers."""
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return Frame(name, "\r\n".join(lines).encode(), 0)


def newchannel(uid: str = "1795000000.1", **headers: str) -> Frame:
    """Return a Newchannel of a caller from outside."""
    table = {
        "Channel": "PJSIP/carrier-00000001",
        "ChannelStateDesc": "Ring",
        "CallerIDNum": "+393331234567",
        "CallerIDName": "<unknown>",
        "Exten": "2001",
        "Uniqueid": uid,
        "Linkedid": uid,
    }
    return frame("Newchannel", **(table | headers))


@pytest.mark.parametrize(
    ("name", "kind", "party"),
    [
        ("PJSIP/1001-0000000a", ChannelKind.EXTENSION, "1001"),
        ("SIP/201-0000000a", ChannelKind.EXTENSION, "201"),
        ("PJSIP/carrier-0000000a", ChannelKind.TRUNK, "carrier"),
        ("PJSIP/my-trunk-0000000a", ChannelKind.TRUNK, "my-trunk"),
        ("DAHDI/i1/0391234-5", ChannelKind.TRUNK, "i1/0391234"),
        ("PJSIP/1001-0000000a<ZOMBIE>", ChannelKind.NOBODY, ""),
        ("Surrogate/PJSIP/1001-0000000a", ChannelKind.NOBODY, ""),
        ("CBAnn/conf-00000001;1", ChannelKind.NOBODY, ""),
        ("Message/ast_msg_queue", ChannelKind.NOBODY, ""),
        ("nonsense", ChannelKind.NOBODY, ""),
        ("Local/1001@ctx-0000000a;2", ChannelKind.RELAY, ""),
    ],
)
def test_name_tells_what_stands_at_the_end(name: str, kind: ChannelKind, party: str) -> None:
    """Extensions by pattern, every other real channel is a trunk, the rest is nobody."""
    identity = Naming(settings()).identity(name)
    assert (identity.kind, identity.party) == (kind, party)


def test_halves_of_a_relay_share_a_name_and_know_their_target() -> None:
    """`;1` was asked for, `;2` runs the dialplan."""
    naming = Naming(settings())
    one = naming.identity("Local/FMPR-1001@ctx-0000000a;1")
    two = naming.identity("Local/FMPR-1001@ctx-0000000a;2")
    assert one.relay == two.relay
    assert (one.half, two.half, one.target) == (1, 2, "1001")


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [
        ("3391112222@carrier", "3391112222"),
        ("carrier/3391112222", "3391112222"),
        ("carrier/sip:+393391112222@10.0.0.1:5060", "+393391112222"),
        ("sip:3391112222@10.0.0.1;transport=tcp", "3391112222"),
        ("g0/3391112222", "3391112222"),
        ("user:secret@host/3391112222", "3391112222"),
        ("", ""),
    ],
)
def test_number_is_read_out_of_any_dial_string(dial_string: str, number: str) -> None:
    """Every channel driver writes it its own way."""
    assert dialled_number(dial_string) == number


def test_forward_is_read_with_and_without_context() -> None:
    """A 302 to a number, or to a whole Local channel."""
    assert forward_number("1002") == "1002"
    assert forward_number("Local/1002@from-internal") == "1002"
    assert unwrap("RG-600-1001") == "1001"
    assert unwrap("1001") == "1001"


def test_epoch_is_read_with_and_without_systemname() -> None:
    """asterisk.conf may put a name before every Uniqueid."""
    expected = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
    assert epoch_of("1795000000.12") == expected
    assert epoch_of("pbx-milan-1795000000.12") == expected
    assert epoch_of("not-a-number") is None
    assert epoch_of("99999999999999.1") is None


def test_menu_is_named_by_what_the_pattern_leaves_open() -> None:
    """`ivr-*` names `ivr-main` `main`; a context without pattern names itself."""
    patterns = ("ivr", "ivr-*")
    assert menu_name("ivr-main", patterns) == "main"
    assert menu_name("ivr", patterns) == "ivr"
    assert menu_name("app-menu", patterns) == "app-menu"


def test_event_of_a_stranger_brings_who_it_is() -> None:
    """A stream that begins in mid-call."""
    translator = Translator(settings())
    enter = frame(
        "BridgeEnter",
        BridgeUniqueid="b1",
        BridgeType="basic",
        Channel="PJSIP/1001-00000001",
        ChannelStateDesc="Up",
        Uniqueid="1795000000.2",
        Linkedid="1795000000.1",
    )
    met, entered = translator.translate(enter, NOON)
    assert isinstance(met, ChannelCreated)
    assert isinstance(entered, BridgeEntered)
    assert (met.begin, met.linkedid, met.since) == (False, "1795000000.1", epoch_of("1795000000.1"))
    again = Frame(enter.name, enter.raw.replace(b": b1", b": b2"), 0)
    assert [type(one) for one in translator.translate(again, NOON)] == [BridgeEntered]


def test_event_behind_the_hangup_of_its_channel_revives_nothing() -> None:
    """DialEnd and Newstate may come a moment later."""
    translator = Translator(settings())
    translator.translate(newchannel(), NOON)
    hangup = frame("Hangup", Channel="PJSIP/carrier-1", Uniqueid="1795000000.1", Cause="16")
    assert [type(one) for one in translator.translate(hangup, NOON)] == [ChannelHungUp]
    again = translator.translate(newchannel(), NOON)
    late = translator.translate(
        frame("Newstate", Channel="PJSIP/carrier-1", Uniqueid="1795000000.1"), NOON
    )
    assert again == ()
    assert not any(isinstance(one, ChannelCreated) for one in late)


def test_timestamp_wins_over_arrival() -> None:
    """With timestampevents the PBX's clock counts, also for an event that others overtook."""
    translator = Translator(settings())
    told, first = translator.translate(newchannel(Timestamp="1795000010.500000"), NOON)
    assert isinstance(told, ClockTold)
    (second,) = translator.translate(newchannel("1795000000.2", Timestamp="1795000009.0"), NOON)
    (third,) = translator.translate(newchannel("1795000000.3", Timestamp="soon"), NOON)
    assert first.at == datetime.fromtimestamp(1795000010.5, UTC)
    assert second.at == datetime.fromtimestamp(1795000009, UTC)
    assert third.at == max(first.at, NOON)


def test_presentation_is_read_from_channelvars_only_if_told() -> None:
    """`presentation = "channelvars"`; otherwise nothing is known about it."""
    told = newchannel(ChanVariable="CALLERID(pres)=prohib_passed_screen")
    (created,) = Translator(settings()).translate(told, NOON)
    assert isinstance(created, ChannelCreated)
    assert created.withheld is None
    (created,) = Translator(settings(presentation="channelvars")).translate(told, NOON)
    assert isinstance(created, ChannelCreated)
    assert created.withheld is True


@pytest.mark.parametrize(
    ("bridge_type", "technology", "creator", "kind"),
    [
        ("basic", "simple_bridge", "<unknown>", BridgeKind.ORDINARY),
        ("parking", "holding_bridge", "Parking", BridgeKind.PARKING),
        ("base", "holding_bridge", "BridgeWait", BridgeKind.PARKING),
        ("base", "softmix", "ConfBridge", BridgeKind.CONFERENCE),
        ("", "", "", BridgeKind.ORDINARY),
    ],
)
def test_bridge_tells_what_being_in_it_means(
    bridge_type: str, technology: str, creator: str, kind: BridgeKind
) -> None:
    """Talking, waiting, or a room."""
    translator = Translator(settings())
    told = translator.translate(
        frame(
            "BridgeEnter",
            BridgeUniqueid="b1",
            BridgeType=bridge_type,
            BridgeTechnology=technology,
            BridgeCreator=creator,
            Channel="PJSIP/1001-00000001",
            Uniqueid="1.1",
        ),
        NOON,
    )
    entered = told[-1]
    assert isinstance(entered, BridgeEntered)
    assert entered.kind is kind


def test_variables_that_tell_what_no_event_tells() -> None:
    """A queue that lets nobody in; a phone without contact."""
    translator = Translator(settings())
    base = {"Channel": "PJSIP/carrier-1", "Uniqueid": "1.1"}
    refused = translator.translate(
        frame("VarSet", **base, Variable="QUEUESTATUS", Value="JOINEMPTY"), NOON
    )
    failed = translator.translate(
        frame("VarSet", **base, Variable="DIALSTATUS", Value="CHANUNAVAIL"), NOON
    )
    other = translator.translate(frame("VarSet", **base, Variable="X", Value="1"), NOON)
    assert isinstance(refused[-1], QueueRefused)
    assert isinstance(failed[-1], DialFailed)
    assert other == ()


def test_checking_ones_voicemail_is_no_voicemail() -> None:
    """VoiceMailMain is another application."""
    translator = Translator(settings())
    base = {"Channel": "PJSIP/1001-1", "Uniqueid": "1.1", "Context": "x", "Exten": "*97"}
    assert translator.translate(frame("Newexten", **base, Application="VoiceMailMain"), NOON) == ()
    told = translator.translate(frame("Newexten", **base, Application="VoiceMail"), NOON)
    assert isinstance(told[-1], ApplicationStarted)


def test_failed_originate_names_the_phone_without_suffix() -> None:
    """Its Uniqueid is `<unknown>`; the number wanted is only in Exten."""
    (failed,) = Translator(settings()).translate(
        frame(
            "OriginateResponse",
            Response="Failure",
            Channel="PJSIP/1001",
            Exten="0287654321",
            Uniqueid="<unknown>",
        ),
        NOON,
    )
    assert isinstance(failed, OriginateFailed)
    assert (failed.kind, failed.party, failed.exten) == (
        ChannelKind.EXTENSION,
        "1001",
        "0287654321",
    )


def test_entry_of_a_list_of_parked_calls_is_no_parking() -> None:
    """The list's entries have the event's name, and the action's id."""
    listed = frame("ParkedCall", ActionID="1", ParkeeUniqueid="1.1", ParkeeChannel="PJSIP/x-1")
    assert Translator(settings()).translate(listed, NOON) == ()


def test_dialling_without_a_dialler_is_told_with_an_empty_channel() -> None:
    """AMI Originate and Atxfer dial out of nowhere."""
    told = Translator(settings()).translate(
        frame("DialBegin", DestChannel="PJSIP/1001-1", DestUniqueid="1.1", DialString="1001"), NOON
    )
    began = told[-1]
    assert isinstance(began, DialBegan)
    assert (began.channel, began.dest) == ("", "1.1")


def test_every_wanted_event_has_a_translation() -> None:
    """What is asked for is used, and the other way round."""
    handlers = Translator(settings())._handlers
    assert {name.decode() for name in WANTED} == set(handlers)


def test_user_event_of_ours_is_a_note_and_others_are_nothing() -> None:
    """Dialplans send all kinds of UserEvents."""
    headers = {"Channel": "PJSIP/carrier-1", "Uniqueid": "1.1", "Linkedid": "1.1"}
    told = Translator(settings()).translate(
        frame("UserEvent", **headers, UserEvent="Filodiretto", Reason="Code 4711", Verified="yes"),
        NOON,
    )
    left = told[-1]
    assert isinstance(left, NoteLeft)
    assert (left.channel, left.handoff.reason, left.handoff.verified) == ("1.1", "Code 4711", True)
    other = frame("UserEvent", **headers, UserEvent="Somebody", Reason="x")
    assert Translator(settings()).translate(other, NOON) == ()


# Recordings


def test_timestamps_in_a_recording_replace_the_index() -> None:
    """Timestampevents on, no .idx: seconds are known all the same."""
    ami, idx = recording("in_answered_caller_hangs_up")
    zero = first_epoch(ami)
    position, stamped = 0, bytearray()
    for segment in read_index(idx, ami):
        stamp = (zero + timedelta(seconds=segment.at_s)).timestamp()
        stamped += segment.data.replace(
            b"\r\nPrivilege: ", f"\r\nTimestamp: {stamp:.6f}\r\nPrivilege: ".encode()
        )
        position += len(segment.data)
    (timed,) = replay(ami, idx, settings(), PLAN).records
    replayed = replay(bytes(stamped), None, settings(), PLAN)
    assert replayed.timed
    (record,) = replayed.records
    assert record.seconds.talk == pytest.approx(timed.seconds.talk, abs=0.01)


def test_index_that_is_none_says_which_line() -> None:
    """Another file of that name beside the recording."""
    with pytest.raises(UsageError, match=r"Line 2 of the \.idx"):
        list(read_index("0.1 5\nhello\n", b"12345"))


def test_recording_that_cannot_be_read_says_so() -> None:
    """A mistyped name."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_recording(CAPTURES / "nothing.ami")


def test_recording_is_read_with_the_index_beside_it() -> None:
    """NAME.ami and NAME.idx belong together."""
    ami, idx = read_recording(CAPTURES / "in_busy.ami")
    assert ami.startswith(b"Asterisk Call Manager")
    assert idx is not None


def test_recording_of_noise_gives_no_records() -> None:
    """Whatever the bytes are, nothing is raised."""
    for noise in (b"", b"\x00" * 100_000, b"Event: Hangup\r\nUniqueid: 1\r\n\r\n" * 10):
        assert replay(noise, None, settings(), PLAN).records == ()


def test_escaped_name_is_read_as_it_was_sent() -> None:
    """Asterisk writes names like C text: an apostrophe must not reach the CRM with a backslash."""
    assert name_of("Marta D\\'Angelo") == "Marta D'Angelo"
    assert name_of('Bar \\"Sport\\"') == 'Bar "Sport"'
    assert name_of("C:\\\\n") == "C:\\n"
    assert name_of("<unknown>") == ""
