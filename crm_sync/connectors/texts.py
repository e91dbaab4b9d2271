"""The words of notes, in the gateway's language, and the block that holds ours."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.core.record import CallRecord, Direction, EndedBy, Outcome, TransferType, WrapUp
from gateway.core.text import clean_text

START: Final = "[Filodiretto]"
END: Final = "[/Filodiretto]"
# As long as one may be on the agent's page.
_NOTE_LIMIT: Final = 4000
_BODY_LIMIT: Final = 10_000
_ADDRESS_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language."""

    incoming: MappingProxyType[Outcome | None, str]
    outgoing: MappingProxyType[Outcome | None, str]
    internal: str
    withheld: str
    unknown: str
    labels: MappingProxyType[str, str]
    ended_by: MappingProxyType[EndedBy, str]
    transfers: MappingProxyType[TransferType, str]
    refused: str
    several: str
    merged: str
    incomplete: str
    reference: str


ITALIAN: Final = Words(
    incoming=MappingProxyType(
        {
            Outcome.ANSWERED: "Chiamata ricevuta da",
            Outcome.VOICEMAIL: "Messaggio in segreteria da",
            Outcome.ABANDONED: "Chiamata persa (ha riagganciato) da",
            Outcome.MISSED: "Chiamata persa da",
            Outcome.BUSY: "Chiamata persa (occupato) da",
            Outcome.REJECTED: "Chiamata rifiutata da",
            Outcome.FAILED: "Chiamata non riuscita da",
            None: "Chiamata in arrivo da",
        }
    ),
    outgoing=MappingProxyType(
        {
            Outcome.ANSWERED: "Chiamata a",
            Outcome.VOICEMAIL: "Chiamata alla segreteria di",
            Outcome.ABANDONED: "Chiamata senza risposta a",
            Outcome.MISSED: "Chiamata senza risposta a",
            Outcome.BUSY: "Chiamata (occupato) a",
            Outcome.REJECTED: "Chiamata rifiutata da parte di",
            Outcome.FAILED: "Chiamata non riuscita a",
            None: "Chiamata a",
        }
    ),
    internal="Chiamata interna a",
    withheld="numero riservato",
    unknown="numero sconosciuto",
    labels=MappingProxyType(
        {
            "caller": "Chiamante",
            "called": "Numero chiamato",
            "queue": "Coda",
            "rung": "Hanno squillato",
            "answered_by": "Risposta di",
            "final_talker": "Conclusa da",
            "transfer": "Passaggio",
            "times": "Squillo / attesa / conversazione",
            "ended_by": "Chiusa da",
            "wrap_up": "Esito indicato da",
            "recording": "Registrazione",
        }
    ),
    ended_by=MappingProxyType(
        {
            EndedBy.CALLER: "chi ha chiamato",
            EndedBy.CALLEE: "chi ha risposto",
            EndedBy.PBX: "centralino",
        }
    ),
    transfers=MappingProxyType(
        {
            TransferType.BLIND: "diretto",
            TransferType.ATTENDED: "con annuncio",
            TransferType.BLONDE: "prima della risposta",
            TransferType.PARK: "parcheggio",
            TransferType.PICKUP: "presa",
            TransferType.FORWARD: "deviazione",
        }
    ),
    refused="non riuscito",
    several="Più contatti hanno questo numero: nessuno è stato scelto.",
    merged="Questa chiamata fa parte di un'altra: non conta da sola.",
    incomplete="Parte della chiamata non è stata vista.",
    reference="Riferimento",
)

ENGLISH: Final = Words(
    incoming=MappingProxyType(
        {
            Outcome.ANSWERED: "Call from",
            Outcome.VOICEMAIL: "Voicemail from",
            Outcome.ABANDONED: "Missed call (caller hung up) from",
            Outcome.MISSED: "Missed call from",
            Outcome.BUSY: "Missed call (busy) from",
            Outcome.REJECTED: "Declined call from",
            Outcome.FAILED: "Failed call from",
            None: "Incoming call from",
        }
    ),
    outgoing=MappingProxyType(
        {
            Outcome.ANSWERED: "Call to",
            Outcome.VOICEMAIL: "Call to the voicemail of",
            Outcome.ABANDONED: "Unanswered call to",
            Outcome.MISSED: "Unanswered call to",
            Outcome.BUSY: "Call (busy) to",
            Outcome.REJECTED: "Call declined by",
            Outcome.FAILED: "Failed call to",
            None: "Call to",
        }
    ),
    internal="Internal call to",
    withheld="withheld number",
    unknown="unknown number",
    labels=MappingProxyType(
        {
            "caller": "Caller",
            "called": "Number called",
            "queue": "Queue",
            "rung": "Rang",
            "answered_by": "Answered by",
            "final_talker": "Finished by",
            "transfer": "Transfer",
            "times": "Ringing / waiting / talking",
            "ended_by": "Ended by",
            "wrap_up": "Outcome according to",
            "recording": "Recording",
        }
    ),
    ended_by=MappingProxyType(
        {EndedBy.CALLER: "the caller", EndedBy.CALLEE: "the called", EndedBy.PBX: "the PBX"}
    ),
    transfers=MappingProxyType({kind: kind.value for kind in TransferType}),
    refused="not taken",
    several="Several contacts have this number: none was chosen.",
    merged="This call is part of another one: it does not count by itself.",
    incomplete="Part of the call was not seen.",
    reference="Reference",
)

LANGUAGES: Final = MappingProxyType({"it": ITALIAN, "en": ENGLISH})


def harmless(text: str | None, *, limit: int = 80) -> str:
    """Return a stranger's text fit for our block: one line, and never its closing mark."""
    return (clean_text(text or "", limit=limit) or "").replace("[/", "[ /").replace("[F", "[ F")


def contained(text: str) -> str:
    """Return a text of several lines fit for our block: cleaned, and never its closing mark."""
    lines = (clean_text(line, limit=_BODY_LIMIT) or "" for line in text.splitlines())
    whole = "\n".join(lines).strip()[:_BODY_LIMIT]
    return whole.replace("[/", "[ /").replace("[F", "[ F")


def facts_text(record: CallRecord, words: Words) -> str:
    """Return what our own note says of a call, line by line, what agents said last."""
    return "\n".join([*_facts(record, words), *(_wrap_up(one, words) for one in record.wrap_ups)])


def title(record: CallRecord, who: str, words: Words) -> str:
    """Return the one line that says what the call was, the missed ones first of all."""
    if record.direction is Direction.INTERNAL:
        return f"{words.internal} {who}"
    inbound = record.direction is Direction.INBOUND
    phrases = words.incoming if inbound else words.outgoing
    return f"{phrases[record.outcome]} {who}"


def block(
    record: CallRecord,
    heading: str,
    words: Words,
    *,
    several: bool = False,
    reference: str | None = None,
    body: str | None = None,
    recording: str | None = None,
) -> str:
    """Return our part of the note, between its two marks; `reference` finds it again.

    `body` is the administrator's text in place of ours, `recording` an address.
    """
    lines = [heading, *(_facts(record, words) if body is None else [contained(body)])]
    if several:
        lines.append(words.several)
    if record.merged_into is not None:
        lines.append(words.merged)
    if not record.complete:
        lines.append(words.incomplete)
    if body is None:
        lines += [_wrap_up(item, words) for item in record.wrap_ups]
    if recording is not None:
        lines.append(f"{words.labels['recording']}: {harmless(recording, limit=_ADDRESS_LIMIT)}")
    if reference is not None:
        lines.append(f"{words.reference}: {reference}")
    return "\n".join([START, *lines, END])


def put_block(existing: str, ours: str) -> str:
    """Return `existing` with our block replaced, or added at the end where there is none."""
    before, start, rest = existing.partition(START)
    _, end, after = rest.partition(END)
    if start and end:
        return before + ours + after
    return f"{existing.rstrip()}\n\n{ours}" if existing.strip() else ours


def heading_of(existing: str) -> str | None:
    """Return the title that the block in `existing` was written with, None without a block."""
    _, start, rest = existing.partition(START)
    body, end, _ = rest.partition(END)
    return body.strip().partition("\n")[0].rstrip() if start and end else None


def clock_text(seconds: float | None) -> str:
    """Return m:ss, or a dash for what is not known."""
    if seconds is None:
        return "–"  # noqa: RUF001 - a dash in prose
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _facts(record: CallRecord, words: Words) -> list[str]:
    names = harmless(record.caller.name)
    number = record.called.number
    seconds = record.seconds
    rung = ", ".join(" + ".join(harmless(one) for one in stage) for stage in record.rung)
    times = " / ".join(clock_text(one) for one in (seconds.ring, seconds.wait, seconds.talk))
    ended_by = words.ended_by[record.ended_by] if record.ended_by else ""
    final = record.final_talker if record.final_talker != record.answered_by else None
    facts = (
        ("caller", names),
        ("called", harmless(number)),
        ("queue", harmless(record.queue)),
        ("rung", rung),
        ("answered_by", harmless(record.answered_by)),
        ("final_talker", harmless(final)),
        *(("transfer", text) for text in _transfers(record, words)),
        ("times", times),
        ("ended_by", ended_by),
    )
    return [f"{words.labels[label]}: {value}" for label, value in facts if value]


def _transfers(record: CallRecord, words: Words) -> list[str]:
    return [
        f"{harmless(move.from_party)} → {harmless(move.to_party)} ({words.transfers[move.type]}"
        + ("" if move.completed else f", {words.refused}")
        + ")"
        for move in record.transfers
    ]


def _wrap_up(item: WrapUp, words: Words) -> str:
    said = ": ".join(
        part
        for part in (harmless(item.disposition), harmless(item.note, limit=_NOTE_LIMIT))
        if part
    )
    return f"{words.labels['wrap_up']} {harmless(item.agent)}: {said}"
