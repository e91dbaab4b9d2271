"""SIP messages as they come, read as liberally as RFC 3261 asks, and written for strict readers.

Compact and folded header names, any case, Latin-1, several values in one line: what is valid is
never lost here (RELIABILITY, D9). Nothing in here knows sockets or time.
"""

import re
from dataclasses import dataclass
from typing import Final

from adapters.sip.address import parameters
from gateway.core.errors import PeerProtocolError

VERSION: Final = "SIP/2.0"
MOST_HEADERS: Final = 256
MOST_BYTES: Final = 65_535
# RFC 3261 section 7.3.3, and the compact forms of RFC 3515, 3891, 3892, 4028, 6665 and 8224.
_COMPACT: Final = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
_SPELLED: Final = {
    name.lower(): name
    for name in (
        *_COMPACT.values(),
        "Allow",
        "Authorization",
        "CSeq",
        "Diversion",
        "Expires",
        "History-Info",
        "Max-Forwards",
        "Min-Expires",
        "P-Asserted-Identity",
        "P-Called-Party-ID",
        "Privacy",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Reason",
        "Record-Route",
        "Remote-Party-ID",
        "Require",
        "Retry-After",
        "WWW-Authenticate",
    )
}
# Only these may be repeated and listed with commas; a comma in a From is part of a name.
_LISTED: Final = frozenset(
    {"Via", "Contact", "Record-Route", "P-Asserted-Identity", "Diversion", "History-Info"}
    | {"Remote-Party-ID", "Reason", "Supported", "Require", "Allow"}
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SipMessage:
    """One message; `method` is "" in a response, `status` 0 in a request.

    `headers` are (name, value) in their order, names spelled as RFC 3261 does, folds undone.
    """

    headers: tuple[tuple[str, str], ...]
    method: str = ""
    target: str = ""
    status: int = 0
    reason: str = ""
    body: bytes = b""

    def get(self, name: str) -> str:
        """Return the first value of a header, "" if it is not there."""
        return next((value for key, value in self.headers if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a header, those in one line taken apart."""
        found = [value for key, value in self.headers if key == name]
        if name not in _LISTED:
            return tuple(found)
        return tuple(part for value in found for part in listed(value))

    @property
    def call_id(self) -> str:
        """Return the Call-ID, which names the call at both ends."""
        return self.get("Call-ID")

    @property
    def cseq(self) -> tuple[int, str]:
        """Return number and method of CSeq; (-1, "") if it is not one (RFC 3261 20.16)."""
        number, _, method = self.get("CSeq").strip().partition(" ")
        good = number.isascii() and number.isdigit() and len(number) <= len(str(2**32))
        return (int(number), method.strip()) if good else (-1, "")

    @property
    def branch(self) -> str:
        """Return the transaction's name: the branch of the topmost Via."""
        via = self.every("Via")
        return header_parameters(via[0]).get("branch", "") if via else ""


def read(data: bytes) -> SipMessage:
    """Take a datagram apart.

    Raises PeerProtocolError for what is no SIP message, or one without what every message must
    have: Via, From, To, Call-ID, CSeq (RFC 3261 8.1.1).
    """
    if len(data) > MOST_BYTES:
        raise PeerProtocolError("A SIP message is longer than a datagram can be.")
    head, _, body = _split(data.lstrip(b"\r\n"))
    first, *lines = _FOLD.sub(b" ", head).replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) > MOST_HEADERS:
        raise PeerProtocolError("A SIP message has more headers than any needs.")
    headers = tuple(_header(_text(line)) for line in lines if line.strip())
    message = _first_line(_text(first), headers, body)
    if any(not message.get(name) for name in ("Via", "From", "To", "Call-ID", "CSeq")):
        raise PeerProtocolError("A SIP message lacks Via, From, To, Call-ID or CSeq.")
    number, method = message.cseq
    if number < 0 or (message.method and method != message.method):
        raise PeerProtocolError("The CSeq of a SIP message is not that of its method.")
    return message


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    for gap in (b"\r\n\r\n", b"\n\n"):
        if gap in data:
            return data.partition(gap)
    return data, b"", b""


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise PeerProtocolError("A line of a SIP message is no header.")
    lower = name.lower()
    return _COMPACT.get(lower) or _SPELLED.get(lower, name), value.strip().replace("\0", "")


def _first_line(line: str, headers: tuple[tuple[str, str], ...], body: bytes) -> SipMessage:
    parts = line.split(" ")
    if parts[0].upper() == VERSION and len(parts) > 1:
        code = parts[1]
        if not (code.isascii() and code.isdigit() and len(code) == len("200")):
            raise PeerProtocolError("A SIP answer has no status code.")
        reason = " ".join(parts[2:])
        return SipMessage(status=int(code), reason=reason, headers=headers, body=body)
    method, *middle, version = parts if len(parts) > 1 else (line, "")
    target = " ".join(middle).strip()
    if version.upper() != VERSION or not _TOKEN.fullmatch(method) or not target:
        raise PeerProtocolError("The first line is not that of a SIP 2.0 message.")
    return SipMessage(method=method, target=target, headers=headers, body=body)


def listed(value: str) -> tuple[str, ...]:
    """Take `a, "b, c" <sip:d,e@f>, g` apart at the commas outside quotes and angle brackets."""
    parts, start, quoted, deep, skip = [], 0, False, 0, False
    for at, char in enumerate(value):
        if skip:
            skip = False
        elif quoted:
            skip, quoted = char == "\\", char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            deep = max(0, deep + (1 if char == "<" else -1))
        elif char == "," and not deep:
            parts.append(value[start:at])
            start = at + 1
    parts.append(value[start:])
    return tuple(part.strip() for part in parts if part.strip())


def header_parameters(value: str) -> dict[str, str]:
    """Return what stands after the address of a header, or after a Via's sender."""
    rest = value.rpartition(">")[2] if "<" in value else value
    return parameters(rest)


def written(first: str, headers: tuple[tuple[str, str], ...], body: bytes = b"") -> bytes:
    """Write a message; line breaks in values cannot make further headers."""
    lines = [first, *(f"{name}: {_one_line(value)}" for name, value in headers)]
    return "\r\n".join((*lines, "", "")).encode("utf-8", "replace") + body


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")
