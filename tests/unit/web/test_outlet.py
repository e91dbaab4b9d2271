"""What goes to a page's socket, byte by byte."""

import pytest

from gateway.desk.frames import Frame
from gateway.web.outlet import framed


@pytest.mark.parametrize("size", [9, 125, 126, 65_535, 65_536, 200_000])
def test_message_of_any_length_is_one_frame_with_its_length_in_the_shortest_form(
    size: int,
) -> None:
    """Browsers end a connection whose lengths are not the shortest (RFC 6455, section 5.2)."""
    head = b'{"seq":1'
    text = b"1" * (size - len(head))
    sent = framed(Frame(seq=1, rest=(text[:3], text[3:])))
    assert sent[0] == 0x81
    short, lead = sent[1], {126: 4, 127: 10}.get(sent[1], 2)
    told = short if lead == 2 else int.from_bytes(sent[2:lead], "big")
    assert told == size == len(sent) - lead
    assert lead == (2 if size < 126 else 4 if size < 65_536 else 10)
    assert sent[lead:] == head + text
