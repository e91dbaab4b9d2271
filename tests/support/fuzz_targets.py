"""What the fuzzer runs, and the unit tests run again on its corpus: bytes in, AssertionError out.

A target takes any bytes. It returns if what must hold held, and raises whatever else happens.
"""

from collections.abc import Callable
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from support.fuzz_bytes import Choices
from support.fuzz_inputs import Stream
from support.fuzz_sip import datagrams
from support.invariants import Witness, survives_restart
from support.recorded import at, settings

from adapters.asterisk.actions import Action, encode_action
from adapters.asterisk.codec import Frame, FrameLimitError, Framer
from adapters.asterisk.link import FOLLOWED
from adapters.asterisk.replay import read_index
from adapters.asterisk.translate import Translator
from gateway.core.errors import UsageError
from gateway.core.inputs import Input, PbxEvent, Tick
from gateway.core.numbers import NumberPlan
from gateway.core.table import CallTable

Target = Callable[[bytes], None]
Cut = tuple[list[tuple[str, bytes, int]], str | None, bool]

MOST_BYTES: Final = 512
MOST_HEADERS: Final = 24
MOST_INPUTS: Final = 400
_PLAN: Final = NumberPlan("IT", "06", "0")
_PIECES: Final = (1, 2, 3, 5, 17, 64, 300, 4_096)
_NONE: Final = "\ud800"  # what no decoding gives
_HEADERS: Final = ("Event", "Uniqueid", "ChanVariable", "Value", "CallerIDName", "X")


def framing(data: bytes) -> None:
    """Cut the same bytes in two ways: the messages are the same, and so is the breach of a limit.

    The first bytes say how the stream is chunked.
    """
    choices = Choices(data)
    sizes = [choices.one_of(_PIECES) for _ in range(4)]
    stream = choices.rest()
    whole = _cut(stream, [len(stream) or 1], Framer(None, MOST_BYTES, MOST_HEADERS))
    assert _cut(stream, sizes, Framer(None, MOST_BYTES, MOST_HEADERS)) == whole
    followed = _cut(stream, sizes, Framer(FOLLOWED))
    unfiltered = _cut(stream, [len(stream) or 1], Framer(None))
    for name, raw, end in followed[0]:
        assert (name, raw, end) in unfiltered[0]
        assert not name or name.encode("latin-1", "replace") in FOLLOWED


def _cut(stream: bytes, sizes: list[int], framer: Framer) -> Cut:
    frames: list[Frame] = []
    position = turn = 0
    broken = False
    while position < len(stream) and not broken:
        size = sizes[turn % len(sizes)]
        try:
            frames += framer.feed(stream[position : position + size])
        except FrameLimitError as error:
            frames += error.frames
            broken = True
        position += size
        turn += 1
    return [(frame.name, frame.raw, frame.end) for frame in frames], framer.banner, broken


def decoding(data: bytes) -> None:
    """Read headers out of any bytes, and send any text: nothing raises, nothing is added."""
    choices = Choices(data)
    header = choices.one_of(_HEADERS)
    action = choices.one_of(tuple(Action))
    body = choices.rest()
    frame = Frame("", body, len(body))
    values = frame.all(header)
    assert frame.get(header, _NONE) in (values or (_NONE,))
    assert len(list(frame.items())) <= body.count(b"\r\n") + 1
    value = body.decode("utf-8", "surrogateescape")
    try:
        sent = encode_action(action, {"Channel": value, "ActionID": "1"})
    except UsageError:
        return
    (got,) = Framer().feed(b"Asterisk Call Manager/1\r\n" + sent)
    assert list(got.items()) == [
        ("Action", action.value),
        ("Channel", value.removeprefix(" ") if value.startswith(" ") else value),
        ("ActionID", "1"),
    ] or value.startswith(" ")


def translation(data: bytes) -> None:
    """Translate and track any stream: no exception, time and numbering never go backwards."""
    choices = Choices(data)
    source = choices.one_of(("trust", "getvar", "channelvars"))
    translator = Translator(settings(presentation=source, devices={"91201": "1001"}))
    table, witness, framer = CallTable("pbx", _PLAN), Witness(), Framer(FOLLOWED)
    last, seq, moment = at(0), 0, at(0)
    while choices.left:
        moment += timedelta(milliseconds=choices.byte() * 8)
        try:
            frames = framer.feed(choices.take(2_048))
        except FrameLimitError as error:
            frames, framer = error.frames, Framer(FOLLOWED)
        for frame in frames:
            for told in translator.translate(frame, moment):
                if isinstance(told, PbxEvent):
                    assert told.at >= last
                    assert told.seq >= seq
                    last, seq = told.at, told.seq
                _tell(table, witness, told)
        _tell(table, witness, translator.snapshot(last, seq, frames))
    survives_restart(table)


def reducer(data: bytes) -> None:
    """Tell the table anything in any order: it raises nothing and keeps its invariants."""
    choices = Choices(data)
    query = choices.one_of(("", "CALLERID(pres)"))
    table, witness, stream = CallTable("pbx", _PLAN, presentation_query=query), Witness(), None
    stream = Stream(choices)
    count = 0
    while choices.left and count < MOST_INPUTS:
        count += 1
        _tell(table, witness, stream.next())
        if count % 16 == 0:
            survives_restart(table)
    survives_restart(table)


def index(data: bytes) -> None:
    """Cut a recording as any .idx says: every byte comes once and in order, or it is refused."""
    text, _, ami = data.partition(b"\0")
    try:
        segments = list(read_index(text.decode("ascii", "replace"), ami))
    except UsageError:
        return
    assert b"".join(segment.data for segment in segments) == ami


def _tell(table: CallTable, witness: Witness, item: Input) -> None:
    witness.saw(item)
    witness.heard(table.apply(item))
    due = table.next_deadline()
    if due is not None and due <= item.at:
        witness.heard(table.apply(Tick(at=due)))
    for record in table.live():
        witness.agrees(record)


TARGETS: Final = MappingProxyType(
    {
        "framing": framing,
        "decoding": decoding,
        "translation": translation,
        "reducer": reducer,
        "index": index,
        "sip": datagrams,
    }
)
