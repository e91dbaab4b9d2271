"""The AMI users that administrators copy: their filters must let through all that we use."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.asterisk.codec import Frame, Framer
from adapters.asterisk.link import FOLLOWED
from adapters.asterisk.snapshot import LIST_EVENTS

ROOT = Path(__file__).parents[4]
STANZAS = ROOT / "config" / "asterisk"
CAPTURES = sorted((ROOT / "tests" / "scenarios" / "captures").glob("*.ami"))
# Whoever is sent Newexten needs no CEL: that is for users who may not read the dialplan.
NEEDED = {name: needles for name, needles in FOLLOWED.items() if name != b"CEL"}
OBSERVERS = ("manager_filodiretto.conf", "manager_filodiretto_16.conf")
CRITERION = re.compile(r"(\w+)\(([^()]*)\)")

Filter = Callable[[Frame], bool]


def lines(file: str) -> dict[str, list[str]]:
    """Return the keys of a stanza with all their values."""
    found: dict[str, list[str]] = {}
    for line in (STANZAS / file).read_text(encoding="ascii").splitlines():
        key, equals, value = line.partition(" =")
        if equals and not line.startswith(";"):
            found.setdefault(key, []).append(value.strip())
    return found


def by_name(criteria: str, expression: str) -> Filter:
    """Return a filter of the newer form as Asterisk applies it (manager.conf.sample)."""
    chosen = dict(CRITERION.findall(criteria))
    assert chosen["action"] == "include"

    def passes(frame: Frame) -> bool:
        if frame.name != chosen["name"]:
            return False
        value = frame.get(chosen.get("header", "Event"), "\0")
        match chosen.get("method", "none"):
            case "exact":
                return value == expression
            case "regex":
                return re.search(expression, value) is not None
            case _:
                return True

    return passes


def by_regex(expression: str) -> Filter:
    """Return a filter of the older form: an extended expression on the whole event."""
    compiled = re.compile(expression, re.DOTALL)
    return lambda frame: compiled.search(frame.raw.decode("latin-1")) is not None


def filters(file: str) -> list[Filter]:
    """Return the filters of a stanza."""
    found: list[Filter] = []
    for key, values in lines(file).items():
        if key == "eventfilter":
            found += [by_regex(value) for value in values]
        elif key.startswith("eventfilter("):
            found += [by_name(key.removeprefix("eventfilter("), value) for value in values]
    return found


def passes(file: str, frame: Frame) -> bool:
    """Whether Asterisk would send this event to the user of a stanza."""
    return any(wanted(frame) for wanted in filters(file))


def example(name: bytes, needle: bytes) -> Frame:
    """Return the smallest event that we want."""
    return Frame(name.decode(), b"Event: " + name + b"\r\nX: y\r\n" + needle.rstrip(b"\r\n"), 0)


@pytest.mark.parametrize("file", OBSERVERS)
def test_filter_lets_through_every_event_that_is_followed(file: str) -> None:
    """What the PBX does not send cannot be missed by anybody but the customer."""
    missing = [
        (name, needle)
        for name, needles in NEEDED.items()
        if name not in LIST_EVENTS or name == b"ParkedCall"
        for needle in needles or (b"",)
        if not passes(file, example(name, needle))
    ]
    assert missing == []


@pytest.mark.parametrize("file", OBSERVERS)
@pytest.mark.parametrize("name", [b"RTCPSent", b"TestEvent", b"CEL", b"Cdr", b"NewConnectedLine"])
def test_filter_holds_back_what_nobody_uses(file: str, name: bytes) -> None:
    """Four fifths of the stream would only cost both machines time."""
    assert not passes(file, example(name, b""))
    assert not passes(file, example(b"VarSet", b"Variable: SIPCALLID\r\nValue: x"))
    assert not passes(file, example(b"Newexten", b"Application: Set"))


@pytest.mark.parametrize("file", OBSERVERS)
def test_filter_loses_nothing_of_real_calls(file: str) -> None:
    """Made-up events prove little: here are the ones that Asterisk really sent."""
    wanted = filters(file)
    total = kept = 0
    for capture in CAPTURES:
        stream = capture.read_bytes()
        events = [frame for frame in Framer().feed(stream) if frame.name]
        sent = {frame.end for frame in events if any(one(frame) for one in wanted)}
        used = {frame.end for frame in Framer(NEEDED).feed(stream) if frame.name}
        assert used <= sent, capture.stem
        total, kept = total + len(events), kept + len(sent)
    assert kept < 0.3 * total


@pytest.mark.parametrize("file", [*OBSERVERS, "manager_filodiretto_control.conf"])
def test_stanza_is_closed_until_somebody_opens_it(file: str) -> None:
    """A stanza copied without reading must not open the PBX to the network."""
    stanza = lines(file)
    assert stanza["secret"] == ["CHANGE_ME"]
    assert stanza["deny"] == ["0.0.0.0/0.0.0.0"]
    assert stanza["permit"] == ["127.0.0.0/255.0.0.0"]
    assert stanza["writetimeout"] == ["5000"]


def test_observer_can_change_nothing() -> None:
    """Following calls needs no right to place, redirect or end one."""
    for file in OBSERVERS:
        stanza = lines(file)
        assert stanza["read"] == ["system,call,agent,dialplan,user"]
        assert stanza["write"] == ["reporting"]
    control = lines("manager_filodiretto_control.conf")
    assert control["write"] == ["originate,call,agent"]
