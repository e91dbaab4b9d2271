"""Framing on bytes: whatever the segments, whatever the bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.codec import Frame, FrameLimitError, Framer
from gateway.core.errors import PeerProtocolError

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
GREETING = BANNER + b"Response: Success\r\nActionID: login-1\r\nMessage: ok\r\n\r\n"


def one(data: bytes) -> Frame:
    """Return the only frame in a stream."""
    (frame,) = Framer().feed(data)
    return frame


def test_banner_is_followed_by_the_first_response_without_an_empty_line() -> None:
    """Asterisk sends the banner as a line of its own, not as a message."""
    framer = Framer()
    (frame,) = framer.feed(GREETING)
    assert framer.banner == "Asterisk Call Manager/11.0.0"
    assert frame.is_response
    assert frame.name == ""
    assert frame.get("ActionID") == "login-1"
    assert frame.end == len(GREETING)


def test_stream_cut_out_of_the_middle_has_no_banner() -> None:
    """A recording may begin in mid-stream; its first event must not be taken for a banner."""
    framer = Framer()
    (frame,) = framer.feed(b"Event: Hangup\r\nCause: 16\r\n\r\n")
    assert framer.banner == ""
    assert frame.name == "Hangup"


def test_extra_empty_lines_do_not_hide_the_next_event() -> None:
    """After TestEvent one empty line more is sent; the BridgeEnter behind it was once lost."""
    stream = (
        b"Event: TestEvent\r\nState: a\r\n\r\n\r\nEvent: BridgeEnter\r\nChannel: x\r\n\r\n\r\n\r\n"
    )
    frames = Framer({b"BridgeEnter": ()}).feed(stream + b"\r\nEvent: BridgeEnter\r\nA: b\r\n\r\n")
    assert [frame.name for frame in frames] == ["BridgeEnter", "BridgeEnter"]


def test_last_header_with_empty_value_is_kept() -> None:
    """A quarter of recorded events end with one."""
    frame = one(b"Event: VarSet\r\nVariable: X\r\nValue: \r\n\r\n")
    assert frame.get("Value", "missing") == ""
    assert frame.get("Nothing", "missing") == "missing"
    assert one(b"Event: VarSet\r\nValue:\r\n\r\n").get("Value", "missing") == ""


def test_repeated_header_gives_the_first_value_and_all_on_request() -> None:
    """TestEvent has two State headers."""
    frame = one(b"Event: TestEvent\r\nState: A\r\nX: 1\r\nState: B\r\n\r\n")
    assert frame.get("State") == "A"
    assert frame.all("State") == ("A", "B")
    assert list(frame.items()) == [
        ("Event", "TestEvent"),
        ("State", "A"),
        ("X", "1"),
        ("State", "B"),
    ]


def test_header_is_found_whatever_its_case_and_place() -> None:
    """CEL says UniqueID where everybody else says Uniqueid; Response may be the first line."""
    frame = one(b"Event: CEL\r\nUniqueID: 1.2\r\nEventName: CHAN_START\r\n\r\n")
    assert frame.get("Uniqueid") == "1.2"
    assert frame.get("Event") == "CEL"
    assert frame.get("Name", "none") == "none"
    assert one(GREETING).get("Response") == "Success"


def test_header_is_found_without_the_space_after_its_colon() -> None:
    """Asterisk writes one; what stands between us and it may not."""
    frame = one(b"Event: Hangup\r\nUniqueid:1.2\r\nCause:16\r\nExten:\r\n\r\n")
    assert [frame.get(header) for header in ("Event", "Uniqueid", "Cause", "Exten")] == [
        "Hangup",
        "1.2",
        "16",
        "",
    ]


@pytest.mark.parametrize("name", ["José", "Łukasz", "渡辺"])
def test_value_is_utf_8(name: str) -> None:
    """Modern carriers and phones send UTF-8."""
    assert (
        one(b"Event: X\r\nCallerIDName: " + name.encode() + b"\r\n\r\n").get("CallerIDName") == name
    )


def test_value_that_is_not_utf_8_is_latin_1_and_leaves_the_others_alone() -> None:
    """An old PBX next to a new one: each header is decoded by itself."""
    raw = b"Event: X\r\nA: Jos\xe9\r\nB: " + "José".encode() + b"\r\n\r\n"
    assert (one(raw).get("A"), one(raw).get("B")) == ("José", "José")


def test_unwanted_events_are_passed_over_and_counted() -> None:
    """Most of the stream is nobody's business."""
    framer = Framer({b"Hangup": (), b"VarSet": (b"QUEUESTATUS", b"MIXMONITOR")})
    frames = framer.feed(
        b"Event: Newexten\r\nA: b\r\n\r\n"
        b"Event: VarSet\r\nVariable: OTHER\r\n\r\n"
        b"Event: VarSet\r\nVariable: QUEUESTATUS\r\n\r\n"
        b"Event: HangupRequest\r\nA: b\r\n\r\n"
        b"Event: Hangup\r\n\r\n"
        b"Response: Error\r\nMessage: no\r\n\r\n"
        b"garbage without a name\r\n\r\n"
    )
    assert [frame.name for frame in frames] == ["VarSet", "Hangup", ""]
    assert framer.seen == 7


def test_endless_frame_is_refused_before_it_fills_the_memory() -> None:
    """A broken peer must cost 64 KiB and not more."""
    framer = Framer(max_frame_bytes=100)
    framer.feed(b"Event: A\r\nB: c\r\n\r\n" + b"Channel: x\r\n" * 8)
    with pytest.raises(PeerProtocolError):
        framer.feed(b"Channel: x\r\n")


def test_oversized_frame_is_refused_and_what_came_before_is_handed_over() -> None:
    """A Hangup in front of a broken message is still a Hangup."""
    framer = Framer(max_frame_bytes=50)
    with pytest.raises(FrameLimitError) as caught:
        framer.feed(b"Event: Hangup\r\nA: b\r\n\r\nEvent: X\r\nA: " + b"x" * 50 + b"\r\n\r\n")
    assert [frame.name for frame in caught.value.frames] == ["Hangup"]


def test_too_many_headers_are_refused() -> None:
    """A frame of 64 KiB may hold thousands of headers; parsing them must stay cheap."""
    fine = b"Event: X\r\n" + b"A: b\r\n" * 255 + b"\r\n"
    assert len(list(one(fine).items())) == 256
    for line in (b"A: b\r\n", b"A\r\n"):
        with pytest.raises(FrameLimitError, match="too many headers"):
            Framer().feed(b"Event: X\r\n" + line * 256 + b"\r\n")


def test_endless_banner_is_refused() -> None:
    """Something else than AMI may answer, and never end its first line."""
    with pytest.raises(FrameLimitError):
        Framer().feed(b"x" * 2_000)


def test_frame_tells_nothing_personal_about_itself() -> None:
    """Frames end up in tracebacks."""
    assert "Mario" not in repr(one(b"Event: X\r\nCallerIDName: Mario\r\n\r\n"))


HEADER = st.tuples(
    st.sampled_from([b"Channel", b"Uniqueid", b"Value", b"State"]),
    st.binary(max_size=12).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")),
)
MESSAGE = st.builds(
    lambda first, headers, empty: (
        first
        + b"".join(b"\r\n" + key + b": " + value for key, value in headers)
        + b"\r\n\r\n"
        + b"\r\n" * empty
    ),
    st.sampled_from([b"Event: Hangup", b"Event: VarSet", b"Event: New", b"Response: Success"]),
    st.lists(HEADER, max_size=4),
    st.integers(0, 2),
)


def frames_of(chunks: list[bytes], *, wanted: bool) -> tuple[list[tuple[str, bytes, int]], int]:
    """Return what comes out of a stream in chunks, and how much was seen."""
    framer = Framer({b"Hangup": (), b"VarSet": (b"a", b"Uniqueid")} if wanted else None)
    frames = [frame for chunk in chunks for frame in framer.feed(chunk)]
    return [(frame.name, frame.raw, frame.end) for frame in frames], framer.seen


@given(
    messages=st.lists(MESSAGE, max_size=6),
    cuts=st.lists(st.integers(0, 400), max_size=8),
    wanted=st.booleans(),
)
def test_any_cut_of_the_stream_gives_the_same_frames(
    messages: list[bytes],
    cuts: list[int],
    wanted: bool,  # noqa: FBT001  # drawn by Hypothesis
) -> None:
    """TCP may cut anywhere, also between the two line ends that close a message."""
    stream = BANNER + b"".join(messages)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(places)]
    whole = frames_of([stream], wanted=wanted)
    assert frames_of(chunks, wanted=wanted) == whole
    assert frames_of([bytes([byte]) for byte in stream], wanted=wanted) == whole


@given(st.binary(max_size=600), st.integers(1, 50))
def test_any_bytes_either_frame_or_are_refused(data: bytes, size: int) -> None:
    """Corrupt bytes must never end in another exception than the one that resets the link."""
    framer = Framer(max_frame_bytes=200, max_headers=8)
    try:
        for start in range(0, len(data), size):
            for frame in framer.feed(data[start : start + size]):
                frame.get("Channel")
                list(frame.items())
    except PeerProtocolError:
        pass
