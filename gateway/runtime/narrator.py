"""What the demo tells in the terminal: who calls, the pop, the outcome, the receipt."""

import os
from collections.abc import Callable, Mapping
from typing import Final

from rich.console import Console
from rich.markup import escape

from gateway.core.events import CallEnded, CallEvent, LegAnswered, LegDialled
from gateway.core.record import CallRecord, Outcome, Presentation

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "pop": "pop",
        "rings": "{who} calls, phone {extension} rings{queue}",
        "queue": ", queue {queue}",
        "answered": "answered",
        "talks": "phone {extension} is talking with {who}",
        "ended": "ended",
        "outcome": "{who}: {outcome}{by}, {talk}",
        "by": " by {who}",
        "talk": "talked for {seconds:.0f} s",
        "no_talk": "nobody talked",
        "receipt": "receipt",
        "received": "the CRM has the call of {who}, signature verified, key {key}",
        "withheld": "number withheld",
        "unknown": "{number} (not in the directory)",
        "several": "{number} (several people use it)",
        **{outcome.value: outcome.value for outcome in Outcome},
    },
    "it": {
        "pop": "scheda",
        "rings": "chiama {who}, squilla il telefono {extension}{queue}",
        "queue": ", coda {queue}",
        "answered": "risposta",
        "talks": "il telefono {extension} parla con {who}",
        "ended": "finita",
        "outcome": "{who}: {outcome}{by}, {talk}",
        "by": " da {who}",
        "talk": "{seconds:.0f} s di conversazione",
        "no_talk": "nessuno ha parlato",
        "receipt": "ricevuta",
        "received": "il CRM ha la chiamata di {who}, firma verificata, chiave {key}",
        "withheld": "numero nascosto",
        "unknown": "{number} (non in rubrica)",
        "several": "{number} (lo usano più persone)",
        Outcome.ANSWERED: "risposta",
        Outcome.VOICEMAIL: "segreteria",
        Outcome.ABANDONED: "ha riagganciato in attesa",
        Outcome.MISSED: "persa",
        Outcome.BUSY: "occupato",
        Outcome.REJECTED: "rifiutata",
        Outcome.FAILED: "non riuscita",
    },
}
COLOURS: Final = {"pop": "blue", "answered": "green", "ended": "white", "receipt": "green"}


def language(environment: Mapping[str, str] = os.environ) -> str:
    """Return "it" or "en", as the terminal's locale asks."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "it" if environment[name].startswith("it") else "en"
    return "en"


class Narrator:
    """Prints one line per thing an agent would notice; `is_shared` knows who has a number."""

    def __init__(self, console: Console, *, language: str = "en") -> None:
        self.is_shared: Callable[[str], bool] = lambda _e164: False
        self._console = console
        self._texts = TEXTS[language]

    def call(self, event: CallEvent) -> None:
        """Tell a call event (an observer of the pipeline)."""
        who = self._who(event.record)
        match event:
            case LegDialled():
                queue = event.record.queue
                part = self._texts["queue"].format(queue=queue) if queue else ""
                self._say("pop", "rings", who=who, extension=event.extension, queue=part)
            case LegAnswered():
                self._say("answered", "talks", who=who, extension=event.extension)
            case CallEnded():
                self._ended(event.record, who)

    def receipt(self, record: CallRecord, key: str) -> None:
        """Tell that the webhook receiver has verified and kept a record."""
        self._say("receipt", "received", who=self._who(record), key=key[:8])

    def _ended(self, record: CallRecord, who: str) -> None:
        by = record.answered_by
        talk = record.seconds.talk
        self._say(
            "ended",
            "outcome",
            who=who,
            outcome=self._texts[record.outcome] if record.outcome else "?",
            by=self._texts["by"].format(who=by) if by else "",
            talk=self._texts["talk"].format(seconds=talk)
            if talk is not None
            else self._texts["no_talk"],
        )

    def _who(self, record: CallRecord) -> str:
        caller, contact = record.caller, record.contact
        if caller.presentation is Presentation.WITHHELD:
            return self._texts["withheld"]
        number = caller.number or "?"
        if contact is None or not contact.name:
            shared = caller.e164 is not None and self.is_shared(caller.e164)
            return self._texts["several" if shared else "unknown"].format(number=number)
        return f"{contact.name}, {number}"

    def _say(self, label: str, text: str, **facts: str) -> None:
        words = self._texts[text].format(**facts)
        colour = COLOURS[label]
        self._console.print(f"[{colour} bold]{self._texts[label]:>8}[/]  {escape(words)}")
