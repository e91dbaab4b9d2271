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
        "P-Attestation-Indicator",
        "P-Called-Party-ID",
        "Privacy",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Reason",
        "Record-Route",
        "Remote-Party-ID",
        "Replaces",
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
_VERSION: Final = re.compile(r"SIP/\d{1,3}\.\d{1,3}", re.IGNORECASE)
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


class FlawedRequestError(PeerProtocolError):
    """A request cannot be served as it is; `status` and `reason` tell its sender why.

    `request` is what could be read of it, enough to be answered (RFC 3261 21.4.1, RFC 4475 3.3.1).
    """

    def __init__(self, request: SipMessage, *, status: int = 400, reason: str) -> None:
        super().__init__("A SIP request is not as RFC 3261 asks.")
        self.request = request
        self.status = status
        self.reason = reason


def read(data: bytes) -> SipMessage:
    """Take a datagram apart; a line that is no header is skipped, the others count.

    Raises PeerProtocolError for what is no SIP message, or one without what every message must
    have: Via, From, To, Call-ID, CSeq (RFC 3261 8.1.1); FlawedRequestError if it can be answered.
    """
    if len(data) > MOST_BYTES:
        raise PeerProtocolError("A SIP message is longer than a datagram can be.")
    head, _, body = _split(data.lstrip(b"\r\n"))
    first, *lines = _FOLD.sub(b" ", head).replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) > MOST_HEADERS:
        raise PeerProtocolError("A SIP message has more headers than any needs.")
    read_lines = (_header(_text(line)) for line in lines)
    message = _first_line(
        _text(first).rstrip(" "), tuple(one for one in read_lines if one is not None), body
    )
    flaw = _flaw_of(message)
    if not flaw:
        return message
    if message.method and message.every("Via"):
        raise FlawedRequestError(message, reason=flaw)
    raise PeerProtocolError("A SIP message lacks what every message must have.")


def _flaw_of(message: SipMessage) -> str:
    """Return what a message lacks, "" if nothing, in the words of a reason phrase."""
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not any(message.every(name)):
            return f"Missing {name}"
    for name in ("From", "To", "Call-ID", "CSeq"):
        if len({value for key, value in message.headers if key == name}) > 1:
            return f"Several {name}"
    number, method = message.cseq
    if number < 0 or (message.method and method != message.method):
        return "Bad CSeq"
    return ""


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


def _header(line: str) -> tuple[str, str] | None:
    name, colon, value = line.partition(":")
    name = name.strip()
    if not colon or not _TOKEN.fullmatch(name):
        return None
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
    if not _VERSION.fullmatch(version) or not _TOKEN.fullmatch(method) or not target:
        raise PeerProtocolError("The first line is not that of a SIP message.")
    message = SipMessage(method=method, target=target, headers=headers, body=body)
    if version.upper() != VERSION and message.every("Via"):
        raise FlawedRequestError(message, status=505, reason="Version Not Supported")
    return message


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
