"""What a mystery call's report says, in English and in Italian."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.core.mystery import Place, Progress, ScriptStep, StepKind
from gateway.core.trunks import Words


class Both(NamedTuple):
    """One thing said in English and in Italian."""

    en: str
    it: str


def said(cause: Both, remedy: Both) -> Words:
    """Return words for both languages."""
    return Words(cause=cause.en, remedy=remedy.en, translated=(("it", cause.it, remedy.it),))


PLACES: Final[Mapping[Place, Both]] = {
    Place.RINGING: Both("ringing", "squillo"),
    Place.ANSWER: Both("answer", "risposta"),
    Place.MENU: Both("menu", "menu"),
    Place.QUEUE: Both("queue", "coda"),
    Place.PERSON: Both("person", "persona"),
    Place.VOICEMAIL: Both("voicemail", "segreteria"),
    Place.ANNOUNCEMENT: Both("announcement", "annuncio"),
}

_BUSY: Final = said(
    Both("The number called is busy.", "Il numero chiamato è occupato."),
    Both(
        "Check how many calls the number may take at once, and who holds its lines.",
        "Verificare quante chiamate insieme può ricevere il numero e chi ne occupa le linee.",
    ),
)
_FULL: Final = said(
    Both(
        "The carrier has no line free, or is out of service.",
        "Il fornitore non ha linee libere o è fuori servizio.",
    ),
    Both(
        "Try again; if it lasts, ask the carrier with the time of this call.",
        "Riprovare; se continua, chiedere al fornitore indicando l'ora di questa chiamata.",
    ),
)
_REFUSED: Final = said(
    Both("The call was refused.", "La chiamata è stata rifiutata."),
    Both(
        "Check with the carrier that this caller ID may be shown and this number called.",
        "Verificare con il fornitore che il numero mostrato sia ammesso e quello chiamato valido.",
    ),
)
_UNKNOWN: Final = said(
    Both("The number leads nowhere.", "Il numero non porta da nessuna parte."),
    Both(
        "Check trunk.test.number, the carrier's routing of it, and the PBX's inbound route.",
        "Verificare trunk.test.number, l'instradamento del fornitore e la rotta entrante.",
    ),
)
_SILENT: Final = said(
    Both("Nobody answered.", "Nessuno ha risposto."),
    Both(
        "Look at who should have: phones, queue members, opening hours of the dialplan.",
        "Guardare chi doveva rispondere: telefoni, membri della coda, orari del centralino.",
    ),
)
_LOGIN: Final = said(
    Both("The carrier refused the sign-in.", "Il fornitore ha rifiutato le credenziali."),
    Both(
        "Check user name and password of the trunk on the PBX.",
        "Verificare utente e password del trunk sul centralino.",
    ),
)
_AWAY: Final = said(
    Both("The carrier could not be reached.", "Il fornitore non è raggiungibile."),
    Both(
        "Look at the trunk's state: network, registration, the provider's address.",
        "Guardare lo stato del trunk: rete, registrazione, indirizzo del fornitore.",
    ),
)
_CODEC: Final = said(
    Both("The two ends have no codec in common.", "I due lati non hanno un codec in comune."),
    Both(
        "Allow on the trunk what the carrier offers: nearly always alaw.",
        "Consentire sul trunk ciò che offre il fornitore: quasi sempre alaw.",
    ),
)
_OTHER: Final = said(
    Both("The call could not be placed.", "Non è stato possibile effettuare la chiamata."),
    Both(
        "Check that the trunk has this name on the PBX, and trunk.test.dial.",
        "Verificare che il trunk abbia questo nome sul centralino, e trunk.test.dial.",
    ),
)
_CODES: Final[Mapping[int, Words]] = {
    401: _LOGIN,
    403: _REFUSED,
    404: _UNKNOWN,
    407: _LOGIN,
    408: _AWAY,
    410: _UNKNOWN,
    480: _SILENT,
    484: _UNKNOWN,
    486: _BUSY,
    488: _CODEC,
    500: _FULL,
    502: _FULL,
    503: _FULL,
    504: _AWAY,
    600: _BUSY,
    603: _REFUSED,
    604: _UNKNOWN,
    606: _CODEC,
}
_CAUSES: Final[Mapping[int, Words]] = {
    1: _UNKNOWN,
    3: _AWAY,
    17: _BUSY,
    18: _AWAY,
    19: _SILENT,
    20: _AWAY,
    21: _REFUSED,
    27: _AWAY,
    28: _UNKNOWN,
    34: _FULL,
    38: _FULL,
    41: _FULL,
    42: _FULL,
    58: _CODEC,
    65: _CODEC,
    88: _CODEC,
}
RESTARTED: Final = said(
    Both(
        "The gateway restarted during the call.", "Il gateway si è riavviato durante la chiamata."
    ),
    Both("Start the test again.", "Avviare di nuovo la prova."),
)
TOO_LONG: Final = said(
    Both("The call lasted longer than allowed.", "La chiamata è durata più del consentito."),
    Both(
        "Shorten the script, or raise trunk.test.longest_s.",
        "Accorciare lo script o alzare trunk.test.longest_s.",
    ),
)
ENDED_EARLY: Final = said(
    Both(
        "The call ended before the script was through.",
        "La chiamata è finita prima della fine dello script.",
    ),
    Both(
        "Look at the last step met: what follows it in the dialplan hung up.",
        "Guardare l'ultimo passo raggiunto: ciò che segue nel dialplan ha chiuso.",
    ),
)
CHANGED: Final = said(
    Both("The call went otherwise than usual.", "La chiamata è andata diversamente dal solito."),
    Both(
        "If this is what you want, do nothing: a few more runs make it the new rule.",
        "Se è voluto, non fare nulla: dopo qualche prova diventa la nuova regola.",
    ),
)
NOT_FOLLOWED: Final = Both(
    "The called side is not followed here.", "Il lato chiamato non è seguito qui."
)


def not_met(step: ScriptStep) -> Words:
    """Return: what was expected did not come in time."""
    place = PLACES[step.place or Place.ANSWER]
    return said(
        Both(f"Expected and not met: {place.en}.", f"Atteso e non trovato: {place.it}."),
        Both(
            "Look at the steps before it: they say where the caller was instead.",
            "Guardare i passi precedenti: dicono dove si trovava invece chi chiama.",
        ),
    )


def named(words: Words, test: str) -> Words:
    """Return words with the name of the test they are about, for a trunk that has several."""
    return Words(
        cause=f'Test "{test}": {words.cause}',
        remedy=words.remedy,
        translated=tuple(
            (language, f"Prova «{test}»: {cause}" if language == "it" else cause, remedy)
            for language, cause, remedy in words.translated
        ),
    )


def ended_words(progress: Progress, *, rang: bool) -> Words:
    """Return why a call that nobody answered came to nothing.

    The SIP status says more than the Q.850 cause (RFC 3398, section 7.2.4.1 maps many to one).
    """
    if progress.words.cause:
        return progress.words
    if rang and progress.code in {None, 408, 480, 487}:
        return _SILENT
    known = _CODES.get(progress.code or 0) or _CAUSES.get(progress.cause or 0)
    return known or (_SILENT if rang else _OTHER)


def step_words(step: ScriptStep) -> Both:
    """Return a line of a script as it was written, and in Italian."""
    match step.kind:
        case StepKind.WAIT:
            italian = f"attendere {step.seconds:g} s"
        case StepKind.PRESS:
            italian = f"premere {step.digits}"
        case StepKind.HANG_UP:
            italian = "riagganciare"
        case StepKind.EXPECT:
            place = PLACES[step.place or Place.ANSWER].it
            name = f" {step.name}" if step.name else ""
            italian = f"attendere {place}{name} entro {step.seconds:g} s"
    return Both(step.text, italian)
