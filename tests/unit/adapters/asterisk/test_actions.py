"""The one place where actions become bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.actions import MAX_LINE_BYTES, Action, encode_action
from gateway.core.errors import UsageError


def test_action_is_encoded_as_asterisk_reads_it() -> None:
    """The action comes first, an empty line closes it."""
    assert (
        encode_action(Action.GETVAR, {"ActionID": "1", "Channel": "PJSIP/1001-1", "Variable": "è"})
        == "Action: Getvar\r\nActionID: 1\r\nChannel: PJSIP/1001-1\r\nVariable: è\r\n\r\n".encode()
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nAction: Hangup",
        "a\nb",
        "a\rb",
        "a\x00b",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "a\x9fb",
        "a\u2028b",
        "a\u2029b",
        "a\ud800b",
    ],
)
def test_control_character_in_a_value_is_refused(hostile: str) -> None:
    """Whatever some software takes for a line end could add a header or a second action."""
    with pytest.raises(UsageError):
        encode_action(Action.ORIGINATE, {"CallerID": hostile})


@pytest.mark.parametrize("key", ["", "A: b\r\nC", "Caller ID", "Action", "action", "Ké", "a\nb"])
def test_key_that_is_no_header_is_refused(key: str) -> None:
    """A key is never data, and there is one Action."""
    with pytest.raises(UsageError):
        encode_action(Action.ORIGINATE, {key: "x"})


def test_line_that_asterisk_would_drop_in_silence_is_refused() -> None:
    """Above 1 kB Asterisk discards the message and never answers."""
    longest = "x" * (MAX_LINE_BYTES - len("CallerID: "))
    encode_action(Action.ORIGINATE, {"CallerID": longest})
    with pytest.raises(UsageError):
        encode_action(Action.ORIGINATE, {"CallerID": longest + "x"})
    with pytest.raises(UsageError):
        encode_action(Action.ORIGINATE, {"CallerID": "é" * 500})


def test_refusal_does_not_repeat_the_value() -> None:
    """The value may be a person's name, and messages are logged."""
    with pytest.raises(UsageError) as caught:
        encode_action(Action.ORIGINATE, {"CallerID": "Mario\r\n"})
    assert "Mario" not in caught.value.message + caught.value.remedy


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_any_text_is_one_message_or_refused(fields: dict[str, str]) -> None:
    """One call of encode_action is one message on the wire, whatever it was given."""
    try:
        data = encode_action(Action.ORIGINATE, fields)
    except UsageError:
        return
    assert data.count(b"\r\n\r\n") == 1
    assert data.endswith(b"\r\n\r\n")
    assert len(data.decode().splitlines()) == len(fields) + 2
