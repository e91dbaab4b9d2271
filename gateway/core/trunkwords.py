"""Why a trunk is not well, in words: what happened, and what a person can do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.core.trunks import Words


def words(cause: str, remedy: str, cause_it: str, remedy_it: str) -> Words:
    """Return what is said in English and in Italian."""
    return Words(cause=cause, remedy=remedy, translated=(("it", cause_it, remedy_it),))


NOT_TOLD: Final = words(
    "Nothing is known of this trunk yet.",
    "Wait a minute; if it stays so, check that the PBX has a trunk of this name.",
    "Di questa linea non si sa ancora nulla.",
    "Attendere un minuto; se resta così, controllare che il centralino abbia una linea con "
    "questo nome.",
)
NEVER_ASKED: Final = words(
    "The PBX never asks the far end whether it is there, and the trunk does not register.",
    "Set qualify_frequency = 60 in the trunk's aor; then its state is known.",
    "Il centralino non chiede mai all'altro capo se c'è, e la linea non si registra.",
    "Scrivere qualify_frequency = 60 nell'aor della linea: allora lo stato è noto.",
)
NO_ANSWER: Final = words(
    "The far end does not answer.",
    "Check the Internet line and the firewall (SIP port, both ways); if others are reached, ask "
    "the provider whether its server is down.",
    "L'altro capo non risponde.",
    "Controllare la linea Internet e il firewall (porta SIP, nei due sensi); se il resto si "
    "raggiunge, chiedere al fornitore se il suo server è fermo.",
)
REJECTED: Final = words(
    "The registrar does not accept the registration: wrong user name or password, or the account "
    "is blocked.",
    "Compare the trunk's auth section with the provider's letter. The SIP code is in the PBX's "
    "log, it does not tell us: asterisk -rx 'pjsip set logger on', then look at the answer to "
    "REGISTER.",
    "Il registrar non accetta la registrazione: nome utente o password sbagliati, oppure account "
    "bloccato.",
    "Confrontare la sezione auth della linea con i dati del fornitore. Il codice SIP è nel "
    "registro del centralino, che a noi non lo dice: asterisk -rx 'pjsip set logger on', poi "
    "guardare la risposta a REGISTER.",
)
UNREGISTERED: Final = words(
    "The trunk is not registered: the registrar has not answered yet, or registering was stopped.",
    "Check server_uri, the firewall (UDP both ways) and the Internet line; on the PBX: "
    "asterisk -rx 'pjsip show registrations'.",
    "La linea non è registrata: il registrar non ha ancora risposto, oppure la registrazione è "
    "stata fermata.",
    "Controllare server_uri, il firewall (UDP nei due sensi) e la linea Internet; sul centralino: "
    "asterisk -rx 'pjsip show registrations'.",
)
SOME_SILENT: Final = words(
    "Some of the trunk's addresses do not answer; calls go to the others.",
    "Ask the provider about the address that is unreachable, or take it out of the aor.",
    "Alcuni indirizzi della linea non rispondono; le chiamate vanno agli altri.",
    "Chiedere al fornitore dell'indirizzo irraggiungibile, oppure toglierlo dall'aor.",
)
SLOW: Final = words(
    "The far end answers slowly: calls begin late, and speech may be choppy.",
    "See whether the Internet line is full (downloads, backups); let the router prefer telephony.",
    "L'altro capo risponde lentamente: le chiamate iniziano tardi e la voce può essere a scatti.",
    "Vedere se la linea Internet è satura (download, backup); far preferire la telefonia al "
    "router.",
)
NEARLY_FULL: Final = words(
    "Nearly all the channels that the provider allows are in use: the next calls are refused.",
    "Order more channels if that happens often, or correct channels in [trunk.health].",
    "Sono in uso quasi tutti i canali che il fornitore consente: le prossime chiamate saranno "
    "rifiutate.",
    "Se succede spesso, ordinare più canali, oppure correggere channels in [trunk.health].",
)
FLAPPING: Final = words(
    "The trunk keeps going down and coming back.",
    "Look at the Internet line's drop-outs at these times; a registration that another device "
    "takes over looks the same.",
    "La linea cade e torna di continuo.",
    "Guardare le interruzioni della linea Internet in quegli orari; una registrazione che un altro "
    "apparecchio si prende ha lo stesso aspetto.",
)
SILENT: Final = words(
    "Not one call has come in for an hour, at a time of the week that always had some.",
    "Call your own number from a mobile phone; if it does not ring here, tell the provider that "
    "calls do not arrive although the trunk is up.",
    "Da un'ora non entra nessuna chiamata, in un momento della settimana in cui ce ne sono sempre.",
    "Chiamare il proprio numero da un cellulare; se qui non squilla, dire al fornitore che le "
    "chiamate non arrivano benché la linea sia attiva.",
)
NOT_RUNNING: Final = words(
    "Filodiretto was not running: nobody was looking.",
    "",
    "Filodiretto non era in funzione: nessuno guardava.",
    "",
)
LINK_DOWN: Final = words(
    "The link to the PBX is down: what its trunks do is not known.",
    "See the link's state: its cause and remedy are there.",
    "Il collegamento al centralino è interrotto: che cosa fanno le sue linee non si sa.",
    "Vedere lo stato del collegamento: lì ci sono causa e rimedio.",
)

_PROVIDER: Final = (
    "Ask the provider, and tell the time and the number called.",
    "Chiedere al fornitore, indicando l'ora e il numero chiamato.",
)
_CODES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        400: ("bad request", "richiesta non valida"),
        401: ("user name or password not accepted", "nome utente o password non accettati"),
        402: ("payment required: the credit is used up", "credito esaurito"),
        403: (
            "forbidden: not allowed for this account",
            "vietato: non consentito a questo account",
        ),
        404: ("the number does not exist", "il numero non esiste"),
        407: ("user name or password not accepted", "nome utente o password non accettati"),
        408: ("no answer in time", "nessuna risposta in tempo"),
        480: ("not available now", "non raggiungibile ora"),
        484: ("the number is incomplete", "il numero è incompleto"),
        486: ("busy", "occupato"),
        487: ("taken back", "annullata"),
        488: ("no codec in common", "nessun codec in comune"),
        500: ("error of the provider's server", "errore del server del fornitore"),
        502: ("error behind the provider", "errore oltre il fornitore"),
        503: (
            "no capacity, or a fault at the provider",
            "capacità esaurita o guasto del fornitore",
        ),
        504: ("no answer behind the provider", "nessuna risposta oltre il fornitore"),
        603: ("declined", "rifiutata"),
    }
)
# Q.850: the network could not, which is not the called person's doing.
FAULTY_CAUSES: Final = frozenset({27, 34, 38, 41, 42, 44, 47, 50, 58, 63})
_FAULTY_CODES: Final = frozenset({401, 402, 403, 407, 408, 488})


def is_faulty(cause: int | None, code: int | None) -> bool:
    """Whether a call failed by the trunk's fault, not by the called person's or the number's.

    `cause` is Q.850, `code` the SIP status where known (RFC 3261 section 21).
    """
    if code:
        return code in _FAULTY_CODES or 500 <= code < 600  # noqa: PLR2004 - SIP's server failures
    return cause in FAULTY_CAUSES


def call_failed(cause: int | None, code: int | None) -> Words:
    """Return why a call through the trunk failed."""
    remedy, remedy_it = _PROVIDER
    if code in {401, 407}:
        remedy = "Compare the trunk's auth section with the provider's letter."
        remedy_it = "Confrontare la sezione auth della linea con i dati del fornitore."
    if code:
        said, detto = _CODES.get(code, ("refused", "rifiutata"))
        return words(
            f"A call through the trunk failed: {said} (SIP {code}).",
            remedy,
            f"Una chiamata sulla linea è fallita: {detto} (SIP {code}).",
            remedy_it,
        )
    return words(
        f"A call through the trunk failed (Q.850 cause {cause}).",
        remedy,
        f"Una chiamata sulla linea è fallita (causa Q.850 {cause}).",
        remedy_it,
    )
