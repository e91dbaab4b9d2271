"""What must not stand in a recorded stream: secrets never, people's data on wish.

Some answers carry SIP passwords in clear text (PJSIPShowEndpoint and the like, to users with write
system), and digits that people press may be PINs or card numbers. Both are always blotted out.
"""

import hmac
import re
from hashlib import sha256
from typing import Final

_EOL: Final = b"\r\n"
_SECRET: Final = re.compile(
    rb"secret|passw|md5|token|challenge|hash|cred|apikey|api_key|\bpin\b|_pin\b|authorization",
    re.IGNORECASE,
)
_AUTHENTICATING: Final = frozenset({b"Authenticate", b"VMAuthenticate", b"Read", b"ReadExten"})
_DIGITS: Final = frozenset({b"DTMFBegin", b"DTMFEnd"})
_OF_APPLICATION: Final = frozenset({b"appdata", b"applicationdata", b"lastdata"})
_NAMES: Final = frozenset(
    {
        b"calleridname",
        b"connectedlinename",
        b"destcalleridname",
        b"destconnectedlinename",
        b"origtransferercalleridname",
        b"secondtransferercalleridname",
        b"transferercalleridname",
        b"transfereecalleridname",
        b"membername",
        b"agentname",
        b"name",
    }
)
_QUOTED_NAME: Final = re.compile(rb'"([^"]+)"\s*<')
_NOBODY: Final = frozenset({b"", b"<unknown>", b"unknown", b"anonymous"})
_TOKEN: Final = re.compile(
    rb"(?P<kept>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a bridge
    rb"|(?<![\d.])1\d{9}\.\d+"  # a Uniqueid or a Timestamp
    rb"|-[0-9a-f]{8}(?![0-9A-Za-z]))"  # the running number of a channel
    rb"|(?P<address>(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]))"
    rb"|(?P<number>(?<![0-9A-Za-z.])\+?\d{7,15}(?![0-9A-Za-z]))"
)
_FIRST: Final = (
    "Ada",
    "Bruno",
    "Carla",
    "Dario",
    "Elsa",
    "Fabio",
    "Gina",
    "Igor",
    "Lea",
    "Marco",
    "Nora",
    "Oscar",
    "Pia",
    "Remo",
)
_LAST: Final = (
    "Alba",
    "Bosco",
    "Conti",
    "Dori",
    "Fiume",
    "Grano",
    "Lago",
    "Monti",
    "Neri",
    "Olmo",
    "Prato",
    "Riva",
    "Sole",
    "Valle",
)
# Of a whole number the last six digits are invented, of a short one the last four.
_WHOLE_NUMBER: Final = 9


class Redactor:
    """Cleans one message after another; with a `key` people's data get stable stand-ins.

    The same key gives the same stand-ins. A number keeps its length, its country and the beginning
    of its national part, and all its spellings (+39…, 0039…, national) stay one number.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key
        self._names: dict[bytes, bytes] = {}

    def message(self, raw: bytes) -> bytes:
        """Return a message, without its closing empty line, fit to be kept."""
        lines = [line.partition(b":") for line in raw.split(_EOL)]
        event = lines[0][2].strip()
        if event == b"AuthDetail":
            return b"Event: AuthDetail" + _EOL + b"Redacted: yes"
        values = {key.lower(): value.strip() for key, _, value in lines}
        clean = [
            key + colon + self._value(event, key.lower(), value, values)
            for key, colon, value in lines
        ]
        text = _EOL.join(clean)
        return text if self._key is None else self._pseudonymised(text)

    def _value(self, event: bytes, key: bytes, value: bytes, values: dict[bytes, bytes]) -> bytes:
        secret = (
            _SECRET.search(key) is not None
            or (key == b"value" and _SECRET.search(values.get(b"variable", b"")) is not None)
            or (key == b"digit" and event in _DIGITS)
            or (
                key in _OF_APPLICATION
                and (
                    values.get(b"application") in _AUTHENTICATING
                    or _SECRET.search(value) is not None
                )
            )
        )
        if secret and value.strip():
            lead = value[: len(value) - len(value.lstrip())]
            return lead + b"x" * (len(value) - len(lead))
        if self._key is not None:
            self._learn_names(key, value)
        return value

    def _learn_names(self, key: bytes, value: bytes) -> None:
        name = value.strip()
        if key in _NAMES and name not in _NOBODY and not name.isdigit():
            self._stand_in(name)
        for quoted in _QUOTED_NAME.findall(value):
            if not quoted.isdigit() and quoted not in _NOBODY:
                self._stand_in(quoted)

    def _stand_in(self, name: bytes) -> None:
        if name in self._names or name in self._names.values():
            return
        taken = set(self._names.values())
        start = int.from_bytes(self._digest(name)[:4], "big")
        for step in range(len(_FIRST) * len(_LAST)):
            first, last = divmod((start + step) % (len(_FIRST) * len(_LAST)), len(_LAST))
            fake = f"{_FIRST[first]} {_LAST[last]}".encode()
            if fake not in taken:
                break
        self._names[name] = fake

    def _pseudonymised(self, text: bytes) -> bytes:
        for name in sorted(self._names, key=len, reverse=True):
            if name in text:
                text = re.sub(rb"(?<!\w)" + re.escape(name) + rb"(?!\w)", self._names[name], text)
        return _TOKEN.sub(self._token, text)

    def _token(self, found: re.Match[bytes]) -> bytes:
        if found["address"] is not None:
            return b"192.0.2.%d" % (self._digest(found["address"])[0] % 254 + 1)
        if found["number"] is not None:
            return self._number(found["number"])
        return found.group()

    def _number(self, number: bytes) -> bytes:
        digits = number.removeprefix(b"+")
        fake = 6 if len(digits) >= _WHOLE_NUMBER else 4
        value = int.from_bytes(self._digest(digits[-_WHOLE_NUMBER:])[:8], "big") % 10**fake
        return number[:-fake] + b"%0*d" % (fake, value)

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._key or b"", text, sha256)
