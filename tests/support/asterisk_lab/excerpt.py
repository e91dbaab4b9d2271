"""One call's own events, cut out of a long recording."""

import re
from pathlib import Path

from adapters.asterisk.codec import Framer
from adapters.asterisk.replay import read_index

ID = re.compile(rb"\r\n(?:Dest)?(?:Uniqueid|Linkedid|UniqueID): (\S+)")
LINKED = re.compile(rb"\r\n(?:Dest)?Linkedid: (\S+)")


def save_excerpt(ami: bytes, idx: str, linkedid: str, path: Path) -> Path:
    """Write PATH.ami and .idx: the banner, the sign-in and all events of the call's channels."""
    frames = _frames(ami, idx)
    wanted = {linkedid.encode()}
    for _ in range(2):  # what was joined to it, and what was joined to that
        for _, frame in frames:
            if wanted & set(LINKED.findall(frame)):
                wanted.update(ID.findall(frame))
    data, lines = bytearray(), []
    for number, (at, frame) in enumerate(frames):
        if number < 2 or wanted & set(ID.findall(frame)):
            data += frame
            lines.append(f"{at:.4f} {len(frame)}")
    path.with_suffix(".ami").write_bytes(data)
    path.with_suffix(".idx").write_text("\n".join(lines) + "\n", encoding="ascii")
    return path.with_suffix(".ami")


def _frames(ami: bytes, idx: str) -> list[tuple[float, bytes]]:
    framer, found, start, fed = Framer(), [], 0, 0
    for segment in read_index(idx, ami):
        fed += len(segment.data)
        for frame in framer.feed(segment.data):
            found.append((segment.at_s, ami[start : frame.end]))
            start = frame.end
    return found
