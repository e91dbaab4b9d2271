"""Asks the registrar whether it is there (OPTIONS), as long as it does not mind. No sockets."""

from dataclasses import dataclass
from typing import Final

from adapters.sip.message import VERSION, SipMessage, written

EVERY_S: Final = 25.0
# Two in a row that got lost may be the line's; who never answers says nothing by that.
SILENT_MOST: Final = 2
# These say that we may not ask: then nothing is asked any more, lest we be banned.
_NOT_WANTED: Final = frozenset({401, 403, 405, 407, 501, 603})
KEEP_ALIVE: Final = b"\r\n\r\n"


@dataclass(slots=True)
class Asking:
    """What is sent every 25 s: a question, or an empty line that keeps the way through NAT open."""

    who: str
    server: str
    own: str
    call_id: str
    wanted: bool = True
    _cseq: int = 0
    _at: float = 0.0
    _sent_at: float | None = None
    _heard: bool = False
    _silent: int = 0

    def due(self, now: float) -> bytes | None:
        """Return what is to be sent now, if anything."""
        if now < self._at:
            return None
        self._at = now + EVERY_S
        if not self.wanted:
            return KEEP_ALIVE
        if self._sent_at is not None and self._heard:
            self._silent += 1
        self._cseq += 1
        self._sent_at = now
        sender = f"<sip:{self.who}@{self.server}>"
        headers = (
            ("Via", f"SIP/2.0/UDP {self.own};branch=z9hG4bK{self.call_id}{self._cseq};rport"),
            ("Max-Forwards", "70"),
            ("From", f"{sender};tag={self.call_id[:8]}"),
            ("To", f"<sip:{self.server}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} OPTIONS"),
            ("Content-Length", "0"),
        )
        return written(f"OPTIONS sip:{self.server} {VERSION}", headers)

    def answered(self, message: SipMessage, now: float) -> float | None:
        """Return how long an answer to the last question took, in seconds; None: it is another's.

        Any answer says that the registrar is there, a refusal too.
        """
        asked = self._sent_at
        if asked is None or (message.call_id, message.cseq) != (
            self.call_id,
            (self._cseq, "OPTIONS"),
        ):
            return None
        self._sent_at, self._silent, self._heard = None, 0, True
        self.wanted = message.status not in _NOT_WANTED
        return now - asked

    @property
    def silent(self) -> bool:
        """Whether a registrar that used to answer does so no longer."""
        return self._silent >= SILENT_MOST
